/* What goes over a TLS connection, and what disturbs it, against openssl's own server. */
#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/require.h"
#include "tests/support/seed.h"
#include "tests/support/tls_rig.h"

#define NAME      "otter.test"
#define FILE_SIZE 100000u

static uint8_t data[FILE_SIZE];

static int setup(void **state)
{
    char path[PATH_MAX];
    uint64_t seed = 1;
    const int result = tls_rig_setup(state);
    struct tls_rig *rig = *state;
    seed_fill(&seed, data, sizeof data);
    scene_file(&rig->scene, path, "data", data, sizeof data);
    return result;
}

static void serve_trusted(struct tls_rig *rig, const char *certificate, const char *authority)
{
    tls_rig_serve(rig, certificate, NULL);
    tls_rig_trust(rig, authority, NULL);
}

static void assert_data(const struct file *answer)
{
    assert_int_equal(answer->size, FILE_SIZE);
    assert_memory_equal(answer->bytes, data, FILE_SIZE);
}

static void fetches(struct tls_rig *rig)
{
    struct file answer;
    const int ready = tls_rig_connect(rig, NAME);
    if (ready != 1)
        print_error("%s\n", tls_rig_reason(rig));
    assert_int_equal(ready, 1);
    assert_int_equal(tls_rig_get(rig, "data", &answer), OTTER_ERROR_CLOSED);
    assert_data(&answer);
    free(answer.bytes);
}

/* --- what works --------------------------------------------------------------------------------- */

static void every_suite(void **state)
{
    static const char *const suites[][2] = {
        {"ec", "ECDHE-ECDSA-CHACHA20-POLY1305"},
        {"ec", "ECDHE-ECDSA-AES128-GCM-SHA256"},
        {"rsa", "ECDHE-RSA-CHACHA20-POLY1305"},
        {"rsa", "ECDHE-RSA-AES128-GCM-SHA256"},
    };
    struct tls_rig *rig = *state;
    for (size_t i = 0; i < TEST_COUNT(suites); i++) {
        tls_rig_reset(state);
        tls_rig_serve(rig, suites[i][0], "-cipher", suites[i][1]);
        tls_rig_trust(rig, "ca", "ca-rsa");
        fetches(rig);
    }
}

static void every_curve(void **state)
{
    static const char *const curves[] = {"P-256", "P-384", "P-521", "X25519"};
    struct tls_rig *rig = *state;
    for (size_t i = 0; i < TEST_COUNT(curves); i++) {
        tls_rig_reset(state);
        tls_rig_serve(rig, "ec", "-named_curve", curves[i]);
        tls_rig_trust(rig, "ca", NULL);
        fetches(rig);
    }
}

static void byte_by_byte(void **state)
{
    struct tls_rig *rig = *state;
    serve_trusted(rig, "chain", "ca");
    rig->chunk = 1;
    fetches(rig);
}

/* openssl keeps to the records that a small buffer asks for. */
static void buffers(void **state)
{
    static const size_t sizes[] = {
        OTTER_TLS_BUFFER_MIN, OTTER_TLS_BUFFER_1024, OTTER_TLS_BUFFER_2048, OTTER_TLS_BUFFER_4096, 10000,
        OTTER_TLS_BUFFER_ANY};
    struct tls_rig *rig = *state;
    for (size_t i = 0; i < TEST_COUNT(sizes); i++) {
        uint8_t *buffer = malloc(sizes[i]);
        tls_rig_reset(state);
        assert_int_equal(otter_tls_init(&rig->tls, buffer, sizes[i]), OTTER_OK);
        serve_trusted(rig, "chain", "ca");
        fetches(rig);
        tls_rig_disconnect(rig);
        free(buffer);
    }
    assert_int_equal(otter_tls_init(&rig->tls, rig->buffer, OTTER_TLS_BUFFER_MIN - 1), OTTER_ERROR_ARGUMENT);
}

static void one_connection_after_another(void **state)
{
    struct tls_rig *rig = *state;
    serve_trusted(rig, "ec", "ca");
    for (int i = 0; i < 3; i++)
        fetches(rig);
}

static bool holds(const void *bytes, size_t size, const void *part, size_t part_size)
{
    return memmem(bytes, size, part, part_size) != NULL;
}

static void leaves_nothing_in_memory(void **state)
{
    struct tls_rig *rig = *state;
    struct file answer;
    serve_trusted(rig, "ec", "ca");
    assert_int_equal(tls_rig_connect(rig, NAME), 1);
    assert_int_equal(tls_rig_get(rig, "data", &answer), OTTER_ERROR_CLOSED);
    free(answer.bytes);
    const void *last = data + FILE_SIZE - 16;
    assert_true(holds(rig->buffer, sizeof rig->buffer, last, 16));
    tls_rig_disconnect(rig);
    assert_false(holds(rig->buffer, sizeof rig->buffer, last, 16));
    for (size_t i = 0; i < sizeof rig->tls.client / sizeof rig->tls.client[0]; i++)
        assert_int_equal(rig->tls.client[i], 0);
}

/* --- what does not ------------------------------------------------------------------------------ */

