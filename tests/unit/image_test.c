#include "tests/support/test.h"

#include <string.h>

#include "format/bytes.h"
#include "format/crc32.h"
#include "format/image.h"
#include "tests/support/seed.h"

#define ROOM 16384

static const struct otter_image_header header = {
    .flash_mode = OTTER_FLASH_DOUT,
    .flash_size = 4,
    .flash_frequency = OTTER_FLASH_80MHZ,
    .entry = 0x40100104,
};

/* --- header -------------------------------------------------------------------------------------- */

static void a_header_is_decoded(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {0xE9, 0x05, 0x03, 0x20, 0xB8, 0x00, 0x10, 0x40}; /* Tasmota 8.1.0.1 */
    struct otter_image_header decoded;
    assert_int_equal(otter_image_header_decode(&decoded, bytes), OTTER_OK);
    assert_int_equal(decoded.segment_count, 5);
    assert_int_equal(decoded.flash_mode, OTTER_FLASH_DOUT);
    assert_int_equal(otter_image_flash_bytes(decoded.flash_size), 1024 * 1024);
    assert_int_equal(decoded.flash_frequency, OTTER_FLASH_40MHZ);
    assert_int_equal(decoded.entry, 0x401000B8);
}

static int expected_of_header(unsigned position, unsigned value)
{
    static const char sizes[] = {0, 1, 2, 3, 4, 8, 9};
    static const char frequencies[] = {0, 1, 2, 15};
    switch (position) {
    case 0:
        return value == 0xE9 ? OTTER_OK : OTTER_ERROR_MAGIC_BYTE;
    case 1:
        return value >= 1 && value <= 16 ? OTTER_OK : OTTER_ERROR_IMAGE;
    case 2:
        return value <= 3 ? OTTER_OK : OTTER_ERROR_IMAGE;
    case 3:
        return memchr(sizes, (int)(value >> 4), sizeof(sizes)) != NULL &&
                       memchr(frequencies, (int)(value & 15), sizeof(frequencies)) != NULL
                   ? OTTER_OK
                   : OTTER_ERROR_IMAGE;
    default:
        return OTTER_OK;
    }
}

static void every_value_of_every_header_byte_is_judged(void **state)
{
    (void)state;
    for (unsigned position = 0; position < OTTER_IMAGE_HEADER_SIZE; position++) {
        for (unsigned value = 0; value < 256; value++) {
            uint8_t bytes[] = {0xE9, 1, 0, 0x40, 0, 0, 0, 0};
            uint8_t again[OTTER_IMAGE_HEADER_SIZE];
            struct otter_image_header decoded;
            bytes[position] = (uint8_t)value;
            int expected = expected_of_header(position, value);
            assert_int_equal(otter_image_header_decode(&decoded, bytes), expected);
            if (expected != OTTER_OK)
                continue;
            otter_image_header_encode(again, &decoded);
            assert_memory_equal(again, bytes, sizeof(bytes));
        }
    }
}

static void a_header_is_left_alone_by_a_failure(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {0xE9, 17, 0, 0x40, 1, 2, 3, 4};
    struct otter_image_header decoded = header;
    assert_int_equal(otter_image_header_decode(&decoded, bytes), OTTER_ERROR_IMAGE);
    assert_int_equal(decoded.entry, header.entry);
}

static void flash_sizes_have_codes(void **state)
{
    (void)state;
    static const uint32_t kib[16] = {512, 256, 1024, 2048, 4096, 0, 0, 0, 8192, 16384};
    for (unsigned code = 0; code < 256; code++) {
        uint32_t bytes = code < 16 ? kib[code] * 1024 : 0;
        assert_int_equal(otter_image_flash_bytes((uint8_t)code), bytes);
        if (bytes != 0)
            assert_int_equal(otter_image_flash_code(bytes), code);
    }
    assert_int_equal(otter_image_flash_code(0), -1);
    assert_int_equal(otter_image_flash_code(3 * 1024 * 1024), -1);
}

