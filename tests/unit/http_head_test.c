#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "format/http_head.h"

/* What the parser made of a head: "name=value|" for each line, '~' after a value that was cut. */
struct seen {
    struct otter_http_head head;
    char line[40];
    char text[2048];
    const char *refused; /* a name that is refused, or NULL */
};

static int take(void *context, const char *name, char *value, bool cut)
{
    struct seen *seen = context;
    size_t length = strlen(seen->text);
    snprintf(seen->text + length, sizeof(seen->text) - length, "%s=%s%s|", name ? name : "", value,
             cut ? "~" : "");
    return seen->refused && name && strcmp(name, seen->refused) == 0 ? OTTER_ERROR_REFUSED : OTTER_OK;
}

static void begin(struct seen *seen, bool fields_only)
{
    *seen = (struct seen){.refused = seen->refused};
    otter_http_head_init(&seen->head, seen->line, sizeof(seen->line), fields_only, take, seen);
}

/* Bytes taken of MESSAGE, or the error, in portions of PORTION. */
static int feed(struct seen *seen, const char *message, size_t portion)
{
    size_t size = strlen(message), at = 0;
    while (at < size && !otter_http_head_is_complete(&seen->head)) {
        int count =
            otter_http_head_feed(&seen->head, message + at, size - at < portion ? size - at : portion);
        if (count < 0)
            return count;
        at += (size_t)count;
    }
    return (int)at;
}

/* The result, which must be the same for the whole message and for one byte at a time. */
static int parse(struct seen *seen, const char *message, bool fields_only)
{
    struct seen bytes = {.refused = seen->refused};
    begin(seen, fields_only);
    begin(&bytes, fields_only);
    int result = feed(seen, message, SIZE_MAX);
    assert_int_equal(feed(&bytes, message, 1), result);
    assert_string_equal(bytes.text, seen->text);
    if (result < 0)
        assert_int_equal(otter_http_head_feed(&seen->head, "x: y\r\n\r\n", 8), result);
    return result;
}

static void a_head_is_taken_line_by_line(void **state)
{
    (void)state;
    static const char head[] =
        "GET / HTTP/1.1\r\nHost: a.b\r\nX-Empty:\r\nAccept: \t text/html , */* \t\r\n\r\n";
    struct seen seen = {0};
    char message[256];
    snprintf(message, sizeof(message), "%sthe body\r\n\r\n", head);
    assert_int_equal(parse(&seen, message, false), strlen(head));
    assert_true(otter_http_head_is_complete(&seen.head));
    assert_string_equal(seen.text, "=GET / HTTP/1.1|Host=a.b|X-Empty=|Accept=text/html , */*|");
    assert_int_equal(otter_http_head_feed(&seen.head, "x", 1), 0);
}

static void line_feeds_do_and_empty_lines_before_are_skipped(void **state)
{
    (void)state;
    struct seen seen = {0};
    assert_int_equal(parse(&seen, "\r\n\nHTTP/1.0 200 OK\nA:b\n\n", false), 24);
    assert_true(otter_http_head_is_complete(&seen.head));
    assert_string_equal(seen.text, "=HTTP/1.0 200 OK|A=b|");
}

static void a_part_has_no_start_line(void **state)
{
    (void)state;
    struct seen seen = {0};
    assert_int_equal(parse(&seen, "A: b\r\n\r\n", true), 8);
    assert_string_equal(seen.text, "A=b|");
    assert_int_equal(parse(&seen, "\r\nrest", true), 2);
    assert_true(otter_http_head_is_complete(&seen.head));
    assert_string_equal(seen.text, "");
}

static void what_is_malformed_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "GET / HTTP/1.1\r\nA : b\r\n\r\n",   "GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n",
        "GET / HTTP/1.1\r\nA: b\r\n\tc\r\n", "GET / HTTP/1.1\r\n: b\r\n\r\n",
        "GET / HTTP/1.1\r\nno colon\r\n",    "GET / HTTP/1.1\r\nA(: b\r\n\r\n",
        "GET / HTTP/1.1\r\nA: b\rc\r\n\r\n", "GET / HTTP/1.1\r\nA: b\r\r\n\r\n",
        "GET / HTTP/1.1\r\nA: \x01\r\n\r\n", "GET / HTTP/1.1\r\nA: \x7F\r\n\r\n",
        " GET / HTTP/1.1\r\n\r\n",           "GET / HTTP/1.1\r\n\xC3\xA4: b\r\n\r\n",
        "GET / HTTP/1.1\r\n \r\n\r\n",
    };
    for (size_t i = 0; i < TEST_COUNT(wrong); i++) {
        struct seen seen = {0};
        if (parse(&seen, wrong[i], false) != OTTER_ERROR_MALFORMED)
            fail_msg("accepted: \"%s\"", wrong[i]);
    }
    struct seen seen = {0};
    begin(&seen, false);
    assert_int_equal(otter_http_head_feed(&seen.head, "GET\0/", 5), OTTER_ERROR_MALFORMED);
}

