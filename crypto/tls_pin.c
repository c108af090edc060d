/* Trust in one key or one certificate, as an X.509 engine for BearSSL. Of an unknown certificate nothing is
 * believed: it is hashed and compared, and only the key of the right one is used. */
#include <string.h>

#include "crypto/certificate.h"
#include "crypto/tls_client.h"

static struct otter_tls_pin *pin_of(const br_x509_class **context)
{
    return (struct otter_tls_pin *)(void *)context;
}

static void start_chain(const br_x509_class **context, const char *server_name)
{
    struct otter_tls_pin *pin = pin_of(context);
    (void)server_name;
    pin->begun = false;
    pin->ended = false;
    pin->size = 0;
    otter_sha256_init(&pin->sha256);
}

static void start_certificate(const br_x509_class **context, uint32_t length)
{
    (void)length;
    pin_of(context)->begun = true;
}

static void append(const br_x509_class **context, const unsigned char *bytes, size_t size)
{
    struct otter_tls_pin *pin = pin_of(context);
    size_t room = sizeof(pin->beginning) - pin->size;
    if (pin->ended)
        return;
    otter_sha256_update(&pin->sha256, bytes, size);
    if (room > size)
        room = size;
    memcpy(pin->beginning + pin->size, bytes, room);
    pin->size += room;
}

static void end_certificate(const br_x509_class **context)
{
    pin_of(context)->ended = true;
}

static bool is_expected(const struct otter_tls_pin *pin, const struct otter_certificate *certificate)
{
    uint8_t digest[OTTER_SHA256_SIZE];
    struct otter_sha256 sha256 = pin->sha256;
    if (!pin->whole) {
        otter_sha256_init(&sha256);
        otter_sha256_update(&sha256, certificate->key, certificate->key_size);
    }
    otter_sha256_final(&sha256, digest);
    return memcmp(digest, pin->expected, sizeof(digest)) == 0;
}

static unsigned end_chain(const br_x509_class **context)
{
    struct otter_tls_pin *pin = pin_of(context);
    struct otter_certificate certificate;
    if (!pin->begun)
        return BR_ERR_X509_EMPTY_CHAIN;
    if (!otter_certificate_decode(&certificate, pin->beginning, pin->size))
        return BR_ERR_X509_UNSUPPORTED;
    if (!is_expected(pin, &certificate))
        return pin->whole ? OTTER_TLS_OTHER_CERTIFICATE : OTTER_TLS_OTHER_KEY;
    return otter_public_key_decode(&pin->key, certificate.key, certificate.key_size)
               ? 0
               : BR_ERR_X509_WEAK_PUBLIC_KEY;
}

/* Called only after a chain that end_chain() found right. */
static const br_x509_pkey *key_of(const br_x509_class *const *context, unsigned *usages)
{
    if (usages != NULL)
        *usages = BR_KEYTYPE_SIGN;
    return &((const struct otter_tls_pin *)(const void *)context)->key;
}

static const br_x509_class pin_class = {
    .context_size = sizeof(struct otter_tls_pin),
    .start_chain = start_chain,
    .start_cert = start_certificate,
    .append = append,
    .end_cert = end_certificate,
    .end_chain = end_chain,
    .get_pkey = key_of,
};

static void trust(struct otter_tls_client *client, bool whole, const uint8_t sha256[OTTER_SHA256_SIZE])
{
    struct otter_tls_pin *pin = &client->trust.pin;
    pin->vtable = &pin_class;
    pin->whole = whole;
    memcpy(pin->expected, sha256, sizeof(pin->expected));
    br_ssl_engine_set_x509(&client->ssl.eng, &pin->vtable);
}

void otter_tls_client_trust_key(struct otter_tls_client *client, const uint8_t sha256[OTTER_SHA256_SIZE])
{
    trust(client, false, sha256);
}

void otter_tls_client_trust_certificate(struct otter_tls_client *client,
                                        const uint8_t sha256[OTTER_SHA256_SIZE])
{
    trust(client, true, sha256);
}
