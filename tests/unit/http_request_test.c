#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "format/http_request.h"

static int start(struct otter_http_request *request, const char *line, char path[64])
{
    char copy[128];
    char *at = copy;
    snprintf(copy, sizeof(copy), "%s", line);
    *request = (struct otter_http_request){0};
    int result = otter_http_request_start(request, copy, &at);
    snprintf(path, 64, "%s", result == OTTER_OK ? at : "");
    return result;
}

static int field(struct otter_http_request *request, const char *name, const char *value)
{
    char copy[128];
    snprintf(copy, sizeof(copy), "%s", value);
    return otter_http_request_field(request, name, copy, false);
}

static void request_lines_are_understood(void **state)
{
    (void)state;
    static const struct {
        const char *line, *path;
        enum otter_http_method method;
        unsigned minor;
    } lines[] = {
        {"GET / HTTP/1.1", "/", OTTER_HTTP_GET, 1},
        {"HEAD /update HTTP/1.0", "/update", OTTER_HTTP_HEAD, 0},
        {"POST /update?x=/y HTTP/1.1", "/update", OTTER_HTTP_POST, 1},
        {"POST /update#x HTTP/1.9", "/update", OTTER_HTTP_POST, 9},
        {"OPTIONS * HTTP/1.1", "*", OTTER_HTTP_OPTIONS, 1},
        {"PUT /x HTTP/1.1", "/x", OTTER_HTTP_OTHER, 1},
        {"get / HTTP/1.1", "/", OTTER_HTTP_OTHER, 1},
        {"GET http://lamp.local:80/update?x HTTP/1.1", "/update", OTTER_HTTP_GET, 1},
        {"GET http://lamp.local HTTP/1.1", "", OTTER_HTTP_GET, 1},
    };
    for (size_t i = 0; i < TEST_COUNT(lines); i++) {
        struct otter_http_request request;
        char path[64];
        assert_int_equal(start(&request, lines[i].line, path), OTTER_OK);
        assert_string_equal(path, lines[i].path);
        assert_int_equal(request.method, lines[i].method);
        assert_int_equal(request.minor, lines[i].minor);
    }
    assert_string_equal(otter_http_method_name(OTTER_HTTP_POST), "POST");
}

static void other_lines_are_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "GET",
        "GET /",
        "GET / HTTP/2.0",
        "GET / HTTP/1.",
        "GET / HTTP/1.10",
        "GET  / HTTP/1.1",
        "GET / http/1.1",
        "GET / HTTP/1.1 x",
        "/ HTTP/1.1",
        "GET /a b HTTP/1.1",
        "GET / HTTP/1.x",
    };
    for (size_t i = 0; i < TEST_COUNT(wrong); i++) {
        struct otter_http_request request;
        char path[64];
        if (start(&request, wrong[i], path) != OTTER_ERROR_MALFORMED)
            fail_msg("accepted: \"%s\"", wrong[i]);
    }
}

static void gzip_is_accepted_if_it_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        bool accepts;
    } values[] = {
        {"gzip", true},
        {"GZIP, deflate", true},
        {"deflate, gzip;q=0.001", true},
        {"gzip;q=1.0", true},
        {"", false},
        {"identity", false},
        {"gzip;q=0", false},
        {"gzip; q=0.000, br", false},
        {"deflate;q=0, gzip", true},
        {"br, gzipx", false},
        {"gzip, br;q=0", true},
    };
    for (size_t i = 0; i < TEST_COUNT(values); i++) {
        struct otter_http_request request = {0};
        assert_int_equal(field(&request, "accept-encoding", values[i].value), OTTER_OK);
        assert_int_equal(request.accepts_gzip, values[i].accepts);
    }
}

static void the_fields_of_a_body_are_understood(void **state)
{
    (void)state;
    struct otter_http_request request = {0};
    assert_int_equal(field(&request, "X-Other", "\x01"), OTTER_OK);
    assert_int_equal(field(&request, "content-length", "12"), OTTER_OK);
    assert_int_equal(field(&request, "Expect", "100-Continue"), OTTER_OK);
    assert_true(request.length.known);
    assert_int_equal(request.length.bytes, 12);
    assert_true(request.expects_continue);
    assert_false(request.transfer_encoding);
    assert_int_equal(field(&request, "Transfer-Encoding", "chunked"), OTTER_OK);
    assert_true(request.transfer_encoding);
    assert_int_equal(field(&request, "Content-Length", "13"), OTTER_ERROR_MALFORMED);
}

static void a_field_that_was_cut_is_not_half_understood(void **state)
{
    (void)state;
    struct otter_http_request request = {0};
    char number[] = "12", encodings[] = "gzip, defl";
    assert_int_equal(otter_http_request_field(&request, "Content-Length", number, true),
                     OTTER_ERROR_MALFORMED);
    assert_int_equal(otter_http_request_field(&request, "Cookie", number, true), OTTER_OK);
    assert_int_equal(otter_http_request_field(&request, "Accept-Encoding", encodings, true), OTTER_OK);
    assert_true(request.accepts_gzip);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_lines_are_understood),
        cmocka_unit_test(other_lines_are_refused),
        cmocka_unit_test(gzip_is_accepted_if_it_is_named),
        cmocka_unit_test(the_fields_of_a_body_are_understood),
        cmocka_unit_test(a_field_that_was_cut_is_not_half_understood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
