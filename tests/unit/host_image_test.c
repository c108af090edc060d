/* otter image make and info, and what they stand on: inspection and fitting layouts. */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "format/bootloader.h"
#include "format/bytes.h"
#include "host/fit.h"
#include "host/inspection.h"
#include "tests/support/command.h"
#include "tests/support/file.h"
#include "tests/support/sample.h"
#include "tests/support/scene.h"
#include "tests/support/test.h"

#define IMAGE_SIZE     4096
#define SIGNATURE_SIZE 256

static void put(uint8_t **to, const void *bytes, size_t size)
{
    memcpy(*to, bytes, size);
    *to += size;
}

/* Writes an executable whose segments, COUNT of 64 bytes each, are loaded at ADDRESSES. */
static const char *make_elf(struct scene *scene, char path[PATH_MAX], const char *name,
                            const uint32_t *addresses, unsigned count)
{
    uint8_t file[2048], *next = file;
    const Elf32_Ehdr header = {
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS32, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_EXEC,
        .e_machine = EM_XTENSA,
        .e_entry = 0x40100004,
        .e_phoff = sizeof(header),
        .e_phentsize = sizeof(Elf32_Phdr),
        .e_phnum = (Elf32_Half)count};
    put(&next, &header, sizeof(header));
    for (unsigned i = 0; i < count; i++) {
        const Elf32_Phdr segment = {
            .p_type = PT_LOAD,
            .p_offset = (Elf32_Off)(sizeof(header) + count * sizeof(Elf32_Phdr) + i * (size_t)64),
            .p_vaddr = addresses[i],
            .p_filesz = 64};
        put(&next, &segment, sizeof(segment));
    }
    for (unsigned i = 0; i < count * 64; i++)
        *next++ = (uint8_t)(i >= 8 ? i : 0);
    return scene_file(scene, path, name, file, (size_t)(next - file));
}

static const uint32_t boot_addresses[] = {0x4010F000};
static const uint32_t sketch_addresses[] = {0x40100000, 0x3FFE8000, 0x40201010}; /* a linker's order */

static struct otter_inspection inspect_path(const char *path)
{
    struct otter_inspection inspection;
    struct file file = file_read(path);
    otter_inspect(&inspection, file.bytes, file.size);
    free(file.bytes);
    return inspection;
}

/* --- make ------------------------------------------------------------------------------------------ */

static void makes_a_whole_image(void **state)
{
    char boot[PATH_MAX], sketch[PATH_MAX], out[PATH_MAX];
    make_elf(*state, boot, "boot.elf", boot_addresses, 1);
    make_elf(*state, sketch, "sketch.elf", sketch_addresses, 3);
    scene_path(*state, out, "out.bin");
    assert_int_equal(COMMAND_RUN(otter_command_image_make, boot, sketch, "-o", out), OTTER_EXIT_OK);
    struct otter_inspection made = inspect_path(out);
    assert_int_equal(made.error, OTTER_OK);
    assert_int_equal(made.image.form, OTTER_IMAGE_FORM_ARDUINO);
    assert_int_equal(made.otter_bootloader, 0);
    assert_int_equal(made.image.crc_length, made.size);
    assert_int_equal(made.segment_count, 4);
    assert_int_equal(made.segments[1].segment.address, 0x40201010);
    assert_int_equal(made.segments[1].offset, 0x1010);
    assert_int_equal(made.segments[2].segment.address, 0x3FFE8000);
    assert_int_equal(made.segments[3].segment.address, 0x40100000);
    const struct otter_image_header *header = &otter_inspection_main_part(&made)->header;
    assert_int_equal(header->entry, 0x40100004);
    assert_int_equal(header->flash_mode, OTTER_FLASH_DOUT);
    assert_int_equal(otter_image_flash_bytes(header->flash_size), 1 << 20);
}

static void makes_the_same_bytes_again(void **state)
{
    char boot[PATH_MAX], sketch[PATH_MAX], out[2][PATH_MAX];
    make_elf(*state, boot, "boot.elf", boot_addresses, 1);
    make_elf(*state, sketch, "sketch.elf", sketch_addresses, 3);
    struct file made[2];
    for (unsigned i = 0; i < 2; i++) {
        scene_path(*state, out[i], i == 0 ? "a.bin" : "b.bin");
        assert_int_equal(COMMAND_RUN(otter_command_image_make, "-o", out[i], boot, sketch), OTTER_EXIT_OK);
        made[i] = file_read(out[i]);
    }
    assert_int_equal(made[0].size, made[1].size);
    assert_memory_equal(made[0].bytes, made[1].bytes, made[0].size);
    free(made[0].bytes);
    free(made[1].bytes);
}