static void a_value_may_hold_any_character_beyond_ascii(void **state)
{
    (void)state;
    struct seen seen = {0};
    assert_int_equal(parse(&seen, "A: \xC3\xA4\xFF\r\n\r\n", true), 10);
    assert_string_equal(seen.text, "A=\xC3\xA4\xFF|");
}

static void a_long_field_is_cut_and_a_long_start_line_refused(void **state)
{
    (void)state;
    struct seen seen = {0};
    assert_true(
        parse(&seen, "GET / HTTP/1.1\r\nCookie: 1234567890123456789012345678901\r\nA: b\r\n\r\n", false) > 0);
    assert_string_equal(seen.text, "=GET / HTTP/1.1|Cookie=1234567890123456789012345678901|A=b|");
    assert_true(parse(&seen, "GET / HTTP/1.1\r\nCookie: 12345678901234567890123456789012\r\nA: b\r\n\r\n",
                      false) > 0);
    assert_string_equal(seen.text, "=GET / HTTP/1.1|Cookie=1234567890123456789012345678901~|A=b|");
    assert_int_equal(parse(&seen, "GET /2345678901234567890123456 HTTP/1.1\r\n\r\n", false), 43);
    assert_int_equal(parse(&seen, "GET /23456789012345678901234567 HTTP/1.1\r\n\r\n", false),
                     OTTER_ERROR_BUFFER);
    assert_int_equal(parse(&seen, "a-name-that-is-as-long-as-the-buffer-itself: b\r\n\r\n", true),
                     OTTER_ERROR_MALFORMED);
}

static void the_number_of_lines_is_bounded(void **state)
{
    (void)state;
    struct seen seen = {0};
    begin(&seen, true);
    for (unsigned i = 0; i < OTTER_HTTP_LINES_MAX; i++)
        assert_int_equal(otter_http_head_feed(&seen.head, "A:b\n", 4), 4);
    assert_int_equal(otter_http_head_feed(&seen.head, "A:b\n", 4), OTTER_ERROR_BUFFER);
}

static void the_number_of_bytes_is_bounded(void **state)
{
    (void)state;
    struct seen seen = {0};
    begin(&seen, true);
    for (unsigned i = 0; i < OTTER_HTTP_HEAD_MAX; i++)
        assert_int_equal(otter_http_head_feed(&seen.head, "A", 1), 1);
    assert_int_equal(otter_http_head_feed(&seen.head, "A", 1), OTTER_ERROR_BUFFER);
    begin(&seen, false);
    for (unsigned i = 0; i < OTTER_HTTP_HEAD_MAX / 2; i++)
        assert_int_equal(otter_http_head_feed(&seen.head, "\r\n", 2), 2);
    assert_int_equal(otter_http_head_feed(&seen.head, "\r\n", 2), OTTER_ERROR_BUFFER);
}

static void the_receiver_may_refuse(void **state)
{
    (void)state;
    struct seen seen = {.refused = "B"};
    assert_int_equal(parse(&seen, "A: 1\r\nB: 2\r\nC: 3\r\n\r\n", true), OTTER_ERROR_REFUSED);
    assert_string_equal(seen.text, "A=1|B=2|");
}

static void a_length_is_a_number_that_stays(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",    "-1",         "+1",          "1 ", "0x1",
                                        "1,1", "4294967296", "99999999999", "1e3"};
    struct otter_http_length length = {0};
    assert_int_equal(otter_http_length_take(&length, "4294967295"), OTTER_OK);
    assert_true(length.known);
    assert_int_equal(length.bytes, UINT32_MAX);
    assert_int_equal(otter_http_length_take(&length, "04294967295"), OTTER_OK);
    assert_int_equal(otter_http_length_take(&length, "1"), OTTER_ERROR_MALFORMED);
    assert_int_equal(length.bytes, UINT32_MAX);
    for (size_t i = 0; i < TEST_COUNT(wrong); i++) {
        struct otter_http_length none = {0};
        if (otter_http_length_take(&none, wrong[i]) != OTTER_ERROR_MALFORMED || none.known)
            fail_msg("accepted: \"%s\"", wrong[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_head_is_taken_line_by_line),
        cmocka_unit_test(line_feeds_do_and_empty_lines_before_are_skipped),
        cmocka_unit_test(a_part_has_no_start_line),
        cmocka_unit_test(what_is_malformed_is_refused),
        cmocka_unit_test(a_value_may_hold_any_character_beyond_ascii),
        cmocka_unit_test(a_long_field_is_cut_and_a_long_start_line_refused),
        cmocka_unit_test(the_number_of_lines_is_bounded),
        cmocka_unit_test(the_number_of_bytes_is_bounded),
        cmocka_unit_test(the_receiver_may_refuse),
        cmocka_unit_test(a_length_is_a_number_that_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
