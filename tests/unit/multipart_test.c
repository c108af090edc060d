#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/multipart.h"

#define DELIMITER "\r\n--sep"

/* What came of a body: "(name" or "[name" for the start of a field or file, its data, ")" at its end, "." at
 * the end of all, "!" for an error. */
struct seen {
    char text[4096];
    size_t length;
    char line[128];
};

static void add(struct seen *seen, const char *bytes, size_t size)
{
    assert_true(seen->length + size < sizeof(seen->text));
    memcpy(seen->text + seen->length, bytes, size);
    seen->length += size;
    seen->text[seen->length] = '\0';
}

static void add_event(struct seen *seen, const struct otter_multipart *multipart)
{
    switch (multipart->event) {
    case OTTER_MULTIPART_PART:
        add(seen, multipart->is_file ? "[" : "(", 1);
        add(seen, multipart->name, strlen(multipart->name));
        add(seen, ":", 1);
        break;
    case OTTER_MULTIPART_DATA:
        assert_true(multipart->size > 0);
        add(seen, multipart->data, multipart->size);
        break;
    case OTTER_MULTIPART_DONE:
        add(seen, ")", 1);
        break;
    case OTTER_MULTIPART_END:
        add(seen, ".", 1);
        break;
    default:
        break;
    }
}

static void parse(struct seen *seen, const char *body, size_t size, size_t portion)
{
    struct otter_multipart multipart;
    *seen = (struct seen){0};
    otter_multipart_init(&multipart, DELIMITER, seen->line, sizeof(seen->line));
    for (size_t at = 0; at < size;) {
        size_t left = size - at < portion ? size - at : portion;
        int count = otter_multipart_feed(&multipart, body + at, left);
        if (count < 0) {
            assert_int_equal(otter_multipart_feed(&multipart, "x", 1), count);
            add(seen, "!", 1);
            return;
        }
        if (multipart.event == OTTER_MULTIPART_MORE)
            assert_int_equal(count, left);
        add_event(seen, &multipart);
        at += (size_t)count;
    }
}

/* The result must be the same for every portion that the body comes in. */
static void assert_parsed_bytes(const char *body, size_t size, const char *expected, size_t length)
{
    for (size_t portion = 1; portion <= size; portion++) {
        struct seen seen;
        parse(&seen, body, size, portion);
        assert_int_equal(seen.length, length);
        assert_memory_equal(seen.text, expected, length);
    }
}

static void assert_parsed(const char *body, const char *expected)
{
    assert_parsed_bytes(body, strlen(body), expected, strlen(expected));
}

#define FILE_HEAD(name, file) "Content-Disposition: form-data; name=\"" name "\"; filename=\"" file "\"\r\n"

static void a_file_is_taken_out(void **state)
{
    (void)state;
    assert_parsed("--sep\r\n" FILE_HEAD("firmware", "a.bin") "Content-Type: application/octet-stream\r\n"
                                                             "\r\nthe data\r\n--sep--\r\n",
                  "[firmware:the data).");
}

static void several_parts_and_what_is_around_them(void **state)
{
    (void)state;
    assert_parsed("preamble --sep\r\nmore\r\n--sep \t\r\n" FILE_HEAD(
                      "filesystem", "") "\r\n"
                                        "\r\n--sep\r\n" FILE_HEAD(
                                            "", "x") "\r\n1\r\n--sep\n"
                                                     "content-disposition:form-data;name=note\n\nhello\r\n--"
                                                     "sep\r\n\r\nnameless\r\n--sep--epilogue\r\n--sep\r\n",
                  "[filesystem:)[:1)(note:hello)(:nameless).");
}

static void data_that_looks_like_the_delimiter_is_data(void **state)
{
    (void)state;
    static const char head[] = "--sep\r\n" FILE_HEAD("f", "x") "\r\n", end[] = "\r\n--sep--";
    static const char data[] =
        "\r\r\n\r\n-\r\n--\r\n--s\r\n--se\r\n--sE\r\r\n--se\r--sep--sep\n--sep\r\n -sep\0\r\0\n";
    struct seen body = {0}, expected = {0};
    add(&body, head, sizeof(head) - 1);
    add(&body, data, sizeof(data));
    add(&body, end, sizeof(end) - 1);
    add(&expected, "[f:", 3);
    add(&expected, data, sizeof(data));
    add(&expected, ").", 2);
    assert_parsed_bytes(body.text, body.length, expected.text, expected.length);
}

