#include "tests/support/test.h"

#include <string.h>

#include "format/error.h"
#include "format/text.h"

static void hex_is_lower_case_and_round_trips(void **state)
{
    (void)state;
    uint8_t bytes[256];
    uint8_t back[256];
    char text[513];
    for (unsigned i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)i;
    otter_hex_encode(text, bytes, sizeof(bytes));
    assert_int_equal(strlen(text), 512);
    assert_memory_equal(text, "000102030405060708090a0b0c0d0e0f10", 34);
    assert_string_equal(text + 508, "feff");
    assert_true(otter_hex_decode(back, sizeof(back), text));
    assert_memory_equal(back, bytes, sizeof(bytes));
}

static void hex_of_either_case_is_decoded(void **state)
{
    (void)state;
    uint8_t bytes[3];
    assert_true(otter_hex_decode(bytes, 3, "aBCdEf"));
    assert_memory_equal(bytes, "\xAB\xCD\xEF", 3);
}

static void hex_of_another_length_or_with_other_characters_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "a", "abc", "abcde", "ag", "abc ", "0x12", "abcg", ":bcd"};
    uint8_t bytes[2];
    for (size_t i = 0; i < TEST_COUNT(wrong); i++)
        assert_false(otter_hex_decode(bytes, 2, wrong[i]));
}

static void every_character_has_its_hex_value(void **state)
{
    (void)state;
    static const char lower[] = "0123456789abcdef";
    static const char upper[] = "0123456789ABCDEF";
    for (int c = -128; c < 128; c++) {
        const char *in_lower = c != 0 ? strchr(lower, c & 0xFF) : NULL;
        const char *in_upper = c != 0 ? strchr(upper, c & 0xFF) : NULL;
        long value = in_lower != NULL ? in_lower - lower : in_upper != NULL ? in_upper - upper : -1;
        assert_int_equal(otter_hex_value((char)c), value);
    }
}

static void every_character_comes_out_printable(void **state)
{
    (void)state;
    for (int c = -128; c < 128; c++)
        assert_int_equal(otter_text_printable((char)c), c >= 0x20 && c <= 0x7E ? c : '?');
}

static void text_is_put_together(void **state)
{
    (void)state;
    char out[64];
    struct otter_text text;
    otter_text_init(&text, out, sizeof(out));
    assert_string_equal(out, "");
    otter_text_add(&text, "a ");
    otter_text_add_decimal(&text, 0);
    otter_text_add_bytes(&text, " bcd", 2);
    otter_text_add_decimal(&text, UINT32_MAX);
    assert_int_equal(otter_text_end(&text), 15);
    assert_string_equal(out, "a 0 b4294967295");
}

static void text_never_overruns(void **state)
{
    (void)state;
    for (size_t size = 1; size <= 8; size++) {
        char out[9];
        struct otter_text text;
        memset(out, '#', sizeof(out));
        otter_text_init(&text, out, size);
        otter_text_add(&text, "abc");
        otter_text_add_decimal(&text, 1234);
        assert_int_equal(otter_text_end(&text), size >= 8 ? 7 : OTTER_ERROR_BUFFER);
        assert_int_equal(strlen(out), size - 1);
        assert_memory_equal(out, "abc1234", size - 1);
        assert_int_equal(out[size], '#');
    }
}

static void an_overflow_is_not_forgotten(void **state)
{
    (void)state;
    char out[4];
    struct otter_text text;
    otter_text_init(&text, out, sizeof(out));
    otter_text_add(&text, "abcd");
    otter_text_add(&text, "");
    assert_int_equal(otter_text_end(&text), OTTER_ERROR_BUFFER);
    assert_string_equal(out, "abc");
}

static void a_decimal_is_digits_alone_and_fits(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", " ", "-1", "+1", "1 ", " 1", "1a", "4294967296", "99999999999"};
    uint32_t value = 7;
    for (size_t i = 0; i < TEST_COUNT(wrong); i++)
        assert_false(otter_decimal_decode(&value, wrong[i]));
    assert_int_equal(value, 7);
    assert_true(otter_decimal_decode(&value, "0"));
    assert_int_equal(value, 0);
    assert_true(otter_decimal_decode(&value, "0004294967295"));
    assert_int_equal(value, UINT32_MAX);
}

static void names_are_the_same_in_any_case(void **state)
{
    (void)state;
    assert_true(otter_text_is_same("", ""));
    assert_true(otter_text_is_same("Content-Length", "cONTENT-lENGTH"));
    assert_false(otter_text_is_same("Content-Length", "Content-Lengt"));
    assert_false(otter_text_is_same("Content-Lengt", "Content-Length"));
    assert_false(otter_text_is_same("@", "`"));
    assert_false(otter_text_is_same("[", "{"));
}

static void a_hostname_is_one_label(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",    "-a",       "a-", "a.b", "a_b",
        "a b", "\xc3\xa4", "@",  "[",   "0123456789012345678901234567890123456789012345678901234567890123"};
    for (size_t i = 0; i < TEST_COUNT(wrong); i++)
        if (otter_hostname_is(wrong[i]))
            fail_msg("taken: %s", wrong[i]);
    assert_true(otter_hostname_is("a"));
    assert_true(otter_hostname_is("ESP8266-0a"));
    assert_true(otter_hostname_is("012345678901234567890123456789012345678901234567890123456789012"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hex_is_lower_case_and_round_trips),
        cmocka_unit_test(hex_of_either_case_is_decoded),
        cmocka_unit_test(hex_of_another_length_or_with_other_characters_is_refused),
        cmocka_unit_test(every_character_has_its_hex_value),
        cmocka_unit_test(every_character_comes_out_printable),
        cmocka_unit_test(text_is_put_together),
        cmocka_unit_test(text_never_overruns),
        cmocka_unit_test(an_overflow_is_not_forgotten),
        cmocka_unit_test(a_decimal_is_digits_alone_and_fits),
        cmocka_unit_test(names_are_the_same_in_any_case),
        cmocka_unit_test(a_hostname_is_one_label),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
