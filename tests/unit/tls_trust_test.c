/* Whom the TLS client trusts, against openssl's own server. */
#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/tls_rig.h"

#define NAME "otter.test"

static void refused(struct tls_rig *rig, const char *server_name, const char *reason)
{
    assert_int_equal(tls_rig_connect(rig, server_name), OTTER_ERROR_SECURE);
    assert_string_equal(tls_rig_reason(rig), reason);
}

/* Connected, and able to fetch a file. */
static void accepted(struct tls_rig *rig, const char *server_name)
{
    struct file answer;
    const int ready = tls_rig_connect(rig, server_name);
    if (ready != 1)
        print_error("%s\n", tls_rig_reason(rig));
    assert_int_equal(ready, 1);
    assert_int_equal(tls_rig_get(rig, "ca.pem", &answer), OTTER_ERROR_CLOSED);
    assert_true(answer.size > 100);
    assert_string_equal(tls_rig_reason(rig), "");
    free(answer.bytes);
}

/* --- nobody ------------------------------------------------------------------------------------- */

static void nobody_is_trusted_by_default(void **state)
{
    struct tls_rig *rig = *state;
    tls_rig_serve(rig, "ec", NULL);
    assert_int_equal(tls_rig_connect(rig, NAME), OTTER_ERROR_ARGUMENT);
    assert_string_equal(tls_rig_reason(rig), "nobody is trusted: an authority or a pin is to be set");
    assert_int_equal(otter_tls_trust_authorities(&rig->tls, rig->anchors, 0), OTTER_ERROR_ARGUMENT);
    assert_int_equal(tls_rig_connect(rig, NAME), OTTER_ERROR_ARGUMENT);
}

static void nothing_changes_during_a_connection(void **state)
{
    struct tls_rig *rig = *state;
    char pin[65];
    tls_rig_serve(rig, "ec", NULL);
    certificates_key(&rig->scene, "ec", pin);
    tls_rig_trust(rig, "ca", NULL);
    accepted(rig, NAME);
    assert_int_equal(otter_tls_trust_key(&rig->tls, pin), OTTER_ERROR_ARGUMENT);
    assert_int_equal(otter_tls_trust_authorities(&rig->tls, rig->anchors, 1), OTTER_ERROR_ARGUMENT);
    tls_rig_disconnect(rig);
    assert_int_equal(otter_tls_trust_key(&rig->tls, pin), OTTER_OK);
    accepted(rig, NAME);
}

/* --- authorities -------------------------------------------------------------------------------- */

static void authority_trusted(void **state)
{
    static const struct {
        const char *server;
        const char *authority;
        const char *name;
    } cases[] = {{"ec", "ca", NAME},         {"rsa", "ca-rsa", NAME},      {"p384", "ca-p384", NAME},
                 {"chain", "ca", NAME},      {"chain", "middle", NAME},    {"wildcard", "ca", "a.otter.test"},
                 {"ec", "ca", "OTTER.test"}, {"other", "ca", "other.test"}};
    struct tls_rig *rig = *state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        tls_rig_reset(state);
        tls_rig_serve(rig, cases[i].server, NULL);
        tls_rig_trust(rig, cases[i].authority, NULL);
        accepted(rig, cases[i].name);
    }
}

static void one_of_two_authorities_trusted(void **state)
{
    struct tls_rig *rig = *state;
    tls_rig_serve(rig, "rsa", NULL);
    tls_rig_trust(rig, "ca", "ca-rsa");
    accepted(rig, NAME);
}

/* A certificate that may not sign stands for itself. */
static void server_certificate_trusted_directly(void **state)
{
    struct tls_rig *rig = *state;
    tls_rig_serve(rig, "self", NULL);
    tls_rig_trust(rig, "self", NULL);
    accepted(rig, NAME);
    refused(rig, "other.test", "the server's certificate is for another name");
    tls_rig_reset(state);
    tls_rig_serve(rig, "chain-leaf", NULL);
    tls_rig_trust(rig, "ec", NULL);
    refused(rig, NAME, "the server's certificate was signed by one that may not sign");
}

