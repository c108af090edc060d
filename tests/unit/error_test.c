#include "tests/support/test.h"

#include <string.h>

#include "format/error.h"

/* spec/image.md, section 3 */
static const char *const known[] = {
    "No Error",
    "Flash Write Failed",
    "Flash Erase Failed",
    "Flash Read Failed",
    "Not Enough Space",
    "Bad Size Given",
    "Stream Read Timeout",
    "MD5 verification failed",
    "Flash config wrong",
    "new Flash config wrong",
    "Magic byte is not 0xE9",
    "Invalid bootstrapping state, reset ESP8266 before updating",
    "Signature verification failed",
    "No data supplied",
    "Out of memory",
    "Update already running",
    "Unknown update command",
};

static void numbers_and_texts_are_those_that_users_know(void **state)
{
    (void)state;
    for (int number = 0; number < (int)TEST_COUNT(known); number++) {
        assert_int_equal(otter_error_number((enum otter_error) - number), number);
        assert_string_equal(otter_error_text((enum otter_error) - number), known[number]);
    }
    assert_int_equal(otter_error_number(OTTER_ERROR_IMAGE), 17);
    assert_int_equal(otter_error_number(OTTER_ERROR_CHECKSUM), 18);
    assert_int_equal(otter_error_number(OTTER_ERROR_BOOTLOADER), 19);
}

static void errors_of_otter_alone_have_a_text_and_no_number(void **state)
{
    (void)state;
    for (int error = OTTER_ERROR_SECURE; error <= OTTER_ERROR_ARGUMENT; error++) {
        assert_int_equal(otter_error_number((enum otter_error)error), -1);
        assert_string_not_equal(otter_error_text((enum otter_error)error), "Unknown error");
    }
    assert_string_equal(otter_error_text(OTTER_ERROR_BOOTLOADER), "Image would replace otter's bootloader");
    assert_string_equal(otter_error_text(OTTER_ERROR_ARGUMENT), "Wrong argument");
    assert_string_equal(otter_error_text(OTTER_ERROR_TRANSPORT), "Network failed");
    assert_string_equal(otter_error_text(OTTER_ERROR_SECURE), "TLS failed");
}

static void what_is_no_error_has_a_text_too(void **state)
{
    (void)state;
    static const int strange[] = {1, -20, -31, -43, INT16_MIN, INT16_MAX};
    for (size_t i = 0; i < TEST_COUNT(strange); i++) {
        assert_int_equal(otter_error_number((enum otter_error)strange[i]), -1);
        assert_string_equal(otter_error_text((enum otter_error)strange[i]), "Unknown error");
    }
}

static void print(enum otter_error error, const struct otter_error_detail *detail, const char *expected)
{
    char out[160];
    int length = otter_error_print(out, sizeof(out), error, detail);
    assert_string_equal(out, expected);
    assert_int_equal(length, strlen(expected));
}

static void errors_are_printed_with_their_number(void **state)
{
    (void)state;
    print(OTTER_OK, NULL, "ERROR[0]: No Error");
    print(OTTER_ERROR_SPACE, NULL, "ERROR[4]: Not Enough Space");
    print(OTTER_ERROR_MAGIC_BYTE, NULL, "ERROR[10]: Magic byte is not 0xE9");
    print(OTTER_ERROR_MD5, NULL, "ERROR[7]: MD5 verification failed");
    print(OTTER_ERROR_CHECKSUM, NULL, "ERROR[18]: Image checksum is wrong");
    print(OTTER_ERROR_BOOTLOADER, NULL, "ERROR[19]: Image would replace otter's bootloader");
    print(OTTER_ERROR_TIMEOUT, NULL, "ERROR: Timeout");
}

static void errors_are_printed_with_their_detail(void **state)
{
    (void)state;
    const struct otter_error_detail detail = {
        .expected = "00000000000000000000000000000000",
        .calculated = "64fc31200859b0988c69729e9c4ac6e7",
        .real = 1048576,
        .configured = 4194304,
    };
    print(OTTER_ERROR_MD5, &detail,
          "ERROR[7]: MD5 verification failed: expected: 00000000000000000000000000000000, "
          "calculated: 64fc31200859b0988c69729e9c4ac6e7");
    print(OTTER_ERROR_FLASH_CONFIG, &detail, "ERROR[8]: Flash config wrong: real: 1048576, SDK: 4194304");
    print(OTTER_ERROR_NEW_FLASH_CONFIG, &detail, "ERROR[9]: new Flash config wrong, real size: 1048576");
    print(OTTER_ERROR_SPACE, &detail, "ERROR[4]: Not Enough Space");
}

static void a_small_buffer_holds_what_fits(void **state)
{
    (void)state;
    char out[12];
    assert_int_equal(otter_error_print(out, sizeof(out), OTTER_ERROR_SPACE, NULL), OTTER_ERROR_BUFFER);
    assert_string_equal(out, "ERROR[4]: N");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_and_texts_are_those_that_users_know),
        cmocka_unit_test(errors_of_otter_alone_have_a_text_and_no_number),
        cmocka_unit_test(what_is_no_error_has_a_text_too),
        cmocka_unit_test(errors_are_printed_with_their_number),
        cmocka_unit_test(errors_are_printed_with_their_detail),
        cmocka_unit_test(a_small_buffer_holds_what_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
