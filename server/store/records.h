/* What the server knows, as plain records: no pointers, no SQL, copied by assignment.
 *
 * Every record has a 64-bit key: the device its MAC address, all others an id that the store gives when the
 * record is put with 0, counting from 1 and never used again. A reference to another record is its id, 0:
 * none. Times are milliseconds since 1970 in UTC, 0: never. Texts are UTF-8, terminated, and at most as long
 * as their array less one; what is not used of an array is zero. Enumerators are numbers on disk: they never
 * change their value. */
#ifndef OTTER_STORE_RECORDS_H
#define OTTER_STORE_RECORDS_H

#include <stdbool.h>
#include <stdint.h>

#define OTTER_NAME_SIZE     48 /* of what people call something */
#define OTTER_NOTES_SIZE    1024
#define OTTER_VERSION_SIZE  64 /* as devices report it, and releases are called */
#define OTTER_SDK_SIZE      48
#define OTTER_TAGS_SIZE     128 /* words of [a-z0-9._-] with one space between them, sorted, none twice */
#define OTTER_DETAIL_SIZE   160 /* one line of explanation */
#define OTTER_ROUTE_SIZE    128 /* the path of a URL */
#define OTTER_DIGEST_MD5    16
#define OTTER_DIGEST_SHA256 32
#define OTTER_FLASH_MODES   4 /* enum otter_flash_mode of format/image.h */
#define OTTER_WAVES_MAX     8
#define OTTER_SHARE_ALL     10000u              /* shares are counted in hundredths of a percent */
#define OTTER_MAC_LIMIT     (UINT64_C(1) << 48) /* a MAC address is a number below it, first byte highest */

/* --- products, releases, channels --------------------------------------------------------------- */

enum otter_chip {
    OTTER_CHIP_ESP8266,
    OTTER_CHIP_ESP32,
};

/* What happens to a device that is seen for the first time. */
enum otter_enrolment_policy {
    OTTER_ENROL_AUTOMATIC, /* it joins the product's default channel */
    OTTER_ENROL_APPROVAL,  /* it is listed, and gets nothing until somebody approves it */
    OTTER_ENROL_REFUSED,   /* it gets 403, and is not listed */
};

/* Whether devices are sent the gzip of a sketch. Their bootloader must be able to inflate. */
enum otter_gzip_policy {
    OTTER_GZIP_NEVER,
    OTTER_GZIP_IF_NEEDED, /* where the plain image does not fit the device's free space */
    OTTER_GZIP_ALWAYS,
};

/* A board or a line of firmware. */
struct otter_product {
    int64_t id;
    char name[OTTER_NAME_SIZE]; /* unique */
    char notes[OTTER_NOTES_SIZE];
    enum otter_chip chip;
    uint32_t flash_size;            /* bytes of the smallest chip in use; 0: not known */
    char firmware[OTTER_NAME_SIZE]; /* the name that firmware records of its images must have; empty: any */
    enum otter_gzip_policy gzip;
    enum otter_enrolment_policy enrolment;
    int64_t channel;       /* where new devices go; 0: none, so that only tag queries and pins reach them */
    uint32_t attempts_max; /* so often a device may come back with the old firmware; 0 stands for 3 */
    int64_t created;
};

/* Devices that are meant to run the same: "stable", "beta". */
struct otter_channel {
    int64_t id;
    int64_t product;
    char name[OTTER_NAME_SIZE]; /* unique in its product */
    int64_t created;
};

/* A path that devices of a product ask for, beside /update. */
struct otter_route {
    int64_t id;
    char path[OTTER_ROUTE_SIZE]; /* unique; begins with '/' */
    int64_t product;
    int64_t channel; /* where devices go that enrol by this path; 0: the product's default */
};

enum otter_release_kind { OTTER_RELEASE_SKETCH, OTTER_RELEASE_FILESYSTEM, OTTER_RELEASE_KINDS };

enum otter_release_state {
    OTTER_RELEASE_DRAFT,     /* may be changed and deleted, is sent to nobody */
    OTTER_RELEASE_PUBLISHED, /* what it is does not change any more */
    OTTER_RELEASE_WITHDRAWN, /* sent to nobody */
};

/* One version of what a product runs, as it was examined when it was offered (server/core/release_examine.h).
 * Product, kind and version are unique together. Bytes are kept in the image store by SHA-256. */
struct otter_release {
    int64_t id;
    int64_t product;
    enum otter_release_kind kind;
    enum otter_release_state state;
    char version[OTTER_VERSION_SIZE];
    char notes[OTTER_NOTES_SIZE];

    /* the file as it was offered */
    uint8_t sha256[OTTER_DIGEST_SHA256];
    uint8_t md5[OTTER_DIGEST_MD5];
    uint32_t size;
    bool compressed; /* it is a gzip itself */
    bool is_signed;  /* a signature stands at its end */

