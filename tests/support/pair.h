/* What the tests of a device's protocol work with: a virtual device, an uploader peer, and an image. */
#ifndef OTTER_TEST_PAIR_H
#define OTTER_TEST_PAIR_H

#include "tests/support/uploader_peer.h"
#include "tests/support/virtual_device.h"

#define PAIR_IMAGE_SIZE 20000

struct pair {
    struct scene scene;
    struct virtual_device device;
    struct uploader_peer uploader;
    uint8_t image[PAIR_IMAGE_SIZE];
};

/* *STATE becomes a struct pair; OPTIONS are the device's, ended by NULL, beside --layout 4m1m. */
void pair_open(void **state, const char *const options[]);

/* Fixtures of cmocka tests. */
int pair_setup_free(void **state);    /* no password */
int pair_setup_guarded(void **state); /* password "secret" */
int pair_teardown(void **state);

/* A plain push succeeds and ends in a restart: the proof that whatever came before did no harm. */
void pair_push(struct pair *pair, const char *password);

#endif
