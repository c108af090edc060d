/* Real firmware, pushed: flash is then the file, byte for byte but for the flash mode. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/push.h"
#include "tests/support/test.h"

struct update {
    const char *layout;
    const char *running;
    const char *pushed;
};

static const struct update tasmota = {"1m64", "tasmota-8.1.0.1.bin", "tasmota-8.1.0.2.bin"};
static const struct update tasmota_back = {"1m64", "tasmota-8.1.0.2.bin", "tasmota-8.1.0.1.bin"};
static const struct update micropython = {"4m1m", "micropython-1.9.4.bin", "micropython-1.10.bin"};
static const struct update micropython_back = {"4m1m", "micropython-1.10.bin", "micropython-1.9.4.bin"};

static void start_device(struct scene *scene, struct virtual_device *device, const struct update *update)
{
    char running[PATH_MAX];
    if (!push_firmware_path(running, update->running)) {
        print_message("skipped: no %s\n", running);
        skip();
    }
    virtual_device_start(device, scene, "device", "--layout", update->layout, "--image", running, NULL);
}

/* How the file goes over: as it is, as a gzip, or compressed by otter. */
enum form { PLAIN, GZIP, COMPRESS };

static void expect_update(struct scene *scene, const struct update *update, enum form form)
{
    struct virtual_device device;
    char path[PATH_MAX];
    start_device(scene, &device, update);
    struct file file = file_read(push_firmware_path(path, update->pushed));
    if (form == GZIP) {
        struct file gzip = file_gzip(file.bytes, file.size);
        scene_file(scene, path, "firmware.bin.gz", gzip.bytes, gzip.size);
        free(gzip.bytes);
    }
    push_succeeds(push_start(scene, &device, path, form == COMPRESS ? "--compress" : NULL, NULL), &device);
    push_expect_flash(&device, 0, file.bytes, file.size, true);
    free(file.bytes);
}

static void tasmota_over_tasmota(void **state)
{
    expect_update(*state, &tasmota, PLAIN);
}

static void tasmota_as_gzip(void **state)
{
    expect_update(*state, &tasmota_back, GZIP);
}

static void tasmota_compressed(void **state)
{
    expect_update(*state, &tasmota, COMPRESS);
}

static void micropython_over_micropython(void **state)
{
    expect_update(*state, &micropython, PLAIN);
}

static void micropython_as_gzip(void **state)
{
    expect_update(*state, &micropython, GZIP);
}

static void micropython_compressed(void **state)
{
    expect_update(*state, &micropython_back, COMPRESS);
}

static void as_a_filesystem(void **state)
{
    enum { FILESYSTEM_START = 0x300000 };
    struct virtual_device device;
    char path[PATH_MAX];
    start_device(*state, &device, &micropython);
    struct push_firmware before = push_running(&device);
    struct file file = file_read(push_firmware_path(path, micropython.pushed));
    push_succeeds(push_start(*state, &device, path, "--filesystem", NULL), &device);
    push_expect_flash(&device, FILESYSTEM_START, file.bytes, file.size, false);
    assert_string_equal(push_running(&device).md5, before.md5);
    free(file.bytes);
}

/* The running device's flash mode goes into byte 2. */
static void keeps_the_flash_mode(void **state)
{
    enum { QIO = 0 };
    struct virtual_device device;
    char path[PATH_MAX];
    start_device(*state, &device, &tasmota);
    struct file flash = file_read(device.flash);
    uint8_t mode = flash.bytes[2];
    free(flash.bytes);
    struct file file = file_read(push_firmware_path(path, tasmota.pushed));
    assert_int_not_equal(mode, QIO);
    file.bytes[2] = QIO;
    scene_file(*state, path, "qio.bin", file.bytes, file.size);
    push_succeeds(push_start(*state, &device, path, NULL), &device);
    flash = file_read(device.flash);
    assert_int_equal(flash.bytes[2], mode);
    free(flash.bytes);
    push_expect_flash(&device, 0, file.bytes, file.size, true);
    free(file.bytes);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)
    const struct CMUnitTest tests[] = {
        TEST(tasmota_over_tasmota), TEST(tasmota_as_gzip),
        TEST(tasmota_compressed),   TEST(micropython_over_micropython),
        TEST(micropython_as_gzip),  TEST(micropython_compressed),
        TEST(as_a_filesystem),      TEST(keeps_the_flash_mode),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
