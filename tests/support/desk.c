#include "tests/support/desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/require.h"
#include "tests/support/sample.h"

#define OPTIONS_MAX 32

int desk_setup(void **state)
{
    struct desk *desk = calloc(1, sizeof(*desk));
    *state = desk;
    scene_open(&desk->scene);
    device_peer_open(&desk->device, "127.0.0.1");
    snprintf(desk->device_address, sizeof(desk->device_address), "127.0.0.1:%u", desk->device.port);
    sample_image(desk->image, sizeof(desk->image), 1);
    scene_file(&desk->scene, desk->file, "firmware.bin", desk->image, sizeof(desk->image));
    return 0;
}

int desk_teardown(void **state)
{
    struct desk *desk = *state;
    device_peer_close(&desk->device);
    scene_close(&desk->scene);
    free(desk);
    return 0;
}

/* Appends OPTIONS behind the COUNT in ARGV; how many there are then. */
static size_t append(const char *argv[], size_t count, const char *const options[])
{
    for (; *options; options++) {
        REQUIRE(count < OPTIONS_MAX, "too many options");
        argv[count++] = *options;
    }
    return count;
}

void desk_push_options(struct desk *desk, const char *const options[])
{
    const char *argv[OPTIONS_MAX + 3] = {OTTER_PROGRAM, "push"};
    size_t count = append(argv, 2, options);
    argv[count++] = desk->device_address;
    argv[count] = desk->file;
    desk->uploader = scene_start_arguments(&desk->scene, argv);
}

void desk_espota_options(struct desk *desk, const char *const options[])
{
    char program[PATH_MAX], port[8];
    snprintf(port, sizeof(port), "%u", desk->device.port);
    scene_path(&desk->scene, program, "espota");
    REQUIRE(access(program, X_OK) == 0 || symlink(OTTER_PROGRAM, program) == 0, "cannot link %s", program);
    const char *argv[OPTIONS_MAX + 1] = {program, "-i", "127.0.0.1", "-p", port, "-f", desk->file};
    append(argv, 7, options);
    desk->uploader = scene_start_arguments(&desk->scene, argv);
}

void desk_transfer(struct desk *desk)
{
    device_peer_agree(&desk->device, 0, DIGEST_ERA_MD5, NULL);
    REQUIRE(desk->device.size == sizeof(desk->image), "announces %u bytes", desk->device.size);
    device_peer_connect(&desk->device);
    device_peer_store(&desk->device, desk->got, sizeof(desk->got));
    REQUIRE(memcmp(desk->got, desk->image, sizeof(desk->image)) == 0, "other bytes than those of the file");
}

void desk_ends_saying(struct desk *desk, int status, const char *const texts[])
{
    REQUIRE(process_ends(desk->uploader, status, DESK_WAIT_MS, texts), "the uploader did something else");
}