static void modes_and_regions_have_names(void **state)
{
    (void)state;
    assert_string_equal(otter_image_mode_name(OTTER_FLASH_QIO), "QIO");
    assert_string_equal(otter_image_mode_name(OTTER_FLASH_QOUT), "QOUT");
    assert_string_equal(otter_image_mode_name(OTTER_FLASH_DIO), "DIO");
    assert_string_equal(otter_image_mode_name(OTTER_FLASH_DOUT), "DOUT");
    assert_string_equal(otter_image_mode_name(4), "?");
    assert_string_equal(otter_image_region_name(0x40201010), "flash");
    assert_string_equal(otter_image_region_name(0x402FFFFF), "flash");
    assert_string_equal(otter_image_region_name(0x40100000), "IRAM");
    assert_string_equal(otter_image_region_name(0x4010F000), "IRAM");
    assert_string_equal(otter_image_region_name(0x3FFE8000), "DRAM");
    assert_string_equal(otter_image_region_name(0x40000000), "?");
    assert_string_equal(otter_image_region_name(0x40110000), "?");
    assert_string_equal(otter_image_region_name(0x40300000), "?");
}

/* --- writing ------------------------------------------------------------------------------------- */

static void an_image_is_written_byte_for_byte(void **state)
{
    (void)state;
    static const struct otter_image_source segments[] = {
        {0x40100000, 5, "\x01\x02\x03\x04\x05"},
        {0x3FFE8000, 4, "\x10\x20\x30\x40"},
    };
    static const uint8_t expected[48] = {
        0xE9,
        0x02,
        0x03,
        0x4F,
        0x04,
        0x01,
        0x10,
        0x40, /* header */
        0x00,
        0x00,
        0x10,
        0x40,
        0x08,
        0x00,
        0x00,
        0x00,
        1,
        2,
        3,
        4,
        5,
        0,
        0,
        0, /* padded to 4 */
        0x00,
        0x80,
        0xFE,
        0x3F,
        0x04,
        0x00,
        0x00,
        0x00,
        0x10,
        0x20,
        0x30,
        0x40,
        [47] = 0xEF ^ 1 ^ 2 ^ 3 ^ 4 ^ 5 ^ 0x10 ^ 0x20 ^ 0x30 ^ 0x40,
    };
    uint8_t out[64];
    memset(out, '#', sizeof(out));
    assert_int_equal(otter_image_size(segments, 2), 48);
    assert_int_equal(otter_image_build(out, sizeof(out), &header, segments, 2), 48);
    assert_memory_equal(out, expected, sizeof(expected));
    assert_int_equal(out[48], '#');
    assert_int_equal(otter_image_build(out, 48, &header, segments, 2), 48);
    assert_int_equal(otter_image_build(out, 47, &header, segments, 2), OTTER_ERROR_BUFFER);
}

static void a_checksum_that_finds_its_line_full_takes_another(void **state)
{
    (void)state;
    static const uint8_t bytes[32];
    for (uint32_t size = 0; size <= sizeof(bytes); size++) {
        const struct otter_image_source segment = {0x40100000, size, bytes};
        uint32_t before = 16 + (size + 3) / 4 * 4;
        assert_int_equal(otter_image_size(&segment, 1), (before / 16 + 1) * 16);
    }
}

static void an_image_has_one_to_sixteen_segments(void **state)
{
    (void)state;
    struct otter_image_source segments[17];
    uint8_t out[1024];
    for (size_t i = 0; i < TEST_COUNT(segments); i++)
        segments[i] = (struct otter_image_source){0x3FFE8000, 4, "abcd"};
    assert_int_equal(otter_image_build(out, sizeof(out), &header, segments, 0), OTTER_ERROR_ARGUMENT);
    assert_int_equal(otter_image_build(out, sizeof(out), &header, segments, 17), OTTER_ERROR_ARGUMENT);
    for (size_t count = 1; count <= 16; count++) {
        struct otter_image_parser parser;
        int length = otter_image_build(out, sizeof(out), &header, segments, count);
        assert_int_equal(length, otter_image_size(segments, count));
        otter_image_parser_init(&parser, (uint32_t)length, NULL, NULL);
        assert_int_equal(otter_image_parser_feed(&parser, out, (size_t)length), OTTER_OK);
        assert_int_equal(otter_image_parser_end(&parser), OTTER_OK);
        assert_int_equal(parser.parts[0].header.segment_count, count);
    }
}