    /* its gzip; size 0: there is none, since the file is compressed or signed, or no smaller by it */
    uint8_t gzip_sha256[OTTER_DIGEST_SHA256];
    uint8_t gzip_md5[OTTER_DIGEST_MD5];
    uint32_t gzip_size;

    /* the image: inflated, without a signature */
    uint8_t image_md5[OTTER_DIGEST_MD5];
    uint32_t image_size;

    /* of a sketch: what a device that runs it reports (spec/pull.md, section 4) */
    uint32_t sketch_size;
    uint8_t flash_md5[OTTER_FLASH_MODES][OTTER_DIGEST_MD5]; /* of sketch_size bytes, by the device's mode */
    uint8_t flash_sha256[OTTER_DIGEST_SHA256];              /* ESP32 */
    uint32_t flash_size;                                    /* bytes of chip that its header asks for */
    uint32_t flash_mode;                                    /* enum otter_flash_mode of its header */
    char firmware[OTTER_NAME_SIZE];                         /* name in its firmware record; empty: none */

    int64_t created;
    int64_t published;
};

/* --- devices ------------------------------------------------------------------------------------- */

/* What a request of a device asks for. */
enum otter_mode {
    OTTER_MODE_SKETCH,
    OTTER_MODE_FILESYSTEM, /* "spiffs" */
    OTTER_MODE_VERSION,    /* only which version there is */
};

/* Which of a report's fields were there. */
enum otter_reported {
    OTTER_REPORTED_AP_MAC = 1,
    OTTER_REPORTED_FREE_SPACE = 2,
    OTTER_REPORTED_SKETCH_SIZE = 4,
    OTTER_REPORTED_MD5 = 8,
    OTTER_REPORTED_SHA256 = 16,
    OTTER_REPORTED_CHIP_SIZE = 32,
    OTTER_REPORTED_SDK = 64,
    OTTER_REPORTED_VERSION = 128,
    OTTER_REPORTED_CHIP_ID = 256,
};

/* The headers of one request (spec/pull.md, section 1). A text that is longer than its array is cut. */
struct otter_report {
    uint32_t fields; /* of enum otter_reported; those that were not there are zero below */
    enum otter_chip chip;
    enum otter_mode mode;
    uint64_t ap_mac;
    uint32_t chip_id;
    uint32_t free_space;  /* bytes for a new sketch */
    uint32_t sketch_size; /* bytes */
    uint32_t chip_size;   /* bytes of flash */
    uint8_t md5[OTTER_DIGEST_MD5];
    uint8_t sha256[OTTER_DIGEST_SHA256];
    char sdk[OTTER_SDK_SIZE];
    char version[OTTER_VERSION_SIZE];
};

enum otter_enrolment {
    OTTER_ENROLMENT_PENDING, /* waits for approval */
    OTTER_ENROLMENT_APPROVED,
    OTTER_ENROLMENT_REFUSED,
};

enum otter_attempt_state {
    OTTER_ATTEMPT_NONE,
    OTTER_ATTEMPT_OFFERED,   /* the image was, or is being, sent */
    OTTER_ATTEMPT_DELIVERED, /* its last byte was sent, and the device was not heard of since */
    OTTER_ATTEMPT_SUCCEEDED, /* the device has been seen running it */
    OTTER_ATTEMPT_BLOCKED,   /* it failed: not sent again until somebody looks */
};

/* How far a device is with the release that it was last offered. */
struct otter_attempt {
    int64_t release;
    int64_t rollout; /* that it was offered by; 0: a pin */
    enum otter_attempt_state state;
    uint32_t offers;   /* so often was it sent */
    uint32_t failures; /* so often did the device come back with the old one after a whole download, or report
                          a failure */
    int64_t since;     /* of the first offer */
};

struct otter_device {
    uint64_t mac;               /* key: the station's */
    char name[OTTER_NAME_SIZE]; /* given by people; may be empty */
    int64_t product;
    int64_t channel;
    char tags[OTTER_TAGS_SIZE];
    int64_t pin; /* release that it is to run whatever rollouts say */
    enum otter_enrolment enrolment;
    int64_t enrolled;
    int64_t seen;
    struct otter_report last;
    int64_t running;    /* release of its sketch, if what it reports is one */
    int64_t filesystem; /* release of its filesystem, as far as the server has sent it */
    struct otter_attempt attempts[OTTER_RELEASE_KINDS]; /* by kind of release */
};