static void servers_that_cannot(void **state)
{
    static const struct {
        const char *options[8];
        const char *reason;
    } cases[] = {
        {{"-tls1_3"}, "the server does not offer TLS 1.2"},
        {{"-tls1_1", "-cipher", "DEFAULT:@SECLEVEL=0"},
         "the server and this device have no cipher in common, or the server wants a certificate of the "
         "device"},
        {{"-cipher", "ECDHE-ECDSA-AES256-GCM-SHA384"},
         "the server and this device have no cipher in common, or the server wants a certificate of the "
         "device"},
        {{"-Verify", "1", "-verify_return_error"},
         "the server and this device have no cipher in common, or the server wants a certificate of the "
         "device"},
        {{"-servername", "elsewhere.test", "-servername_fatal", "-cert2", "ec.pem", "-key2", "ec.key"},
         "the server does not know the name that it was asked for"},
    };
    struct tls_rig *rig = *state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        tls_rig_reset(state);
        tls_rig_serve_arguments(rig, "ec", cases[i].options);
        tls_rig_trust(rig, "ca", NULL);
        assert_int_equal(tls_rig_connect(rig, NAME), OTTER_ERROR_SECURE);
        assert_string_equal(tls_rig_reason(rig), cases[i].reason);
    }
}

static void no_random_numbers(void **state)
{
    struct tls_rig *rig = *state;
    serve_trusted(rig, "ec", "ca");
    rig->no_entropy = true;
    assert_int_equal(tls_rig_connect(rig, NAME), OTTER_ERROR_ENTROPY);
    assert_string_equal(tls_rig_reason(rig), "there are no random numbers");
}

static void name_too_long(void **state)
{
    struct tls_rig *rig = *state;
    char name[300];
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    serve_trusted(rig, "ec", "ca");
    assert_int_equal(tls_rig_connect(rig, name), OTTER_ERROR_SECURE);
    assert_string_equal(tls_rig_reason(rig),
                        "wrong settings: the buffer is too small, or the server's name too long");
}

static uint32_t handshake_size(struct tls_rig *rig)
{
    assert_int_equal(tls_rig_connect(rig, NAME), 1);
    return rig->received;
}

static void cut_handshake(void **state)
{
    struct tls_rig *rig = *state;
    serve_trusted(rig, "ec", "ca");
    const uint32_t size = handshake_size(rig);
    for (rig->cut = 0; rig->cut < size; rig->cut += rig->cut < 10 ? 1 : 61) {
        assert_int_equal(tls_rig_connect(rig, NAME), OTTER_ERROR_TRANSPORT);
        assert_string_equal(tls_rig_reason(rig), "the connection was cut");
    }
}

/* A transfer that ends without TLS's farewell, wherever that is, even behind the last byte of the file. */
static void cut_transfer(void **state)
{
    struct tls_rig *rig = *state;
    struct file answer;
    serve_trusted(rig, "ec", "ca");
    const uint32_t handshake = handshake_size(rig);
    assert_int_equal(tls_rig_get(rig, "data", &answer), OTTER_ERROR_CLOSED);
    free(answer.bytes);
    const uint32_t whole = rig->received - handshake;
    const uint32_t cuts[] = {0, 1, whole / 2, whole - 40, whole - 20, whole - 1};
    for (size_t i = 0; i < TEST_COUNT(cuts); i++) {
        rig->cut = TLS_RIG_ENDLESS;
        assert_int_equal(tls_rig_connect(rig, NAME), 1);
        rig->cut = rig->received + cuts[i];
        assert_int_equal(tls_rig_get(rig, "data", &answer), OTTER_ERROR_TRANSPORT);
        assert_string_equal(tls_rig_reason(rig), "the connection was cut");
        assert_int_equal(answer.size == FILE_SIZE, cuts[i] >= whole - 20);
        free(answer.bytes);
    }
}

/* No bit that is turned over on its way is taken for good. */
static void changed_handshake(void **state)
{
    struct tls_rig *rig = *state;
    uint64_t seed = 2;
    serve_trusted(rig, "ec", "ca");
    const uint32_t size = handshake_size(rig);
    rig->patience_ms = 200; /* where a length has grown, both sides wait */
    for (int i = 0; i < 60; i++) {
        rig->flip = seed_below(&seed, size);
        const int ready = tls_rig_connect(rig, NAME);
        REQUIRE(ready <= 0, "byte %u of the handshake was changed", (unsigned)rig->flip);
    }
}

static void changed_transfer(void **state)
{
    struct tls_rig *rig = *state;
    struct file answer;
    serve_trusted(rig, "ec", "ca");
    const uint32_t handshake = handshake_size(rig);
    for (uint32_t i = 0; i < 5; i++) {
        rig->flip = handshake + 10000 + i * 1000;
        assert_int_equal(tls_rig_connect(rig, NAME), 1);
        assert_int_equal(tls_rig_get(rig, "data", &answer), OTTER_ERROR_SECURE);
        assert_string_equal(tls_rig_reason(rig), "the connection was disturbed, or tampered with");
        assert_true(answer.size < FILE_SIZE);
        free(answer.bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_suite, tls_rig_reset),
        cmocka_unit_test_setup(every_curve, tls_rig_reset),
        cmocka_unit_test_setup(byte_by_byte, tls_rig_reset),
        cmocka_unit_test_setup(buffers, tls_rig_reset),
        cmocka_unit_test_setup(one_connection_after_another, tls_rig_reset),
        cmocka_unit_test_setup(leaves_nothing_in_memory, tls_rig_reset),
        cmocka_unit_test_setup(servers_that_cannot, tls_rig_reset),
        cmocka_unit_test_setup(no_random_numbers, tls_rig_reset),
        cmocka_unit_test_setup(name_too_long, tls_rig_reset),
        cmocka_unit_test_setup(cut_handshake, tls_rig_reset),
        cmocka_unit_test_setup(cut_transfer, tls_rig_reset),
        cmocka_unit_test_setup(changed_handshake, tls_rig_reset),
        cmocka_unit_test_setup(changed_transfer, tls_rig_reset),
    };
    return cmocka_run_group_tests(tests, setup, tls_rig_teardown);
}
