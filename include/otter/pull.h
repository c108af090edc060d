/* The pull client: asks a web server for an update, as ESPhttpUpdate does, and takes it (spec/pull.md;
 * docs/PROTOCOL.md).
 *
 *     struct otter_pull pull;
 *     otter_pull_begin(&pull, &port, &updater, &(struct otter_pull_settings){.mac = {...}, .end = show});
 *     otter_pull_start(&pull, "http://updates.example/firmware.bin", OTTER_PULL_SKETCH);
 *     for (;;)
 *         wait at most otter_pull_step(&pull, now) milliseconds, or until the network has something;
 *
 * A download that is interrupted goes on where it stopped, if the server names what it sends by a strong ETag
 * and can send parts of it: after a lost connection, and where the free space has room for a note of it, also
 * after a restart or a power cut, when the same URL is pulled again. */
#ifndef OTTER_PULL_H
#define OTTER_PULL_H

#include <stdbool.h>
#include <stdint.h>

#include "format/http_response.h"
#include "format/pull.h"
#include "format/url.h"
#include "otter/port.h"
#include "otter/secure.h"
#include "otter/updater.h"

#define OTTER_PULL_LINE_SIZE        272u /* the longest header line that is understood or sent, with its NUL */
#define OTTER_PULL_CREDENTIALS_SIZE 72u  /* "user:password" with its NUL */

enum otter_pull_kind {
    OTTER_PULL_SKETCH,
    OTTER_PULL_FILESYSTEM,
    OTTER_PULL_CHECK, /* only asks for the version that is offered */
};

enum otter_pull_result {
    OTTER_PULL_FAILED,
    OTTER_PULL_NO_UPDATES, /* the server says that there is none */
    OTTER_PULL_OK,
};

/* What the start callback decides. */
enum otter_pull_start {
    OTTER_PULL_START_GO,     /* safe to update now */
    OTTER_PULL_START_WAIT,   /* not yet: ask again in the next step */
    OTTER_PULL_START_REFUSE, /* not now: the pull fails */
};

/* Strings are the caller's, and must live as long as the client. Zero means default. */
struct otter_pull_settings {
    uint8_t mac[6];                    /* of the station: the device's identity */
    uint8_t access_point_mac[6];       /* all zero: the same */
    uint32_t chip_id;                  /* 0: the last three bytes of the MAC */
    const char *sdk_version;           /* NULL: "otter" */
    const char *version;               /* of the running sketch, as the server compares it; NULL: not told */
    const char *user;                  /* Basic authentication (RFC 7617); NULL: as the URL says, or none */
    const char *password;              /* NULL: empty */
    const struct otter_secure *secure; /* TLS (otter/tls.h); NULL: https is refused */
    bool follow_redirects;             /* five at most, and never from https to http */
    bool stay;                         /* do not restart after a sketch; see otter_updater_release() */
    bool tell_trial;                   /* tell the server of a firmware that was taken back (otter/boot.h) */
    uint32_t timeout_ms;               /* for the connection, and again for the answer: 8,000 */
    uint32_t stall_timeout_ms;         /* for each 4096 bytes of the body: 60,000 */
    uint32_t start_timeout_ms;         /* for the start callback's WAIT: 8,000 */

    /* Callbacks, each may be NULL; they run inside otter_pull_step(), or otter_pull_end(). */
    void *context;
    /* An update that fits is about to come, and flash is still untouched, or holds a part of it only. */
    enum otter_pull_start (*start)(void *context, enum otter_update_command command, uint32_t size);
    void (*progress)(void *context, uint32_t done, uint32_t total);
    /* The pull is over; once for each that was started. ERROR: enum otter_pull_error, or an updater's as a
     * positive number. TEXT is for a log, valid during the call. After a sketch came a restart follows,
     * unless `stay` is set. May start the next pull, if none follows. */
    void (*end)(void *context, enum otter_pull_result result, int error, const char *text);
};

/* All fields are the client's own. Zero it before its first use. */
struct otter_pull {
    const struct otter_port *port;
    struct otter_updater *updater;
    struct otter_pull_settings settings;
    const char *target; /* the URL that is pulled */
    uint8_t state;
    uint8_t kind; /* enum otter_pull_kind */
    uint8_t result;
    bool begun;
    bool foreign;  /* a redirection left the target's origin: no credentials */
    bool moved;    /* a redirection was followed */
    bool updating; /* the updater's update is ours */
    bool started;  /* start said GO: the file is coming */
    bool resuming; /* only the rest is asked for */
    uint8_t redirects;
    uint8_t interruptions; /* since one brought something new */
    int tcp;               /* handle; -1: none */
    bool secured;          /* TLS is begun */
    int error;             /* enum otter_pull_error, or an updater's */
    const char *detail;    /* static; NULL: none */
    uint32_t since;        /* when the state was entered, or last made progress */
    uint32_t wait;         /* ms after `since` at which the state's deadline falls */
    uint32_t furthest;     /* bytes that were there at an interruption */
    uint32_t free_space;   /* bytes */
    uint32_t sketch_size;  /* bytes */
    uint16_t printed;      /* of the request's text */
    uint16_t pending_from; /* bytes in line[] that are to be sent, or stored */
    uint16_t pending_to;
    char sketch_md5[33];  /* empty: not computed yet */
    struct otter_url url; /* where the request goes */
    struct otter_http_response response;
    char line[OTTER_PULL_LINE_SIZE]; /* a part of the request, a header line, or the beginning of the body */
};

/* Prepares for pulls; settings are copied. UPDATER may be shared with other ways in; one update runs at a
 * time. OTTER_ERROR_RUNNING if PULL is begun already. */
OTTER_MUST_CHECK int otter_pull_begin(struct otter_pull *pull, const struct otter_port *port,
                                      struct otter_updater *updater,
                                      const struct otter_pull_settings *settings);

/* Starts a pull; the steps do the rest. URL has to live until the end callback.
 * OTTER_ERROR_RUNNING: one is going on, or the updater is in use; OTTER_ERROR_IDLE before otter_pull_begin();
 * OTTER_ERROR_MALFORMED, OTTER_ERROR_BUFFER: url.h. The end callback comes only after OTTER_OK. */
OTTER_MUST_CHECK int otter_pull_start(struct otter_pull *pull, const char *url, enum otter_pull_kind kind);

/* Does what can be done now, in bounded time: at most one sector's worth of data with its flash operations,
 * or once for a firmware the MD5 of the running sketch (otter/sketch.h). Returns the ms after which it wants
 * to be called again even if the network brings nothing: 0 for at once, OTTER_NEVER. */
uint32_t otter_pull_step(struct otter_pull *pull, uint32_t now_ms);

bool otter_pull_is_busy(const struct otter_pull *pull);

/* How the last pull ended. */
enum otter_pull_result otter_pull_result(const struct otter_pull *pull);
int otter_pull_error(const struct otter_pull *pull); /* as for the end callback */

/* The version that the server offered in its last answer; empty if it named none. */
const char *otter_pull_version(const struct otter_pull *pull);

/* Writes the last error as users know it, with what is known beside it. */
void otter_pull_error_print(const struct otter_pull *pull, char *out, size_t size);

/* Stops: a running pull fails with OTTER_ERROR_ABORTED's number. May be begun again. */
void otter_pull_end(struct otter_pull *pull);

#endif
