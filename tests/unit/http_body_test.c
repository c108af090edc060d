#include "format/http_body.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/require.h"
#include "tests/support/test.h"

struct reader {
    struct otter_http_body body;
    char content[100];
    size_t length;
    int refusal; /* what the taker returns */
};

static int take(void *context, const void *bytes, size_t size)
{
    struct reader *reader = context;
    REQUIRE(size > 0 && reader->length + size < sizeof(reader->content), "too much content");
    memcpy(reader->content + reader->length, bytes, size);
    reader->length += size;
    return reader->refusal;
}

static int feed(struct reader *reader, const char *text, size_t portion)
{
    int total = 0;
    const size_t size = strlen(text);
    for (size_t at = 0; at < size && !otter_http_body_is_complete(&reader->body); at += portion) {
        const size_t left = size - at;
        const int count = otter_http_body_feed(&reader->body, text + at, left < portion ? left : portion);
        if (count < 0)
            return count;
        total += count;
    }
    return total;
}

/* Bytes of the body in TEXT, or an error: the same for whole and single bytes. */
static int read_chunked(struct reader *reader, const char *text)
{
    struct reader bytes = {0};
    *reader = (struct reader){0};
    otter_http_body_init_chunked(&bytes.body, take, &bytes);
    otter_http_body_init_chunked(&reader->body, take, reader);
    const int result = feed(reader, text, strlen(text));
    assert_int_equal(feed(&bytes, text, 1), result);
    assert_string_equal(bytes.content, reader->content);
    assert_int_equal(otter_http_body_is_complete(&bytes.body), otter_http_body_is_complete(&reader->body));
    return result;
}

static void reads_chunks(void **state)
{
    static const struct {
        const char *text, *content;
        int behind; /* bytes of the next message */
    } cases[] = {
        {"0\r\n\r\n", "", 0},
        {"5\r\nhello\r\n0\r\n\r\n", "hello", 0},
        {"5\r\nhello\r\n1\r\n \r\n0A\r\n0123456789\r\n000\r\n\r\nHTTP", "hello 0123456789", 4},
        {"5\nhello\n0\n\n", "hello", 0},
        {"5;name=value\r\nhello\r\n0;x\r\n\r\n", "hello", 0},
        {"5 \t\r\nhello\r\n0\r\n\r\n", "hello", 0},
        {"5\r\nhello\r\n0\r\nTrailer: a\r\nOther: b\r\n\r\nx", "hello", 1},
        {"4\r\n\r\n\r\n\r\n0\r\n\r\n", "\r\n\r\n", 0},
    };
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        struct reader reader;
        REQUIRE(read_chunked(&reader, cases[i].text) == (int)strlen(cases[i].text) - cases[i].behind,
                "not taken: %s", cases[i].text);
        assert_true(otter_http_body_is_complete(&reader.body));
        assert_string_equal(reader.content, cases[i].content);
    }
}

static void refuses_bad_framing(void **state)
{
    static const char *const cases[] = {
        "\r\n",          "g\r\n",         "-1\r\n",       "5x\r\n",       ";x\r\n",
        "100000000\r\n", "000000005\r\n", "2\r\nabc\r\n", "2\r\nab0\r\n",
    };
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        struct reader reader;
        REQUIRE(read_chunked(&reader, cases[i]) == OTTER_ERROR_MALFORMED, "taken: %s", cases[i]);
        assert_int_equal(otter_http_body_feed(&reader.body, "0\r\n\r\n", 5), OTTER_ERROR_MALFORMED);
        assert_false(otter_http_body_is_complete(&reader.body));
    }
}

static void framing_is_bounded(void **state)
{
    struct reader reader = {0};
    int result;
    unsigned count = 0;
    (void)state;
    otter_http_body_init_chunked(&reader.body, take, &reader);
    assert_int_equal(feed(&reader, "5;", 2), 2);
    while ((result = feed(&reader, "x", 1)) > 0)
        count++;
    assert_int_equal(result, OTTER_ERROR_BUFFER);
    assert_int_equal(count, OTTER_HTTP_CHUNK_HEAD_MAX - 2);

    otter_http_body_init_chunked(&reader.body, take, &reader);
    assert_int_equal(feed(&reader, "0\r\n", 3), 3);
    for (count = 0; (result = feed(&reader, "a: b\r\n", 6)) > 0;)
        count += 6;
    assert_int_equal(result, OTTER_ERROR_BUFFER);
    assert_true(count <= OTTER_HTTP_TRAILER_MAX);
}

static void an_unfinished_body_is_not_complete(void **state)
{
    static const char whole[] = "5\r\nhello\r\n0\r\n\r\n";
    (void)state;
    for (size_t size = 0; size < sizeof(whole) - 1; size++) {
        struct reader reader;
        char text[sizeof(whole)];
        snprintf(text, sizeof(text), "%.*s", (int)size, whole);
        assert_int_equal(read_chunked(&reader, text), size);
        assert_false(otter_http_body_is_complete(&reader.body));
    }
}

static void reads_a_length(void **state)
{
    (void)state;
    for (size_t portion = 1; portion < 8; portion++) {
        struct reader reader = {0};
        otter_http_body_init(&reader.body, 5, take, &reader);
        assert_false(otter_http_body_is_complete(&reader.body));
        assert_int_equal(feed(&reader, "hello", portion), 5);
        assert_true(otter_http_body_is_complete(&reader.body));
        assert_int_equal(otter_http_body_feed(&reader.body, "more", 4), 0);
        assert_string_equal(reader.content, "hello");
    }
}

static void no_length_is_complete_at_once(void **state)
{
    struct reader reader = {0};
    (void)state;
    otter_http_body_init(&reader.body, 0, take, &reader);
    assert_true(otter_http_body_is_complete(&reader.body));
}

static void the_takers_error_sticks(void **state)
{
    struct reader reader = {.refusal = OTTER_ERROR_SPACE};
    (void)state;
    otter_http_body_init(&reader.body, 5, take, &reader);
    assert_int_equal(otter_http_body_feed(&reader.body, "hello", 5), OTTER_ERROR_SPACE);
    assert_int_equal(otter_http_body_feed(&reader.body, "x", 1), OTTER_ERROR_SPACE);
    assert_false(otter_http_body_is_complete(&reader.body));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_chunks),
        cmocka_unit_test(refuses_bad_framing),
        cmocka_unit_test(framing_is_bounded),
        cmocka_unit_test(an_unfinished_body_is_not_complete),
        cmocka_unit_test(reads_a_length),
        cmocka_unit_test(no_length_is_complete_at_once),
        cmocka_unit_test(the_takers_error_sticks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
