#include "crypto/tls_client.h"

#include <string.h>

#define TURNS_PER_RUN 32 /* reads or writes: a server that never stops must not keep the device */

/* --- beginning ---------------------------------------------------------------------------------- */

/* Implementations of BearSSL that do without wide multiplications and tables, in constant time. */
static void set_algorithms(br_ssl_engine_context *engine)
{
    static const uint16_t suites[] = {
        BR_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
        BR_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        BR_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        BR_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    };
    br_ssl_engine_set_versions(engine, BR_TLS12, BR_TLS12);
    br_ssl_engine_set_suites(engine, suites, sizeof(suites) / sizeof(suites[0]));
    br_ssl_engine_set_hash(engine, br_sha256_ID, &br_sha256_vtable);
    br_ssl_engine_set_prf_sha256(engine, br_tls12_sha256_prf);
    br_ssl_engine_set_ec(engine, &br_ec_all_m15);
    br_ssl_engine_set_ecdsa(engine, br_ecdsa_i15_vrfy_asn1);
    br_ssl_engine_set_rsavrfy(engine, br_rsa_i15_pkcs1_vrfy);
    br_ssl_engine_set_gcm(engine, &br_sslrec_in_gcm_vtable, &br_sslrec_out_gcm_vtable);
    br_ssl_engine_set_aes_ctr(engine, &br_aes_ct_ctr_vtable);
    br_ssl_engine_set_ghash(engine, br_ghash_ctmul32);
    br_ssl_engine_set_chapol(engine, &br_sslrec_in_chapol_vtable, &br_sslrec_out_chapol_vtable);
    br_ssl_engine_set_chacha20(engine, br_chacha20_ct_run);
    br_ssl_engine_set_poly1305(engine, br_poly1305_ctmul32_run);
}

void otter_tls_client_init(struct otter_tls_client *client, void *buffer, size_t size)
{
    memset(client, 0, sizeof(*client));
    br_ssl_client_zero(&client->ssl);
    set_algorithms(&client->ssl.eng);
    br_ssl_engine_add_flags(&client->ssl.eng, BR_OPT_NO_RENEGOTIATION);
    br_ssl_engine_set_buffer(&client->ssl.eng, buffer, size, 0);
}

void otter_tls_client_start(struct otter_tls_client *client, const void *seed, size_t size,
                            const char *server_name)
{
    br_ssl_engine_inject_entropy(&client->ssl.eng, seed, size);
    (void)br_ssl_client_reset(&client->ssl, server_name, 0); /* the engine remembers */
}

/* --- running ------------------------------------------------------------------------------------ */

enum otter_tls_state otter_tls_client_state(const struct otter_tls_client *client)
{
    const unsigned state = br_ssl_engine_current_state(&client->ssl.eng);
    if (state == BR_SSL_CLOSED)
        return br_ssl_engine_last_error(&client->ssl.eng) == BR_ERR_OK ? OTTER_TLS_CLOSED : OTTER_TLS_FAILED;
    if (state == OTTER_TLS_STUCK)
        return OTTER_TLS_FAILED;
    return (state & (BR_SSL_SENDAPP | BR_SSL_RECVAPP)) != 0 ? OTTER_TLS_OPEN : OTTER_TLS_BUSY;
}

static int send_some(br_ssl_engine_context *engine, const struct otter_tls_wire *wire)
{
    size_t size;
    const unsigned char *bytes = br_ssl_engine_sendrec_buf(engine, &size);
    const int moved = wire->write(wire->context, bytes, size);
    if (moved > 0)
        br_ssl_engine_sendrec_ack(engine, (size_t)moved);
    return moved;
}

static int receive_some(br_ssl_engine_context *engine, const struct otter_tls_wire *wire)
{
    size_t size;
    unsigned char *room = br_ssl_engine_recvrec_buf(engine, &size);
    const int moved = wire->read(wire->context, room, size);
    if (moved > 0)
        br_ssl_engine_recvrec_ack(engine, (size_t)moved);
    return moved;
}

int otter_tls_client_run(struct otter_tls_client *client, const struct otter_tls_wire *wire)
{
    br_ssl_engine_context *engine = &client->ssl.eng;
    for (int turn = 0; turn < TURNS_PER_RUN; turn++) {
        const unsigned state = br_ssl_engine_current_state(engine);
        int moved = 0;
        if ((state & BR_SSL_SENDREC) != 0)
            moved = send_some(engine, wire);
        else if (wire->read != NULL && (state & BR_SSL_RECVREC) != 0 && (state & BR_SSL_RECVAPP) == 0)
            moved = receive_some(engine, wire);
        if (moved <= 0)
            return moved;
    }
    return 0;
}

/* --- application data --------------------------------------------------------------------------- */

size_t otter_tls_client_read(struct otter_tls_client *client, void *bytes, size_t size)
{
    size_t arrived;
    const unsigned char *from = br_ssl_engine_recvapp_buf(&client->ssl.eng, &arrived);
    if (from == NULL || size == 0)
        return 0;
    if (arrived > size)
        arrived = size;
    memcpy(bytes, from, arrived);
    br_ssl_engine_recvapp_ack(&client->ssl.eng, arrived);
    return arrived;
}

size_t otter_tls_client_write(struct otter_tls_client *client, const void *bytes, size_t size)
{
    size_t room;
    unsigned char *to = br_ssl_engine_sendapp_buf(&client->ssl.eng, &room);
    if (to == NULL || size == 0)
        return 0;
    if (room > size)
        room = size;
    memcpy(to, bytes, room);
    br_ssl_engine_sendapp_ack(&client->ssl.eng, room);
    br_ssl_engine_flush(&client->ssl.eng, 0);
    return room;
}

void otter_tls_client_close(struct otter_tls_client *client)
{
    br_ssl_engine_close(&client->ssl.eng);
}