static void makes_a_single_image_as_it_is_told(void **state)
{
    char boot[PATH_MAX], out[PATH_MAX];
    make_elf(*state, boot, "boot.elf", boot_addresses, 1);
    scene_path(*state, out, "out.bin");
    assert_int_equal(COMMAND_RUN(otter_command_image_make, "--mode", "qio", "--flash-size", "4M",
                                 "--frequency", "80m", boot, "--output", out),
                     OTTER_EXIT_OK);
    struct otter_inspection made = inspect_path(out);
    assert_int_equal(made.error, OTTER_OK);
    assert_int_equal(made.image.form, OTTER_IMAGE_FORM_SINGLE);
    const struct otter_image_header *header = &otter_inspection_main_part(&made)->header;
    assert_int_equal(header->flash_mode, OTTER_FLASH_QIO);
    assert_int_equal(otter_image_flash_bytes(header->flash_size), 4 << 20);
    assert_int_equal(header->flash_frequency, OTTER_FLASH_80MHZ);
}

static void gives_a_sketch_otters_bootloader(void **state)
{
    char sketch[PATH_MAX], out[PATH_MAX];
    make_elf(*state, sketch, "sketch.elf", sketch_addresses, 3);
    scene_path(*state, out, "out.bin");
    assert_int_equal(COMMAND_RUN(otter_command_image_make, "-m", "dio", sketch, "-o", out), OTTER_EXIT_OK);
    struct otter_inspection made = inspect_path(out);
    assert_int_equal(made.error, OTTER_OK);
    assert_int_equal(made.image.form, OTTER_IMAGE_FORM_ARDUINO);
    assert_int_equal(made.otter_bootloader, OTTER_BOOTLOADER_VERSION);
    assert_int_equal(made.image.parts[0].header.flash_mode, OTTER_FLASH_DIO);
    assert_int_equal(made.image.crc_length, made.size);
}

static void leaves_the_old_file_when_it_cannot_make_one(void **state)
{
    char boot[PATH_MAX], sketch[PATH_MAX], text[PATH_MAX], out[PATH_MAX];
    static const uint32_t nowhere[] = {0x50000000}, unmapped[] = {0x40100000};
    scene_file(*state, out, "out.bin", "old", 3);
    scene_file(*state, text, "text", "not an ELF", 10);
    make_elf(*state, boot, "boot.elf", boot_addresses, 1);
    assert_int_equal(COMMAND_RUN(otter_command_image_make, boot, text, "-o", out), OTTER_EXIT_FILE);
    make_elf(*state, sketch, "nowhere.elf", nowhere, 1);
    assert_int_equal(COMMAND_RUN(otter_command_image_make, boot, sketch, "-o", out), OTTER_EXIT_FILE);
    make_elf(*state, sketch, "unmapped.elf", unmapped, 1);
    assert_int_equal(COMMAND_RUN(otter_command_image_make, boot, sketch, "-o", out), OTTER_EXIT_FILE);
    struct file file = file_read(out);
    assert_int_equal(file.size, 3);
    assert_memory_equal(file.bytes, "old", 3);
    free(file.bytes);
}

static void refuses_wrong_command_lines(void **state)
{
    (void)state;
    assert_int_equal(COMMAND_RUN(otter_command_image_make, "a.elf"), OTTER_EXIT_USAGE);
    assert_int_equal(COMMAND_RUN(otter_command_image_make, "-o", "x"), OTTER_EXIT_USAGE);
    assert_int_equal(COMMAND_RUN(otter_command_image_make, "-o", "x", "a", "b", "c"), OTTER_EXIT_USAGE);
    assert_int_equal(COMMAND_RUN(otter_command_image_make, "-o", "x", "-m", "quick", "a"), OTTER_EXIT_USAGE);
    assert_int_equal(COMMAND_RUN(otter_command_image_make, "-o", "x", "-s", "3M", "a"), OTTER_EXIT_USAGE);
    assert_int_equal(COMMAND_RUN(otter_command_image_make, "-o", "x", "-s", "99999999999M", "a"),
                     OTTER_EXIT_USAGE);
    assert_int_equal(COMMAND_RUN(otter_command_image_make, "-o", "x", "-f", "41m", "a"), OTTER_EXIT_USAGE);
    assert_int_equal(COMMAND_RUN(otter_command_image_info, "a", "b"), OTTER_EXIT_USAGE);
    assert_int_equal(COMMAND_RUN(otter_command_image_info, "--what", "a"), OTTER_EXIT_USAGE);
}

