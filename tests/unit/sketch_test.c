#include "otter/sketch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/bytes.h"
#include "format/image.h"
#include "ports/sim/rig.h"
#include "tests/support/digest.h"
#include "tests/support/file.h"
#include "tests/support/sample.h"
#include "tests/support/seed.h"
#include "tests/support/test.h"

#define SINGLE_SIZE 20000u
#define RECORD_AT   0x1400u

static const struct otter_image_header header = {
    .flash_mode = OTTER_FLASH_DIO, .flash_size = 2, .entry = 0x40100000};

static int open_rig(void **state)
{
    static struct otter_sim_rig rig;
    *state = &rig;
    return otter_sim_rig_open(&rig, otter_layout_find("1m64")) ? 0 : -1;
}

static int close_rig(void **state)
{
    struct otter_sim_rig *rig = *state;
    assert_string_equal(rig->flash.violation, "");
    otter_sim_rig_close(rig);
    return 0;
}

static void put_record(uint8_t *record)
{
    static const char magic[OTTER_FIRMWARE_MAGIC_SIZE] = OTTER_FIRMWARE_MAGIC;
    static const char name[] = "garden", version[] = "2.1";
    memset(record, 0, OTTER_FIRMWARE_SIZE);
    memcpy(record, magic, sizeof(magic));
    record += sizeof(magic);
    memcpy(record, name, sizeof(name));
    memcpy(record + OTTER_FIRMWARE_NAME_SIZE, version, sizeof(version));
}

/* An Arduino-core file with a firmware record, the last segment of LAST bytes; its size. */
static uint32_t load_arduino(struct otter_sim_rig *rig, uint32_t last)
{
    static uint8_t code[8000], file[32768], bootloader[2048], sketch[16384];
    uint64_t seed = 1;
    seed_fill(&seed, code, sizeof(code));
    put_record(code + RECORD_AT - 0x1010);
    const struct otter_image_source boot = {0x4010F000, 1000, code};
    const struct otter_image_source segments[] = {{0x40201010, sizeof(code), code}, {0x3FFE8000, last, code}};
    const int boot_size = otter_image_build(bootloader, sizeof(bootloader), &header, &boot, 1);
    const int sketch_size = otter_image_build(sketch, sizeof(sketch), &header, segments, 2);
    assert_true(boot_size > 0 && sketch_size > 0);
    const int size =
        otter_image_join(file, sizeof(file), bootloader, (size_t)boot_size, sketch, (size_t)sketch_size);
    assert_true(size > 0);
    otter_sim_flash_load(&rig->flash, 0, file, (uint32_t)size);
    return (uint32_t)size;
}

static void a_sketch_behind_a_bootloader(void **state)
{
    struct otter_sim_rig *rig = *state;
    for (uint32_t last = 4; last <= 32; last += 4) {
        const uint32_t size = load_arduino(rig, last);
        assert_int_equal(otter_sketch_size(&rig->port), size);
        assert_int_equal(otter_sketch_free_space(&rig->port), 0xEB000 - otter_round_up(size, 4096));
    }
}

static void an_image_of_its_own(void **state)
{
    static uint8_t image[SINGLE_SIZE];
    struct otter_sim_rig *rig = *state;
    sample_image(image, sizeof(image), 2);
    otter_sim_flash_load(&rig->flash, 0, image, sizeof(image));
    assert_int_equal(otter_sketch_size(&rig->port), SINGLE_SIZE);
}

static void no_image_at_all(void **state)
{
    struct otter_sim_rig *rig = *state;
    char md5[33];
    struct otter_firmware firmware;
    assert_int_equal(otter_sketch_size(&rig->port), 0);
    assert_int_equal(otter_sketch_free_space(&rig->port), 0xEB000);
    assert_int_equal(otter_sketch_md5(&rig->port, md5), OTTER_ERROR_NO_DATA);
    assert_int_equal(otter_sketch_firmware(&rig->port, &firmware), OTTER_ERROR_NO_DATA);
}

/* Segments that leave the chip, also beyond 32 bits, are no image. */
static void segments_beyond_the_chip(void **state)
{
    static const uint32_t sizes[] = {0x100000, 0xFFFF0, 0x7FFFFFFF, 0xFFFFFFF0, 0xFFFFFFFF};
    struct otter_sim_rig *rig = *state;
    for (size_t i = 0; i < TEST_COUNT(sizes); i++) {
        uint8_t bytes[16] = {0xE9, 2, 2, 0x20};
        otter_le32_put(bytes + 12, sizes[i]);
        otter_sim_flash_load(&rig->flash, 0, bytes, sizeof(bytes));
        assert_int_equal(otter_sketch_size(&rig->port), 0);
    }
}

