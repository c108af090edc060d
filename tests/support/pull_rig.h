/* A device with a pull client, a network by script, a virtual clock, and a server that gives prepared
 * answers. */
#ifndef OTTER_TEST_PULL_RIG_H
#define OTTER_TEST_PULL_RIG_H

#include "otter/pull.h"
#include "tests/support/digest.h"
#include "tests/support/updater_rig.h"

#define PULL_RIG_SIZE    20000u /* bytes of the image to pull */
#define PULL_RIG_URL     "http://updates.example/firmware.bin"
#define PULL_RIG_ANSWERS 16u

/* What the server says on one connection, once the request is whole. */
struct pull_rig_answer {
    char head[1000]; /* as it is sent */
    const void *body;
    size_t size; /* of body */
    int end;     /* behind it: 0, OTTER_ERROR_CLOSED, OTTER_ERROR_TRANSPORT */
};

struct pull_rig {
    struct updater_rig device;
    struct otter_sim_network *network; /* of the device */
    struct otter_pull pull;
    uint8_t image[PULL_RIG_SIZE];
    char md5[33]; /* of image */
    struct pull_rig_answer answers[PULL_RIG_ANSWERS];
    unsigned answer_count;

    /* once they are used up, with an ETag: a server that can send parts of the image */
    const char *etag;
    size_t portion;      /* bytes of the body on each connection; 0: all of them */
    uint32_t part_start; /* where the last body began */
    uint64_t sent;       /* bytes of bodies, as far as the device has read them */

    unsigned answered;   /* connections */
    unsigned connection; /* the newest one that the server knows */
    size_t body_at;      /* what of the network's input is body, and was not counted yet, begins there */
    char request[2000];  /* the last one */
    struct otter_pull_settings settings;

    /* what the application does */
    enum otter_pull_start decision;
    /* and saw */
    unsigned asked, starts, progresses, ends;
    uint32_t announced; /* bytes */
    enum otter_pull_result result;
    int error;
    char text[200];
};

/* On 1m64, begun; the clock stands at 1000. SETTINGS may be NULL; the callbacks are the rig's. */
void pull_rig_open(struct pull_rig *rig, const struct otter_pull_settings *settings);
/* Fails the test if flash was treated badly, or something was left open. */
void pull_rig_close(struct pull_rig *rig);

/* The server's next answer: HEAD with "\n" for line ends, and an empty line added; then SIZE bytes of BODY.
 */
struct pull_rig_answer *pull_rig_answer(struct pull_rig *rig, const char *head, const void *body, size_t size,
                                        int end);
/* The image with its length, MD5, and an ETag if ETAG is not NULL; but only SIZE bytes of it from START on.
 */
struct pull_rig_answer *pull_rig_serve(struct pull_rig *rig, const char *etag, size_t start, size_t size,
                                       int end);

/* Steps as often as the client wants to within MS of virtual time. */
void pull_rig_run(struct pull_rig *rig, uint32_t ms);
/* The device loses its RAM and its connections: a client and an updater like those before. */
void pull_rig_restart(struct pull_rig *rig);

/* Starts a pull and runs until it ends; fails the test if it does not within MS. */
void pull_rig_pull(struct pull_rig *rig, enum otter_pull_kind kind, uint32_t ms);
/* The pull has ended like this. */
void pull_rig_expect(const struct pull_rig *rig, enum otter_pull_result result, int error);
/* A sketch was taken: it lies in flash, and the device was restarted. */
void pull_rig_expect_update(const struct pull_rig *rig);

#endif
