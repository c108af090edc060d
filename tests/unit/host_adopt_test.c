/* otter image adopt: our bootloader in images that brought another one. */
#include <stdlib.h>
#include <string.h>

#include "format/bootloader.h"
#include "format/bytes.h"
#include "host/adopt.h"
#include "host/gzip.h"
#include "tests/support/command.h"
#include "tests/support/file.h"
#include "tests/support/sample.h"
#include "tests/support/scene.h"
#include "tests/support/seed.h"
#include "tests/support/test.h"

#define CODE_SIZE      8000
#define DATA_SIZE      100
#define FILE_MAX       16384
#define SIGNATURE_SIZE 256

/* An Arduino-core image, with the flash settings of a 4 MiB chip. */
struct foreign {
    uint8_t bytes[FILE_MAX];
    size_t size;
};

static const struct otter_image_header chip = {.flash_mode = OTTER_FLASH_QIO,
                                               .flash_size = 4,
                                               .flash_frequency = OTTER_FLASH_80MHZ,
                                               .entry = 0x40100004};

static size_t build(uint8_t *out, size_t size, const struct otter_image_header *header,
                    const struct otter_image_source *segments, size_t count)
{
    int length = otter_image_build(out, size, header, segments, count);
    assert_true(length > 0);
    return (size_t)length;
}

/* As the core of today makes them, with a CRC; or as older ones did. */
static void make_foreign_with_entry(struct foreign *file, bool crc, uint32_t entry)
{
    static uint8_t boot_code[1400], code[CODE_SIZE], data[DATA_SIZE];
    uint8_t boot[2048], sketch[FILE_MAX];
    uint64_t seed = 5;
    seed_fill(&seed, boot_code, sizeof(boot_code));
    seed_fill(&seed, code, sizeof(code));
    seed_fill(&seed, data, sizeof(data));
    const struct otter_image_source boot_segment = {0x4010F000, sizeof(boot_code), boot_code};
    const struct otter_image_source segments[] = {{0x40201010, sizeof(code), code},
                                                  {0x3FFE8000, sizeof(data), data}};
    struct otter_image_header header = chip;
    header.entry = entry;
    size_t boot_size = build(boot, sizeof(boot), &header, &boot_segment, 1);
    size_t sketch_size = build(sketch, sizeof(sketch), &header, segments, 2);
    file->size = OTTER_IMAGE_SKETCH + sketch_size;
    if (crc) {
        assert_int_equal(otter_image_join(file->bytes, FILE_MAX, boot, boot_size, sketch, sketch_size),
                         file->size);
        return;
    }
    memset(file->bytes, OTTER_IMAGE_PADDING, OTTER_IMAGE_SKETCH);
    memcpy(file->bytes, boot, boot_size);
    memcpy(file->bytes + OTTER_IMAGE_SKETCH, sketch, sketch_size);
}

static void make_foreign(struct foreign *file, bool crc)
{
    make_foreign_with_entry(file, crc, chip.entry);
}

static struct otter_file copy_of(const void *bytes, size_t size)
{
    struct otter_file copy = {.bytes = malloc(size), .size = size};
    assert_non_null(copy.bytes);
    memcpy(copy.bytes, bytes, size);
    return copy;
}

static enum otter_exit adopt(struct otter_file *file)
{
    struct otter_inspection inspection;
    otter_inspect(&inspection, file->bytes, file->size);
    return otter_adopt(file, &inspection, "file");
}

static struct otter_inspection inspect(const struct otter_file *file)
{
    struct otter_inspection inspection;
    otter_inspect(&inspection, file->bytes, file->size);
    return inspection;
}

static void expect_otters(const struct otter_file *file)
{
    struct otter_inspection adopted = inspect(file);
    assert_int_equal(adopted.error, OTTER_OK);
    assert_int_equal(adopted.image.form, OTTER_IMAGE_FORM_ARDUINO);
    assert_int_equal(adopted.otter_bootloader, OTTER_BOOTLOADER_VERSION);
    assert_true(adopted.boot_command);
    const struct otter_image_header *header = &adopted.image.parts[0].header;
    assert_int_equal(header->flash_mode, chip.flash_mode);
    assert_int_equal(header->flash_size, chip.flash_size);
    assert_int_equal(header->flash_frequency, chip.flash_frequency);
}

/* --- what becomes of an image ---------------------------------------------------------------------- */

