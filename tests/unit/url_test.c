#include "format/url.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/require.h"
#include "tests/support/test.h"

static void takes_urls_apart(void **state)
{
    static const struct {
        const char *text;
        bool secure;
        unsigned port;
        const char *host, *path;
    } cases[] = {
        {"http://example.org/fw.bin", false, 80, "example.org", "/fw.bin"},
        {"https://example.org/fw.bin", true, 443, "example.org", "/fw.bin"},
        {"HTTP://Example.ORG/Fw.Bin", false, 80, "Example.ORG", "/Fw.Bin"},
        {"http://10.0.0.1:8080/a/b?c=d&e=%20f", false, 8080, "10.0.0.1", "/a/b?c=d&e=%20f"},
        {"https://host:65535/x", true, 65535, "host", "/x"},
        {"http://host:/x", false, 80, "host", "/x"},
        {"http://host", false, 80, "host", "/"},
        {"http://host?q=1", false, 80, "host", "/?q=1"},
        {"http://host#top", false, 80, "host", "/"},
        {"http://host/a#b?c", false, 80, "host", "/a"},
        {"http://user:pass@host:81/x", false, 81, "host", "/x"},
        {"http://a@b:c@d@host/x", false, 80, "host", "/x"},
        {"http://[::1]:8080/x", false, 8080, "::1", "/x"},
        {"http://u:p@[fe80::1%eth0]/x", false, 80, "fe80::1%eth0", "/x"},
        {"http://host/a/../b", false, 80, "host", "/a/../b"},
    };
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        struct otter_url url;
        REQUIRE(otter_url_parse(&url, cases[i].text) == OTTER_OK, "refused: %s", cases[i].text);
        assert_int_equal(url.secure, cases[i].secure);
        assert_int_equal(url.port, cases[i].port);
        assert_string_equal(otter_url_host(&url), cases[i].host);
        assert_string_equal(otter_url_path(&url), cases[i].path);
    }
}

static void refuses_what_is_no_url(void **state)
{
    static const char *const cases[] = {
        "",
        "h",
        "http:/",
        "http://",
        "http:///x",
        "http:host/x",
        "ftp://host/x",
        "httpss://host/x",
        "//host/x",
        "/x",
        "http://:80/x",
        "http://host:0/x",
        "http://host:65536/x",
        "http://host:99999999999/x",
        "http://host:+80/x",
        "http://host:8o/x",
        "http://ho st/x",
        "http://h\xC3\xB6st/x",
        "http://host\r\nEvil: 1/x",
        "http://host/x\r\nEvil: 1",
        "http://host/a b",
        "http://host/\x7F",
        "http://[::1/x",
        "http://[::1]x/",
        "http://[]/x",
        "http://a]/x",
        "http://a[b]/x",
        "http://::1/x",
        "http://a@/x",
    };
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        struct otter_url url;
        REQUIRE(otter_url_parse(&url, cases[i]) == OTTER_ERROR_MALFORMED, "taken: %s", cases[i]);
    }
}

static void is_bounded(void **state)
{
    struct otter_url url;
    char text[600];
    (void)state;
    for (size_t path = OTTER_URL_SIZE - 10; path < OTTER_URL_SIZE + 10; path++) {
        snprintf(text, sizeof text, "http://host/%0*d", (int)path - 1, 0);
        const bool fits = strlen("host") + 1 + path + 1 <= OTTER_URL_SIZE;
        assert_int_equal(otter_url_parse(&url, text), fits ? OTTER_OK : OTTER_ERROR_BUFFER);
        assert_int_equal(otter_url_parse(&url, "http://host/x"), OTTER_OK);
        assert_int_equal(otter_url_follow(&url, text + strlen("http://host")),
                         fits ? OTTER_OK : OTTER_ERROR_BUFFER);
    }
    snprintf(text, sizeof text, "http://%0500d/x", 0);
    assert_int_equal(otter_url_parse(&url, text), OTTER_ERROR_BUFFER);
}

