/* Responses of HTTP's digest authentication (RFC 7616, section 3.4, qop=auth), for both parties. */
#ifndef OTTER_CRYPTO_HTTP_AUTH_H
#define OTTER_CRYPTO_HTTP_AUTH_H

#include "crypto/text_hash.h"

/* Strings as they are on the wire, without quotes and escapes. */
struct otter_http_digest {
    enum otter_text_hash_algorithm algorithm;
    const char *user;
    const char *password;
    const char *realm;
    const char *method;
    const char *uri;
    const char *nonce;
    const char *count; /* nc: 8 hex digits */
    const char *cnonce;
};

/* Writes the response, 32 or 64 lower-case hex digits and a NUL. */
void otter_http_digest_response(const struct otter_http_digest *digest, char out[OTTER_TEXT_HASH_SIZE]);

#endif
