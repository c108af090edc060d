#include "tests/support/test.h"

#include <string.h>

#include "format/crc32.h"
#include "tests/support/seed.h"

/* The definition, bit by bit. */
static uint32_t crc_by_bits(uint32_t crc, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        for (uint8_t bit = 0x80; bit != 0; bit >>= 1)
            crc = crc << 1 ^ ((crc >> 31 ^ ((bytes[i] & bit) != 0)) ? 0x04C11DB7u : 0);
    return crc;
}

static void the_check_value_is_right(void **state)
{
    (void)state;
    assert_int_equal(otter_crc32_update(OTTER_CRC32_INIT, "123456789", 9), 0x0376E6E7);
}

static void nothing_changes_nothing(void **state)
{
    (void)state;
    assert_int_equal(otter_crc32_update(0x12345678, "", 0), 0x12345678);
}

static void it_is_the_definition_for_every_byte(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 256; i++) {
        uint8_t byte = (uint8_t)i;
        assert_int_equal(otter_crc32_update(OTTER_CRC32_INIT, &byte, 1),
                         crc_by_bits(OTTER_CRC32_INIT, &byte, 1));
        assert_int_equal(otter_crc32_update(0, &byte, 1), crc_by_bits(0, &byte, 1));
    }
}

static void portions_do_not_matter(void **state)
{
    (void)state;
    uint64_t seed = 1;
    uint8_t bytes[300];
    seed_fill(&seed, bytes, sizeof(bytes));
    uint32_t whole = crc_by_bits(OTTER_CRC32_INIT, bytes, sizeof(bytes));
    for (size_t cut = 0; cut <= sizeof(bytes); cut++) {
        uint32_t crc = otter_crc32_update(OTTER_CRC32_INIT, bytes, cut);
        assert_int_equal(otter_crc32_update(crc, bytes + cut, sizeof(bytes) - cut), whole);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_check_value_is_right),
        cmocka_unit_test(nothing_changes_nothing),
        cmocka_unit_test(it_is_the_definition_for_every_byte),
        cmocka_unit_test(portions_do_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
