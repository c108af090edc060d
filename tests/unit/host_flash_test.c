/* otter image flash: the contents of a whole chip. */
#include <stdlib.h>
#include <string.h>

#include "format/bytes.h"
#include "format/layout.h"
#include "tests/support/command.h"
#include "tests/support/file.h"
#include "tests/support/sample.h"
#include "tests/support/scene.h"
#include "tests/support/seed.h"
#include "tests/support/test.h"

#define IMAGE_SIZE     20480u
#define SIGNATURE_SIZE 256u

/* Runs the command for layout 1m64, with FILESYSTEM or without if that is NULL. */
static enum otter_exit run(const char *out, const char *firmware, const char *filesystem)
{
    if (filesystem == NULL)
        return COMMAND_RUN(otter_command_image_flash, "-l", "1m64", firmware, "-o", out);
    return COMMAND_RUN(otter_command_image_flash, "--layout", "1m64", "--filesystem", filesystem, firmware,
                       "--output", out);
}

static void expect_blank(const uint8_t *bytes, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++)
        assert_int_equal(bytes[i], 0xFF);
}

/* OUT is a 1m64 flash of IMAGE and FILESYSTEM_SIZE bytes of FILESYSTEM. */
static void expect_flash(const char *out, const uint8_t *image, const uint8_t *filesystem,
                         uint32_t filesystem_size)
{
    const struct otter_layout *layout = otter_layout_find("1m64");
    struct file flash = file_read(out);
    assert_int_equal(flash.size, layout->flash_size);
    assert_memory_equal(flash.bytes, image, IMAGE_SIZE);
    expect_blank(flash.bytes, IMAGE_SIZE, layout->filesystem_start);
    if (filesystem_size > 0)
        assert_memory_equal(flash.bytes + layout->filesystem_start, filesystem, filesystem_size);
    expect_blank(flash.bytes, layout->filesystem_start + filesystem_size, layout->flash_size);
    free(flash.bytes);
}

static void firmware_and_filesystem_are_in_their_places(void **state)
{
    static uint8_t image[IMAGE_SIZE], filesystem[65536];
    char in[PATH_MAX], fs[PATH_MAX], out[PATH_MAX];
    uint64_t seed = 3;
    seed_fill(&seed, filesystem, sizeof(filesystem));
    sample_image(image, IMAGE_SIZE, 1);
    scene_file(*state, in, "in.bin", image, IMAGE_SIZE);
    scene_path(*state, out, "flash.bin");
    assert_int_equal(run(out, in, NULL), OTTER_EXIT_OK);
    expect_flash(out, image, NULL, 0);
    assert_int_equal(run(out, in, scene_file(*state, fs, "fs.bin", filesystem, 65536)), OTTER_EXIT_OK);
    expect_flash(out, image, filesystem, 65536);
    assert_int_equal(run(out, in, scene_file(*state, fs, "fs.bin", filesystem, 1000)), OTTER_EXIT_OK);
    expect_flash(out, image, filesystem, 1000);
}

static void compression_and_signature_stay_outside(void **state)
{
    static uint8_t image[IMAGE_SIZE + SIGNATURE_SIZE + 4];
    char in[PATH_MAX], out[PATH_MAX];
    sample_image(image, IMAGE_SIZE, 1);
    otter_le32_put(image + IMAGE_SIZE + SIGNATURE_SIZE, SIGNATURE_SIZE);
    scene_path(*state, out, "flash.bin");
    assert_int_equal(run(out, scene_file(*state, in, "in.bin", image, sizeof(image)), NULL), OTTER_EXIT_OK);
    expect_flash(out, image, NULL, 0);
    struct file gzip = file_gzip(image, IMAGE_SIZE);
    assert_int_equal(run(out, scene_file(*state, in, "in.gz", gzip.bytes, gzip.size), NULL), OTTER_EXIT_OK);
    expect_flash(out, image, NULL, 0);
    free(gzip.bytes);
}

static void all_of_the_space_can_be_used(void **state)
{
    const struct otter_layout *layout = otter_layout_find("1m64");
    char in[PATH_MAX], out[PATH_MAX];
    uint8_t *image = malloc(layout->filesystem_start + 16);
    scene_path(*state, out, "flash.bin");
    sample_image(image, layout->filesystem_start, 1);
    scene_file(*state, in, "in.bin", image, layout->filesystem_start);
    assert_int_equal(run(out, in, NULL), OTTER_EXIT_OK);
    sample_image(image, layout->filesystem_start + 16, 1);
    scene_file(*state, in, "in.bin", image, layout->filesystem_start + 16);
    assert_int_equal(run(out, in, NULL), OTTER_EXIT_FILE);
    free(image);
}

static void what_does_not_fit_is_refused(void **state)
{
    static uint8_t image[IMAGE_SIZE], filesystem[65537];
    char in[PATH_MAX], fs[PATH_MAX], out[PATH_MAX];
    sample_image(image, IMAGE_SIZE, 1);
    scene_file(*state, in, "in.bin", image, IMAGE_SIZE);
    scene_file(*state, fs, "fs.bin", filesystem, sizeof(filesystem));
    scene_path(*state, out, "flash.bin");
    assert_int_equal(run(out, in, fs), OTTER_EXIT_FILE);
    assert_int_equal(run(out, fs, NULL), OTTER_EXIT_FILE);
    assert_int_equal(run(out, in, "/no such file"), OTTER_EXIT_FILE);
    assert_int_equal(run(out, "/no such file", NULL), OTTER_EXIT_FILE);
    assert_int_equal(COMMAND_RUN(otter_command_image_flash, "-l", "1m", "-s", in, in, "-o", out),
                     OTTER_EXIT_FILE);
    assert_false(file_exists(out));
}

static void wrong_command_lines_are_refused(void **state)
{
    (void)state;
    assert_int_equal(COMMAND_RUN(otter_command_image_flash, "-o", "x", "a"), OTTER_EXIT_USAGE);
    assert_int_equal(COMMAND_RUN(otter_command_image_flash, "-l", "1m", "a"), OTTER_EXIT_USAGE);
    assert_int_equal(COMMAND_RUN(otter_command_image_flash, "-l", "1m", "-o", "x"), OTTER_EXIT_USAGE);
    assert_int_equal(COMMAND_RUN(otter_command_image_flash, "-l", "5m", "-o", "x", "a"), OTTER_EXIT_USAGE);
    assert_int_equal(COMMAND_RUN(otter_command_image_flash, "-l", "1m", "-o", "x", "a", "b"),
                     OTTER_EXIT_USAGE);
}

int main(void)
{
#define SCENE_TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)
    const struct CMUnitTest tests[] = {
        SCENE_TEST(firmware_and_filesystem_are_in_their_places),
        SCENE_TEST(compression_and_signature_stay_outside),
        SCENE_TEST(all_of_the_space_can_be_used),
        SCENE_TEST(what_does_not_fit_is_refused),
        cmocka_unit_test(wrong_command_lines_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
