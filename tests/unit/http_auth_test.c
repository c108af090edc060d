#include "tests/support/test.h"

#include "crypto/http_auth.h"

/* RFC 7616, section 3.9.1 */
static void the_example_of_the_rfc_comes_out(void **state)
{
    (void)state;
    struct otter_http_digest digest = {
        .user = "Mufasa",
        .password = "Circle of Life",
        .realm = "http-auth@example.org",
        .method = "GET",
        .uri = "/dir/index.html",
        .nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
        .count = "00000001",
        .cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    };
    char response[OTTER_TEXT_HASH_SIZE];
    otter_http_digest_response(&digest, response);
    assert_string_equal(response, "8ca523f5e9506fed4657c9700eebdbec");
    digest.algorithm = OTTER_TEXT_HASH_SHA256;
    otter_http_digest_response(&digest, response);
    assert_string_equal(response, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_of_the_rfc_comes_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
