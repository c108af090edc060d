/* otter's bootloader on its way to devices that have another one, and kept from being lost there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/bootloader.h"
#include "format/image.h"
#include "host/inspection.h"
#include "tests/support/push.h"
#include "tests/support/require.h"
#include "tests/support/test.h"

/* Of enum otter_exit, as `otter help push` documents them. */
enum { DONE = 0, FILE_UNUSABLE = 3, REJECTED = 9 };

#define HINT "--adopt sends it with otter's"

/* The image GARDEN with a bootloader that is not known for otter's; its path in OUT. */
static const char *foreign_garden(struct scene *scene, char out[PATH_MAX], const char *garden)
{
    char path[PATH_MAX];
    struct file file = file_read(push_garden_path(path, garden));
    struct otter_inspection inspection;
    otter_inspect(&inspection, file.bytes, file.size);
    file.bytes[OTTER_BOOTLOADER_MARK_OFFSET] ^= 1;
    file.bytes[inspection.image.parts[0].end - 1] ^= 1;
    assert_int_equal(otter_image_seal(file.bytes, file.size), OTTER_OK);
    scene_file(scene, out, garden, file.bytes, file.size);
    free(file.bytes);
    return out;
}

/* What the device runs is FILE adopted, byte for byte. */
static void expect_adopted(struct scene *scene, const struct virtual_device *device, const char *file)
{
    char path[PATH_MAX];
    scene_path(scene, path, "adopted.bin");
    struct process *adopt = scene_start(scene, OTTER_PROGRAM, "image", "adopt", file, "-o", path, NULL);
    assert_true(process_ends(adopt, DONE, PUSH_WAIT_MS, PROCESS_STRINGS("has otter's bootloader", NULL)));
    struct file adopted = file_read(path);
    push_expect_flash(device, 0, adopted.bytes, adopted.size, false);
    assert_int_equal(otter_bootloader_version(adopted.bytes), OTTER_BOOTLOADER_VERSION);
    free(adopted.bytes);
}

static void real_firmware_runs_behind_it(void **state)
{
    struct virtual_device device;
    char running[PATH_MAX], pushed[PATH_MAX];
    if (!push_firmware_path(running, "tasmota-8.1.0.1.bin") ||
        !push_firmware_path(pushed, "tasmota-8.1.0.2.bin")) {
        print_message("skipped: no %s\n", running);
        skip();
    }
    virtual_device_start(&device, *state, "device", "--layout", "1m64", "--image", running, NULL);
    push_succeeds(push_start(*state, &device, pushed, "--adopt", NULL), &device);
    expect_adopted(*state, &device, pushed);
    struct file file = file_read(pushed);
    assert_int_equal(push_running(&device).size, file.size);
    free(file.bytes);
    push_succeeds(push_start(*state, &device, running, "--adopt", NULL), &device);
    expect_adopted(*state, &device, running);
}

static void several_devices_get_it_compressed(void **state)
{
    enum { DEVICES = 2 };
    struct virtual_device devices[DEVICES];
    char running[PATH_MAX], pushed[PATH_MAX], name[16];
    foreign_garden(*state, running, "garden-1.bin");
    foreign_garden(*state, pushed, "garden-2.bin");
    for (int i = 0; i < DEVICES; i++) {
        snprintf(name, sizeof(name), "bed-%d", i);
        virtual_device_start(&devices[i], *state, name, "--image", running, NULL);
    }
    struct process *push = scene_start(*state, OTTER_PROGRAM, "push", "--adopt", "--compress",
                                       devices[0].address, devices[1].address, pushed, NULL);
    assert_true(process_ends(push, DONE, PUSH_WAIT_MS, PROCESS_STRINGS("compressed to", NULL)));
    assert_null(strstr(push->text, HINT));
    for (int i = 0; i < DEVICES; i++) {
        virtual_device_wait_restart(&devices[i]);
        assert_string_equal(push_running(&devices[i]).version, "2.0.0");
        expect_adopted(*state, &devices[i], pushed);
    }
}

