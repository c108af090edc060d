#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/bytes.h"
#include "format/crc32.h"
#include "format/image.h"
#include "tests/support/file.h"
#include "tests/support/seed.h"

#define SKETCH     0x1000u
#define BOOTLOADER 0x80u /* bytes of the sample's bootloader */
#define FIRST      600u  /* bytes of each segment of the sample's sketch */
#define SECOND     20u
#define ROOM       8192u

struct sample {
    size_t size;
    uint8_t bytes[ROOM];
};

static const struct otter_image_header header = {
    .flash_mode = OTTER_FLASH_DOUT,
    .flash_size = 2,
    .flash_frequency = OTTER_FLASH_40MHZ,
    .entry = 0x40100104,
};

/* A bootloader and a sketch of two segments, as the Arduino core lays them out. Without SEALED, the words of
 * the CRC are code. */
static struct sample arduino_sample(bool sealed)
{
    struct sample sample;
    uint8_t code[FIRST];
    uint64_t seed = 4;
    seed_fill(&seed, code, sizeof(code));
    const struct otter_image_source boot = {0x4010F000, BOOTLOADER - 20, code};
    const struct otter_image_source sketch[] = {{0x40201010, FIRST, code}, {0x3FFE8000, SECOND, code}};
    memset(sample.bytes, 0xAA, sizeof(sample.bytes));
    assert_int_equal(otter_image_build(sample.bytes, SKETCH, &header, &boot, 1), BOOTLOADER);
    int length = otter_image_build(sample.bytes + SKETCH, ROOM - SKETCH, &header, sketch, 2);
    assert_true(length > 0);
    sample.size = SKETCH + (size_t)length;
    if (sealed)
        assert_int_equal(otter_image_seal(sample.bytes, sample.size), OTTER_OK);
    return sample;
}

/* One image of SIZE bytes of code, and 1000 opaque bytes. */
static struct sample single_sample(uint32_t size)
{
    struct sample sample;
    static uint8_t code[ROOM];
    uint64_t seed = 5;
    seed_fill(&seed, code, sizeof(code));
    seed_fill(&seed, sample.bytes, sizeof(sample.bytes));
    sample.bytes[SKETCH - 1] = 0xFF;
    sample.bytes[SKETCH] = 0x0C;
    const struct otter_image_source segment = {0x40100000, size, code};
    int length = otter_image_build(sample.bytes, ROOM, &header, &segment, 1);
    assert_true(length > 0);
    sample.size = (size_t)length + 1000;
    return sample;
}

static int parse_portions(struct otter_image_parser *parser, const uint8_t *bytes, size_t size,
                          size_t portion)
{
    otter_image_parser_init(parser, (uint32_t)size, NULL, NULL);
    for (size_t at = 0; at < size; at += portion) {
        size_t left = size - at;
        int result = otter_image_parser_feed(parser, bytes + at, left < portion ? left : portion);
        if (result != OTTER_OK)
            return result;
    }
    return otter_image_parser_end(parser);
}

static int parse(struct otter_image_parser *parser, const struct sample *sample)
{
    return parse_portions(parser, sample->bytes, sample->size, sample->size);
}

/* --- a second opinion: the same judgement over a whole file in memory, by spec/image.md ------------- */

static int judge_image(const uint8_t *bytes, size_t size, size_t at, size_t *end, uint8_t *checksum)
{
    struct otter_image_header found;
    if (size - at < 8)
        return OTTER_ERROR_IMAGE;
    int result = otter_image_header_decode(&found, bytes + at);
    if (result != OTTER_OK)
        return result;
    *checksum = 0xEF;
    at += 8;
    for (unsigned i = 0; i < found.segment_count; i++) {
        if (size - at < 8)
            return OTTER_ERROR_IMAGE;
        uint32_t length = otter_le32_get(bytes + at + 4);
        at += 8;
        if (length >= size - at)
            return OTTER_ERROR_IMAGE;
        for (uint32_t j = 0; j < length; j++)
            *checksum ^= bytes[at + j];
        at += length;
    }
    *end = (at / 16 + 1) * 16;
    return *end <= size ? OTTER_OK : OTTER_ERROR_IMAGE;
}

