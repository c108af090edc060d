#include "tests/support/test.h"

#include <string.h>

#include "format/push.h"

#define NONCE32 "1e8f0aa2aee20af7f9d6de3f60ea73fb"
#define NONCE64 "78377b525757b494427f89014f97d79928f3938d14eb51e20fb5dec9834eb304"

static int parse(struct otter_push_answer_parser *parser, const char *bytes, size_t size, size_t portion)
{
    otter_push_answer_init(parser);
    for (size_t at = 0; at < size; at += portion) {
        size_t left = size - at;
        assert_int_equal(otter_push_answer_feed(parser, bytes + at, left < portion ? left : portion),
                         OTTER_OK);
    }
    return otter_push_answer_end(parser);
}

static int answer_of(struct otter_push_answer *answer, const char *datagram, size_t size)
{
    struct otter_push_answer_parser whole;
    struct otter_push_answer_parser bytes;
    int result = parse(&whole, datagram, size, size + 1);
    assert_int_equal(parse(&bytes, datagram, size, 1), result);
    assert_int_equal(bytes.answer.kind, whole.answer.kind);
    assert_int_equal(bytes.answer.digits, whole.answer.digits);
    assert_string_equal(bytes.answer.nonce, whole.answer.nonce);
    assert_string_equal(bytes.answer.text, whole.answer.text);
    *answer = whole.answer;
    return result;
}

static void assert_kind(const char *datagram, enum otter_push_answer_kind kind)
{
    struct otter_push_answer answer;
    assert_int_equal(answer_of(&answer, datagram, strlen(datagram)), OTTER_OK);
    assert_int_equal(answer.kind, kind);
}

static void assert_error(const char *datagram, const char *text)
{
    struct otter_push_answer answer;
    assert_int_equal(answer_of(&answer, datagram, strlen(datagram)), OTTER_OK);
    assert_int_equal(answer.kind, OTTER_PUSH_ANSWER_ERROR);
    assert_string_equal(answer.text, text);
}

static void assert_malformed(const char *datagram)
{
    struct otter_push_answer answer;
    assert_int_equal(answer_of(&answer, datagram, strlen(datagram)), OTTER_ERROR_MALFORMED);
}

static void recorded_answers_are_told_apart(void **state)
{
    (void)state;
    assert_kind("OK", OTTER_PUSH_ANSWER_OK);
    assert_kind("OK\r\n", OTTER_PUSH_ANSWER_OK);
    assert_kind("Authentication Failed", OTTER_PUSH_ANSWER_DENIED);
    assert_kind("Authentication Failed\n", OTTER_PUSH_ANSWER_DENIED);
    assert_error("ERR: ERROR[4]: Not Enough Space\n", "ERROR[4]: Not Enough Space");
}

static void a_nonce_has_32_or_64_hex_digits(void **state)
{
    (void)state;
    struct otter_push_answer answer;
    assert_int_equal(answer_of(&answer, "AUTH " NONCE32, 37), OTTER_OK);
    assert_int_equal(answer.kind, OTTER_PUSH_ANSWER_AUTH);
    assert_int_equal(answer.digits, 32);
    assert_string_equal(answer.nonce, NONCE32);
    assert_int_equal(answer_of(&answer, "AUTH " NONCE64 "\n", 70), OTTER_OK);
    assert_int_equal(answer.digits, 64);
    assert_string_equal(answer.nonce, NONCE64);

    assert_error("AUTH ", "AUTH");
    assert_malformed("AUTH 1e8f0aa2aee20af7f9d6de3f60ea73f");
    assert_malformed("AUTH " NONCE32 "0");
    assert_malformed("AUTH " NONCE64 "0");
    assert_malformed("AUTH " NONCE64 NONCE64 NONCE64);
    assert_malformed("AUTH " NONCE32 " x");
    assert_malformed("AUTH  " NONCE32);
    assert_malformed("AUTH 1e8f0aa2aee20af7f9d6de3f60ea73fg");
    assert_malformed("AUTH 1e8f0aa2aee20af7f9d6de3f60ea73f\x01");
}

static void whatever_else_comes_is_an_errors_text(void **state)
{
    (void)state;
    assert_error("OKAY", "OKAY");
    assert_error("ok", "ok");
    assert_error(" OK", " OK");
    assert_error("Authentication Failed twice", "Authentication Failed twice");
    assert_error("ERR:", "ERR:");
    assert_error("ERR: a\r\nb\n", "a  b");
    assert_error("\x1b[2Jhello\x7f\xff", "?[2Jhello??");
}

static void nothing_is_no_answer(void **state)
{
    (void)state;
    struct otter_push_answer answer;
    assert_malformed("");
    assert_malformed("\n");
    assert_malformed("   \r\n");
    assert_int_equal(answer_of(&answer, "O\0K", 3), OTTER_OK);
    assert_string_equal(answer.text, "O?K");
}

static void long_texts_are_cut(void **state)
{
    (void)state;
    char datagram[1000] = "ERR: ";
    struct otter_push_answer answer;
    memset(datagram + 5, 'x', sizeof(datagram) - 5);
    for (size_t size = 6; size <= sizeof(datagram); size++) {
        assert_int_equal(answer_of(&answer, datagram, size), OTTER_OK);
        assert_int_equal(strlen(answer.text), size - 5 < 128 ? size - 5 : 128);
    }
}

static void assert_written(const struct otter_push_answer *answer, const char *expected)
{
    char out[OTTER_PUSH_DATAGRAM_MAX];
    size_t length = strlen(expected);
    assert_int_equal(otter_push_answer_encode(out, sizeof(out), answer), length);
    assert_string_equal(out, expected);
    assert_int_equal(otter_push_answer_encode(out, length, answer), OTTER_ERROR_BUFFER);
}

static void answers_are_written_as_the_existing_device_does(void **state)
{
    (void)state;
    assert_written(&(struct otter_push_answer){.kind = OTTER_PUSH_ANSWER_OK}, "OK");
    assert_written(&(struct otter_push_answer){.kind = OTTER_PUSH_ANSWER_DENIED}, "Authentication Failed");
    assert_written(
        &(struct otter_push_answer){.kind = OTTER_PUSH_ANSWER_AUTH, .digits = 64, .nonce = NONCE64},
        "AUTH " NONCE64);
    assert_written(
        &(struct otter_push_answer){.kind = OTTER_PUSH_ANSWER_ERROR, .text = "ERROR[5]: Bad Size Given"},
        "ERR: ERROR[5]: Bad Size Given\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recorded_answers_are_told_apart),
        cmocka_unit_test(a_nonce_has_32_or_64_hex_digits),
        cmocka_unit_test(whatever_else_comes_is_an_errors_text),
        cmocka_unit_test(nothing_is_no_answer),
        cmocka_unit_test(long_texts_are_cut),
        cmocka_unit_test(answers_are_written_as_the_existing_device_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
