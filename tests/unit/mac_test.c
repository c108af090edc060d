#include "tests/support/test.h"

#include "format/mac.h"

static const uint64_t sample = UINT64_C(0x18FE34A1B2C3);

static void test_to_text_and_back(void **state)
{
    (void)state;
    char text[OTTER_MAC_TEXT];
    uint64_t mac = 0;
    otter_mac_encode(text, sample);
    assert_string_equal(text, "18:FE:34:A1:B2:C3");
    assert_true(otter_mac_decode(&mac, text));
    assert_true(mac == sample);
}

static void test_spellings(void **state)
{
    (void)state;
    static const char *const spellings[] = {"18:fe:34:a1:b2:c3", "18-FE-34-A1-B2-C3", "18fe34A1B2C3"};
    for (size_t i = 0; i < TEST_COUNT(spellings); i++) {
        uint64_t mac = 0;
        assert_true(otter_mac_decode(&mac, spellings[i]));
        assert_true(mac == sample);
    }
}

static void test_what_is_none(void **state)
{
    (void)state;
    static const char *const others[] = {
        "",
        "1",
        "18:FE:34:A1:B2",
        "18:FE:34:A1:B2:C",
        "18:FE:34:A1:B2:C3:",
        "18:FE:34:A1:B2:C3:00",
        "18:FE-34:A1:B2:C3",
        "18FE:34:A1:B2:C3",
        "18:FE34:A1:B2:C3",
        "18 FE 34 A1 B2 C3",
        "1G:FE:34:A1:B2:C3",
        "00:00:00:00:00:00",
    };
    for (size_t i = 0; i < TEST_COUNT(others); i++) {
        uint64_t mac = 7;
        assert_false(otter_mac_decode(&mac, others[i]));
        assert_true(mac == 7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_to_text_and_back),
        cmocka_unit_test(test_spellings),
        cmocka_unit_test(test_what_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