static bool has_right_crc(const uint8_t *bytes, size_t end)
{
    static uint8_t copy[ROOM];
    memcpy(copy, bytes, end);
    memset(copy + 0x1010, 0, 8);
    return otter_crc32_update(OTTER_CRC32_INIT, copy, end) == otter_le32_get(bytes + 0x1014);
}

static int judge_sketch(const uint8_t *bytes, size_t size, bool bootloader_is_right)
{
    size_t end = 0;
    uint8_t checksum = 0;
    bool padded = bytes[SKETCH - 1] == 0xAA;
    struct otter_image_header found;
    if (size - SKETCH < 8 || otter_image_header_decode(&found, bytes + SKETCH) != OTTER_OK) {
        if (padded)
            return OTTER_ERROR_IMAGE;
        return bootloader_is_right ? OTTER_OK : OTTER_ERROR_CHECKSUM;
    }
    if (judge_image(bytes, size, SKETCH, &end, &checksum) != OTTER_OK)
        return OTTER_ERROR_IMAGE;
    if (!bootloader_is_right)
        return OTTER_ERROR_CHECKSUM;
    if (otter_le32_get(bytes + 0x1010) == end)
        return has_right_crc(bytes, end) ? OTTER_OK : OTTER_ERROR_CHECKSUM;
    return bytes[end - 1] == checksum ? OTTER_OK : OTTER_ERROR_CHECKSUM;
}

static int judge(const uint8_t *bytes, size_t size)
{
    size_t end = 0;
    uint8_t checksum = 0;
    if (size == 0)
        return OTTER_ERROR_NO_DATA;
    if (bytes[0] != 0xE9)
        return OTTER_ERROR_MAGIC_BYTE;
    int result = judge_image(bytes, size, 0, &end, &checksum);
    if (result != OTTER_OK)
        return result;
    bool right = bytes[end - 1] == checksum;
    if (end <= SKETCH && size > SKETCH)
        return judge_sketch(bytes, size, right);
    if (end < size && size <= SKETCH && bytes[size - 1] == 0xAA)
        return OTTER_ERROR_IMAGE;
    return right ? OTTER_OK : OTTER_ERROR_CHECKSUM;
}

/* --- forms --------------------------------------------------------------------------------------- */

static void an_arduino_file_is_known_by_its_two_images(void **state)
{
    (void)state;
    struct sample sample = arduino_sample(true);
    struct otter_image_parser parser;
    assert_int_equal(parse(&parser, &sample), OTTER_OK);
    assert_int_equal(parser.form, OTTER_IMAGE_FORM_ARDUINO);
    assert_int_equal(parser.parts[0].offset, 0);
    assert_int_equal(parser.parts[0].end, BOOTLOADER);
    assert_int_equal(parser.parts[0].header.segment_count, 1);
    assert_int_equal(parser.parts[1].offset, SKETCH);
    assert_int_equal(parser.parts[1].end, sample.size);
    assert_int_equal(parser.parts[1].header.segment_count, 2);
    assert_int_equal(parser.parts[1].checksum_computed, parser.parts[1].checksum_stored);
    assert_int_equal(parser.crc_length, sample.size);
    assert_int_equal(parser.crc_computed, parser.crc_stored);
    assert_int_equal(parser.crc_stored, otter_le32_get(sample.bytes + OTTER_IMAGE_CRC));
}

static void a_sketch_of_an_older_core_has_no_crc(void **state)
{
    (void)state;
    struct sample sample = arduino_sample(false);
    struct otter_image_parser parser;
    assert_int_equal(parse(&parser, &sample), OTTER_OK);
    assert_int_equal(parser.form, OTTER_IMAGE_FORM_ARDUINO);
    assert_int_equal(parser.crc_length, 0);
    assert_int_equal(parser.crc_stored, 0);
    assert_int_equal(parser.crc_computed, 0);
}

/* The core's tools fill the two words in when all checksums are made. What they replace is the linker
 * script's: zero in the core's own, but the checksum is not judged. */
static void check_file_of_the_cores_tools(uint8_t checksum_error)
{
    struct sample sample = arduino_sample(false);
    struct otter_image_parser parser;
    uint8_t *words = sample.bytes + OTTER_IMAGE_CRC_LENGTH;
    for (unsigned i = 0; i < 8; i++)
        sample.bytes[sample.size - 1] ^= words[i];
    sample.bytes[sample.size - 1] ^= checksum_error;
    memset(words, 0, 8);
    uint32_t crc = otter_crc32_update(OTTER_CRC32_INIT, sample.bytes, sample.size);
    otter_le32_put(words, (uint32_t)sample.size);
    otter_le32_put(words + 4, crc);
    assert_int_equal(parse(&parser, &sample), OTTER_OK);
    assert_int_equal(parser.crc_stored, crc);
    assert_int_equal(parser.parts[1].checksum_computed ^ parser.parts[1].checksum_stored, checksum_error);
}

