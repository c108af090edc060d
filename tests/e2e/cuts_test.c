/* Power cuts and lost connections during the transfer: the old firmware runs on, and the next push works. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/push.h"
#include "tests/support/require.h"
#include "tests/support/test.h"

/* Of enum otter_exit, as `otter help push` documents them. */
enum { BROKEN = 8 };

static const char *const outcomes[] = {"not-started", "landed", "torn-prefix", "torn-random", "half-erased"};

static void start_device(struct scene *scene, struct virtual_device *device, const char *timing,
                         const char *window)
{
    char running[PATH_MAX];
    push_garden_path(running, "garden-1.bin");
    virtual_device_start(device, scene, "garden", "--layout", "4m1m", "--image", running, "--timing", timing,
                         "--window", window, NULL);
}

static void expect_unchanged(struct virtual_device *device, const struct push_firmware *before)
{
    struct push_firmware now = push_running(device);
    assert_string_equal(now.version, before->version);
    assert_string_equal(now.md5, before->md5);
}

static void expect_update(struct scene *scene, struct virtual_device *device, const char *file)
{
    push_succeeds(push_start(scene, device, file, NULL), device);
    assert_string_equal(push_running(device).version, "2.0.0");
}

static void push_into_a_cut(struct scene *scene, struct virtual_device *device, const char *file,
                            uint64_t operation, const char *outcome)
{
    char command[64], answer[128];
    snprintf(command, sizeof(command), "cut-at %llu %s", (unsigned long long)operation, outcome);
    virtual_device_command(device, command, answer, sizeof(answer));
    struct process *push = push_start(scene, device, file, NULL);
    REQUIRE(process_ends(push, BROKEN, PUSH_WAIT_MS, PROCESS_STRINGS(NULL)), "after %s", command);
    virtual_device_wait_restart(device);
}

/* Cuts from the first to the last page that the transfer programs, each with another outcome. */
static void power_cuts_leave_the_old_firmware(void **state)
{
    enum { CUTS = 30, PAGE = 256 };
    struct virtual_device device;
    char path[PATH_MAX];
    start_device(*state, &device, "none", "65536");
    struct push_firmware before = push_running(&device);
    struct file file = file_read(push_garden_path(path, "garden-2.bin"));
    uint64_t pages = file.size / PAGE;
    free(file.bytes);
    for (uint64_t cut = 0; cut < CUTS; cut++) {
        uint64_t operation = 1 + cut * (pages - 1) / (CUTS - 1);
        push_into_a_cut(*state, &device, path, operation, outcomes[cut % TEST_COUNT(outcomes)]);
        expect_unchanged(&device, &before);
    }
    expect_update(*state, &device, path);
}

static void lost_uploaders_leave_the_old_firmware(void **state)
{
    static const char *const moments[] = {"progress  25%", "progress  50%", "progress  75%"};
    struct virtual_device device;
    char path[PATH_MAX];
    start_device(*state, &device, "real", "1460");
    struct push_firmware before = push_running(&device);
    push_garden_path(path, "garden-2.bin");
    for (size_t i = 0; i < TEST_COUNT(moments); i++) {
        struct process *push = push_start(*state, &device, path, NULL);
        assert_non_null(process_wait_line(device.process, moments[i], VIRTUAL_DEVICE_WAIT_MS));
        assert_int_equal(kill(push->pid, SIGKILL), 0);
        assert_int_equal(process_wait_exit(push, PUSH_WAIT_MS), PROCESS_SIGNALLED + SIGKILL);
        assert_non_null(process_wait_line(device.process, "update failed", VIRTUAL_DEVICE_WAIT_MS));
        expect_unchanged(&device, &before);
    }
    expect_update(*state, &device, path);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)
    const struct CMUnitTest tests[] = {
        TEST(power_cuts_leave_the_old_firmware),
        TEST(lost_uploaders_leave_the_old_firmware),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
