/* One `otter push` to several devices at once. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/push.h"
#include "tests/support/socket.h"
#include "tests/support/test.h"

/* Of enum otter_exit, as `otter help push` documents them. */
enum { NO_ANSWER = 4, SEVERAL = 10 };

enum { DEVICES = 4 };

struct garden {
    struct scene scene;
    struct virtual_device devices[DEVICES];
    char file[PATH_MAX];
};

static int open_garden(void **state)
{
    struct garden *garden = calloc(1, sizeof(*garden));
    char running[PATH_MAX], name[16];
    *state = garden;
    scene_open(&garden->scene);
    push_garden_path(running, "garden-1.bin");
    push_garden_path(garden->file, "garden-2.bin");
    for (int i = 0; i < DEVICES; i++) {
        snprintf(name, sizeof(name), "bed-%d", i);
        virtual_device_start(&garden->devices[i], &garden->scene, name, "--image", running, "--password",
                             i == DEVICES - 1 ? "other" : "secret", NULL);
    }
    return 0;
}

static int close_garden(void **state)
{
    struct garden *garden = *state;
    scene_close(&garden->scene);
    free(garden);
    return 0;
}

static void expect_version(struct virtual_device *device, const char *version)
{
    assert_string_equal(push_running(device).version, version);
}

static void updates_all(void **state)
{
    struct garden *garden = *state;
    struct process *push =
        scene_start(&garden->scene, OTTER_PROGRAM, "push", "--password", "secret", garden->devices[0].address,
                    garden->devices[1].address, garden->devices[2].address, garden->file, NULL);
    assert_true(process_ends(push, 0, PUSH_WAIT_MS,
                             PROCESS_STRINGS(garden->devices[0].address, garden->devices[1].address,
                                             garden->devices[2].address, NULL)));
    for (int i = 0; i < 3; i++) {
        virtual_device_wait_restart(&garden->devices[i]);
        expect_version(&garden->devices[i], "2.0.0");
    }
}

static void updates_the_others_when_one_is_away(void **state)
{
    struct garden *garden = *state;
    char nobody[40];
    int udp = socket_bound(SOCK_DGRAM, "127.0.0.1"); /* a port that hears and says nothing */
    snprintf(nobody, sizeof(nobody), "127.0.0.1:%u", socket_port(udp));
    struct process *push = scene_start(&garden->scene, OTTER_PROGRAM, "push", "--timeout", "2", "--password",
                                       "secret", nobody, garden->devices[0].address, garden->file, NULL);
    assert_true(process_ends(push, NO_ANSWER, PUSH_WAIT_MS, PROCESS_STRINGS(nobody, NULL)));
    virtual_device_wait_restart(&garden->devices[0]);
    expect_version(&garden->devices[0], "2.0.0");
    socket_close(&udp);
}

static void tells_failures_of_different_kinds(void **state)
{
    struct garden *garden = *state;
    struct virtual_device *guarded = &garden->devices[DEVICES - 1];
    char nobody[40];
    int udp = socket_bound(SOCK_DGRAM, "127.0.0.1");
    snprintf(nobody, sizeof(nobody), "127.0.0.1:%u", socket_port(udp));
    struct process *push = scene_start(&garden->scene, OTTER_PROGRAM, "push", "--timeout", "2", "--password",
                                       "secret", nobody, guarded->address, garden->file, NULL);
    assert_true(process_ends(push, SEVERAL, PUSH_WAIT_MS, PROCESS_STRINGS("password", nobody, NULL)));
    expect_version(guarded, "1.0.0");
    socket_close(&udp);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_garden, close_garden)
    const struct CMUnitTest tests[] = {
        TEST(updates_all),
        TEST(updates_the_others_when_one_is_away),
        TEST(tells_failures_of_different_kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