static void what_is_malformed_is_refused(void **state)
{
    (void)state;
    assert_parsed("--sepx", "!");
    assert_parsed("--sep-x", "!");
    assert_parsed("--sep\r\nno colon\r\n\r\n", "!");
    assert_parsed("--sep\r\nContent-Disposition: form-data\r\n\r\n", "!");
    assert_parsed("--sep\r\nContent-Disposition: form-data; name=\"x\r\n\r\n", "!");
    assert_parsed("--sep\r\n" FILE_HEAD("f", "x") "\r\ndata\r\n--sepx", "[f:data)!");
}

static void a_body_that_is_cut_has_no_end(void **state)
{
    (void)state;
    assert_parsed("no delimiter at all\r\n--se", "");
    assert_parsed("--sep\r\n" FILE_HEAD("f", "x") "\r\ndata", "[f:data");
    assert_parsed("--sep\r\n" FILE_HEAD("f", "x") "\r\ndata\r\n--sep", "[f:data)");
    assert_parsed("--sep\r\n" FILE_HEAD("f", "x") "\r\ndata\r\n--sep-", "[f:data)");
}

static void a_long_filename_is_of_no_interest(void **state)
{
    (void)state;
    char body[1024], name[300];
    memset(name, 'n', sizeof(name));
    snprintf(body, sizeof(body),
             "--sep\r\nContent-Disposition: form-data; name=\"filesystem\"; "
             "filename=\"%.300s\"\r\n\r\nx\r\n--sep--",
             name);
    assert_parsed(body, "[filesystem:x).");
    snprintf(body, sizeof(body),
             "--sep\r\nContent-Disposition: form-data; name=\"%.300s\"; filename=\"x\"\r\n\r\nx\r\n--sep--",
             name);
    assert_parsed(body, "!");
    snprintf(body, sizeof(body),
             "--sep\r\nContent-Disposition: form-data; filename=\"%.300s\"; "
             "name=\"filesystem\"\r\n\r\nx\r\n--sep--",
             name);
    assert_parsed(body, "!");
}

#define TYPE    "multipart/form-data; boundary="
#define SEVENTY "1234567890123456789012345678901234567890123456789012345678901234567890"

static const char *delimiter_of(const char *content_type)
{
    static char copy[256];
    snprintf(copy, sizeof(copy), "%s", content_type);
    return otter_multipart_delimiter(copy);
}

static void the_delimiter_comes_from_the_content_type(void **state)
{
    (void)state;
    static const char long_one[] = TYPE SEVENTY "1";
    static const char *const wrong[] = {
        "",
        "text/plain",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\"\"",
        "multipart/mixed; boundary=x",
        "multipart/form-data; boundary=\"x",
        "boundary=x; multipart/form-data",
        long_one,
    };
    assert_string_equal(delimiter_of("multipart/form-data; boundary=sep"), DELIMITER);
    assert_string_equal(delimiter_of("Multipart/Form-Data;charset=utf-8;BOUNDARY=\"s e:p\""), "\r\n--s e:p");
    assert_string_equal(delimiter_of(TYPE SEVENTY), "\r\n--" SEVENTY);
    for (size_t i = 0; i < TEST_COUNT(wrong); i++)
        if (delimiter_of(wrong[i]) != NULL)
            fail_msg("accepted: \"%s\"", wrong[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_taken_out),
        cmocka_unit_test(several_parts_and_what_is_around_them),
        cmocka_unit_test(data_that_looks_like_the_delimiter_is_data),
        cmocka_unit_test(what_is_malformed_is_refused),
        cmocka_unit_test(a_body_that_is_cut_has_no_end),
        cmocka_unit_test(a_long_filename_is_of_no_interest),
        cmocka_unit_test(the_delimiter_comes_from_the_content_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