static void a_device_that_has_it_keeps_it(void **state)
{
    struct virtual_device device;
    char running[PATH_MAX], pushed[PATH_MAX];
    virtual_device_start(&device, *state, "device", "--image", push_garden_path(running, "garden-1.bin"),
                         NULL);
    foreign_garden(*state, pushed, "garden-2.bin");
    uint64_t operations = virtual_device_flash_operations(&device);
    struct process *push = push_start(*state, &device, pushed, NULL);
    assert_true(process_ends(push, REJECTED, PUSH_WAIT_MS,
                             PROCESS_STRINGS(HINT, "ERROR[19]: Image would replace otter's bootloader",
                                             "Sent with --adopt, it has otter's", NULL)));
    assert_int_equal(virtual_device_flash_operations(&device), operations);
    assert_string_equal(push_running(&device).version, "1.0.0");
    push_succeeds(push_start(*state, &device, pushed, "--adopt", NULL), &device);
    assert_string_equal(push_running(&device).version, "2.0.0");
    expect_adopted(*state, &device, pushed);
}

static void a_device_may_be_told_not_to_care(void **state)
{
    struct virtual_device device;
    char running[PATH_MAX], pushed[PATH_MAX];
    virtual_device_start(&device, *state, "device", "--any-bootloader", "--image",
                         push_garden_path(running, "garden-1.bin"), NULL);
    foreign_garden(*state, pushed, "garden-2.bin");
    push_succeeds(push_start(*state, &device, pushed, NULL), &device);
    struct file file = file_read(pushed);
    push_expect_flash(&device, 0, file.bytes, file.size, false);
    free(file.bytes);
}

static void there_is_no_hint_where_it_is_in_the_image(void **state)
{
    struct virtual_device device;
    char running[PATH_MAX], pushed[PATH_MAX];
    virtual_device_start(&device, *state, "device", "--image", push_garden_path(running, "garden-1.bin"),
                         NULL);
    struct process *push = push_start(*state, &device, push_garden_path(pushed, "garden-2.bin"), NULL);
    push_succeeds(push, &device);
    assert_null(strstr(push->text, "hint"));
}

static void what_cannot_have_it_is_not_sent(void **state)
{
    struct virtual_device device;
    char running[PATH_MAX], pushed[PATH_MAX];
    static uint8_t text[] = "hello";
    virtual_device_start(&device, *state, "device", "--image", push_garden_path(running, "garden-1.bin"),
                         NULL);
    scene_file(*state, pushed, "text", text, sizeof(text));
    struct process *push = push_start(*state, &device, pushed, "--adopt", "--force", NULL);
    assert_true(process_ends(push, FILE_UNUSABLE, PUSH_WAIT_MS,
                             PROCESS_STRINGS("can't get otter's bootloader: not an ESP8266 image", NULL)));
    if (!push_firmware_path(pushed, "micropython-1.10.bin"))
        return;
    push = push_start(*state, &device, pushed, "--adopt", NULL);
    assert_true(process_ends(push, FILE_UNUSABLE, PUSH_WAIT_MS, PROCESS_STRINGS("a single image", NULL)));
}

/* --- a whole flash --------------------------------------------------------------------------------- */

static void a_device_starts_from_a_made_flash(void **state)
{
    enum { FILESYSTEM_START = 0x300000 };
    static const uint8_t filesystem[] = "files";
    struct virtual_device device;
    char firmware[PATH_MAX], fs[PATH_MAX], flash[PATH_MAX];
    scene_path(*state, flash, "device.flash"); /* where the virtual device has its own */
    push_garden_path(firmware, "garden-1.bin");
    scene_file(*state, fs, "fs.bin", filesystem, sizeof(filesystem));
    struct process *make = scene_start(*state, OTTER_PROGRAM, "image", "flash", "--layout", "4m1m",
                                       "--filesystem", fs, firmware, "-o", flash, NULL);
    assert_true(process_ends(make, DONE, PUSH_WAIT_MS,
                             PROCESS_STRINGS("is made for a chip of 1.0 MiB, layout 4m1m for one of 4.0 MiB",
                                             "the filesystem of layout 4m1m has 1024000", NULL)));
    virtual_device_start(&device, *state, "device", "--layout", "4m1m", NULL);
    assert_string_equal(push_running(&device).version, "1.0.0");
    push_succeeds(push_start(*state, &device, push_garden_path(firmware, "garden-2.bin"), NULL), &device);
    assert_string_equal(push_running(&device).version, "2.0.0");
    push_expect_flash(&device, FILESYSTEM_START, filesystem, sizeof(filesystem), false);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)
    const struct CMUnitTest tests[] = {
        TEST(real_firmware_runs_behind_it),
        TEST(several_devices_get_it_compressed),
        TEST(a_device_that_has_it_keeps_it),
        TEST(a_device_may_be_told_not_to_care),
        TEST(there_is_no_hint_where_it_is_in_the_image),
        TEST(what_cannot_have_it_is_not_sent),
        TEST(a_device_starts_from_a_made_flash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
