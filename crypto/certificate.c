#include "crypto/certificate.h"

#include <string.h>

/* ASN.1 tags in DER (X.690) */
#define TAG_BOOLEAN    0x01u
#define TAG_INTEGER    0x02u
#define TAG_BITS       0x03u
#define TAG_OCTETS     0x04u
#define TAG_OID        0x06u
#define TAG_SEQUENCE   0x30u
#define TAG_VERSION    0xA0u
#define TAG_EXTENSIONS 0xA3u

/* What is left to be read. */
struct der {
    const uint8_t *at;
    size_t left;
};

/* --- elements ----------------------------------------------------------------------------------- */

static bool take_byte(struct der *der, size_t *byte)
{
    if (der->left == 0)
        return false;
    *byte = *der->at++;
    der->left--;
    return true;
}

/* A length below 2^24; longer ones are not for us. */
static bool take_length(struct der *der, size_t *length)
{
    size_t count, byte;
    if (!take_byte(der, length))
        return false;
    if (*length < 0x80)
        return true;
    count = *length - 0x80;
    if (count < 1 || count > 3)
        return false;
    for (*length = 0; count > 0; count--) {
        if (!take_byte(der, &byte))
            return false;
        *length = *length << 8 | byte;
    }
    return true;
}

static bool take_header(struct der *der, unsigned tag, size_t *length)
{
    size_t byte;
    return take_byte(der, &byte) && byte == tag && take_length(der, length);
}

/* The next element, of TAG and whole; DER goes on behind it. */
static bool take(struct der *der, unsigned tag, struct der *content)
{
    size_t length;
    if (!take_header(der, tag, &length) || length > der->left)
        return false;
    *content = (struct der){.at = der->at, .left = length};
    der->at += length;
    der->left -= length;
    return true;
}

/* Goes into the next element, of TAG, of which the end may be missing; what follows it is forgotten. */
static bool enter(struct der *der, unsigned tag)
{
    size_t length;
    if (!take_header(der, tag, &length))
        return false;
    if (length < der->left)
        der->left = length;
    return true;
}

static bool is_next(const struct der *der, unsigned tag)
{
    return der->left > 0 && *der->at == tag;
}

static bool skip(struct der *der, unsigned tag)
{
    struct der content;
    return take(der, tag, &content);
}

/* The next element, of TAG, with its header. */
static bool take_whole(struct der *der, unsigned tag, const uint8_t **bytes, size_t *size)
{
    *bytes = der->at;
    if (!skip(der, tag))
        return false;
    *size = (size_t)(der->at - *bytes);
    return true;
}

/* --- certificates ------------------------------------------------------------------------------- */

static bool is_same(const struct der *der, const void *bytes, size_t size)
{
    return der->left == size && memcmp(der->at, bytes, size) == 0;
}

/* True if EXTENSION holds basic constraints that say so. */
static bool makes_authority(struct der extension)
{
    static const uint8_t basic_constraints[] = {0x55, 0x1D, 0x13};
    struct der oid, constraints, authority;
    if (!take(&extension, TAG_OID, &oid) || !is_same(&oid, basic_constraints, sizeof(basic_constraints)))
        return false;
    if (is_next(&extension, TAG_BOOLEAN) && !skip(&extension, TAG_BOOLEAN)) /* critical */
        return false;
    return take(&extension, TAG_OCTETS, &constraints) && enter(&constraints, TAG_SEQUENCE) &&
           take(&constraints, TAG_BOOLEAN, &authority) && authority.left == 1 && *authority.at != 0;
}

/* REST is what follows the key: two unique identifiers, which nobody uses, and the extensions. */
static bool is_authority(struct der rest)
{
    struct der extension;
    while (rest.left > 0 && !is_next(&rest, TAG_EXTENSIONS))
        if (!skip(&rest, *rest.at))
            return false;
    if (!enter(&rest, TAG_EXTENSIONS) || !enter(&rest, TAG_SEQUENCE))
        return false;
    while (take(&rest, TAG_SEQUENCE, &extension))
        if (makes_authority(extension))
            return true;
    return false;
}

