#include "tests/support/test.h"

#include <string.h>

#include "format/firmware.h"
#include "tests/support/seed.h"

struct record {
    char magic[OTTER_FIRMWARE_MAGIC_SIZE];
    char name[OTTER_FIRMWARE_NAME_SIZE];
    char version[OTTER_FIRMWARE_VERSION_SIZE];
};

static const struct record blink = {OTTER_FIRMWARE_MAGIC, "blink", "1.2.3"};

static bool find(const void *bytes, size_t size, size_t portion, struct otter_firmware *firmware)
{
    struct otter_firmware_finder finder = {0};
    const uint8_t *at = bytes;
    while (size > 0) {
        size_t taken = portion < size ? portion : size;
        otter_firmware_finder_feed(&finder, at, taken);
        at += taken;
        size -= taken;
    }
    return otter_firmware_finder_end(&finder, firmware);
}

static void a_record_is_found_at_any_word_in_any_portions(void **state)
{
    (void)state;
    uint64_t seed = 2;
    uint8_t bytes[200];
    for (size_t at = 0; at <= sizeof(bytes) - sizeof(blink); at += 4) {
        seed_fill(&seed, bytes, sizeof(bytes));
        memcpy(bytes + at, &blink, sizeof(blink));
        for (size_t portion = 1; portion <= sizeof(bytes); portion += portion < 70 ? 1 : 65) {
            struct otter_firmware firmware;
            assert_true(find(bytes, sizeof(bytes), portion, &firmware));
            assert_string_equal(firmware.name, "blink");
            assert_string_equal(firmware.version, "1.2.3");
        }
    }
}

static void a_record_off_the_word_boundary_is_none(void **state)
{
    (void)state;
    struct otter_firmware firmware;
    for (size_t at = 1; at < 4; at++) {
        uint8_t bytes[sizeof(blink) + 4] = {0};
        memcpy(bytes + at, &blink, sizeof(blink));
        assert_false(find(bytes, sizeof(bytes), sizeof(bytes), &firmware));
    }
}

static void a_record_cut_short_is_none(void **state)
{
    (void)state;
    struct otter_firmware firmware;
    for (size_t size = 0; size < sizeof(blink); size++)
        assert_false(find(&blink, size, 1, &firmware));
}

static void the_first_record_counts(void **state)
{
    (void)state;
    const struct record both[] = {{OTTER_FIRMWARE_MAGIC, "first", "1"},
                                  {OTTER_FIRMWARE_MAGIC, "second", "2"}};
    struct otter_firmware firmware;
    assert_true(find(both, sizeof(both), 1, &firmware));
    assert_string_equal(firmware.name, "first");
}

static void a_record_behind_a_false_start_is_found(void **state)
{
    (void)state;
    struct otter_firmware firmware;
    for (size_t prefix = 4; prefix < sizeof(blink); prefix += 4) {
        uint8_t bytes[2 * sizeof(blink)];
        memcpy(bytes, &blink, prefix);
        memcpy(bytes + prefix, &blink, sizeof(blink));
        assert_true(find(bytes, prefix + sizeof(blink), 1, &firmware));
        assert_string_equal(firmware.name, "blink");
    }
}

static void fields_must_be_padded_text(void **state)
{
    (void)state;
    static const struct record wrong[] = {
        {OTTER_FIRMWARE_MAGIC, "", "1"},
        {OTTER_FIRMWARE_MAGIC, "name", ""},
        {OTTER_FIRMWARE_MAGIC, "na\nme", "1"},
        {OTTER_FIRMWARE_MAGIC, "name", "1\x7F"},
        {OTTER_FIRMWARE_MAGIC, "name", "\xFF"},
        {OTTER_FIRMWARE_MAGIC, "name\0x", "1"},
        {OTTER_FIRMWARE_MAGIC, "123456789012345678901234", "1"},
        {OTTER_FIRMWARE_MAGIC, "name", "12345678901234567890123456789012"},
        {"otterfw\x02", "name", "1"},
    };
    struct otter_firmware firmware;
    for (size_t i = 0; i < TEST_COUNT(wrong); i++)
        assert_false(find(&wrong[i], sizeof(wrong[i]), 1, &firmware));
}

static void fields_may_be_filled_to_the_last_character(void **state)
{
    (void)state;
    static const struct record full = {
        OTTER_FIRMWARE_MAGIC,
        "12345678901234567890123",
        "1234567890123456789012345678901",
    };
    struct otter_firmware firmware;
    assert_true(find(&full, sizeof(full), sizeof(full), &firmware));
    assert_string_equal(firmware.name, full.name);
    assert_string_equal(firmware.version, full.version);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_is_found_at_any_word_in_any_portions),
        cmocka_unit_test(a_record_off_the_word_boundary_is_none),
        cmocka_unit_test(a_record_cut_short_is_none),
        cmocka_unit_test(the_first_record_counts),
        cmocka_unit_test(a_record_behind_a_false_start_is_found),
        cmocka_unit_test(fields_must_be_padded_text),
        cmocka_unit_test(fields_may_be_filled_to_the_last_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
