/* A bad update takes itself back: from garden 1 to one that never confirms itself, and home again. */
#include <stdlib.h>
#include <string.h>

#include "format/bootloader.h"
#include "ports/qemu/qemu.h"
#include "tests/support/digest.h"
#include "tests/support/push.h"
#include "tests/support/require.h"
#include "tests/support/test.h"

enum { STARTS = 3 };

static struct file garden(const char *name)
{
    char path[PATH_MAX];
    return file_read(push_garden_path(path, name));
}

static void start_device(struct scene *scene, struct virtual_device *device, const char *option)
{
    char running[PATH_MAX];
    virtual_device_start(device, scene, "garden", "--image", push_garden_path(running, "garden-1.bin"),
                         option, NULL);
}

static void push_garden(struct scene *scene, struct virtual_device *device, const char *name,
                        const char *option)
{
    char path[PATH_MAX];
    push_succeeds(push_start(scene, device, push_garden_path(path, name), option, NULL), device);
}

static void restart(struct virtual_device *device, const char *how)
{
    char answer[64];
    virtual_device_command(device, how, answer, sizeof(answer));
    virtual_device_wait_restart(device);
}

static bool is_on_trial(struct virtual_device *device)
{
    virtual_device_ask(device);
    return strstr(device->status, "\"on_trial\":true") != NULL;
}

static void expect_trial(struct virtual_device *device, uint64_t left)
{
    assert_true(is_on_trial(device));
    assert_int_equal(virtual_device_number(device, "starts"), STARTS);
    assert_int_equal(virtual_device_number(device, "starts_left"), left);
}

static void expect_running(struct virtual_device *device, const char *name)
{
    struct file file = garden(name);
    push_expect_flash(device, 0, file.bytes, file.size, false);
    free(file.bytes);
}

/* Garden 1 runs again and says that what was sent as BYTES was taken back. */
static void expect_taken_back(struct virtual_device *device, const void *bytes, size_t size)
{
    char md5[33], told[33];
    digest_md5(md5, bytes, size);
    expect_running(device, "garden-1.bin");
    assert_string_equal(push_running(device).version, "1.0.0");
    assert_string_equal(virtual_device_string(device, "taken_back", told, sizeof(told)), md5);
    assert_int_equal(virtual_device_number(device, "starts"), STARTS);
    assert_false(is_on_trial(device));
    assert_non_null(strstr(device->process->text, "taken back: the update with MD5 "));
}

static void a_firmware_that_confirms_itself_stays(void **state)
{
    struct virtual_device device;
    start_device(*state, &device, NULL);
    push_garden(*state, &device, "garden-2.bin", NULL);
    assert_non_null(strstr(device.process->text, "on trial: 2 of 3 starts left"));
    assert_non_null(
        process_wait_line(device.process, "confirmed: this firmware stays", VIRTUAL_DEVICE_WAIT_MS));
    assert_false(is_on_trial(&device));
    for (unsigned i = 0; i < STARTS + 2; i++)
        restart(&device, "reset");
    expect_running(&device, "garden-2.bin");
    assert_string_equal(push_running(&device).version, "2.0.0");
    assert_int_equal(virtual_device_number(&device, "updates"), 1);
}

/* RESTARTS: "reset" or "cut". */
static void expect_return(struct scene *scene, const char *compress, const char *restarts)
{
    struct virtual_device device;
    start_device(scene, &device, "--no-confirm");
    push_garden(scene, &device, "garden-2.bin", compress);
    for (uint64_t left = STARTS - 1;; left--) {
        expect_running(&device, "garden-2.bin");
        expect_trial(&device, left);
        restart(&device, restarts);
        if (left == 0)
            break;
    }
    struct file file = garden("garden-2.bin");
    if (compress == NULL)
        expect_taken_back(&device, file.bytes, file.size);
    else
        expect_running(&device, "garden-1.bin");
    free(file.bytes);
    assert_int_equal(virtual_device_number(&device, "updates"), 1);
    restart(&device, restarts);
    expect_running(&device, "garden-1.bin");
}

static void one_that_does_not_is_taken_back(void **state)
{
    expect_return(*state, NULL, "reset");
}

static void power_cuts_are_starts_too(void **state)
{
    expect_return(*state, NULL, "cut");
}

static void a_compressed_one_is_taken_back_as_well(void **state)
{
    expect_return(*state, "--compress", "reset");
}

/* What was taken back is not refused: its user may know why. */
static void it_can_be_sent_again(void **state)
{
    struct virtual_device device;
    start_device(*state, &device, "--no-confirm");
    for (unsigned round = 0; round < 2; round++) {
        push_garden(*state, &device, "garden-2.bin", NULL);
        for (unsigned i = 0; i < STARTS; i++)
            restart(&device, "reset");
        expect_running(&device, "garden-1.bin");
    }
}

/* The update that a firmware on trial takes confirms it: it is what the next one goes back to. */
static void who_takes_an_update_is_confirmed(void **state)
{
    struct virtual_device device;
    start_device(*state, &device, "--no-confirm");
    push_garden(*state, &device, "garden-2.bin", NULL);
    expect_trial(&device, STARTS - 1);
    push_garden(*state, &device, "garden-3.bin", NULL);
    expect_trial(&device, STARTS - 1);
    for (unsigned i = 0; i < STARTS; i++)
        restart(&device, "reset");
    expect_running(&device, "garden-2.bin");
    assert_false(is_on_trial(&device));
}

/* The machine code of garden 3 itself waits in vain for its pump. */
static void on_the_emulated_core(void **state)
{
    struct virtual_device device;
    if (!otter_qemu_is_there()) {
        print_message("skipped: no QEMU\n");
        skip();
    }
    start_device(*state, &device, "--qemu");
    push_garden(*state, &device, "garden-2.bin", NULL);
    assert_false(is_on_trial(&device));
    assert_non_null(strstr(device.process->text, "confirmed"));
    push_garden(*state, &device, "garden-3.bin", NULL);
    for (uint64_t left = STARTS - 1;; left--) {
        expect_trial(&device, left);
        restart(&device, "reset");
        if (left == 0)
            break;
    }
    expect_running(&device, "garden-2.bin");
    assert_string_equal(push_running(&device).version, "2.0.0");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_firmware_that_confirms_itself_stays),
        TEST(one_that_does_not_is_taken_back),
        TEST(power_cuts_are_starts_too),
        TEST(a_compressed_one_is_taken_back_as_well),
        TEST(it_can_be_sent_again),
        TEST(who_takes_an_update_is_confirmed),
        TEST(on_the_emulated_core),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
