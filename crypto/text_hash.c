#include "crypto/text_hash.h"

#include <string.h>

void otter_text_hash_init(struct otter_text_hash *hash, enum otter_text_hash_algorithm algorithm)
{
    hash->algorithm = algorithm;
    if (algorithm == OTTER_TEXT_HASH_MD5)
        otter_md5_init(&hash->md5);
    else
        otter_sha256_init(&hash->sha256);
}

void otter_text_hash_add(struct otter_text_hash *hash, const char *text)
{
    if (hash->algorithm == OTTER_TEXT_HASH_MD5)
        otter_md5_update(&hash->md5, text, strlen(text));
    else
        otter_sha256_update(&hash->sha256, text, strlen(text));
}

/* This room includes no other, hence its own hex digits. */
void otter_text_hash_hex(char *out, const uint8_t *bytes, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++) {
        *out++ = digits[bytes[i] >> 4];
        *out++ = digits[bytes[i] & 15];
    }
    *out = '\0';
}

const char *otter_text_hash_final(const struct otter_text_hash *hash, char *out)
{
    uint8_t digest[OTTER_SHA256_SIZE];
    if (hash->algorithm == OTTER_TEXT_HASH_MD5) {
        otter_md5_final(&hash->md5, digest);
        otter_text_hash_hex(out, digest, OTTER_MD5_SIZE);
    } else {
        otter_sha256_final(&hash->sha256, digest);
        otter_text_hash_hex(out, digest, OTTER_SHA256_SIZE);
    }
    return out;
}
