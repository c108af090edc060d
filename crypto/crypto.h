/* The small interface to cryptography; BearSSL does the work.
 *
 * No function allocates or blocks; contexts are the caller's and may be copied or dropped at any time. */
#ifndef OTTER_CRYPTO_CRYPTO_H
#define OTTER_CRYPTO_CRYPTO_H

#include <bearssl/bearssl_hash.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OTTER_MD5_SIZE    16u /* bytes */
#define OTTER_SHA256_SIZE 32u /* bytes */

/* MD5 (RFC 1321) */
struct otter_md5 {
    br_md5_context context;
};
void otter_md5_init(struct otter_md5 *md5);
void otter_md5_update(struct otter_md5 *md5, const void *bytes, size_t size);
void otter_md5_final(const struct otter_md5 *md5, uint8_t digest[OTTER_MD5_SIZE]);

/* SHA-256 (FIPS 180-4) */
struct otter_sha256 {
    br_sha256_context context;
};
void otter_sha256_init(struct otter_sha256 *sha256);
void otter_sha256_update(struct otter_sha256 *sha256, const void *bytes, size_t size);
void otter_sha256_final(const struct otter_sha256 *sha256, uint8_t digest[OTTER_SHA256_SIZE]);

/* HMAC-SHA-256 (RFC 2104): a key schedule that is made once and used for any number of messages. */
struct otter_hmac_key {
    uint8_t inner[OTTER_SHA256_SIZE]; /* what SHA-256 holds after the padded key */
    uint8_t outer[OTTER_SHA256_SIZE];
};
void otter_hmac_key_init(struct otter_hmac_key *key, const void *bytes, size_t size);
void otter_hmac(const struct otter_hmac_key *key, const void *bytes, size_t size,
                uint8_t mac[OTTER_SHA256_SIZE]);

/* PBKDF2-HMAC-SHA256 (RFC 8018) for one block of 32 bytes, in steps, since 10,000 rounds take a
 * microcontroller seconds. */
struct otter_pbkdf2 {
    struct otter_hmac_key key;
    uint32_t remaining; /* rounds still to do; 0: block[] is the derived key */
    uint8_t round[OTTER_SHA256_SIZE];
    uint8_t block[OTTER_SHA256_SIZE];
};
/* ROUNDS >= 1; the first round is done here. SALT is not kept. */
void otter_pbkdf2_init(struct otter_pbkdf2 *pbkdf2, const void *password, size_t password_size,
                       const void *salt, size_t salt_size, uint32_t rounds);
/* Does up to ROUNDS rounds; true once block[] is the derived key. */
bool otter_pbkdf2_step(struct otter_pbkdf2 *pbkdf2, uint32_t rounds);

/* True if both are equal, in a time that depends on SIZE alone. */
bool otter_equal_constant_time(const void *left, const void *right, size_t size);

#endif