/* --- inspection ------------------------------------------------------------------------------------ */

static struct otter_inspection inspect(const uint8_t *bytes, size_t size)
{
    struct otter_inspection inspection;
    otter_inspect(&inspection, bytes, size);
    return inspection;
}

static const char *trouble(const uint8_t *bytes, size_t size)
{
    static char text[160];
    struct otter_inspection inspection = inspect(bytes, size);
    otter_inspection_trouble(&inspection, text, sizeof(text));
    return text;
}

static void finds_a_sound_image_sound(void **state)
{
    (void)state;
    uint8_t image[IMAGE_SIZE];
    sample_image(image, sizeof(image), 1);
    struct otter_inspection inspection = inspect(image, sizeof(image));
    assert_int_equal(inspection.error, OTTER_OK);
    assert_int_equal(inspection.image_size, sizeof(image));
    assert_int_equal(inspection.signature_size, 0);
    assert_string_equal(trouble(image, sizeof(image)), "");
}

static void says_what_is_wrong(void **state)
{
    (void)state;
    uint8_t image[IMAGE_SIZE];
    sample_image(image, sizeof(image), 1);
    assert_non_null(strstr(trouble(image, 0), "empty"));
    assert_string_equal(trouble(image, 1), "cut: it ends after 1 byte");
    assert_string_equal(trouble(image, 5), "cut: it ends after 5 bytes");
    assert_non_null(strstr(trouble(image, IMAGE_SIZE - 20), "cut"));
    image[100] ^= 1;
    assert_non_null(strstr(trouble(image, sizeof(image)), "checksum"));
    assert_non_null(strstr(trouble((const uint8_t *)"PK\x03\x04....", 8), "ZIP"));
    assert_non_null(strstr(trouble((const uint8_t *)"\x7F"
                                                    "ELF....",
                                   8),
                           "otter image make"));
    assert_non_null(strstr(trouble((const uint8_t *)"........", 8), "0xE9"));
}

static void looks_into_a_gzip(void **state)
{
    (void)state;
    uint8_t image[IMAGE_SIZE];
    sample_image(image, sizeof(image), 1);
    struct file gzip = file_gzip(image, sizeof(image));
    struct otter_inspection inspection = inspect(gzip.bytes, gzip.size);
    assert_int_equal(inspection.error, OTTER_OK);
    assert_true(inspection.compressed && inspection.inflated);
    assert_int_equal(inspection.size, gzip.size);
    assert_int_equal(inspection.image_size, sizeof(image));
    for (size_t size = 2; size < gzip.size; size += 97)
        assert_non_null(strstr(trouble(gzip.bytes, size), "gzip"));
    free(gzip.bytes);
    image[100] ^= 1;
    gzip = file_gzip(image, sizeof(image));
    assert_non_null(strstr(trouble(gzip.bytes, gzip.size), "checksum"));
    free(gzip.bytes);
}

static void recognises_a_signature(void **state)
{
    (void)state;
    uint8_t image[IMAGE_SIZE + SIGNATURE_SIZE + 4] = {0};
    sample_image(image, IMAGE_SIZE, 1);
    otter_le32_put(image + sizeof(image) - 4, SIGNATURE_SIZE);
    struct otter_inspection inspection = inspect(image, sizeof(image));
    assert_int_equal(inspection.error, OTTER_OK);
    assert_int_equal(inspection.signature_size, SIGNATURE_SIZE + 4);
    assert_int_equal(inspection.image_size, IMAGE_SIZE);
    otter_le32_put(image + sizeof(image) - 4, SIGNATURE_SIZE - 1);
    assert_int_equal(inspect(image, sizeof(image)).signature_size, 0);
}

/* As in MicroPython's files: the image ends long before the word that could be a signature's length. */
static void takes_no_opaque_bytes_for_a_signature(void **state)
{
    (void)state;
    uint8_t image[2 * IMAGE_SIZE] = {0};
    sample_image(image, IMAGE_SIZE, 1);
    otter_le32_put(image + sizeof(image) - 4, SIGNATURE_SIZE);
    struct otter_inspection inspection = inspect(image, sizeof(image));
    assert_int_equal(inspection.error, OTTER_OK);
    assert_int_equal(inspection.signature_size, 0);
    assert_int_equal(inspection.image_size, sizeof(image));
}

