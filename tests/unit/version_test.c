#include "tests/support/test.h"

#include "format/version.h"

/* Rising. */
static const char *const ladder[] = {
    "-rc1",
    "",
    "beta",
    "0.9",
    "1-rc",
    "1",
    "1.0-alpha",
    "1.0-alpha.1",
    "1.0-rc1",
    "1.0-rc2",
    "1.0-rc10",
    "v1.0",
    "1.0a",
    "1.0.0",
    "1.0.1",
    "1.9",
    "1.10",
    "v2",
    "8.1.0.1",
    "8.1.0.2",
    "20260101",
    "99999999999999999999998",
    "99999999999999999999999",
};

static int sign(int value)
{
    return (value > 0) - (value < 0);
}

static void test_every_pair_is_in_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(ladder); i++)
        for (size_t j = 0; j < TEST_COUNT(ladder); j++)
            assert_int_equal(sign(otter_version_compare(ladder[i], ladder[j])), sign((int)i - (int)j));
}

static void test_what_counts_for_nothing(void **state)
{
    (void)state;
    assert_int_equal(otter_version_compare("v1.2", "1.2"), 0);
    assert_int_equal(otter_version_compare("V1.2", "v1.2"), 0);
    assert_int_equal(otter_version_compare("1.2+build7", "1.2"), 0);
    assert_int_equal(otter_version_compare("1.02", "1.2"), 0);
    assert_int_not_equal(otter_version_compare("vary", "ary"), 0);
}

static void test_what_is_a_version(void **state)
{
    (void)state;
    assert_true(otter_version_is("1.2.3"));
    assert_true(otter_version_is("v7"));
    assert_false(otter_version_is(""));
    assert_false(otter_version_is("valve"));
    assert_false(otter_version_is("-1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_pair_is_in_order),
        cmocka_unit_test(test_what_counts_for_nothing),
        cmocka_unit_test(test_what_is_a_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