static void a_file_of_the_cores_tools_is_right(void **state)
{
    (void)state;
    check_file_of_the_cores_tools(0);
    check_file_of_the_cores_tools(0x55);
}

static void a_single_image_is_followed_by_opaque_bytes(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {16, 0xFDC, 0xFE0, 0x1000, 0x1020};
    for (size_t i = 0; i < TEST_COUNT(sizes); i++) {
        struct sample sample = single_sample(sizes[i]);
        struct otter_image_parser parser;
        assert_int_equal(parse(&parser, &sample), OTTER_OK);
        assert_int_equal(parser.form, OTTER_IMAGE_FORM_SINGLE);
        assert_int_equal(parser.parts[0].end, sample.size - 1000);
        assert_false(parser.parts[1].whole);
        assert_int_equal(parser.crc_length, 0);
    }
}

static void a_bootloader_may_be_alone_but_not_with_its_padding(void **state)
{
    (void)state;
    struct sample sample = arduino_sample(true);
    struct otter_image_parser parser;
    for (size_t size = BOOTLOADER; size <= SKETCH; size++) {
        bool whole = size == BOOTLOADER;
        assert_int_equal(parse_portions(&parser, sample.bytes, size, size),
                         whole ? OTTER_OK : OTTER_ERROR_IMAGE);
        assert_int_equal(parser.form, whole ? OTTER_IMAGE_FORM_SINGLE : OTTER_IMAGE_FORM_ARDUINO);
    }
}

static void a_bootloader_may_fill_its_4096_bytes(void **state)
{
    (void)state;
    struct sample sample = arduino_sample(false);
    struct otter_image_parser parser;
    static uint8_t code[SKETCH - 20];
    const struct otter_image_source boot = {0x4010F000, sizeof(code), code};
    assert_int_equal(otter_image_build(sample.bytes, SKETCH, &header, &boot, 1), SKETCH);
    assert_int_equal(parse(&parser, &sample), OTTER_OK);
    assert_int_equal(parser.form, OTTER_IMAGE_FORM_ARDUINO);
    assert_int_equal(parser.parts[0].end, SKETCH);
}

static void behind_a_bootloaders_padding_only_a_sketch_is_taken(void **state)
{
    (void)state;
    struct sample sample = arduino_sample(true);
    struct otter_image_parser parser;
    sample.bytes[SKETCH] = 0x00;
    assert_int_equal(parse(&parser, &sample), OTTER_ERROR_IMAGE);
    sample.bytes[SKETCH - 1] = 0xFF;
    assert_int_equal(parse(&parser, &sample), OTTER_OK);
    assert_int_equal(parser.form, OTTER_IMAGE_FORM_SINGLE);
}

static void bytes_behind_the_sketch_are_allowed(void **state)
{
    (void)state;
    struct sample sample = arduino_sample(true);
    struct otter_image_parser parser;
    sample.size += 260; /* a signature */
    assert_int_equal(parse(&parser, &sample), OTTER_OK);
    assert_int_equal(parser.parts[1].end, sample.size - 260);
    assert_int_equal(parser.crc_length, sample.size - 260);
}

struct seen {
    unsigned count;
    unsigned part[3];
    uint32_t offset[3];
    struct otter_image_segment segment[3];
};

static void keep_seen(void *context, unsigned part, uint32_t offset,
                      const struct otter_image_segment *segment)
{
    struct seen *seen = context;
    assert_true(seen->count < 3);
    seen->part[seen->count] = part;
    seen->offset[seen->count] = offset;
    seen->segment[seen->count++] = *segment;
}