/* An image whose first segment ends one short of the chip leaves no room for the second. */
static void segments_up_to_the_end_of_the_chip(void **state)
{
    struct otter_sim_rig *rig = *state;
    uint8_t bytes[16] = {0xE9, 1, 2, 0x20};
    otter_le32_put(bytes + 12, 0x100000 - 16 - 1);
    otter_sim_flash_load(&rig->flash, 0, bytes, sizeof(bytes));
    assert_int_equal(otter_sketch_size(&rig->port), 0x100000);
    assert_int_equal(otter_sketch_free_space(&rig->port), 0);
    bytes[1] = 2;
    otter_sim_flash_load(&rig->flash, 0, bytes, sizeof(bytes));
    assert_int_equal(otter_sketch_size(&rig->port), 0);
}

/* A segment may have any length: the next one begins where it ends. */
static void segments_of_odd_length(void **state)
{
    struct otter_sim_rig *rig = *state;
    uint8_t bytes[32] = {0xE9, 2, 2, 0x20};
    otter_le32_put(bytes + 12, 3);
    otter_le32_put(bytes + 16 + 3 + 4, 100);
    otter_sim_flash_load(&rig->flash, 0, bytes, sizeof(bytes));
    assert_int_equal(otter_sketch_size(&rig->port), 128);
}

static void the_md5_is_of_the_whole_image(void **state)
{
    struct otter_sim_rig *rig = *state;
    char expected[33], md5[33];
    for (uint32_t last = 4; last <= 200; last += 12) {
        const uint32_t size = load_arduino(rig, last);
        digest_md5(expected, rig->flash.bytes, size);
        assert_int_equal(otter_sketch_md5(&rig->port, md5), OTTER_OK);
        assert_string_equal(md5, expected);
    }
}

static void the_firmware_record_names_it(void **state)
{
    struct otter_sim_rig *rig = *state;
    struct otter_firmware firmware;
    load_arduino(rig, 8);
    assert_int_equal(otter_sketch_firmware(&rig->port, &firmware), OTTER_OK);
    assert_string_equal(firmware.name, "garden");
    assert_string_equal(firmware.version, "2.1");
    rig->flash.bytes[RECORD_AT] ^= 1;
    assert_int_equal(otter_sketch_firmware(&rig->port, &firmware), OTTER_ERROR_NO_DATA);
}

/* However many reads go well before one fails. */
static void flash_that_cannot_be_read(void **state)
{
    struct otter_sim_rig *rig = *state;
    char md5[33];
    struct otter_firmware firmware;
    load_arduino(rig, 8);
    for (uint64_t good = 0; good < 20; good++) {
        rig->flash.fail_reads_after = good == 0 ? UINT64_MAX : good;
        assert_int_equal(otter_sketch_md5(&rig->port, md5), OTTER_ERROR_READ);
        rig->flash.fail_reads_after = good == 0 ? UINT64_MAX : good;
        assert_int_equal(otter_sketch_firmware(&rig->port, &firmware), OTTER_ERROR_READ);
    }
    for (uint64_t good = 0; good < 3; good++) {
        rig->flash.fail_reads_after = good == 0 ? UINT64_MAX : good;
        assert_int_equal(otter_sketch_size(&rig->port), OTTER_ERROR_READ);
        rig->flash.fail_reads_after = good == 0 ? UINT64_MAX : good;
        assert_int_equal(otter_sketch_free_space(&rig->port), OTTER_ERROR_READ);
    }
}

static void real_firmware(void **state)
{
    static const char *const names[] = {"tasmota-8.1.0.1.bin", "tasmota-8.1.0.2.bin"};
    struct otter_sim_rig *rig = *state;
    if (!file_exists(OTTER_FIRMWARE_DIR)) {
        print_message("no real firmware at " OTTER_FIRMWARE_DIR "\n");
        skip();
    }
    for (size_t i = 0; i < TEST_COUNT(names); i++) {
        char path[512], expected[33], md5[33];
        snprintf(path, sizeof(path), "%s/%s", OTTER_FIRMWARE_DIR, names[i]);
        struct file file = file_read(path);
        otter_sim_flash_load(&rig->flash, 0, file.bytes, (uint32_t)file.size);
        assert_int_equal(otter_sketch_size(&rig->port), file.size);
        digest_md5(expected, file.bytes, file.size);
        assert_int_equal(otter_sketch_md5(&rig->port, md5), OTTER_OK);
        assert_string_equal(md5, expected);
        free(file.bytes);
    }
}

#define sketch_test(function) cmocka_unit_test_setup_teardown(function, open_rig, close_rig)

int main(void)
{
    const struct CMUnitTest tests[] = {
        sketch_test(a_sketch_behind_a_bootloader),
        sketch_test(an_image_of_its_own),
        sketch_test(no_image_at_all),
        sketch_test(segments_beyond_the_chip),
        sketch_test(segments_up_to_the_end_of_the_chip),
        sketch_test(segments_of_odd_length),
        sketch_test(the_md5_is_of_the_whole_image),
        sketch_test(the_firmware_record_names_it),
        sketch_test(flash_that_cannot_be_read),
        sketch_test(real_firmware),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
