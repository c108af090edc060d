/* Files that are no sound firmware: the desk says so and sends nothing; forced, the device says so and
 * installs nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/push.h"
#include "tests/support/require.h"
#include "tests/support/test.h"

/* Of enum otter_exit, as `otter help push` documents them. */
enum { FILE_UNUSABLE = 3, REFUSED = 6, REJECTED = 9 };

struct yard {
    struct scene scene;
    struct virtual_device device;
    struct push_firmware before;
    struct file good; /* garden-2 */
};

static int open_yard(void **state)
{
    struct yard *yard = calloc(1, sizeof(*yard));
    char path[PATH_MAX];
    *state = yard;
    scene_open(&yard->scene);
    yard->good = file_read(push_garden_path(path, "garden-2.bin"));
    virtual_device_start(&yard->device, &yard->scene, "device", "--layout", "4m1m", "--image",
                         push_garden_path(path, "garden-1.bin"), NULL);
    yard->before = push_running(&yard->device);
    return 0;
}

static int close_yard(void **state)
{
    struct yard *yard = *state;
    scene_close(&yard->scene);
    free(yard->good.bytes);
    free(yard);
    return 0;
}

static void expect_unchanged(struct yard *yard)
{
    struct push_firmware now = push_running(&yard->device);
    assert_string_equal(now.md5, yard->before.md5);
    assert_string_equal(now.version, "1.0.0");
}

/* Neither the desk nor, with --force, the device takes these bytes. */
static void expect_refusal(struct yard *yard, const char *name, const void *bytes, size_t size)
{
    char path[PATH_MAX];
    uint64_t operations = virtual_device_flash_operations(&yard->device);
    scene_file(&yard->scene, path, name, bytes, size);
    struct process *push = push_start(&yard->scene, &yard->device, path, NULL);
    REQUIRE(process_ends(push, FILE_UNUSABLE, PUSH_WAIT_MS, PROCESS_STRINGS(name, NULL)), "%s", name);
    assert_int_equal(virtual_device_flash_operations(&yard->device), operations);
    push = push_start(&yard->scene, &yard->device, path, "--force", NULL);
    REQUIRE(process_ends(push, REJECTED, PUSH_WAIT_MS, PROCESS_STRINGS("ERROR[", NULL)), "%s", name);
    expect_unchanged(yard);
}

static void each_wrong_header_byte(void **state)
{
    static const struct {
        size_t offset;
        uint8_t value;
    } cases[] = {
        {0, 0x00},      {1, 0},         {1, 17},        {2, 4},         {3, 0x5F},
        {15, 0x7F},     {0x1000, 0xE8}, {0x1001, 0},    {0x1002, 0x44}, {0x1003, 0x51},
        {0x100F, 0x7F}, {0x1010, 0xFF}, {0x1014, 0xFF}, {0x1018, 0xFF},
    };
    struct yard *yard = *state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char name[32];
        uint8_t good = yard->good.bytes[cases[i].offset];
        snprintf(name, sizeof(name), "byte-%zu-%u.bin", cases[i].offset, cases[i].value);
        yard->good.bytes[cases[i].offset] = good == cases[i].value ? (uint8_t)~good : cases[i].value;
        expect_refusal(yard, name, yard->good.bytes, yard->good.size);
        yard->good.bytes[cases[i].offset] = good;
    }
}

static void truncated_files(void **state)
{
    struct yard *yard = *state;
    const size_t sizes[] = {1, 2, 7, 8, 15, 16, 255, 4095, 4096, 4097, 8192, yard->good.size - 1};
    for (size_t i = 0; i < TEST_COUNT(sizes); i++) {
        char name[32];
        snprintf(name, sizeof(name), "first-%zu.bin", sizes[i]);
        expect_refusal(yard, name, yard->good.bytes, sizes[i]);
    }
}

/* The device would take these, as opaque bytes behind a sound image: it is the desk that knows better. */
static void overlong_files(void **state)
{
    struct yard *yard = *state;
    enum { MOST = 500000 };
    const size_t sizes[] = {1, 4, 4096, MOST};
    uint64_t operations = virtual_device_flash_operations(&yard->device);
    yard->good.bytes = realloc(yard->good.bytes, yard->good.size + MOST);
    assert_non_null(yard->good.bytes);
    memset(yard->good.bytes + yard->good.size, 0xA5, MOST);
    for (size_t i = 0; i < TEST_COUNT(sizes); i++) {
        char name[32], count[32], path[PATH_MAX];
        snprintf(name, sizeof(name), "overlong-%zu.bin", sizes[i]);
        snprintf(count, sizeof(count), "%zu byte%s too many", sizes[i], sizes[i] == 1 ? "" : "s");
        scene_file(&yard->scene, path, name, yard->good.bytes, yard->good.size + sizes[i]);
        struct process *push = push_start(&yard->scene, &yard->device, path, NULL);
        REQUIRE(
            process_ends(push, FILE_UNUSABLE, PUSH_WAIT_MS, PROCESS_STRINGS(name, count, "--force", NULL)),
            "%s", name);
    }
    assert_int_equal(virtual_device_flash_operations(&yard->device), operations);
    expect_unchanged(yard);
}

static void truncated_gzips(void **state)
{
    struct yard *yard = *state;
    struct file gzip = file_gzip(yard->good.bytes, yard->good.size);
    char path[PATH_MAX];
    scene_file(&yard->scene, path, "half.gz", gzip.bytes, gzip.size / 2);
    free(gzip.bytes);
    struct process *push = push_start(&yard->scene, &yard->device, path, NULL);
    assert_true(process_ends(push, FILE_UNUSABLE, PUSH_WAIT_MS, PROCESS_STRINGS("half.gz", NULL)));
    expect_unchanged(yard);
}

static void no_file_and_an_empty_one(void **state)
{
    struct yard *yard = *state;
    char path[PATH_MAX];
    scene_file(&yard->scene, path, "empty.bin", "", 0);
    struct process *push = push_start(&yard->scene, &yard->device, path, NULL);
    assert_true(process_ends(push, FILE_UNUSABLE, PUSH_WAIT_MS, PROCESS_STRINGS("empty", NULL)));
    scene_path(&yard->scene, path, "nowhere.bin");
    push = push_start(&yard->scene, &yard->device, path, NULL);
    assert_true(process_ends(push, FILE_UNUSABLE, PUSH_WAIT_MS, PROCESS_STRINGS("nowhere.bin", NULL)));
    expect_unchanged(yard);
}

static void more_than_fits(void **state)
{
    enum { SIZE = 3500000 };
    struct yard *yard = *state;
    char path[PATH_MAX];
    uint64_t operations = virtual_device_flash_operations(&yard->device);
    uint8_t *bytes = calloc(1, SIZE);
    scene_file(&yard->scene, path, "large.bin", bytes, SIZE);
    free(bytes);
    struct process *push = push_start(&yard->scene, &yard->device, path, "--filesystem", NULL);
    assert_true(process_ends(push, REFUSED, PUSH_WAIT_MS,
                             PROCESS_STRINGS("ERROR[4]: Not Enough Space", "3500000", "1024000", NULL)));
    assert_int_equal(virtual_device_flash_operations(&yard->device), operations);
    expect_unchanged(yard);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_yard, close_yard)
    const struct CMUnitTest tests[] = {
        TEST(each_wrong_header_byte), TEST(truncated_files),          TEST(overlong_files),
        TEST(truncated_gzips),        TEST(no_file_and_an_empty_one), TEST(more_than_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