static void segments_are_told_as_they_come(void **state)
{
    (void)state;
    struct sample sample = arduino_sample(true);
    struct otter_image_parser parser;
    struct seen seen = {0};
    static const struct seen expected = {
        3,
        {0, 1, 1},
        {16, 0x1010, 0x1010 + FIRST + 8},
        {{0x4010F000, BOOTLOADER - 20}, {0x40201010, FIRST}, {0x3FFE8000, SECOND}},
    };
    otter_image_parser_init(&parser, UINT32_MAX, keep_seen, &seen);
    for (size_t i = 0; i < sample.size; i++)
        assert_int_equal(otter_image_parser_feed(&parser, sample.bytes + i, 1), OTTER_OK);
    assert_int_equal(otter_image_parser_end(&parser), OTTER_OK);
    assert_memory_equal(&seen, &expected, sizeof(seen));
}

/* --- damage -------------------------------------------------------------------------------------- */

static void assert_same_part(const struct otter_image_part *left, const struct otter_image_part *right)
{
    assert_int_equal(left->header.segment_count, right->header.segment_count);
    assert_int_equal(left->header.entry, right->header.entry);
    assert_int_equal(left->offset, right->offset);
    assert_int_equal(left->end, right->end);
    assert_int_equal(left->checksum_stored, right->checksum_stored);
    assert_int_equal(left->checksum_computed, right->checksum_computed);
    assert_int_equal(left->whole, right->whole);
}

static void portions_do_not_matter(void **state)
{
    (void)state;
    static const size_t portions[] = {1, 2, 3, 7, 8, 15, 64, 1460, 4096, 4097, 4112, 4115, 4120};
    struct sample sample = arduino_sample(true);
    struct otter_image_parser whole;
    struct otter_image_parser parser;
    assert_int_equal(parse(&whole, &sample), OTTER_OK);
    for (size_t i = 0; i < TEST_COUNT(portions); i++) {
        assert_int_equal(parse_portions(&parser, sample.bytes, sample.size, portions[i]), OTTER_OK);
        assert_int_equal(parser.form, whole.form);
        assert_same_part(&parser.parts[0], &whole.parts[0]);
        assert_same_part(&parser.parts[1], &whole.parts[1]);
        assert_int_equal(parser.crc_computed, whole.crc_computed);
        assert_int_equal(parser.crc_length, whole.crc_length);
    }
}

/* Both headers and all segment headers of the sample. */
static const struct {
    uint32_t offset;
    uint32_t size;
} headers[] = {{0, 16}, {SKETCH, 16}, {SKETCH + 16 + FIRST, 8}};

static void vary_header_bytes(const struct sample *original)
{
    struct sample sample = *original;
    struct otter_image_parser parser;
    for (size_t h = 0; h < TEST_COUNT(headers); h++) {
        for (uint32_t at = headers[h].offset; at < headers[h].offset + headers[h].size; at++) {
            for (unsigned value = 0; value < 256; value++) {
                sample.bytes[at] = (uint8_t)value;
                int expected = judge(sample.bytes, sample.size);
                if (parse(&parser, &sample) != expected)
                    fail_msg("byte 0x%x as 0x%x: %d, expected %d", (unsigned)at, value, parser.error,
                             expected);
            }
            sample.bytes[at] = original->bytes[at];
        }
    }
}

static void every_value_of_every_header_byte_is_judged(void **state)
{
    (void)state;
    struct sample sealed = arduino_sample(true);
    struct sample unsealed = arduino_sample(false);
    vary_header_bytes(&sealed);
    vary_header_bytes(&unsealed);
}