static void only_bootloader_and_crc_change(void **state)
{
    (void)state;
    struct foreign foreign;
    make_foreign(&foreign, true);
    struct otter_file file = copy_of(foreign.bytes, foreign.size);
    assert_int_equal(adopt(&file), OTTER_EXIT_OK);
    expect_otters(&file);
    assert_int_equal(file.size, foreign.size);
    assert_int_equal(inspect(&file).image.crc_length, foreign.size);
    assert_memory_not_equal(file.bytes + OTTER_IMAGE_CRC, foreign.bytes + OTTER_IMAGE_CRC, 4);
    memcpy(file.bytes + OTTER_IMAGE_CRC, foreign.bytes + OTTER_IMAGE_CRC, 4);
    assert_memory_equal(file.bytes + OTTER_IMAGE_SKETCH, foreign.bytes + OTTER_IMAGE_SKETCH,
                        file.size - OTTER_IMAGE_SKETCH);
    otter_file_free(&file);
}

static void an_older_core_s_image_stays_without_a_crc(void **state)
{
    (void)state;
    struct foreign foreign;
    make_foreign(&foreign, false);
    struct otter_file file = copy_of(foreign.bytes, foreign.size);
    assert_int_equal(adopt(&file), OTTER_EXIT_OK);
    expect_otters(&file);
    assert_int_equal(inspect(&file).image.crc_length, 0);
    assert_memory_equal(file.bytes + OTTER_IMAGE_SKETCH, foreign.bytes + OTTER_IMAGE_SKETCH,
                        file.size - OTTER_IMAGE_SKETCH);
    otter_file_free(&file);
}

static void a_compressed_image_stays_compressed(void **state)
{
    (void)state;
    struct foreign foreign;
    make_foreign(&foreign, true);
    struct otter_file plain = copy_of(foreign.bytes, foreign.size), gzip, inflated;
    size_t used;
    assert_true(otter_gzip_compress(&gzip, foreign.bytes, foreign.size));
    assert_int_equal(adopt(&plain), OTTER_EXIT_OK);
    assert_int_equal(adopt(&gzip), OTTER_EXIT_OK);
    expect_otters(&gzip);
    assert_true(otter_gzip_inflate(&inflated, gzip.bytes, gzip.size, &used));
    assert_int_equal(used, gzip.size);
    assert_int_equal(inflated.size, plain.size);
    assert_memory_equal(inflated.bytes, plain.bytes, plain.size);
    otter_file_free(&plain);
    otter_file_free(&gzip);
    otter_file_free(&inflated);
}

static void what_is_adopted_stays_as_it_is(void **state)
{
    (void)state;
    struct foreign foreign;
    make_foreign(&foreign, true);
    struct otter_file file = copy_of(foreign.bytes, foreign.size);
    assert_int_equal(adopt(&file), OTTER_EXIT_OK);
    struct file gzip = file_gzip(file.bytes, file.size); /* not as otter would compress it */
    struct otter_file compressed = copy_of(gzip.bytes, gzip.size), again = copy_of(file.bytes, file.size);
    assert_int_equal(adopt(&again), OTTER_EXIT_OK);
    assert_int_equal(adopt(&compressed), OTTER_EXIT_OK);
    assert_int_equal(again.size, file.size);
    assert_memory_equal(again.bytes, file.bytes, file.size);
    assert_int_equal(compressed.size, gzip.size);
    assert_memory_equal(compressed.bytes, gzip.bytes, gzip.size);
    free(gzip.bytes);
    otter_file_free(&file);
    otter_file_free(&again);
    otter_file_free(&compressed);
}

/* What otter_boot_confirm() leaves in a sketch. */
static void make_confirmer(struct foreign *file)
{
    uint8_t *words = file->bytes + OTTER_IMAGE_SKETCH + 0x100;
    make_foreign(file, true);
    otter_le32_put(words, OTTER_BOOTLOADER_CONFIRMER_0);
    otter_le32_put(words + 4, OTTER_BOOTLOADER_CONFIRMER_1);
    assert_int_equal(otter_image_seal(file->bytes, file->size), OTTER_OK);
}