enum otter_event_kind {
    OTTER_EVENT_ENROLLED, /* seen for the first time */
    OTTER_EVENT_OFFERED,  /* an image was sent */
    OTTER_EVENT_UPDATED,  /* it runs the release now */
    OTTER_EVENT_RETURNED, /* it came back with the old one */
    OTTER_EVENT_REPORTED, /* it reported a failure */
    OTTER_EVENT_BLOCKED,  /* it failed for good */
    OTTER_EVENT_CHANGED,  /* it runs something else than before, by no doing of the server's */
    OTTER_EVENT_EDITED, /* somebody changed its product, channel, tags, pin, enrolment or name, or let it try
                           again */
};

/* A line of a device's history. */
struct otter_event {
    int64_t id;
    int64_t at;
    uint64_t mac;
    enum otter_event_kind kind;
    int64_t release; /* not kept from deletion by its mention here, nor is the rollout */
    int64_t rollout;
    char detail[OTTER_DETAIL_SIZE];
};

/* --- rollouts ------------------------------------------------------------------------------------ */

enum otter_rollout_state {
    OTTER_ROLLOUT_DRAFT,
    OTTER_ROLLOUT_RUNNING,
    OTTER_ROLLOUT_PAUSED,  /* by somebody */
    OTTER_ROLLOUT_HALTED,  /* by itself: too many failures */
    OTTER_ROLLOUT_ABORTED, /* for good */
    OTTER_ROLLOUT_DONE,    /* devices that come later get it, too */
};

/* The shipping of a release to a channel, or to the devices that a tag query finds, or to those of a channel
 * that it finds. */
struct otter_rollout {
    int64_t id;
    int64_t product; /* the release's */
    int64_t release;
    int64_t channel;             /* 0: any */
    char query[OTTER_TAGS_SIZE]; /* see server/core/tags.h; empty: all devices */
    enum otter_rollout_state state;
    char reason[OTTER_DETAIL_SIZE]; /* why it halted, or what somebody said */

    /* Shares of the devices, cumulative and rising, 1 to OTTER_SHARE_ALL; behind the last one are zeros. A
     * simple percentage is one wave. A device's place in the order is a hash of its MAC and the rollout's id:
     * it does not change as the share grows. */
    uint32_t waves[OTTER_WAVES_MAX];
    uint32_t wave; /* index of the one that is served */
    int64_t wave_since;
    int64_t soak; /* ms from a wave's beginning until the next begins by itself; 0: by hand */

    /* The hours of the day in which images are sent: minutes since midnight, FROM included, TO not; across
     * midnight where TO is below FROM; at any time where they are equal. */
    uint32_t hours_from;
    uint32_t hours_to;
    int32_t hours_zone; /* minutes that local time is ahead of UTC */

    /* It halts at so many failed devices (0: at no number), or at this share of failures among at least
     * halt_sample devices with an outcome (0: at no share). */
    uint32_t halt_count;
    uint32_t halt_share; /* hundredths of a percent */
    uint32_t halt_sample;

    bool downgrade; /* devices that report a higher version get it, too */

    uint32_t offered; /* devices, each counted once */
    uint32_t succeeded;
    uint32_t failed;
    uint32_t wave_outcomes; /* succeeded and failed since the wave began */
    int64_t created;
    int64_t started;
    int64_t ended; /* done or aborted */
};

/* --- people -------------------------------------------------------------------------------------- */

enum otter_role {
    OTTER_ROLE_VIEWER,
    OTTER_ROLE_OPERATOR,
    OTTER_ROLE_ADMINISTRATOR,
};

struct otter_user {
    int64_t id;
    char name[OTTER_NAME_SIZE]; /* unique */
    char password[128];         /* hash, as libsodium prints it: salt and cost included */
    enum otter_role role;
    bool disabled;
    int64_t created;
    int64_t seen;
};

/* A secret that stands for a user: of the command, of a program, or of a browser's session. */
struct otter_token {
    int64_t id;
    int64_t user;
    char name[OTTER_NAME_SIZE];
    uint8_t hash[OTTER_DIGEST_SHA256]; /* of the secret, which is not kept; unique */
    enum otter_role role;              /* what it may do, if its user may */
    bool session;                      /* of a browser */
    int64_t created;
    int64_t expires; /* 0: never */
    int64_t used;
};

/* A line of the audit log. */
struct otter_audit {
    int64_t id;
    int64_t at;
    char actor[OTTER_NAME_SIZE]; /* user's name: stays when the user goes */
    char address[OTTER_NAME_SIZE];
    char action[OTTER_NAME_SIZE]; /* "rollout.start" */
    char object[OTTER_NAME_SIZE]; /* "rollout 7" */
    char detail[OTTER_DETAIL_SIZE];
};

struct otter_setting {
    int64_t id;
    char name[OTTER_NAME_SIZE]; /* unique */
    char value[OTTER_NOTES_SIZE];
};

#endif
