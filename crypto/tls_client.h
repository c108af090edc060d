/* One TLS 1.2 connection (RFC 5246) as its client, over BearSSL, which it fits to a small device: ECDHE with
 * RSA or ECDSA, AES-128-GCM or ChaCha20-Poly1305, nothing else. Bytes are moved by the caller's two
 * functions.
 *
 *     otter_tls_client_init(&client, buffer, size);
 *     otter_tls_client_trust_key(&client, sha256);
 *     otter_tls_client_start(&client, seed, sizeof(seed), "example.org");
 *     while (otter_tls_client_state(&client) == OTTER_TLS_BUSY)
 *         otter_tls_client_run(&client, &wire);
 */
#ifndef OTTER_CRYPTO_TLS_CLIENT_H
#define OTTER_CRYPTO_TLS_CLIENT_H

#include <bearssl/bearssl_ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/crypto.h"

#define OTTER_TLS_BEGINNING_SIZE 2048u /* bytes of a certificate within which its key has to end */

/* What is checked of the server's own certificate, the first of the chain that it sends. */
struct otter_tls_pin {
    const br_x509_class *vtable;
    bool whole; /* the certificate's SHA-256 is expected; or else its key's */
    bool begun;
    bool ended;
    uint8_t expected[OTTER_SHA256_SIZE];
    struct otter_sha256 sha256; /* of the certificate */
    br_x509_pkey key;
    size_t size; /* bytes in `beginning` */
    uint8_t beginning[OTTER_TLS_BEGINNING_SIZE];
};

/* All fields are the client's own. */
struct otter_tls_client {
    br_ssl_client_context ssl;
    union {
        br_x509_minimal_context chain;
        struct otter_tls_pin pin;
    } trust;
};

enum otter_tls_state {
    OTTER_TLS_BUSY,   /* handshake; later: bytes are on their way */
    OTTER_TLS_OPEN,   /* the server is the right one, and takes or has sent bytes */
    OTTER_TLS_CLOSED, /* by farewell of either party */
    OTTER_TLS_FAILED,
};

/* The connection below. Both return how many bytes they moved, 0 if none can be moved now, or a negative
 * error of the caller's. */
struct otter_tls_wire {
    void *context;
    int (*read)(void *context, void *bytes, size_t size); /* NULL: nothing is received now */
    int (*write)(void *context, const void *bytes, size_t size);
};

/* Prepares CLIENT, whatever it was before. BUFFER of SIZE bytes is the caller's until the end; see
 * OTTER_TLS_BUFFER in otter/tls.h. */
void otter_tls_client_init(struct otter_tls_client *client, void *buffer, size_t size);

/* Then exactly one of these. SHA256 is of the server's SubjectPublicKeyInfo, or of its certificate. ANCHORS
 * are the caller's until the end, UTC is now, in seconds since 1970. */
void otter_tls_client_trust_key(struct otter_tls_client *client, const uint8_t sha256[OTTER_SHA256_SIZE]);
void otter_tls_client_trust_certificate(struct otter_tls_client *client,
                                        const uint8_t sha256[OTTER_SHA256_SIZE]);
void otter_tls_client_trust_anchors(struct otter_tls_client *client, const br_x509_trust_anchor *anchors,
                                    size_t count, uint64_t utc);

/* Fills ANCHOR, which points into DER, from a certificate of SIZE bytes. False if it is none, or has a key
 * that otter_public_key_decode() does not know. */
bool otter_tls_anchor_decode(br_x509_trust_anchor *anchor, const void *der, size_t size);

/* Begins the handshake. SEED is of SIZE unpredictable bytes; SERVER_NAME is what the server is told, and NULL
 * if there is no name. */
void otter_tls_client_start(struct otter_tls_client *client, const void *seed, size_t size,
                            const char *server_name);

enum otter_tls_state otter_tls_client_state(const struct otter_tls_client *client);

/* Moves bytes until there are some for the application, nothing can be moved, or a fixed number of records
 * were. 0, or the error of WIRE. */
int otter_tls_client_run(struct otter_tls_client *client, const struct otter_tls_wire *wire);

/* Takes what has arrived for the application; how much. */
size_t otter_tls_client_read(struct otter_tls_client *client, void *bytes, size_t size);

/* Takes bytes of the application, as many as have room now; they go out in the next runs. How many. */
size_t otter_tls_client_write(struct otter_tls_client *client, const void *bytes, size_t size);

/* Says farewell, in the next run. */
void otter_tls_client_close(struct otter_tls_client *client);

/* Why the state is OTTER_TLS_FAILED: static text; empty if it is not. */
const char *otter_tls_client_reason(const struct otter_tls_client *client);

/* State of an engine that neither sends nor receives any more, although it has not failed: a farewell came in
 * the midst of something else. */
#define OTTER_TLS_STUCK 0u

/* BearSSL's error numbers end below. */
#define OTTER_TLS_OTHER_KEY         1024
#define OTTER_TLS_OTHER_CERTIFICATE 1025

#endif
