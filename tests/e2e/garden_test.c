/* The garden controller from version 1 to version 2, as `make run` shows it. */
#include <string.h>

#include "tests/support/push.h"
#include "tests/support/test.h"

/* Of enum otter_exit, as `otter help push` documents them. */
enum { AUTHENTICATION = 5 };

static void start_device(struct scene *scene, struct virtual_device *device)
{
    char running[PATH_MAX];
    push_garden_path(running, "garden-1.bin");
    virtual_device_start(device, scene, "garden", "--layout", "4m1m", "--image", running, "--password",
                         "secret", NULL);
}

static void updates_with_the_password(void **state)
{
    struct virtual_device device;
    char path[PATH_MAX];
    start_device(*state, &device);
    struct push_firmware before = push_running(&device);
    push_garden_path(path, "garden-2.bin");
    push_succeeds(push_start(*state, &device, path, "--password", "secret", NULL), &device);
    struct push_firmware after = push_running(&device);
    assert_string_equal(before.version, "1.0.0");
    assert_string_equal(after.version, "2.0.0");
    assert_string_not_equal(after.md5, before.md5);
}

static void touches_no_flash_without_it(void **state)
{
    struct virtual_device device;
    char path[PATH_MAX];
    start_device(*state, &device);
    uint64_t before = virtual_device_flash_operations(&device);
    push_garden_path(path, "garden-2.bin");
    struct process *push = push_start(*state, &device, path, "--password", "guess", NULL);
    assert_true(process_ends(push, AUTHENTICATION, PUSH_WAIT_MS, PROCESS_STRINGS("password", NULL)));
    push = push_start(*state, &device, path, NULL);
    assert_true(process_ends(push, AUTHENTICATION, PUSH_WAIT_MS, PROCESS_STRINGS("password", NULL)));
    assert_int_equal(virtual_device_flash_operations(&device), before);
    assert_string_equal(push_running(&device).version, "1.0.0");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)
    const struct CMUnitTest tests[] = {
        TEST(updates_with_the_password),
        TEST(touches_no_flash_without_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
