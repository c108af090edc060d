#include "tests/support/pair.h"

#include <stdlib.h>

#include "tests/support/require.h"
#include "tests/support/sample.h"

void pair_open(void **state, const char *const options[])
{
    struct pair *pair = calloc(1, sizeof(*pair));
    *state = pair;
    scene_open(&pair->scene);
    const char *all[16] = {"--layout", "4m1m"};
    for (size_t i = 2; *options; options++, i++)
        all[i] = *options;
    virtual_device_start_at(&pair->device, &pair->scene, "device", "127.0.0.1", all);
    uploader_open(&pair->uploader, "127.0.0.1", "127.0.0.1", pair->device.port);
    sample_image(pair->image, sizeof(pair->image), 1);
}

int pair_setup_free(void **state)
{
    pair_open(state, PROCESS_STRINGS(NULL));
    return 0;
}

int pair_setup_guarded(void **state)
{
    pair_open(state, PROCESS_STRINGS("--password", "secret", NULL));
    return 0;
}

int pair_teardown(void **state)
{
    struct pair *pair = *state;
    uploader_close(&pair->uploader);
    scene_close(&pair->scene);
    free(pair);
    return 0;
}

void pair_push(struct pair *pair, const char *password)
{
    struct uploader_peer *uploader = &pair->uploader;
    uploader_agree(uploader, UPLOADER_SKETCH, pair->image, sizeof(pair->image), DIGEST_ERA_MD5, password);
    uploader_accept(uploader);
    REQUIRE(uploader_send_blocks(uploader, pair->image, sizeof(pair->image), 1460), "the device hung up");
    REQUIRE(uploader_hears_text(uploader, "OK", UPLOADER_WAIT_MS), "no OK: \"%s\"", uploader->heard);
    uploader_hang_up(uploader);
    virtual_device_wait_restart(&pair->device);
}