static void authority_refused(void **state)
{
    static const struct {
        const char *server;
        const char *authority;
        const char *name;
        const char *reason;
    } cases[] = {
        {"ec", "ca-rsa", NAME, "the server's certificate is signed by nobody trusted"},
        {"ec", "ca-false", NAME, "the server's certificate is signed by nobody trusted"},
        {"self", "ca", NAME, "the server's certificate is signed by nobody trusted"},
        {"chain-cut", "ca", NAME, "the server's certificate is signed by nobody trusted"},
        {"chain-leaf", "ca", NAME, "the server's certificate was signed by one that may not sign"},
        {"other", "ca", NAME, "the server's certificate is for another name"},
        {"wildcard", "ca", NAME, "the server's certificate is for another name"},
        {"wildcard", "ca", "a.b.otter.test", "the server's certificate is for another name"},
        {"expired", "ca", NAME,
         "the server's certificate is expired, or not valid yet; or the clock is wrong"},
        {"future", "ca", NAME,
         "the server's certificate is expired, or not valid yet; or the clock is wrong"},
        {"weak", "ca", NAME, "the server's key is too weak, or of a kind that is not understood"},
    };
    struct tls_rig *rig = *state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        tls_rig_reset(state);
        tls_rig_serve(rig, cases[i].server, "-cipher", "DEFAULT:@SECLEVEL=0");
        tls_rig_trust(rig, cases[i].authority, NULL);
        refused(rig, cases[i].name, cases[i].reason);
    }
}

static void clock_decides(void **state)
{
    struct tls_rig *rig = *state;
    tls_rig_serve(rig, "ec", NULL);
    tls_rig_trust(rig, "ca", NULL);
    const uint64_t now = rig->utc, day = 86400;
    rig->utc = now + 29 * day;
    accepted(rig, NAME);
    rig->utc = now + 31 * day;
    refused(rig, NAME, "the server's certificate is expired, or not valid yet; or the clock is wrong");
    rig->utc = now - day;
    refused(rig, NAME, "the server's certificate is expired, or not valid yet; or the clock is wrong");
    rig->utc = 0;
    refused(rig, NAME, "the time is not known: set the clock first");
    rig->port.utc = NULL;
    refused(rig, NAME, "the time is not known: set the clock first");
}

static void addresses_are_no_names(void **state)
{
    static const char *const addresses[] = {"127.0.0.1", "::1", "fe80::1%1", ""};
    struct tls_rig *rig = *state;
    tls_rig_serve(rig, "ec", NULL);
    tls_rig_trust(rig, "ca", NULL);
    for (size_t i = 0; i < TEST_COUNT(addresses); i++)
        refused(rig, addresses[i],
                "no certificate is checked for an address: use the server's name, or pin its key");
}

static void unreadable_authorities(void **state)
{
    struct tls_rig *rig = *state;
    struct file file = certificates_read(&rig->scene, "ca");
    struct otter_tls_anchor anchor;
    for (size_t size = 0; size < file.size; size++)
        assert_int_equal(otter_tls_anchor_init(&anchor, file.bytes, size), OTTER_ERROR_ARGUMENT);
    assert_int_equal(otter_tls_anchor_init(&anchor, file.bytes, file.size), OTTER_OK);
    file.bytes[0] = 0x31;
    assert_int_equal(otter_tls_anchor_init(&anchor, file.bytes, file.size), OTTER_ERROR_ARGUMENT);
    free(file.bytes);
    file = certificates_read(&rig->scene, "ca-weak");
    assert_int_equal(otter_tls_anchor_init(&anchor, file.bytes, file.size), OTTER_ERROR_ARGUMENT);
    free(file.bytes);
}

/* --- pins --------------------------------------------------------------------------------------- */

static void key_trusted(void **state)
{
    static const char *const servers[] = {"ec",    "rsa",     "p384",  "self",
                                          "chain", "expired", "other", "renewed"};
    struct tls_rig *rig = *state;
    char pin[65];
    for (size_t i = 0; i < TEST_COUNT(servers); i++) {
        tls_rig_reset(state);
        rig->utc = 0;
        certificates_key(&rig->scene, strcmp(servers[i], "renewed") == 0 ? "ec" : servers[i], pin);
        tls_rig_serve(rig, servers[i], NULL);
        assert_int_equal(otter_tls_trust_key(&rig->tls, pin), OTTER_OK);
        accepted(rig, i % 2 == 0 ? NAME : "127.0.0.1");
    }
}

