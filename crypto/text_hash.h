/* MD5 or SHA-256 over texts, as lower-case hex: what digest authentication of any protocol is made of. */
#ifndef OTTER_CRYPTO_TEXT_HASH_H
#define OTTER_CRYPTO_TEXT_HASH_H

#include "crypto/crypto.h"

#define OTTER_TEXT_HASH_SIZE (2 * OTTER_SHA256_SIZE + 1) /* of the longest result: hex digits and NUL */

enum otter_text_hash_algorithm { OTTER_TEXT_HASH_MD5, OTTER_TEXT_HASH_SHA256 };

struct otter_text_hash {
    enum otter_text_hash_algorithm algorithm;
    union {
        struct otter_md5 md5;
        struct otter_sha256 sha256;
    };
};

void otter_text_hash_init(struct otter_text_hash *hash, enum otter_text_hash_algorithm algorithm);
void otter_text_hash_add(struct otter_text_hash *hash, const char *text);
/* Writes 2 * SIZE hex digits and a NUL. */
void otter_text_hash_hex(char *out, const uint8_t *bytes, size_t size);

/* Writes 32 or 64 digits and a NUL. Returns OUT. */
const char *otter_text_hash_final(const struct otter_text_hash *hash, char *out);

#endif
