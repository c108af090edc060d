#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "format/http_field.h"

/* All parameters of VALUE as "name=value|", and '!' where it is malformed. */
static const char *parameters_of(const char *value)
{
    static char text[256];
    char copy[128];
    char *cursor = copy;
    struct otter_http_parameter parameter;
    size_t length = 0;
    int more;
    snprintf(copy, sizeof(copy), "%s", value);
    while ((more = otter_http_parameter_next(&cursor, &parameter)) > 0)
        length +=
            (size_t)snprintf(text + length, sizeof(text) - length, "%s=%s|", parameter.name, parameter.value);
    snprintf(text + length, sizeof(text) - length, "%s", more < 0 ? "!" : "");
    return text;
}

static void lists_of_all_kinds_are_taken_apart(void **state)
{
    (void)state;
    static const char *const lists[][2] = {
        {"", ""},
        {" \t,;", ""},
        {"gzip", "gzip=|"},
        {"gzip, deflate;q=0.5,br", "gzip=|deflate=|q=0.5|br=|"},
        {"form-data; name=\"firmware\"; filename=\"a b.bin\"", "form-data=|name=firmware|filename=a b.bin|"},
        {"form-data;name=x;filename=\"\"", "form-data=|name=x|filename=|"},
        {"Digest realm=\"a, b; c=d\",nc=00000001 , qop=auth",
         "Digest=|realm=a, b; c=d|nc=00000001|qop=auth|"},
        {"a=\"\\\"\\\\x\\y\"", "a=\"\\xy|"},
        {"multipart/form-data; boundary=--x'()+_,-./:=?", "multipart/form-data=|boundary=--x'()+_|-./:=?|"},
        {"a=;b=", "a=|b=|"},
        {"x=a=b", "x=a=b|"},
    };
    for (size_t i = 0; i < TEST_COUNT(lists); i++)
        assert_string_equal(parameters_of(lists[i][0]), lists[i][1]);
}

static void what_is_malformed_ends_the_list(void **state)
{
    (void)state;
    static const char *const lists[][2] = {
        {"=x", "!"},       {"a, =x", "a=|!"}, {"a=\"x", "!"},    {"a=\"x\\", "!"}, {"a=\"x\\\"", "!"},
        {"a=\"x\"y", "!"}, {"a\"x\"", "!"},   {"a=x\"y\"", "!"}, {"\"x\"", "!"},
    };
    for (size_t i = 0; i < TEST_COUNT(lists); i++)
        assert_string_equal(parameters_of(lists[i][0]), lists[i][1]);
}

static void the_name_of_what_is_malformed_is_known(void **state)
{
    (void)state;
    char value[] = "filename=\"x";
    char *cursor = value;
    struct otter_http_parameter parameter;
    assert_int_equal(otter_http_parameter_next(&cursor, &parameter), OTTER_ERROR_MALFORMED);
    assert_string_equal(parameter.name, "filename");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_of_all_kinds_are_taken_apart),
        cmocka_unit_test(what_is_malformed_ends_the_list),
        cmocka_unit_test(the_name_of_what_is_malformed_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
