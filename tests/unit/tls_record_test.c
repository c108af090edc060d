/* A server that does not keep to the record sizes that a small buffer asks for: BearSSL's own, in memory,
 * which is made to forget what it agreed to. */
#include "tests/support/test.h"

#include <bearssl/bearssl_ssl.h>
#include <bearssl/bearssl_x509.h>
#include <stdlib.h>
#include <string.h>

#include "otter/tls.h"
#include "ports/posix/entropy.h"
#include "tests/support/certificates.h"

#define ASKED_FOR 1024u                         /* bytes of data in a record */
#define FITTING   (OTTER_TLS_BUFFER_1024 - 40u) /* more than asked for; yet there is room */
#define TURNS_MAX 1000

struct far_end {
    struct scene scene;
    struct file certificate;
    struct file key;
    br_skey_decoder_context decoder;
    br_x509_certificate chain;
    br_ssl_server_context server;
    uint8_t buffer[BR_SSL_BUFSIZE_BIDI];

    struct otter_port port;
    struct otter_tls tls;
    uint8_t small_buffer[OTTER_TLS_BUFFER_1024];
};

/* --- the wire ----------------------------------------------------------------------------------- */

static int tcp_read(void *context, int handle, void *bytes, size_t size)
{
    br_ssl_engine_context *engine = &((struct far_end *)context)->server.eng;
    size_t ready;
    (void)handle;
    const unsigned char *from = br_ssl_engine_sendrec_buf(engine, &ready);
    if (from == NULL)
        return 0;
    if (ready > size)
        ready = size;
    memcpy(bytes, from, ready);
    br_ssl_engine_sendrec_ack(engine, ready);
    return (int)ready;
}

static int tcp_write(void *context, int handle, const void *bytes, size_t size)
{
    br_ssl_engine_context *engine = &((struct far_end *)context)->server.eng;
    size_t room;
    (void)handle;
    unsigned char *to = br_ssl_engine_recvrec_buf(engine, &room);
    if (to == NULL)
        return 0;
    if (room > size)
        room = size;
    memcpy(to, bytes, room);
    br_ssl_engine_recvrec_ack(engine, room);
    return (int)room;
}

/* --- fixture ------------------------------------------------------------------------------------ */

static void read_files(struct far_end *end)
{
    char path[PATH_MAX];
    certificates_make(&end->scene);
    end->certificate = certificates_read(&end->scene, "ec");
    end->key = file_read(scene_path(&end->scene, path, "ec.key.der"));
    br_skey_decoder_init(&end->decoder);
    br_skey_decoder_push(&end->decoder, end->key.bytes, end->key.size);
    end->chain = (br_x509_certificate){.data = end->certificate.bytes, .data_len = end->certificate.size};
}

static int setup(void **state)
{
    struct far_end *end = calloc(1, sizeof *end);
    char pin[65];
    scene_open(&end->scene);
    read_files(end);
    br_ssl_server_init_full_ec(&end->server, &end->chain, 1, BR_KEYTYPE_EC,
                               br_skey_decoder_get_ec(&end->decoder));
    br_ssl_engine_set_buffer(&end->server.eng, end->buffer, sizeof end->buffer, 1);
    br_ssl_server_reset(&end->server);
    end->port = (struct otter_port){.context = end, .entropy = otter_posix_entropy};
    end->port.network.tcp_read = tcp_read;
    end->port.network.tcp_write = tcp_write;
    certificates_key(&end->scene, "ec", pin);
    *state = end;
    return otter_tls_init(&end->tls, end->small_buffer, sizeof end->small_buffer) ||
           otter_tls_trust_key(&end->tls, pin);
}

static int teardown(void **state)
{
    struct far_end *end = *state;
    scene_close(&end->scene);
    free(end->certificate.bytes);
    free(end->key.bytes);
    free(end);
    return 0;
}

static void shake_hands(struct far_end *end)
{
    const struct otter_secure *secure = otter_tls_secure(&end->tls);
    int ready = 0;
    assert_int_equal(secure->begin(secure->context, &end->port, 0, "otter.test"), OTTER_OK);
    for (int turn = 0; ready == 0 && turn < TURNS_MAX; turn++)
        ready = secure->ready(secure->context);
    assert_int_equal(ready, 1);
}

/* The server sends SIZE bytes, in one record if it holds as many. */
static void server_sends(struct far_end *end, size_t size)
{
    size_t room;
    unsigned char *to = br_ssl_engine_sendapp_buf(&end->server.eng, &room);
    assert_non_null(to);
    assert_true(room >= size);
    memset(to, 'x', size);
    br_ssl_engine_sendapp_ack(&end->server.eng, size);
    br_ssl_engine_flush(&end->server.eng, 0);
}

/* What the client has at last: so many bytes, or an error. */
static int client_takes(struct far_end *end, size_t size)
{
    const struct otter_secure *secure = otter_tls_secure(&end->tls);
    uint8_t bytes[100];
    size_t taken = 0;
    for (int turn = 0; taken < size && turn < TURNS_MAX; turn++) {
        const int got = secure->read(secure->context, bytes, sizeof bytes);
        if (got < 0)
            return got;
        taken += (size_t)got;
    }
    return (int)taken;
}

static size_t room_of_server(struct far_end *end)
{
    size_t room;
    return br_ssl_engine_sendapp_buf(&end->server.eng, &room) != NULL ? room : 0;
}

/* --- tests -------------------------------------------------------------------------------------- */

static void server_keeps_to_what_was_asked(void **state)
{
    struct far_end *end = *state;
    shake_hands(end);
    assert_int_equal(room_of_server(end), ASKED_FOR);
    server_sends(end, ASKED_FOR);
    assert_int_equal(client_takes(end, ASKED_FOR), ASKED_FOR);
}

static void server_does_not(void **state)
{
    struct far_end *end = *state;
    const struct otter_secure *secure = otter_tls_secure(&end->tls);
    shake_hands(end);
    end->server.eng.max_frag_len = 16384;
    server_sends(end, 1);
    assert_int_equal(client_takes(end, 1), 1);
    assert_int_equal(room_of_server(end), 16384);
    server_sends(end, FITTING);
    assert_int_equal(client_takes(end, FITTING), FITTING);
    server_sends(end, OTTER_TLS_BUFFER_1024);
    assert_int_equal(client_takes(end, 1), OTTER_ERROR_SECURE);
    assert_string_equal(
        secure->reason(secure->context),
        "the server sends larger pieces than fit the buffer: it needs OTTER_TLS_BUFFER_ANY bytes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(server_keeps_to_what_was_asked, setup, teardown),
        cmocka_unit_test_setup_teardown(server_does_not, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
