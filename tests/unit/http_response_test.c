#include "format/http_response.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/require.h"
#include "tests/support/test.h"

#define LINE_SIZE 128
#define MD5       "64fc31200859b0988c69729e9c4ac6e7"

struct answer {
    struct otter_http_response response;
    struct otter_url url;
    char line[LINE_SIZE];
    int result; /* bytes of the head, or an error */
};

static void read_answer(struct answer *answer, const char *from, const char *text, size_t portion)
{
    memset(answer, 0, sizeof(*answer));
    assert_int_equal(otter_url_parse(&answer->url, from), OTTER_OK);
    otter_http_response_init(&answer->response, answer->line, LINE_SIZE, &answer->url);
    const size_t size = strlen(text);
    for (size_t at = 0; at < size && !otter_http_response_is_complete(&answer->response); at += portion) {
        const size_t left = size - at;
        const int count =
            otter_http_response_feed(&answer->response, text + at, left < portion ? left : portion);
        answer->result = count < 0 ? count : answer->result + count;
        if (count < 0)
            return;
    }
}

/* What whole and single bytes say alike. */
static const struct otter_http_response *answer_from(struct answer *answer, const char *from,
                                                     const char *text)
{
    struct answer bytes;
    read_answer(&bytes, from, text, 1);
    read_answer(answer, from, text, strlen(text));
    assert_int_equal(bytes.result, answer->result);
    if (answer->result < 0)
        return NULL;
    const struct otter_http_response *left = &answer->response, *right = &bytes.response;
    assert_int_equal(left->status, right->status);
    assert_int_equal(left->coding, right->coding);
    assert_int_equal(left->length_is, right->length_is);
    assert_int_equal(left->move, right->move);
    assert_int_equal(left->range_is, right->range_is);
    assert_string_equal(left->etag, right->etag);
    assert_string_equal(left->md5, right->md5);
    assert_string_equal(otter_url_path(&answer->url), otter_url_path(&bytes.url));
    return left;
}

static const struct otter_http_response *read_head(struct answer *answer, const char *text)
{
    return answer_from(answer, "http://a/b/c", text);
}

static void reads_a_download(void **state)
{
    struct answer answer;
    const char *head = "HTTP/1.1 200 OK\r\n"
                       "Server: nginx\r\n"
                       "content-LENGTH: 20000\r\n"
                       "X-md5: " MD5 "\r\n"
                       "ETag: \"5f3-4e20\"\r\n"
                       "x-Version: 1.2.3 beta\r\n\r\n";
    char text[400];
    (void)state;
    snprintf(text, sizeof(text), "%s\xE9rest", head);
    const struct otter_http_response *response = read_head(&answer, text);
    assert_non_null(response);
    assert_int_equal(answer.result, strlen(head));
    assert_int_equal(response->status, 200);
    assert_int_equal(response->coding, OTTER_HTTP_PLAIN);
    assert_int_equal(response->length_is, OTTER_HTTP_SOUND);
    assert_int_equal(response->length.bytes, 20000);
    assert_int_equal(response->md5_is, OTTER_HTTP_SOUND);
    assert_string_equal(response->md5, MD5);
    assert_string_equal(response->etag, "\"5f3-4e20\"");
    assert_string_equal(response->version, "1.2.3 beta");
    assert_int_equal(response->move, OTTER_HTTP_STAYS);
    assert_int_equal(response->range_is, OTTER_HTTP_ABSENT);
}

static void takes_every_form_of_a_head(void **state)
{
    static const struct {
        const char *text;
        unsigned status;
    } cases[] = {
        {"HTTP/1.0 200 OK\r\n\r\n", 200},
        {"HTTP/1.1 304 Not Modified\n\n", 304},
        {"HTTP/1.1 404 \r\n\r\n", 404},
        {"HTTP/1.1 404\r\n\r\n", 404},
        {"\r\nHTTP/1.9 599 x\r\n\r\n", 599},
        {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", 200},
        {"HTTP/1.1 103 Hints\r\nContent-Length: 7\r\n\r\nHTTP/1.1 100 x\r\n\r\nHTTP/1.0 403 No\r\n\r\n", 403},
    };
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        struct answer answer;
        const struct otter_http_response *response = read_head(&answer, cases[i].text);
        REQUIRE(response && otter_http_response_is_complete(response), "not taken: %s", cases[i].text);
        assert_int_equal(answer.result, strlen(cases[i].text));
        assert_int_equal(response->status, cases[i].status);
        assert_int_equal(response->length_is, OTTER_HTTP_ABSENT);
    }
}