static void a_sketch_that_can_confirm_itself_is_put_on_trial(void **state)
{
    (void)state;
    struct foreign foreign;
    make_foreign(&foreign, true);
    struct otter_file file = copy_of(foreign.bytes, foreign.size);
    assert_int_equal(adopt(&file), OTTER_EXIT_OK);
    assert_false(inspect(&file).can_confirm);
    assert_false(inspect(&file).on_trial);
    otter_file_free(&file);

    make_confirmer(&foreign);
    file = copy_of(foreign.bytes, foreign.size);
    assert_true(inspect(&file).can_confirm);
    assert_false(inspect(&file).on_trial);
    assert_int_equal(adopt(&file), OTTER_EXIT_OK);
    expect_otters(&file);
    assert_true(inspect(&file).on_trial);
    assert_int_equal(otter_le32_get(file.bytes + OTTER_BOOTLOADER_FLAGS_OFFSET), OTTER_BOOTLOADER_CONFIRMS);
    otter_file_free(&file);
}

/* Built with otter's bootloader by another tool: all that it lacks is the flag. */
static void a_flag_that_is_missing_is_set(void **state)
{
    (void)state;
    struct foreign foreign;
    make_confirmer(&foreign);
    struct otter_file whole = copy_of(foreign.bytes, foreign.size);
    assert_int_equal(adopt(&whole), OTTER_EXIT_OK);
    struct otter_file file = copy_of(whole.bytes, whole.size);
    file.bytes[OTTER_BOOTLOADER_FLAGS_OFFSET] ^= OTTER_BOOTLOADER_CONFIRMS;
    file.bytes[inspect(&whole).image.parts[0].end - 1] ^= OTTER_BOOTLOADER_CONFIRMS;
    assert_int_equal(otter_image_seal(file.bytes, file.size), OTTER_OK);
    assert_false(inspect(&file).on_trial);
    assert_int_equal(adopt(&file), OTTER_EXIT_OK);
    assert_int_equal(file.size, whole.size);
    assert_memory_equal(file.bytes, whole.bytes, whole.size);
    otter_file_free(&file);
    otter_file_free(&whole);
}

/* --- what can't be done ---------------------------------------------------------------------------- */

static void expect_refusal(const void *bytes, size_t size)
{
    struct otter_file file = copy_of(bytes, size);
    assert_int_equal(adopt(&file), OTTER_EXIT_FILE);
    assert_int_equal(file.size, size);
    assert_memory_equal(file.bytes, bytes, size);
    otter_file_free(&file);
}

static void append_signature(struct foreign *file)
{
    memset(file->bytes + file->size, 0, SIGNATURE_SIZE);
    otter_le32_put(file->bytes + file->size + SIGNATURE_SIZE, SIGNATURE_SIZE);
    file->size += SIGNATURE_SIZE + 4;
}

static void signed_images_are_refused(void **state)
{
    (void)state;
    struct foreign foreign;
    make_foreign(&foreign, true);
    struct file gzip = file_gzip(foreign.bytes, foreign.size);
    append_signature(&foreign);
    expect_refusal(foreign.bytes, foreign.size);
    memcpy(foreign.bytes, gzip.bytes, gzip.size);
    foreign.size = gzip.size;
    free(gzip.bytes);
    append_signature(&foreign);
    expect_refusal(foreign.bytes, foreign.size);
}

static void a_signed_one_that_has_it_is_fine(void **state)
{
    (void)state;
    struct foreign foreign;
    make_foreign(&foreign, true);
    struct otter_file file = copy_of(foreign.bytes, foreign.size);
    assert_int_equal(adopt(&file), OTTER_EXIT_OK);
    memcpy(foreign.bytes, file.bytes, file.size);
    otter_file_free(&file);
    append_signature(&foreign);
    file = copy_of(foreign.bytes, foreign.size);
    assert_int_equal(adopt(&file), OTTER_EXIT_OK);
    assert_memory_equal(file.bytes, foreign.bytes, foreign.size);
    otter_file_free(&file);
}

static void other_files_are_refused(void **state)
{
    (void)state;
    static const uint8_t esp32[64] = {0xE9, 6, 2, 0x20, 0x88, 0x16, 0x08, 0x40, 0xEE};
    static uint8_t single[8192];
    sample_image(single, sizeof(single), 1);
    expect_refusal(single, sizeof(single));
    expect_refusal(esp32, sizeof(esp32));
    expect_refusal("hello", 5);
    expect_refusal("\x1F\x8B\x08 cut", 7);
}

