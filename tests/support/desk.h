/* What the tests of an uploader's protocol work with: a device peer, an image file, and `otter push`. */
#ifndef OTTER_TEST_DESK_H
#define OTTER_TEST_DESK_H

#include "tests/support/device_peer.h"
#include "tests/support/scene.h"

#define DESK_IMAGE_SIZE 20000
#define DESK_WAIT_MS    90000 /* for the end of an uploader */

struct desk {
    struct scene scene;
    struct device_peer device;
    struct process *uploader;
    char device_address[32]; /* "127.0.0.1:PORT" */
    char file[PATH_MAX];
    uint8_t image[DESK_IMAGE_SIZE];
    uint8_t got[DESK_IMAGE_SIZE]; /* what the device received */
};

int desk_setup(void **state);
int desk_teardown(void **state);

/* Starts `otter push OPTIONS DEVICE FILE`; OPTIONS are ended by NULL. */
void desk_push_options(struct desk *desk, const char *const options[]);
#define desk_push(desk, ...) desk_push_options(desk, PROCESS_STRINGS(__VA_ARGS__))
/* Starts `espota -i ... -p ... -f FILE OPTIONS`. */
void desk_espota_options(struct desk *desk, const char *const options[]);
#define desk_espota(desk, ...) desk_espota_options(desk, PROCESS_STRINGS(__VA_ARGS__))

/* The device is invited, connects and takes the whole image. */
void desk_transfer(struct desk *desk);
/* The uploader ends with STATUS and has said each of the texts, which are ended by NULL. */
void desk_ends_saying(struct desk *desk, int status, const char *const texts[]);
#define desk_ends(desk, status, ...) desk_ends_saying(desk, status, PROCESS_STRINGS(__VA_ARGS__))

#endif