static void refuses_what_is_no_http(void **state)
{
    static const char *const cases[] = {
        "220 ftp.example ready\r\n",
        "HTTP/2 200\r\n",
        "HTTP/1.1200 OK\r\n",
        "HTTP/1.1 20 OK\r\n",
        "HTTP/1.1 2000 OK\r\n",
        "HTTP/1.1 abc\r\n",
        "http/1.1 200 OK\r\n",
        "HTTP/1.1 099 x\r\n",
        "HTTP/1. 200 OK\r\n",
        "<html>\r\n",
        "SSH-2.0-x\r\n",
        "HTTP/1.1  200 OK\r\n",
        "HTTP/1.1 200 OK\r\nno field\r\n",
        "HTTP/1.1 200 OK\r\n a: b\r\n",
    };
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        struct answer answer;
        REQUIRE(!read_head(&answer, cases[i]) && answer.result == OTTER_ERROR_MALFORMED, "taken: %s",
                cases[i]);
    }
}

static void an_unfinished_head_is_not_complete(void **state)
{
    struct answer answer;
    (void)state;
    assert_false(otter_http_response_is_complete(read_head(&answer, "HTTP/1.1 200 OK\r\nA: b\r\n")));
    assert_false(otter_http_response_is_complete(read_head(&answer, "HTTP/1.1 100 Continue\r\n\r\n")));
}

static void a_head_without_end_is_refused(void **state)
{
    struct otter_http_response response = {0};
    struct otter_url url;
    char line[LINE_SIZE];
    int result;
    size_t total = 0;
    (void)state;
    assert_int_equal(otter_url_parse(&url, "http://a"), OTTER_OK);
    otter_http_response_init(&response, line, sizeof(line), &url);
    assert_true(otter_http_response_feed(&response, "HTTP/1.1 200 OK\r\n", 17) == 17);
    while ((result = otter_http_response_feed(&response, "A: b\r\n", 6)) > 0 && total < 1000000)
        total += (size_t)result;
    assert_int_equal(result, OTTER_ERROR_BUFFER);
}

static void judges_lengths(void **state)
{
    static const struct {
        const char *fields;
        int length_is;
        uint32_t bytes;
    } cases[] = {
        {"Content-Length: 0\r\n", OTTER_HTTP_SOUND, 0},
        {"Content-Length: 4294967295\r\n", OTTER_HTTP_SOUND, UINT32_MAX},
        {"Content-Length: 7\r\nContent-Length: 7\r\n", OTTER_HTTP_SOUND, 7},
        {"Content-Length: 7\r\nContent-Length: 8\r\n", OTTER_HTTP_UNSOUND, 0},
        {"Content-Length: 7\r\nContent-Length: 8\r\nContent-Length: 7\r\n", OTTER_HTTP_UNSOUND, 0},
        {"Content-Length: 4294967296\r\n", OTTER_HTTP_UNSOUND, 0},
        {"Content-Length: -1\r\n", OTTER_HTTP_UNSOUND, 0},
        {"Content-Length: 0x10\r\n", OTTER_HTTP_UNSOUND, 0},
        {"Content-Length:\r\n", OTTER_HTTP_UNSOUND, 0},
        {"Content-Length: 7, 7\r\n", OTTER_HTTP_UNSOUND, 0},
    };
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        struct answer answer;
        char text[200];
        snprintf(text, sizeof(text), "HTTP/1.1 200 OK\r\n%s\r\n", cases[i].fields);
        const struct otter_http_response *response = read_head(&answer, text);
        assert_non_null(response);
        assert_int_equal(response->length_is, cases[i].length_is);
        if (response->length_is == OTTER_HTTP_SOUND)
            assert_int_equal(response->length.bytes, cases[i].bytes);
    }
}