static void damaged_images_are_refused(void **state)
{
    (void)state;
    struct foreign foreign;
    make_foreign(&foreign, true);
    expect_refusal(foreign.bytes, foreign.size - 16);
    foreign.bytes[foreign.size / 2] ^= 1;
    expect_refusal(foreign.bytes, foreign.size);
}

/* The old bootloader jumps to any entry, otter's takes such an image for none. */
static void a_sketch_that_would_not_start_is_refused(void **state)
{
    (void)state;
    struct foreign foreign;
    make_foreign_with_entry(&foreign, true, 0x40210000);
    expect_refusal(foreign.bytes, foreign.size);
    make_foreign_with_entry(&foreign, true, 0x40100002);
    expect_refusal(foreign.bytes, foreign.size);
}

static void segments_of_odd_sizes_are_refused(void **state)
{
    (void)state;
    struct foreign foreign;
    make_foreign(&foreign, false);
    uint8_t *size = foreign.bytes + OTTER_IMAGE_CRC_LENGTH + CODE_SIZE + 4, *last = size + 3 + DATA_SIZE;
    assert_int_equal(otter_le32_get(size), DATA_SIZE);
    otter_le32_put(size, DATA_SIZE - 1);
    foreign.bytes[foreign.size - 1] ^= *last;
    *last = 0;
    const struct otter_file file = {foreign.bytes, foreign.size};
    assert_int_equal(inspect(&file).error, OTTER_OK);
    expect_refusal(foreign.bytes, foreign.size);
}

/* --- the command ----------------------------------------------------------------------------------- */

static void the_command_writes_a_new_file(void **state)
{
    char in[PATH_MAX], out[PATH_MAX];
    struct foreign foreign;
    make_foreign(&foreign, true);
    scene_file(*state, in, "in.bin", foreign.bytes, foreign.size);
    scene_path(*state, out, "out.bin");
    assert_int_equal(COMMAND_RUN(otter_command_image_adopt, in, "-o", out), OTTER_EXIT_OK);
    struct file file = file_read(out);
    expect_otters(&(struct otter_file){file.bytes, file.size});
    free(file.bytes);
    assert_int_equal(COMMAND_RUN(otter_command_image_adopt, "--output", in, out), OTTER_EXIT_OK);
}

static void the_command_leaves_the_old_file_when_it_cannot(void **state)
{
    char in[PATH_MAX], out[PATH_MAX];
    scene_file(*state, in, "in.bin", "hello", 5);
    scene_file(*state, out, "out.bin", "old", 3);
    assert_int_equal(COMMAND_RUN(otter_command_image_adopt, in, "-o", out), OTTER_EXIT_FILE);
    assert_int_equal(COMMAND_RUN(otter_command_image_adopt, "/no such file", "-o", out), OTTER_EXIT_FILE);
    assert_int_equal(COMMAND_RUN(otter_command_image_adopt, in), OTTER_EXIT_USAGE);
    assert_int_equal(COMMAND_RUN(otter_command_image_adopt, "-o", out), OTTER_EXIT_USAGE);
    assert_int_equal(COMMAND_RUN(otter_command_image_adopt, in, in, "-o", out), OTTER_EXIT_USAGE);
    assert_int_equal(COMMAND_RUN(otter_command_image_adopt, "--what"), OTTER_EXIT_USAGE);
    struct file file = file_read(out);
    assert_int_equal(file.size, 3);
    assert_memory_equal(file.bytes, "old", 3);
    free(file.bytes);
}

int main(void)
{
#define SCENE_TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_bootloader_and_crc_change),
        cmocka_unit_test(an_older_core_s_image_stays_without_a_crc),
        cmocka_unit_test(a_compressed_image_stays_compressed),
        cmocka_unit_test(what_is_adopted_stays_as_it_is),
        cmocka_unit_test(a_sketch_that_can_confirm_itself_is_put_on_trial),
        cmocka_unit_test(a_flag_that_is_missing_is_set),
        cmocka_unit_test(signed_images_are_refused),
        cmocka_unit_test(a_signed_one_that_has_it_is_fine),
        cmocka_unit_test(other_files_are_refused),
        cmocka_unit_test(damaged_images_are_refused),
        cmocka_unit_test(a_sketch_that_would_not_start_is_refused),
        cmocka_unit_test(segments_of_odd_sizes_are_refused),
        SCENE_TEST(the_command_writes_a_new_file),
        SCENE_TEST(the_command_leaves_the_old_file_when_it_cannot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