/* RFC 3986, section 5.4, without the part of it that no path of ours can reach. */
static void follows_references(void **state)
{
    static const struct {
        const char *reference, *path;
    } cases[] = {
        {"g", "/b/c/g"},
        {"./g", "/b/c/g"},
        {"g/", "/b/c/g/"},
        {"/g", "/g"},
        {"?y", "/b/c/d;p?y"},
        {"g?y", "/b/c/g?y"},
        {"#s", "/b/c/d;p?q"},
        {"g#s", "/b/c/g"},
        {"g?y#s", "/b/c/g?y"},
        {";x", "/b/c/;x"},
        {"", "/b/c/d;p?q"},
        {".", "/b/c/"},
        {"./", "/b/c/"},
        {"..", "/b/"},
        {"../", "/b/"},
        {"../g", "/b/g"},
        {"../..", "/"},
        {"../../", "/"},
        {"../../g", "/g"},
        {"../../../g", "/g"},
        {"../../../../g", "/g"},
        {"/./g", "/g"},
        {"/../g", "/g"},
        {"g.", "/b/c/g."},
        {".g", "/b/c/.g"},
        {"g..", "/b/c/g.."},
        {"..g", "/b/c/..g"},
        {"./../g", "/b/g"},
        {"./g/.", "/b/c/g/"},
        {"g/./h", "/b/c/g/h"},
        {"g/../h", "/b/c/h"},
        {"g;x=1/./y", "/b/c/g;x=1/y"},
        {"g;x=1/../y", "/b/c/y"},
        {"g?y/./x", "/b/c/g?y/./x"},
        {"g?y/../x", "/b/c/g?y/../x"},
        {"..?y", "/b/?y"},
    };
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        struct otter_url url;
        assert_int_equal(otter_url_parse(&url, "http://a:81/b/c/d;p?q"), OTTER_OK);
        REQUIRE(otter_url_follow(&url, cases[i].reference) == OTTER_OK, "refused: %s", cases[i].reference);
        REQUIRE(strcmp(otter_url_path(&url), cases[i].path) == 0, "%s leads to %s", cases[i].reference,
                otter_url_path(&url));
        assert_string_equal(otter_url_host(&url), "a");
        assert_int_equal(url.port, 81);
    }
}

static void follows_to_other_hosts(void **state)
{
    struct otter_url url;
    (void)state;
    assert_int_equal(otter_url_parse(&url, "https://a:81/b"), OTTER_OK);
    assert_int_equal(otter_url_follow(&url, "//longer.example/x/./y"), OTTER_OK);
    assert_true(url.secure);
    assert_int_equal(url.port, 443);
    assert_string_equal(otter_url_host(&url), "longer.example");
    assert_string_equal(otter_url_path(&url), "/x/y");
    assert_int_equal(otter_url_follow(&url, "http://b"), OTTER_OK);
    assert_false(url.secure);
    assert_string_equal(otter_url_host(&url), "b");
    assert_string_equal(otter_url_path(&url), "/");
    assert_int_equal(otter_url_follow(&url, "mailto:x"), OTTER_ERROR_MALFORMED);
    assert_int_equal(otter_url_follow(&url, "//"), OTTER_ERROR_MALFORMED);
}

static bool same_origin(const char *left, const char *right)
{
    struct otter_url url;
    assert_int_equal(otter_url_parse(&url, left), OTTER_OK);
    assert_int_equal(otter_url_follow(&url, right), OTTER_OK);
    return !url.elsewhere;
}

static void knows_origins(void **state)
{
    (void)state;
    assert_true(same_origin("http://a/x", "http://A:80/y"));
    assert_false(same_origin("http://a/x", "https://a/x"));
    assert_false(same_origin("http://a/x", "http://a:81/x"));
    assert_false(same_origin("http://a/x", "http://ab/x"));
    assert_false(same_origin("http://ab/x", "http://a/x"));
    assert_false(same_origin("https://a/x", "http://a:443/x"));
    assert_false(same_origin("https://a/x", "//b"));
    assert_true(same_origin("https://a/x", "//A:443/y"));
    assert_true(same_origin("https://a:444/x", "y/../z?http://b"));
}

static void reads_credentials(void **state)
{
    static const struct {
        const char *text;
        int length;
        const char *credentials;
    } cases[] = {
        {"http://host/x", 0, ""},
        {"http://host/a@b", 0, ""},
        {"http://user:pw@host/x", 7, "user:pw"},
        {"http://user@host/x", 4, "user"},
        {"http://user:p%40s%3A@host", 10, "user:p@s:"},
        {"http://user:p@s@host", 8, "user:p@s"},
        {"http://u:1234567@host", 9, "u:1234567"},
        {"http://@host", 0, ""},
        {"http://u:%0d@host", OTTER_ERROR_MALFORMED, NULL},
        {"http://u:%00@host", OTTER_ERROR_MALFORMED, NULL},
        {"http://u:%4@host", OTTER_ERROR_MALFORMED, NULL},
        {"http://u:%@host", OTTER_ERROR_MALFORMED, NULL},
        {"http://u:%zz@host", OTTER_ERROR_MALFORMED, NULL},
        {"http://u:\n@host", OTTER_ERROR_MALFORMED, NULL},
        {"http://u:12345678@host", OTTER_ERROR_BUFFER, NULL},
        {"host", OTTER_ERROR_MALFORMED, NULL},
    };
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char out[10];
        const int length = otter_url_credentials(out, sizeof out, cases[i].text);
        if (cases[i].credentials == NULL)
            REQUIRE(length == cases[i].length, "%s: %d", cases[i].text, length);
        else
            assert_string_equal(out, cases[i].credentials);
        if (cases[i].credentials != NULL)
            assert_int_equal(length, strlen(cases[i].credentials));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_urls_apart),
        cmocka_unit_test(refuses_what_is_no_url),
        cmocka_unit_test(is_bounded),
        cmocka_unit_test(follows_references),
        cmocka_unit_test(follows_to_other_hosts),
        cmocka_unit_test(knows_origins),
        cmocka_unit_test(reads_credentials),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