static void counts_bytes_too_many(void **state)
{
    (void)state;
    enum { SURPLUS = 500 };
    struct file good = file_read(OTTER_IMAGES_DIR "/garden-1.bin");
    uint8_t *image = calloc(1, good.size + SURPLUS);
    memcpy(image, good.bytes, good.size);
    assert_string_equal(trouble(image, good.size), "");
    assert_non_null(strstr(trouble(image, good.size + 1), "1 byte too many"));
    assert_non_null(strstr(trouble(image, good.size + SURPLUS), "500 bytes too many"));
    struct file gzip = file_gzip(image, good.size + SURPLUS);
    assert_int_equal(inspect(gzip.bytes, gzip.size).surplus, SURPLUS);
    free(gzip.bytes);
    otter_le32_put(image + good.size + SIGNATURE_SIZE, SIGNATURE_SIZE);
    assert_string_equal(trouble(image, good.size + SIGNATURE_SIZE + 4), "");
    assert_int_equal(inspect(image, good.size + SIGNATURE_SIZE + 8).surplus, SIGNATURE_SIZE + 8);
    free(image);
    free(good.bytes);
}

static void counts_bytes_too_many_behind_a_gzip(void **state)
{
    (void)state;
    uint8_t image[IMAGE_SIZE], file[2 * IMAGE_SIZE] = {0};
    sample_image(image, sizeof(image), 1);
    struct file gzip = file_gzip(image, sizeof(image));
    memcpy(file, gzip.bytes, gzip.size);
    assert_int_equal(inspect(file, gzip.size).error, OTTER_OK);
    assert_non_null(strstr(trouble(file, gzip.size + 10), "10 bytes too many"));
    free(gzip.bytes);
}

static void recognises_the_signature_of_a_gzip(void **state)
{
    (void)state;
    uint8_t image[IMAGE_SIZE], file[2 * IMAGE_SIZE] = {0};
    sample_image(image, sizeof(image), 1);
    struct file gzip = file_gzip(image, sizeof(image));
    size_t size = gzip.size + SIGNATURE_SIZE + 4;
    memcpy(file, gzip.bytes, gzip.size);
    free(gzip.bytes);
    otter_le32_put(file + size - 4, SIGNATURE_SIZE);
    struct otter_inspection inspection = inspect(file, size);
    assert_int_equal(inspection.error, OTTER_OK);
    assert_int_equal(inspection.signature_size, SIGNATURE_SIZE + 4);
}

static void leaves_esp32_images_alone(void **state)
{
    (void)state;
    static const uint8_t image[64] = {0xE9, 6, 2, 0x20, 0x88, 0x16, 0x08, 0x40, 0xEE};
    assert_true(inspect(image, sizeof(image)).esp32);
    assert_non_null(strstr(trouble(image, sizeof(image)), "ESP32"));
}

/* --- layouts --------------------------------------------------------------------------------------- */

static struct otter_inspection of_size(uint32_t image_size, uint32_t size, uint32_t flash)
{
    struct otter_inspection inspection = {.size = size, .image_size = image_size};
    inspection.image.form = OTTER_IMAGE_FORM_SINGLE;
    inspection.image.parts[0].header.flash_size = (uint8_t)otter_image_flash_code(flash);
    return inspection;
}

static enum otter_fit fit(struct otter_inspection inspection, const char *layout)
{
    return otter_fit(&inspection, otter_layout_find(layout));
}

static void fits_over_the_air_beside_itself(void **state)
{
    (void)state;
    uint32_t start = otter_layout_find("1m64")->filesystem_start; /* an odd number of sectors */
    uint32_t half = (start / OTTER_FLASH_SECTOR / 2) * OTTER_FLASH_SECTOR;
    assert_int_equal(fit(of_size(half, half, 1 << 20), "1m64"), OTTER_FIT_AIR);
    assert_int_equal(fit(of_size(half + 1, half, 1 << 20), "1m64"), OTTER_FIT_AIR);
    assert_int_equal(fit(of_size(half + 1, half + 1, 1 << 20), "1m64"), OTTER_FIT_CABLE);
    assert_int_equal(fit(of_size(start, start / 2, 1 << 20), "1m64"), OTTER_FIT_CABLE);
    assert_int_equal(fit(of_size(start + 1, 1, 1 << 20), "1m64"), OTTER_FIT_NONE);
}

