#include "tests/support/test.h"

#include <string.h>

#include "format/base64.h"

static const char *const vectors[][2] = {
    /* RFC 4648, section 10; RFC 7617, section 2 */
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
    {"Aladdin:open sesame", "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="},
    {"test:123\xC2\xA3", "dGVzdDoxMjPCow=="},
    {"\xFB\xFF\xBF", "+/+/"},
};

static void the_vectors_come_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(vectors); i++) {
        char out[64];
        size_t size = strlen(vectors[i][0]), length = strlen(vectors[i][1]);
        assert_int_equal(otter_base64_encode(out, sizeof(out), vectors[i][0], size), length);
        assert_string_equal(out, vectors[i][1]);
        assert_int_equal(otter_base64_encode(out, length, vectors[i][0], size), OTTER_ERROR_BUFFER);
        assert_int_equal(otter_base64_encode(out, length + 1, vectors[i][0], size), length);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vectors_come_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
