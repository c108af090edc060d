/* What otter reads of an X.509 certificate (RFC 5280, section 4.1) in DER: the name and the key of its owner.
 */
#ifndef OTTER_CRYPTO_CERTIFICATE_H
#define OTTER_CRYPTO_CERTIFICATE_H

#include <bearssl/bearssl_x509.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OTTER_RSA_MIN_SIZE 256u /* bytes of the modulus: 2048 bits */
#define OTTER_RSA_MAX_SIZE 512u /* what BearSSL can do */

struct otter_certificate {
    size_t size;            /* bytes of the whole certificate */
    const uint8_t *subject; /* Name, with its header */
    size_t subject_size;
    const uint8_t *key; /* SubjectPublicKeyInfo, with its header */
    size_t key_size;
    bool authority; /* by its basic constraints it may sign other certificates (section 4.2.1.9) */
};

/* Reads DER of SIZE bytes, which may end anywhere behind the key: `authority` is then false. The fields point
 * into DER. False if it is no certificate, or ends before. Nothing is verified. */
bool otter_certificate_decode(struct otter_certificate *certificate, const void *der, size_t size);

/* Reads a SubjectPublicKeyInfo: an RSA key of OTTER_RSA_MIN_SIZE to OTTER_RSA_MAX_SIZE bytes, or one on
 * P-256, P-384 or P-521. KEY points into INFO. False for anything else. */
bool otter_public_key_decode(br_x509_pkey *key, const uint8_t *info, size_t size);

#endif