static void judges_codings(void **state)
{
    static const struct {
        const char *fields;
        int coding;
    } cases[] = {
        {"Transfer-Encoding: chunked\r\n", OTTER_HTTP_CHUNKED},
        {"Transfer-Encoding: Chunked\r\n", OTTER_HTTP_CHUNKED},
        {"Transfer-Encoding: identity\r\n", OTTER_HTTP_PLAIN},
        {"Transfer-Encoding: gzip, chunked\r\n", OTTER_HTTP_CODED},
        {"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", OTTER_HTTP_CODED},
    };
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        struct answer answer;
        char text[200];
        snprintf(text, sizeof(text), "HTTP/1.1 200 OK\r\n%s\r\n", cases[i].fields);
        assert_int_equal(read_head(&answer, text)->coding, cases[i].coding);
    }
}

static void judges_md5s(void **state)
{
    static const struct {
        const char *fields;
        int md5_is;
    } cases[] = {
        {"", OTTER_HTTP_ABSENT},
        {"x-MD5: 64FC31200859B0988C69729E9C4AC6E7\r\n", OTTER_HTTP_SOUND},
        {"x-MD5: 64fc31200859b0988c69729e9c4ac6e\r\n", OTTER_HTTP_UNSOUND},
        {"x-MD5: 64fc31200859b0988c69729e9c4ac6e70\r\n", OTTER_HTTP_UNSOUND},
        {"x-MD5: 64fc31200859b0988c69729e9c4ac6eg\r\n", OTTER_HTTP_UNSOUND},
        {"x-MD5:\r\n", OTTER_HTTP_UNSOUND},
        {"x-MD5: " MD5 "\r\nx-MD5: " MD5 "\r\n", OTTER_HTTP_UNSOUND},
    };
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        struct answer answer;
        char text[200];
        snprintf(text, sizeof(text), "HTTP/1.1 200 OK\r\n%s\r\n", cases[i].fields);
        assert_int_equal(read_head(&answer, text)->md5_is, cases[i].md5_is);
    }
}

static void judges_etags(void **state)
{
    static const struct {
        const char *etag, *kept;
    } cases[] = {
        {"\"a\"", "\"a\""},
        {"\"\"", "\"\""},
        {"W/\"a\"", ""},
        {"a", ""},
        {"\"", ""},
        {"\"123456789012345678901234567890123456789012345678901234567890.\"",
         "\"123456789012345678901234567890123456789012345678901234567890.\""},
        {"\"123456789012345678901234567890123456789012345678901234567890..\"", ""},
    };
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        struct answer answer;
        char text[200];
        snprintf(text, sizeof(text), "HTTP/1.1 200 OK\r\nETag: %s\r\n\r\n", cases[i].etag);
        assert_string_equal(read_head(&answer, text)->etag, cases[i].kept);
    }
}

static void remembers_an_etag_to_compare(void **state)
{
    static const struct {
        const char *fields;
        int etag_is;
    } cases[] = {{"ETag: \"a\"\r\n", OTTER_HTTP_ETAG_SAME},
                 {"ETag: \"b\"\r\n", OTTER_HTTP_ETAG_OTHER},
                 {"ETag: W/\"a\"\r\n", OTTER_HTTP_ETAG_OTHER},
                 {"", OTTER_HTTP_ETAG_ABSENT}};
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        struct otter_http_response response = {.etag = "\"a\""};
        struct otter_url url;
        char line[LINE_SIZE], text[100];
        assert_int_equal(otter_url_parse(&url, "http://a"), OTTER_OK);
        otter_http_response_init(&response, line, sizeof(line), &url);
        const int length = snprintf(text, sizeof(text), "HTTP/1.1 206 Part\r\n%s\r\n", cases[i].fields);
        assert_int_equal(otter_http_response_feed(&response, text, (size_t)length), length);
        assert_int_equal(response.etag_is, cases[i].etag_is);
    }
}

static void only_an_etag_of_a_file_counts(void **state)
{
    static const char *const statuses[] = {"302", "304", "404", "416", "503"};
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(statuses); i++) {
        struct answer answer;
        char text[100];
        snprintf(text, sizeof(text), "HTTP/1.1 %s x\r\nETag: \"a\"\r\n\r\n", statuses[i]);
        assert_string_equal(read_head(&answer, text)->etag, "");
    }
}

