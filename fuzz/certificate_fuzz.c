/* What says whom to trust. Certificates: whatever is found lies within what was given, and a prefix that is
 * understood is understood the same. Pins: those that are taken have 64 digits. */
#include <stdlib.h>
#include <string.h>

#include "crypto/certificate.h"
#include "crypto/crypto.h"
#include "format/text.h"
#include "otter/tls.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool truth)
{
    if (!truth)
        abort();
}

static void require_within(const uint8_t *data, size_t size, const uint8_t *part, size_t part_size)
{
    require(part >= data && part_size <= size && (size_t)(part - data) <= size - part_size);
}

static void check_key(const uint8_t *info, size_t size)
{
    br_x509_pkey key;
    if (!otter_public_key_decode(&key, info, size))
        return;
    if (key.key_type == BR_KEYTYPE_EC) {
        require_within(info, size, key.key.ec.q, key.key.ec.qlen);
        return;
    }
    require(key.key_type == BR_KEYTYPE_RSA && key.key.rsa.nlen >= OTTER_RSA_MIN_SIZE &&
            key.key.rsa.nlen <= OTTER_RSA_MAX_SIZE);
    require_within(info, size, key.key.rsa.n, key.key.rsa.nlen);
    require_within(info, size, key.key.rsa.e, key.key.rsa.elen);
}

static void check_pin(const uint8_t *data, size_t size)
{
    static uint8_t buffer[OTTER_TLS_BUFFER_MIN];
    struct otter_tls tls;
    char text[200] = "";
    size_t digits = 0;
    memcpy(text, data, size < sizeof(text) ? size : sizeof(text) - 1);
    for (const char *c = text; *c != '\0'; c++)
        digits += otter_hex_value(*c) >= 0;
    require(otter_tls_init(&tls, buffer, sizeof(buffer)) == OTTER_OK);
    require(otter_tls_trust_key(&tls, text) != OTTER_OK || digits == 2 * OTTER_SHA256_SIZE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct otter_certificate certificate, part;
    struct otter_tls_anchor anchor;
    const bool decoded = otter_certificate_decode(&certificate, data, size);
    if (otter_tls_anchor_init(&anchor, data, size) == OTTER_OK)
        require(decoded && certificate.size == size);
    check_key(data, size);
    check_pin(data, size);
    if (!decoded)
        return 0;
    require_within(data, size, certificate.subject, certificate.subject_size);
    require_within(data, size, certificate.key, certificate.key_size);
    check_key(certificate.key, certificate.key_size);
    const size_t end = (size_t)(certificate.key - data) + certificate.key_size;
    require(otter_certificate_decode(&part, data, end) && part.key == certificate.key &&
            part.subject == certificate.subject && part.size == certificate.size && !part.authority);
    require(!otter_certificate_decode(&part, data, end - 1));
    return 0;
}
