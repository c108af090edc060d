#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>

#include "format/layout.h"

static void there_are_26_with_names_of_their_own(void **state)
{
    (void)state;
    for (size_t i = 0; i < OTTER_LAYOUT_COUNT; i++) {
        const struct otter_layout *layout = otter_layout_get(i);
        assert_non_null(layout);
        assert_ptr_equal(otter_layout_find(layout->name), layout);
    }
    assert_null(otter_layout_get(OTTER_LAYOUT_COUNT));
    assert_null(otter_layout_get(SIZE_MAX));
}

static void a_name_must_be_spelt_exactly(void **state)
{
    (void)state;
    static const char *const unknown[] = {"", "4M1M", "4m1", "4m1m ", "3m", "512k1", "16m"};
    for (size_t i = 0; i < TEST_COUNT(unknown); i++)
        assert_null(otter_layout_find(unknown[i]));
}

/* "512k64" is a chip of 512 KiB. */
static uint32_t size_in_name(const char *name)
{
    char *unit;
    uint32_t count = (uint32_t)strtoul(name, &unit, 10);
    return *unit == 'k' ? count * 1024 : count * 1024 * 1024;
}

static void regions_follow_one_another_to_the_end_of_the_chip(void **state)
{
    (void)state;
    for (size_t i = 0; i < OTTER_LAYOUT_COUNT; i++) {
        const struct otter_layout *layout = otter_layout_get(i);
        assert_int_equal(layout->flash_size, size_in_name(layout->name));
        assert_true(layout->filesystem_start <= layout->filesystem_end);
        assert_true(layout->filesystem_end <= layout->eeprom);
        assert_int_equal(otter_layout_rf_calibration(layout), layout->eeprom + OTTER_FLASH_SECTOR);
        assert_int_equal(otter_layout_sdk_settings(layout), layout->eeprom + 2 * OTTER_FLASH_SECTOR);
        assert_int_equal(otter_layout_sdk_settings(layout) + 3 * OTTER_FLASH_SECTOR, layout->flash_size);
        assert_int_equal(layout->filesystem_start % OTTER_FLASH_SECTOR, 0);
        assert_int_equal(layout->filesystem_end % OTTER_FLASH_SECTOR, 0);
    }
}

static void the_code_ends_at_the_filesystem_or_at_the_mapped_mebibyte(void **state)
{
    (void)state;
    for (size_t i = 0; i < OTTER_LAYOUT_COUNT; i++) {
        const struct otter_layout *layout = otter_layout_get(i);
        uint32_t end = layout->filesystem_start < 0x100000 ? layout->filesystem_start : 0x100000;
        assert_int_equal(layout->sketch_max + 0x1010, end);
    }
}

static void the_largest_upload_is_what_the_tools_print(void **state)
{
    (void)state;
    assert_int_equal(otter_layout_upload_max(otter_layout_find("4m1m")), 1044464);
    assert_int_equal(otter_layout_upload_max(otter_layout_find("1m64")), 958448);
}

/* spec/image.md, section 2 */
static const struct {
    const char *name;
    uint32_t filesystem_start;
    uint32_t filesystem_end;
} table[OTTER_LAYOUT_COUNT] = {
    {"512k", 0x7B000, 0x7B000},     {"512k32", 0x73000, 0x7B000},   {"512k64", 0x6B000, 0x7B000},
    {"512k128", 0x5B000, 0x7B000},  {"1m", 0xFB000, 0xFB000},       {"1m64", 0xEB000, 0xFB000},
    {"1m128", 0xDB000, 0xFB000},    {"1m144", 0xD7000, 0xFB000},    {"1m160", 0xD3000, 0xFB000},
    {"1m192", 0xCB000, 0xFB000},    {"1m256", 0xBB000, 0xFB000},    {"1m512", 0x7B000, 0xFB000},
    {"2m", 0x1FB000, 0x1FB000},     {"2m64", 0x1F0000, 0x1FB000},   {"2m128", 0x1E0000, 0x1FB000},
    {"2m256", 0x1C0000, 0x1FB000},  {"2m512", 0x180000, 0x1FA000},  {"2m1m", 0x100000, 0x1FA000},
    {"4m", 0x3FB000, 0x3FB000},     {"4m1m", 0x300000, 0x3FA000},   {"4m2m", 0x200000, 0x3FA000},
    {"4m3m", 0x100000, 0x3FA000},   {"8m6m", 0x200000, 0x7FA000},   {"8m7m", 0x100000, 0x7FA000},
    {"16m14m", 0x200000, 0xFFA000}, {"16m15m", 0x100000, 0xFFA000},
};

static void names_and_filesystems_are_those_of_the_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < OTTER_LAYOUT_COUNT; i++) {
        const struct otter_layout *layout = otter_layout_get(i);
        assert_string_equal(layout->name, table[i].name);
        assert_int_equal(layout->filesystem_start, table[i].filesystem_start);
        assert_int_equal(layout->filesystem_end, table[i].filesystem_end);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_are_26_with_names_of_their_own),
        cmocka_unit_test(a_name_must_be_spelt_exactly),
        cmocka_unit_test(regions_follow_one_another_to_the_end_of_the_chip),
        cmocka_unit_test(the_code_ends_at_the_filesystem_or_at_the_mapped_mebibyte),
        cmocka_unit_test(the_largest_upload_is_what_the_tools_print),
        cmocka_unit_test(names_and_filesystems_are_those_of_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