static void does_not_fit_a_smaller_chip_than_it_was_made_for(void **state)
{
    (void)state;
    assert_int_equal(fit(of_size(4096, 4096, 4 << 20), "1m64"), OTTER_FIT_NONE);
    assert_int_equal(fit(of_size(4096, 4096, 4 << 20), "4m1m"), OTTER_FIT_AIR);
}

static void does_not_fit_with_too_much_mapped_code(void **state)
{
    (void)state;
    struct otter_inspection inspection = of_size(4096, 4096, 1 << 20);
    const struct otter_layout *layout = otter_layout_find("4m1m");
    inspection.segment_count = 1;
    inspection.segments[0].segment = (struct otter_image_segment){0x40201010, layout->sketch_max};
    assert_int_equal(otter_fit(&inspection, layout), OTTER_FIT_AIR);
    inspection.segments[0].segment.size++;
    assert_int_equal(otter_fit(&inspection, layout), OTTER_FIT_NONE);
}

/* --- info ------------------------------------------------------------------------------------------ */

static void tells_by_its_status_whether_a_file_is_sound(void **state)
{
    uint8_t image[IMAGE_SIZE];
    char path[PATH_MAX];
    sample_image(image, sizeof(image), 1);
    scene_file(*state, path, "sound.bin", image, sizeof(image));
    assert_int_equal(COMMAND_RUN(otter_command_image_info, path), OTTER_EXIT_OK);
    assert_int_equal(COMMAND_RUN(otter_command_image_info, "--json", path), OTTER_EXIT_OK);
    image[100] ^= 1;
    scene_file(*state, path, "damaged.bin", image, sizeof(image));
    assert_int_equal(COMMAND_RUN(otter_command_image_info, path), OTTER_EXIT_FILE);
    assert_int_equal(COMMAND_RUN(otter_command_image_info, "--json", path), OTTER_EXIT_FILE);
    assert_int_equal(COMMAND_RUN(otter_command_image_info, "/no such file"), OTTER_EXIT_FILE);
    assert_int_equal(COMMAND_RUN(otter_command_image_info, "/"), OTTER_EXIT_FILE);
}

/* Real firmware, where it is at hand. */
static void finds_real_images_sound(void **state)
{
    (void)state;
    static const char *const paths[] = {
        OTTER_FIRMWARE_DIR "/tasmota-8.1.0.1.bin", OTTER_FIRMWARE_DIR "/tasmota-8.1.0.2.bin",
        OTTER_FIRMWARE_DIR "/micropython-1.9.4.bin", OTTER_FIRMWARE_DIR "/micropython-1.10.bin"};
    if (access(paths[0], R_OK) != 0) {
        print_message("no real firmware here: skipped\n");
        skip();
    }
    for (size_t i = 0; i < TEST_COUNT(paths); i++) {
        struct otter_inspection inspection = inspect_path(paths[i]);
        assert_int_equal(inspection.error, OTTER_OK);
        assert_int_equal(inspection.boot_command, i < 2);
    }
}

int main(void)
{
#define SCENE_TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)
    const struct CMUnitTest tests[] = {
        SCENE_TEST(makes_a_whole_image),
        SCENE_TEST(makes_the_same_bytes_again),
        SCENE_TEST(makes_a_single_image_as_it_is_told),
        SCENE_TEST(gives_a_sketch_otters_bootloader),
        SCENE_TEST(leaves_the_old_file_when_it_cannot_make_one),
        cmocka_unit_test(refuses_wrong_command_lines),
        cmocka_unit_test(finds_a_sound_image_sound),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(looks_into_a_gzip),
        cmocka_unit_test(recognises_a_signature),
        cmocka_unit_test(takes_no_opaque_bytes_for_a_signature),
        cmocka_unit_test(counts_bytes_too_many),
        cmocka_unit_test(counts_bytes_too_many_behind_a_gzip),
        cmocka_unit_test(recognises_the_signature_of_a_gzip),
        cmocka_unit_test(leaves_esp32_images_alone),
        cmocka_unit_test(fits_over_the_air_beside_itself),
        cmocka_unit_test(does_not_fit_a_smaller_chip_than_it_was_made_for),
        cmocka_unit_test(does_not_fit_with_too_much_mapped_code),
        SCENE_TEST(tells_by_its_status_whether_a_file_is_sound),
        cmocka_unit_test(finds_real_images_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