/* What was built comes back from the parser. */
struct built {
    struct otter_image_source segments[16];
    size_t seen;
    const uint8_t *file;
};

static void compare_segment(void *context, unsigned part, uint32_t offset,
                            const struct otter_image_segment *segment)
{
    struct built *built = context;
    const struct otter_image_source *source = &built->segments[built->seen++];
    assert_int_equal(part, 0);
    assert_int_equal(segment->address, source->address);
    assert_int_equal(segment->size, otter_round_up(source->size, 4));
    assert_memory_equal(built->file + offset, source->bytes, source->size);
}

static void images_built_at_random_are_parsed_as_they_were_built(void **state)
{
    (void)state;
    static uint8_t bytes[256];
    static uint8_t out[ROOM];
    for (uint64_t first = 1; first <= 300; first++) {
        uint64_t seed = first;
        struct built built = {.file = out};
        struct otter_image_parser parser;
        size_t count = 1 + seed_below(&seed, 16);
        seed_fill(&seed, bytes, sizeof(bytes));
        for (size_t i = 0; i < count; i++)
            built.segments[i] = (struct otter_image_source){(uint32_t)seed_next(&seed),
                                                            seed_below(&seed, sizeof(bytes)), bytes};
        int length = otter_image_build(out, sizeof(out), &header, built.segments, count);
        otter_image_parser_init(&parser, (uint32_t)length, compare_segment, &built);
        assert_int_equal(otter_image_parser_feed(&parser, out, (size_t)length), OTTER_OK);
        if (otter_image_parser_end(&parser) != OTTER_OK)
            fail_msg("seed %u", (unsigned)first);
        assert_int_equal(built.seen, count);
        assert_int_equal(parser.parts[0].end, length);
        assert_int_equal(parser.parts[0].header.entry, header.entry);
    }
}

/* --- joining and sealing ------------------------------------------------------------------------- */

static uint8_t code[600];

static int build_one(uint8_t *out, uint32_t address, uint32_t size)
{
    const struct otter_image_source segment = {address, size, code};
    return otter_image_build(out, ROOM, &header, &segment, 1);
}

static void a_bootloader_and_a_sketch_are_joined(void **state)
{
    (void)state;
    static uint8_t bootloader[ROOM];
    static uint8_t sketch[ROOM];
    static uint8_t file[ROOM];
    uint64_t seed = 3;
    seed_fill(&seed, code, sizeof(code));
    size_t bootloader_size = (size_t)build_one(bootloader, 0x4010F000, 300);
    size_t sketch_size = (size_t)build_one(sketch, 0x40201010, 600);
    size_t size = 0x1000 + sketch_size;

    assert_int_equal(otter_image_join(file, size - 1, bootloader, bootloader_size, sketch, sketch_size),
                     OTTER_ERROR_BUFFER);
    assert_int_equal(otter_image_join(file, size, bootloader, bootloader_size, sketch, sketch_size), size);
    assert_memory_equal(file, bootloader, bootloader_size);
    for (size_t i = bootloader_size; i < 0x1000; i++)
        assert_int_equal(file[i], 0xAA);
    assert_memory_equal(file + 0x1000, sketch, 16);
    assert_memory_equal(file + 0x1018, sketch + 24, sketch_size - 25);

    uint32_t crc = otter_le32_get(file + 0x1014);
    assert_int_equal(otter_le32_get(file + 0x1010), size);
    memset(file + 0x1010, 0, 8);
    assert_int_equal(otter_crc32_update(OTTER_CRC32_INIT, file, size), crc);
    uint8_t checksum = OTTER_IMAGE_CHECKSUM_SEED;
    for (size_t i = 0x1010; i < 0x1010 + 600; i++)
        checksum ^= file[i];
    assert_int_equal(file[size - 1], checksum);
}

