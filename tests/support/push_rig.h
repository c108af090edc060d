/* A device with a push receiver, a network by script, a virtual clock, and an uploader to speak for. */
#ifndef OTTER_TEST_PUSH_RIG_H
#define OTTER_TEST_PUSH_RIG_H

#include "otter/push.h"
#include "tests/support/digest.h"
#include "tests/support/updater_rig.h"

#define PUSH_RIG_SIZE     20000u /* bytes of the image to push */
#define PUSH_RIG_TCP_PORT 18301u /* where the uploader listens */
#define PUSH_RIG_UDP_PORT 40000u /* where it sends from */

struct push_rig {
    struct updater_rig device;
    struct otter_sim_network *network; /* of the device */
    struct otter_push push;
    struct otter_address uploader;
    uint8_t image[PUSH_RIG_SIZE];

    /* what the application does */
    enum otter_push_start decision;
    bool abort_in_progress;
    /* and saw */
    unsigned asked, starts, progresses, ends, errors;
    uint32_t done;
    int error; /* enum otter_push_error, or -1 */
    char text[160];
    bool owed; /* a GO, and neither end nor error since */
};

/* On 1m64, begun; the clock stands at 1000. SETTINGS may be NULL; the callbacks are the rig's. */
void push_rig_open(struct push_rig *rig, const struct otter_push_settings *settings);
/* Fails the test if flash was treated badly, or a GO was followed by nothing. */
void push_rig_close(struct push_rig *rig);

/* Steps as often as the receiver wants to within MS of virtual time. */
void push_rig_run(struct push_rig *rig, uint32_t ms);

/* --- datagrams --- */
void push_rig_say(struct push_rig *rig, const char *text);
void push_rig_say_from(struct push_rig *rig, const struct otter_address *from, const char *text);
/* An invitation to COMMAND for the image; END follows the MD5. */
void push_rig_invite(struct push_rig *rig, unsigned command, const char *end);
/* What the device sent since, one datagram, was TEXT. Forgets it. */
void push_rig_expect(struct push_rig *rig, const char *text);
/* The device sent nothing since. */
void push_rig_expect_silence(struct push_rig *rig);
/* The device sent a nonce of DIGITS. Forgets it. */
void push_rig_expect_nonce(struct push_rig *rig, char nonce[65], size_t digits);
/* The answer to NONCE, for a sender to say. */
void push_rig_response(char out[160], enum digest_era era, const char *password, const char *nonce);

/* --- transfers --- */
/* Invites without a password, and has the device connect. */
void push_rig_start(struct push_rig *rig, const char *end);
/* Sends COUNT bytes of the image from FROM on. */
void push_rig_send(struct push_rig *rig, uint32_t from, uint32_t count);
/* What the device sent on TCP: the sum of the counts cannot be told, so all of it as text. */
const char *push_rig_output(const struct push_rig *rig);
void push_rig_output_ends(const struct push_rig *rig, const char *end);
/* The uploader hangs up, and the device is idle. */
void push_rig_hang_up(struct push_rig *rig);

/* --- results --- */
/* The image is staged, the application was told, and the device has restarted. */
void push_rig_expect_success(const struct push_rig *rig);
/* The device is idle, has reported ERROR once, and runs on as if nothing had been. */
void push_rig_expect_failure(const struct push_rig *rig, enum otter_push_error error, const char *text);
/* The device takes a whole update after whatever was before. */
void push_rig_next_succeeds(struct push_rig *rig);
/* True if the image is staged, and the bootloader will copy it. */
bool push_rig_is_staged(const struct push_rig *rig);

#endif
