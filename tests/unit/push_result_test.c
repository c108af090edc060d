#include "tests/support/test.h"

#include <string.h>

#include "format/push.h"

#define MD5_ERROR                                                                                            \
    "ERROR[7]: MD5 verification failed: expected: 00000000000000000000000000000000, calculated: "            \
    "64fc31200859b0988c69729e9c4ac6e7"

static void feed(struct otter_push_result_parser *parser, const char *bytes, size_t size, size_t portion)
{
    memset(parser, 0, sizeof(*parser));
    for (size_t at = 0; at < size; at += portion) {
        size_t left = size - at;
        otter_push_result_feed(parser, bytes + at, left < portion ? left : portion);
    }
}

/* The same for every way to cut the stream into equal portions. */
static struct otter_push_result_parser result_of(const char *stream, size_t size)
{
    struct otter_push_result_parser whole;
    struct otter_push_result_parser portions;
    feed(&whole, stream, size, size + 1);
    for (size_t portion = 1; portion <= size; portion++) {
        feed(&portions, stream, size, portion);
        assert_int_equal(portions.result, whole.result);
        assert_int_equal(portions.digits, whole.digits);
        assert_string_equal(portions.text, whole.text);
    }
    return whole;
}

static void assert_result(const char *stream, enum otter_push_result result, uint32_t digits,
                          const char *text)
{
    struct otter_push_result_parser parser = result_of(stream, strlen(stream));
    assert_int_equal(parser.result, result);
    assert_int_equal(parser.digits, digits);
    assert_string_equal(parser.text, text);
}

static void counts_are_signs_of_life(void **state)
{
    (void)state;
    assert_result("", OTTER_PUSH_RESULT_NONE, 0, "");
    assert_result("1460", OTTER_PUSH_RESULT_NONE, 4, "");
    assert_result("1460146014601020", OTTER_PUSH_RESULT_NONE, 16, "");
    assert_result("1460\n1460\r\n", OTTER_PUSH_RESULT_NONE, 8, "");
}

static void ok_is_found_wherever_it_stands(void **state)
{
    (void)state;
    assert_result("OK", OTTER_PUSH_RESULT_OK, 0, "");
    assert_result("1020OK", OTTER_PUSH_RESULT_OK, 4, "");
    assert_result("1020\nOK\n", OTTER_PUSH_RESULT_OK, 4, "");
    assert_result("1460OK1460", OTTER_PUSH_RESULT_OK, 4, "");
    assert_result("OOK", OTTER_PUSH_RESULT_OK, 0, "");
}

static void an_error_is_found_wherever_it_stands(void **state)
{
    (void)state;
    assert_result(MD5_ERROR "\n", OTTER_PUSH_RESULT_ERROR, 0, MD5_ERROR);
    assert_result("1020" MD5_ERROR "\n", OTTER_PUSH_RESULT_ERROR, 4, MD5_ERROR);
    assert_result("1020ERROR[10]: Magic byte is not 0xE9\n", OTTER_PUSH_RESULT_ERROR, 4,
                  "ERROR[10]: Magic byte is not 0xE9");
    assert_result("E", OTTER_PUSH_RESULT_ERROR, 0, "E");
    assert_result("OERROR", OTTER_PUSH_RESULT_ERROR, 0, "ERROR");
}

static void the_first_result_stays(void **state)
{
    (void)state;
    assert_result("OKERROR[7]: late\n", OTTER_PUSH_RESULT_OK, 0, "");
    assert_result("ERROR[4]: OK\n", OTTER_PUSH_RESULT_ERROR, 0, "ERROR[4]: OK");
}

static void half_an_ok_is_none(void **state)
{
    (void)state;
    assert_result("1020O", OTTER_PUSH_RESULT_NONE, 4, "");
    assert_result("K", OTTER_PUSH_RESULT_NONE, 0, "");
    assert_result("O1K", OTTER_PUSH_RESULT_NONE, 1, "");
    assert_result("OxK", OTTER_PUSH_RESULT_NONE, 0, "");
}

static void texts_are_printable_and_on_one_line(void **state)
{
    (void)state;
    assert_result("E\x1b[2J\x01\xff", OTTER_PUSH_RESULT_ERROR, 0, "E?[2J??");
    assert_result("Error\r\nmore\n\n", OTTER_PUSH_RESULT_ERROR, 0, "Error more");
    struct otter_push_result_parser parser = result_of("E\0x", 3);
    assert_string_equal(parser.text, "E?x");
}

static void long_texts_are_cut(void **state)
{
    (void)state;
    char stream[400];
    struct otter_push_result_parser parser;
    memset(stream, 'E', sizeof(stream));
    for (size_t size = 1; size <= sizeof(stream); size++) {
        feed(&parser, stream, size, 7);
        assert_int_equal(strlen(parser.text), size < 160 ? size : 160);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_signs_of_life),
        cmocka_unit_test(ok_is_found_wherever_it_stands),
        cmocka_unit_test(an_error_is_found_wherever_it_stands),
        cmocka_unit_test(the_first_result_stays),
        cmocka_unit_test(half_an_ok_is_none),
        cmocka_unit_test(texts_are_printable_and_on_one_line),
        cmocka_unit_test(long_texts_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