static void key_refused(void **state)
{
    static const struct {
        const char *server;
        const char *pinned;
        const char *reason;
    } cases[] = {
        {"other", "ec", "the server has another key than the pinned one"},
        {"chain", "middle", "the server has another key than the pinned one"},
        {"ec", "ca", "the server has another key than the pinned one"},
        {"weak", "weak", "the server's key is too weak, or of a kind that is not understood"},
    };
    struct tls_rig *rig = *state;
    char pin[65];
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        tls_rig_reset(state);
        certificates_key(&rig->scene, cases[i].pinned, pin);
        tls_rig_serve(rig, cases[i].server, "-cipher", "DEFAULT:@SECLEVEL=0");
        assert_int_equal(otter_tls_trust_key(&rig->tls, pin), OTTER_OK);
        refused(rig, NAME, cases[i].reason);
    }
}

static void fingerprint_trusted(void **state)
{
    static const char *const servers[] = {"ec", "rsa", "chain", "expired"};
    struct tls_rig *rig = *state;
    char fingerprint[96];
    for (size_t i = 0; i < TEST_COUNT(servers); i++) {
        tls_rig_reset(state);
        certificates_fingerprint(&rig->scene, servers[i], fingerprint);
        tls_rig_serve(rig, servers[i], NULL);
        assert_int_equal(otter_tls_trust_fingerprint(&rig->tls, fingerprint), OTTER_OK);
        accepted(rig, NAME);
    }
}

/* The same key in another certificate is another certificate; the SHA-256 of the key is no fingerprint. */
static void fingerprint_refused(void **state)
{
    struct tls_rig *rig = *state;
    char fingerprint[96], pin[65];
    certificates_fingerprint(&rig->scene, "ec", fingerprint);
    certificates_key(&rig->scene, "renewed", pin);
    tls_rig_serve(rig, "renewed", NULL);
    assert_int_equal(otter_tls_trust_fingerprint(&rig->tls, fingerprint), OTTER_OK);
    refused(rig, NAME, "the server has another certificate than the one of the fingerprint");
    tls_rig_disconnect(rig);
    assert_int_equal(otter_tls_trust_fingerprint(&rig->tls, pin), OTTER_OK);
    refused(rig, NAME, "the server has another certificate than the one of the fingerprint");
}

static void spelling_of_pins(void **state)
{
#define DIGITS_62 "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEE"
    static const struct {
        const char *text;
        int result;
    } cases[] = {
        {DIGITS_62 "ff", OTTER_OK},
        {"00 11:22" DIGITS_62, OTTER_ERROR_ARGUMENT},
        {"00 11:22 33445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF", OTTER_OK},
        {"", OTTER_ERROR_ARGUMENT},
        {DIGITS_62, OTTER_ERROR_ARGUMENT},
        {DIGITS_62 "f", OTTER_ERROR_ARGUMENT},
        {DIGITS_62 "fg", OTTER_ERROR_ARGUMENT},
        {DIGITS_62 "ff00", OTTER_ERROR_ARGUMENT},
        {DIGITS_62 "f:f", OTTER_ERROR_ARGUMENT},
        {"00112233445566778899aabbccddeeff00112233", OTTER_ERROR_ARGUMENT}, /* SHA-1 */
    };
    struct tls_rig *rig = *state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        assert_int_equal(otter_tls_trust_key(&rig->tls, cases[i].text), cases[i].result);
        assert_int_equal(otter_tls_trust_fingerprint(&rig->tls, cases[i].text), cases[i].result);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(nobody_is_trusted_by_default, tls_rig_reset),
        cmocka_unit_test_setup(nothing_changes_during_a_connection, tls_rig_reset),
        cmocka_unit_test_setup(authority_trusted, tls_rig_reset),
        cmocka_unit_test_setup(one_of_two_authorities_trusted, tls_rig_reset),
        cmocka_unit_test_setup(server_certificate_trusted_directly, tls_rig_reset),
        cmocka_unit_test_setup(authority_refused, tls_rig_reset),
        cmocka_unit_test_setup(clock_decides, tls_rig_reset),
        cmocka_unit_test_setup(addresses_are_no_names, tls_rig_reset),
        cmocka_unit_test_setup(unreadable_authorities, tls_rig_reset),
        cmocka_unit_test_setup(key_trusted, tls_rig_reset),
        cmocka_unit_test_setup(key_refused, tls_rig_reset),
        cmocka_unit_test_setup(fingerprint_trusted, tls_rig_reset),
        cmocka_unit_test_setup(fingerprint_refused, tls_rig_reset),
        cmocka_unit_test_setup(spelling_of_pins, tls_rig_reset),
    };
    return cmocka_run_group_tests(tests, tls_rig_setup, tls_rig_teardown);
}