static void only_what_can_carry_a_crc_is_joined(void **state)
{
    (void)state;
    static uint8_t bootloader[ROOM];
    static uint8_t sketch[ROOM];
    static uint8_t file[2 * ROOM];
    size_t bootloader_size = (size_t)build_one(bootloader, 0x4010F000, 16);
    size_t sketch_size = (size_t)build_one(sketch, 0x40201010, 8);
    assert_int_equal(otter_image_join(file, sizeof(file), bootloader, 4097, sketch, sketch_size),
                     OTTER_ERROR_IMAGE);
    assert_int_equal(otter_image_join(file, sizeof(file), bootloader, bootloader_size, sketch, 0),
                     OTTER_ERROR_IMAGE);
    assert_int_equal(
        otter_image_join(file, sizeof(file), bootloader, bootloader_size, sketch, sketch_size - 1),
        OTTER_ERROR_IMAGE);
    assert_true(otter_image_join(file, sizeof(file), bootloader, bootloader_size, sketch, sketch_size) > 0);

    sketch_size = (size_t)build_one(sketch, 0x40201010, 4);
    assert_int_equal(otter_image_join(file, sizeof(file), bootloader, bootloader_size, sketch, sketch_size),
                     OTTER_ERROR_IMAGE);
    sketch_size = (size_t)build_one(sketch, 0x40100000, 600);
    assert_int_equal(otter_image_join(file, sizeof(file), bootloader, bootloader_size, sketch, sketch_size),
                     OTTER_ERROR_IMAGE);
}

static void sealing_again_changes_nothing_and_a_change_is_sealed(void **state)
{
    (void)state;
    static uint8_t bootloader[ROOM];
    static uint8_t sketch[ROOM];
    static uint8_t file[ROOM];
    static uint8_t again[ROOM];
    struct otter_image_parser parser;
    size_t bootloader_size = (size_t)build_one(bootloader, 0x4010F000, 16);
    size_t sketch_size = (size_t)build_one(sketch, 0x40201010, 600);
    size_t size =
        (size_t)otter_image_join(file, sizeof(file), bootloader, bootloader_size, sketch, sketch_size);
    memcpy(again, file, size);
    assert_int_equal(otter_image_seal(again, size), OTTER_OK);
    assert_memory_equal(again, file, size);

    again[OTTER_IMAGE_MODE_OFFSET] = OTTER_FLASH_QIO;
    again[0x1100] ^= 1;
    assert_int_equal(otter_image_seal(again, size), OTTER_OK);
    otter_image_parser_init(&parser, (uint32_t)size, NULL, NULL);
    assert_int_equal(otter_image_parser_feed(&parser, again, size), OTTER_OK);
    assert_int_equal(otter_image_parser_end(&parser), OTTER_OK);
    assert_int_equal(parser.crc_length, size);
}

static void what_is_no_arduino_file_is_not_sealed(void **state)
{
    (void)state;
    static uint8_t file[ROOM];
    static uint8_t before[ROOM];
    size_t size = (size_t)build_one(file, 0x40201010, 600);
    memcpy(before, file, sizeof(file));
    assert_int_equal(otter_image_seal(file, size), OTTER_ERROR_IMAGE);
    assert_int_equal(otter_image_seal(file, sizeof(file)), OTTER_ERROR_IMAGE);
    assert_int_equal(otter_image_seal(file, 0), OTTER_ERROR_IMAGE);
    assert_memory_equal(file, before, sizeof(file));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_is_decoded),
        cmocka_unit_test(every_value_of_every_header_byte_is_judged),
        cmocka_unit_test(a_header_is_left_alone_by_a_failure),
        cmocka_unit_test(flash_sizes_have_codes),
        cmocka_unit_test(modes_and_regions_have_names),
        cmocka_unit_test(an_image_is_written_byte_for_byte),
        cmocka_unit_test(a_checksum_that_finds_its_line_full_takes_another),
        cmocka_unit_test(an_image_has_one_to_sixteen_segments),
        cmocka_unit_test(images_built_at_random_are_parsed_as_they_were_built),
        cmocka_unit_test(a_bootloader_and_a_sketch_are_joined),
        cmocka_unit_test(only_what_can_carry_a_crc_is_joined),
        cmocka_unit_test(sealing_again_changes_nothing_and_a_change_is_sealed),
        cmocka_unit_test(what_is_no_arduino_file_is_not_sealed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
