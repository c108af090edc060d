/* TLS 1.2 for the pull client, over BearSSL (docs/DESIGN.md). A firmware that does not call these functions
 * links none of it.
 *
 *     static uint8_t buffer[OTTER_TLS_BUFFER_ANY];
 *     static struct otter_tls tls;
 *     static struct otter_tls_anchor authority;
 *     if (otter_tls_init(&tls, buffer, sizeof(buffer)) == OTTER_OK &&
 *         otter_tls_anchor_init(&authority, ca_der, sizeof(ca_der)) == OTTER_OK &&
 *         otter_tls_trust_authorities(&tls, &authority, 1) == OTTER_OK)
 *         settings.secure = otter_tls_secure(&tls);
 *
 * There is no way to connect without being told whom to trust. Keys of servers and authorities are RSA of
 * 2048 to 4096 bits, or ECDSA on P-256, P-384 or P-521. */
#ifndef OTTER_TLS_H
#define OTTER_TLS_H

#include "otter/secure.h"

/* Bytes of the buffer, which holds one record of TLS in either direction. A server may send up to 16 KiB in
 * one, so that ANY is enough for every server. With less, the server is asked for records of at most 4096,
 * 2048, 1024 or 512 bytes (RFC 6066, section 4), whichever the buffer has room for. OpenSSL (nginx, Apache)
 * complies. Where a server does not, and its records are too large, reading fails with a reason that says so.
 */
#define OTTER_TLS_BUFFER_ANY      (16384u + OTTER_TLS_BUFFER_OVERHEAD)
#define OTTER_TLS_BUFFER_4096     (4096u + OTTER_TLS_BUFFER_OVERHEAD)
#define OTTER_TLS_BUFFER_2048     (2048u + OTTER_TLS_BUFFER_OVERHEAD)
#define OTTER_TLS_BUFFER_1024     (1024u + OTTER_TLS_BUFFER_OVERHEAD)
#define OTTER_TLS_BUFFER_MIN      (512u + OTTER_TLS_BUFFER_OVERHEAD)
#define OTTER_TLS_BUFFER_OVERHEAD 325u

/* A certificate that the application trusts, made ready. Fields are otter's own. */
struct otter_tls_anchor {
    uintptr_t words[8];
};

/* All fields are otter's own. It must stay where it was prepared. */
struct otter_tls {
    struct otter_secure secure;
    const struct otter_port *port;
    int handle;
    void *buffer;
    size_t buffer_size;
    const char *reason; /* of a failure that the client does not know of; NULL: none */
    const char *(*trust)(struct otter_tls *tls, const char *server_name); /* NULL, or why it cannot be */
    const struct otter_tls_anchor *anchors;                               /* authorities */
    size_t anchor_count;
    uint8_t pin[32];
    bool begun;
    uint64_t client[754 + 14 * sizeof(void *)]; /* struct otter_tls_client */
};

/* Prepares TLS. BUFFER of SIZE bytes is the caller's, and in use during a connection.
 * OTTER_ERROR_ARGUMENT for less than OTTER_TLS_BUFFER_MIN. */
OTTER_MUST_CHECK int otter_tls_init(struct otter_tls *tls, void *buffer, size_t size);

/* Reads an X.509 certificate of SIZE bytes in DER, which has to live as long as ANCHOR, in memory that can be
 * read byte by byte. `openssl x509 -outform der` makes DER of a PEM file.
 * OTTER_ERROR_ARGUMENT if it is none, or its key is of another kind than those above. */
OTTER_MUST_CHECK int otter_tls_anchor_init(struct otter_tls_anchor *anchor, const void *der, size_t size);

/* Whom to trust, by one of three ways; the last call decides. None may be called during a connection:
 * OTTER_ERROR_ARGUMENT. */

/* Servers with a certificate for the name that is asked for, which one of COUNT authorities has signed,
 * directly or by way of others; or whose own certificate is among the ANCHORS. The port has to know the time
 * (utc), by which all of the server's certificates have to be valid (the anchors' own dates are not looked
 * at). The name has to be one: a certificate is not checked for an IP address. Revocation is not checked.
 * ANCHORS are the caller's, as long as TLS is used. OTTER_ERROR_ARGUMENT if there are none. */
OTTER_MUST_CHECK int otter_tls_trust_authorities(struct otter_tls *tls,
                                                 const struct otter_tls_anchor *anchors, size_t count);

/* The server that has this very key, whatever its certificate says of names, dates and signers: the key is
 * its identity, and stays when the certificate is renewed with the same key. SHA256 is the SHA-256 of its
 * SubjectPublicKeyInfo (as in RFC 7469, section 2.4): 64 hex digits, or pairs of them with colons or blanks
 * between. OTTER_ERROR_ARGUMENT if it is not that. */
OTTER_MUST_CHECK int otter_tls_trust_key(struct otter_tls *tls, const char *sha256);

/* The server that has this very certificate, whatever it says: until it is renewed. SHA256 is the
 * certificate's fingerprint, written as above. OTTER_ERROR_ARGUMENT if it is not that: a fingerprint of 40
 * digits is a SHA-1, which can be forged, and is not taken. */
OTTER_MUST_CHECK int otter_tls_trust_fingerprint(struct otter_tls *tls, const char *sha256);

/* What the pull client is given; lives in TLS. */
const struct otter_secure *otter_tls_secure(struct otter_tls *tls);

#endif