static void judges_ranges(void **state)
{
    static const struct {
        const char *range;
        bool sound;
        uint32_t start, end, total;
    } cases[] = {
        {"bytes 1000-1999/2000", true, 1000, 2000, 2000},
        {"Bytes 0-0/1", true, 0, 1, 1},
        {"bytes 0-4294967293/4294967295", true, 0, 4294967294, UINT32_MAX},
        {"bytes 0-4294967295/4294967295", false, 0, 0, 0},
        {"bytes 5-4/10", false, 0, 0, 0},
        {"bytes 5-10/10", false, 0, 0, 0},
        {"bytes 5-9/*", false, 0, 0, 0},
        {"bytes */10", false, 0, 0, 0},
        {"bytes=5-9/10", false, 0, 0, 0},
        {"items 5-9/10", false, 0, 0, 0},
        {"bytes 5-9/99999999999", false, 0, 0, 0},
        {"bytes -9/10", false, 0, 0, 0},
        {"", false, 0, 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        struct answer answer;
        char text[200];
        snprintf(text, sizeof(text), "HTTP/1.1 206 Part\r\nContent-Range: %s\r\n\r\n", cases[i].range);
        const struct otter_http_response *response = read_head(&answer, text);
        REQUIRE(response->range_is == (cases[i].sound ? OTTER_HTTP_SOUND : OTTER_HTTP_UNSOUND), "%s",
                cases[i].range);
        if (!cases[i].sound)
            continue;
        assert_int_equal(response->range_start, cases[i].start);
        assert_int_equal(response->range_end, cases[i].end);
        assert_int_equal(response->range_total, cases[i].total);
    }
}

static void judges_redirections(void **state)
{
    static const struct {
        const char *fields, *path;
        unsigned status;
        int move;
    } cases[] = {
        {"Location: /x\r\n", "/x", 302, OTTER_HTTP_MOVES},
        {"Location: d?e\r\n", "/b/d?e", 301, OTTER_HTTP_MOVES},
        {"Location: https://a:443/x\r\n", "/x", 303, OTTER_HTTP_MOVES},
        {"Location: https://other/x\r\n", "/x", 307, OTTER_HTTP_LEAVES},
        {"Location: https://a:444/x\r\n", "/x", 308, OTTER_HTTP_LEAVES},
        {"Location: http://a/x\r\n", "/x", 302, OTTER_HTTP_DESCENDS},
        {"", "/b/c", 302, OTTER_HTTP_STAYS},
        {"Location: ftp://a/x\r\n", NULL, 302, OTTER_HTTP_STRAYS},
        {"Location: /x\r\nLocation: /y\r\n", NULL, 302, OTTER_HTTP_STRAYS},
        {"Location: /1234567890123456789012345678901234567890123456789012345678901234567890123456"
         "789012345678901234567890123456789012345678901234567890\r\n",
         NULL, 302, OTTER_HTTP_STRAYS},
        {"Location: /x\r\n", "/b/c", 200, OTTER_HTTP_STAYS},
        {"Location: /x\r\n", "/b/c", 300, OTTER_HTTP_STAYS},
        {"Location: /x\r\n", "/b/c", 304, OTTER_HTTP_STAYS},
    };
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        struct answer answer;
        char text[300];
        snprintf(text, sizeof(text), "HTTP/1.1 %u Found\r\n%s\r\n", cases[i].status, cases[i].fields);
        const struct otter_http_response *response = answer_from(&answer, "https://a/b/c", text);
        REQUIRE(response && response->move == cases[i].move, "%u %s", cases[i].status, cases[i].fields);
        if (cases[i].path != NULL)
            assert_string_equal(otter_url_path(&answer.url), cases[i].path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_download),
        cmocka_unit_test(takes_every_form_of_a_head),
        cmocka_unit_test(refuses_what_is_no_http),
        cmocka_unit_test(an_unfinished_head_is_not_complete),
        cmocka_unit_test(a_head_without_end_is_refused),
        cmocka_unit_test(judges_lengths),
        cmocka_unit_test(judges_codings),
        cmocka_unit_test(judges_md5s),
        cmocka_unit_test(judges_etags),
        cmocka_unit_test(remembers_an_etag_to_compare),
        cmocka_unit_test(only_an_etag_of_a_file_counts),
        cmocka_unit_test(judges_ranges),
        cmocka_unit_test(judges_redirections),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
