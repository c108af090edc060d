#include <string.h>

#include "device/tls_trust.h"
#include "format/text.h"

static const char *trust_key(struct otter_tls *tls, const char *server_name)
{
    (void)server_name;
    otter_tls_client_trust_key(otter_tls_client_of(tls), tls->pin);
    return NULL;
}

static const char *trust_fingerprint(struct otter_tls *tls, const char *server_name)
{
    (void)server_name;
    otter_tls_client_trust_certificate(otter_tls_client_of(tls), tls->pin);
    return NULL;
}

/* Digits in pairs, and what tools write between them. */
static bool decode(uint8_t digest[OTTER_SHA256_SIZE], const char *text)
{
    size_t size = 0;
    while (*text != '\0') {
        if (*text == ':' || *text == ' ') {
            text++;
        } else if (size < OTTER_SHA256_SIZE && otter_hex_is(text, 2)) {
            digest[size++] = (uint8_t)(otter_hex_value(text[0]) << 4 | otter_hex_value(text[1]));
            text += 2;
        } else {
            return false;
        }
    }
    return size == OTTER_SHA256_SIZE;
}

static int pin(struct otter_tls *tls, const char *sha256,
               const char *(*trust)(struct otter_tls *tls, const char *server_name))
{
    uint8_t digest[OTTER_SHA256_SIZE];
    if (tls->begun || !decode(digest, sha256))
        return OTTER_ERROR_ARGUMENT;
    memcpy(tls->pin, digest, sizeof(digest));
    tls->trust = trust;
    return OTTER_OK;
}

int otter_tls_trust_key(struct otter_tls *tls, const char *sha256)
{
    return pin(tls, sha256, trust_key);
}

int otter_tls_trust_fingerprint(struct otter_tls *tls, const char *sha256)
{
    return pin(tls, sha256, trust_fingerprint);
}