static void no_changed_bit_of_a_sealed_file_goes_unnoticed(void **state)
{
    (void)state;
    struct sample sample = arduino_sample(true);
    struct otter_image_parser parser;
    for (size_t bit = 0; bit < 8 * sample.size; bit++) {
        bool in_padding = bit / 8 >= BOOTLOADER && bit / 8 < SKETCH - 1;
        if (in_padding && bit % 61 != 0)
            continue;
        sample.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (parse(&parser, &sample) == OTTER_OK)
            fail_msg("bit %zu of byte 0x%zx", bit % 8, bit / 8);
        sample.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

static void a_file_cut_anywhere_is_not_whole(void **state)
{
    (void)state;
    struct sample sample = arduino_sample(true);
    struct otter_image_parser parser;
    for (size_t size = 0; size < sample.size; size++) {
        int expected = judge(sample.bytes, size);
        assert_int_equal(parse_portions(&parser, sample.bytes, size, 1000), expected);
        if (size > 0 && size != BOOTLOADER)
            assert_int_equal(expected, OTTER_ERROR_IMAGE);
    }
    assert_int_equal(parse_portions(&parser, sample.bytes, 0, 1), OTTER_ERROR_NO_DATA);
}

static void random_changes_are_judged_alike(void **state)
{
    (void)state;
    struct sample original = arduino_sample(true);
    for (uint64_t first = 1; first <= 3000; first++) {
        uint64_t seed = first;
        struct sample sample = original;
        struct otter_image_parser parser;
        for (uint32_t changes = 1 + seed_below(&seed, 3); changes > 0; changes--) {
            const uint32_t h = seed_below(&seed, TEST_COUNT(headers));
            uint32_t at = headers[h].offset + seed_below(&seed, headers[h].size + 16);
            sample.bytes[at] = (uint8_t)seed_below(&seed, 32);
        }
        int expected = judge(sample.bytes, sample.size);
        if (parse_portions(&parser, sample.bytes, sample.size, 1 + seed_below(&seed, 5000)) != expected)
            fail_msg("seed %u: %d, expected %d", (unsigned)first, parser.error, expected);
    }
}

static void a_wrong_first_byte_is_told_at_once_and_for_good(void **state)
{
    (void)state;
    struct otter_image_parser parser;
    otter_image_parser_init(&parser, 1000, NULL, NULL);
    assert_int_equal(otter_image_parser_feed(&parser, "<", 1), OTTER_ERROR_MAGIC_BYTE);
    assert_int_equal(otter_image_parser_feed(&parser, "\xE9", 1), OTTER_ERROR_MAGIC_BYTE);
    assert_int_equal(otter_image_parser_end(&parser), OTTER_ERROR_MAGIC_BYTE);
}

static int feed_segment_of(uint32_t length, uint32_t file_size)
{
    uint8_t bytes[16] = {0xE9, 1, 0, 0x20, 0, 0, 0x10, 0x40, 0, 0, 0x10, 0x40};
    struct otter_image_parser parser;
    otter_image_parser_init(&parser, file_size, NULL, NULL);
    otter_le32_put(bytes + 12, length);
    return otter_image_parser_feed(&parser, bytes, sizeof(bytes));
}

static void a_segment_beyond_the_file_is_told_at_its_header(void **state)
{
    (void)state;
    assert_int_equal(feed_segment_of(83, 100), OTTER_OK);
    assert_int_equal(feed_segment_of(84, 100), OTTER_ERROR_IMAGE);
    assert_int_equal(feed_segment_of(0xFFFFFFF0, 100), OTTER_ERROR_IMAGE);
    assert_int_equal(feed_segment_of(UINT32_MAX, 100), OTTER_ERROR_IMAGE);
    assert_int_equal(feed_segment_of(UINT32_MAX, UINT32_MAX), OTTER_ERROR_IMAGE);
    assert_int_equal(feed_segment_of(0x100000, UINT32_MAX), OTTER_OK);
}

static void more_bytes_than_announced_are_an_error(void **state)
{
    (void)state;
    struct sample sample = arduino_sample(true);
    struct otter_image_parser parser;
    otter_image_parser_init(&parser, (uint32_t)sample.size, NULL, NULL);
    assert_int_equal(otter_image_parser_feed(&parser, sample.bytes, sample.size), OTTER_OK);
    assert_int_equal(otter_image_parser_feed(&parser, "", 1), OTTER_ERROR_IMAGE);
    assert_int_equal(otter_image_parser_end(&parser), OTTER_ERROR_IMAGE);
}

static void the_fields_tell_which_check_failed(void **state)
{
    (void)state;
    struct sample sample = arduino_sample(true);
    struct otter_image_parser parser;
    sample.bytes[SKETCH - 100] ^= 1; /* padding: only the CRC covers it */
    assert_int_equal(parse(&parser, &sample), OTTER_ERROR_CHECKSUM);
    assert_int_equal(parser.parts[1].checksum_computed, parser.parts[1].checksum_stored);
    assert_int_not_equal(parser.crc_computed, parser.crc_stored);

    sample = arduino_sample(false);
    sample.bytes[SKETCH + 100] ^= 1;
    assert_int_equal(parse(&parser, &sample), OTTER_ERROR_CHECKSUM);
    assert_int_equal(parser.parts[0].checksum_computed, parser.parts[0].checksum_stored);
    assert_int_not_equal(parser.parts[1].checksum_computed, parser.parts[1].checksum_stored);

    sample = arduino_sample(false);
    sample.bytes[BOOTLOADER - 1] ^= 1;
    assert_int_equal(parse(&parser, &sample), OTTER_ERROR_CHECKSUM);
    assert_int_not_equal(parser.parts[0].checksum_computed, parser.parts[0].checksum_stored);
}

static void empty_segments_and_the_most_of_them_are_fine(void **state)
{
    (void)state;
    static const uint8_t none[1];
    struct otter_image_source segments[16];
    uint8_t bytes[256];
    struct otter_image_parser parser;
    for (size_t i = 0; i < TEST_COUNT(segments); i++)
        segments[i] = (struct otter_image_source){0x3FFE8000, 0, none};
    int length = otter_image_build(bytes, sizeof(bytes), &header, segments, TEST_COUNT(segments));
    assert_int_equal(parse_portions(&parser, bytes, (size_t)length, 1), OTTER_OK);
    assert_int_equal(parser.parts[0].end, 144);
}

/* --- real images ---------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    enum otter_image_form form;
    uint32_t bootloader_end;
    uint32_t sketch_end;
    uint8_t checksum;
} real[] = {
    {"tasmota-8.1.0.1.bin", OTTER_IMAGE_FORM_ARDUINO, 0x580, 0x71080, 0xB2},
    {"tasmota-8.1.0.2.bin", OTTER_IMAGE_FORM_ARDUINO, 0x580, 0x71330, 0xBF},
    {"micropython-1.9.4.bin", OTTER_IMAGE_FORM_SINGLE, 0x8AC0, 0, 0x09},
    {"micropython-1.10.bin", OTTER_IMAGE_FORM_SINGLE, 0x80E0, 0, 0xBD},
};

static void real_images_are_right(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(real); i++) {
        char path[512];
        snprintf(path, sizeof(path), "%s/%s", OTTER_FIRMWARE_DIR, real[i].name);
        if (!file_exists(path)) {
            print_message("skipped, no such file: %s\n", path);
            continue;
        }
        struct file file = file_read(path);
        struct otter_image_parser parser;
        assert_int_equal(parse_portions(&parser, file.bytes, file.size, 1460), OTTER_OK);
        assert_int_equal(parser.form, real[i].form);
        assert_int_equal(parser.parts[0].end, real[i].bootloader_end);
        assert_int_equal(parser.parts[1].end, real[i].sketch_end);
        assert_int_equal(parser.crc_length, 0);
        const struct otter_image_part *last = &parser.parts[real[i].form == OTTER_IMAGE_FORM_ARDUINO];
        assert_int_equal(last->checksum_stored, real[i].checksum);
        assert_int_equal(last->checksum_computed, real[i].checksum);
        free(file.bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_arduino_file_is_known_by_its_two_images),
        cmocka_unit_test(a_sketch_of_an_older_core_has_no_crc),
        cmocka_unit_test(a_file_of_the_cores_tools_is_right),
        cmocka_unit_test(a_single_image_is_followed_by_opaque_bytes),
        cmocka_unit_test(a_bootloader_may_be_alone_but_not_with_its_padding),
        cmocka_unit_test(a_bootloader_may_fill_its_4096_bytes),
        cmocka_unit_test(behind_a_bootloaders_padding_only_a_sketch_is_taken),
        cmocka_unit_test(bytes_behind_the_sketch_are_allowed),
        cmocka_unit_test(segments_are_told_as_they_come),
        cmocka_unit_test(portions_do_not_matter),
        cmocka_unit_test(every_value_of_every_header_byte_is_judged),
        cmocka_unit_test(no_changed_bit_of_a_sealed_file_goes_unnoticed),
        cmocka_unit_test(a_file_cut_anywhere_is_not_whole),
        cmocka_unit_test(random_changes_are_judged_alike),
        cmocka_unit_test(a_wrong_first_byte_is_told_at_once_and_for_good),
        cmocka_unit_test(a_segment_beyond_the_file_is_told_at_its_header),
        cmocka_unit_test(more_bytes_than_announced_are_an_error),
        cmocka_unit_test(the_fields_tell_which_check_failed),
        cmocka_unit_test(empty_segments_and_the_most_of_them_are_fine),
        cmocka_unit_test(real_images_are_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