/* What stands before the subject in a TBSCertificate. */
static bool skip_to_subject(struct der *der)
{
    static const uint8_t tags[] = {
        TAG_INTEGER,  /* serial number */
        TAG_SEQUENCE, /* algorithm */
        TAG_SEQUENCE, /* issuer */
        TAG_SEQUENCE, /* validity */
    };
    if (is_next(der, TAG_VERSION) && !skip(der, TAG_VERSION))
        return false;
    for (size_t i = 0; i < sizeof(tags); i++)
        if (!skip(der, tags[i]))
            return false;
    return true;
}

bool otter_certificate_decode(struct otter_certificate *certificate, const void *der, size_t size)
{
    struct der rest = {.at = der, .left = size};
    size_t length;
    if (!take_header(&rest, TAG_SEQUENCE, &length))
        return false;
    certificate->size = size - rest.left + length;
    if (length < rest.left)
        rest.left = length;
    if (!enter(&rest, TAG_SEQUENCE) || !skip_to_subject(&rest))
        return false;
    if (!take_whole(&rest, TAG_SEQUENCE, &certificate->subject, &certificate->subject_size) ||
        !take_whole(&rest, TAG_SEQUENCE, &certificate->key, &certificate->key_size))
        return false;
    certificate->authority = is_authority(rest);
    return true;
}

/* --- keys --------------------------------------------------------------------------------------- */

/* A positive integer without leading zeros. */
static bool take_number(struct der *der, struct der *number)
{
    if (!take(der, TAG_INTEGER, number))
        return false;
    while (is_next(number, 0)) {
        number->at++;
        number->left--;
    }
    return number->left > 0;
}

/* RSAPublicKey (RFC 8017, appendix A.1.1) */
static bool decode_rsa(br_x509_pkey *key, struct der bits)
{
    struct der modulus, exponent;
    if (!enter(&bits, TAG_SEQUENCE) || !take_number(&bits, &modulus) || !take_number(&bits, &exponent))
        return false;
    if (modulus.left < OTTER_RSA_MIN_SIZE || modulus.left > OTTER_RSA_MAX_SIZE)
        return false;
    key->key_type = BR_KEYTYPE_RSA;
    key->key.rsa = (br_rsa_public_key){.n = (unsigned char *)modulus.at,
                                       .nlen = modulus.left,
                                       .e = (unsigned char *)exponent.at,
                                       .elen = exponent.left};
    return true;
}

/* The curve that an OID names (RFC 5480, section 2.1.1.1); 0: another one. */
static int curve_of(const struct der *oid)
{
    static const uint8_t p256[] = {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07};
    static const uint8_t p384[] = {0x2B, 0x81, 0x04, 0x00, 0x22};
    static const uint8_t p521[] = {0x2B, 0x81, 0x04, 0x00, 0x23};
    if (is_same(oid, p256, sizeof(p256)))
        return BR_EC_secp256r1;
    if (is_same(oid, p384, sizeof(p384)))
        return BR_EC_secp384r1;
    return is_same(oid, p521, sizeof(p521)) ? BR_EC_secp521r1 : 0;
}

static bool decode_ec(br_x509_pkey *key, struct der *algorithm, const struct der *bits)
{
    struct der oid;
    int curve;
    if (!take(algorithm, TAG_OID, &oid) || (curve = curve_of(&oid)) == 0)
        return false;
    key->key_type = BR_KEYTYPE_EC;
    key->key.ec = (br_ec_public_key){.curve = curve, .q = (unsigned char *)bits->at, .qlen = bits->left};
    return true;
}

bool otter_public_key_decode(br_x509_pkey *key, const uint8_t *info, size_t size)
{
    static const uint8_t rsa[] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01};
    static const uint8_t ec[] = {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01};
    struct der rest = {.at = info, .left = size};
    struct der algorithm, oid, bits;
    size_t unused;
    if (!enter(&rest, TAG_SEQUENCE) || !take(&rest, TAG_SEQUENCE, &algorithm) ||
        !take(&algorithm, TAG_OID, &oid) || !take(&rest, TAG_BITS, &bits))
        return false;
    if (!take_byte(&bits, &unused) || unused != 0)
        return false;
    if (is_same(&oid, rsa, sizeof(rsa)))
        return decode_rsa(key, bits);
    return is_same(&oid, ec, sizeof(ec)) && decode_ec(key, &algorithm, &bits);
}
