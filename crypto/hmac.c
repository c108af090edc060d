#include <string.h>

#include "crypto/crypto.h"

#define BLOCK_SIZE 64u /* of SHA-256 */
#define INNER_PAD  0x36
#define OUTER_PAD  0x5C

/* STATE is a quarter of a context, and all that there is to one after a whole block. */
static void absorb_padded(uint8_t state[OTTER_SHA256_SIZE], const uint8_t block[BLOCK_SIZE], uint8_t pad)
{
    uint8_t padded[BLOCK_SIZE];
    struct otter_sha256 sha256;
    for (size_t i = 0; i < BLOCK_SIZE; i++)
        padded[i] = block[i] ^ pad;
    otter_sha256_init(&sha256);
    otter_sha256_update(&sha256, padded, sizeof(padded));
    (void)br_sha256_state(&sha256.context, state);
}

static void go_on_from(struct otter_sha256 *sha256, const uint8_t state[OTTER_SHA256_SIZE])
{
    otter_sha256_init(sha256);
    br_sha256_set_state(&sha256->context, state, BLOCK_SIZE);
}

void otter_hmac_key_init(struct otter_hmac_key *key, const void *bytes, size_t size)
{
    uint8_t block[BLOCK_SIZE] = {0};
    if (size > BLOCK_SIZE) {
        struct otter_sha256 sha256;
        otter_sha256_init(&sha256);
        otter_sha256_update(&sha256, bytes, size);
        otter_sha256_final(&sha256, block);
    } else if (size > 0) {
        memcpy(block, bytes, size);
    }
    absorb_padded(key->inner, block, INNER_PAD);
    absorb_padded(key->outer, block, OUTER_PAD);
}

static void finish(const struct otter_hmac_key *key, const struct otter_sha256 *inner,
                   uint8_t mac[OTTER_SHA256_SIZE])
{
    struct otter_sha256 outer;
    uint8_t digest[OTTER_SHA256_SIZE];
    otter_sha256_final(inner, digest);
    go_on_from(&outer, key->outer);
    otter_sha256_update(&outer, digest, sizeof(digest));
    otter_sha256_final(&outer, mac);
}

void otter_hmac(const struct otter_hmac_key *key, const void *bytes, size_t size,
                uint8_t mac[OTTER_SHA256_SIZE])
{
    struct otter_sha256 inner;
    go_on_from(&inner, key->inner);
    otter_sha256_update(&inner, bytes, size);
    finish(key, &inner, mac);
}

void otter_pbkdf2_init(struct otter_pbkdf2 *pbkdf2, const void *password, size_t password_size,
                       const void *salt, size_t salt_size, uint32_t rounds)
{
    static const uint8_t first_block[4] = {0, 0, 0, 1}; /* RFC 8018, section 5.2: INT (i) */
    struct otter_sha256 inner;
    otter_hmac_key_init(&pbkdf2->key, password, password_size);
    go_on_from(&inner, pbkdf2->key.inner);
    otter_sha256_update(&inner, salt, salt_size);
    otter_sha256_update(&inner, first_block, sizeof(first_block));
    finish(&pbkdf2->key, &inner, pbkdf2->round);
    memcpy(pbkdf2->block, pbkdf2->round, sizeof(pbkdf2->block));
    pbkdf2->remaining = rounds - 1;
}

bool otter_pbkdf2_step(struct otter_pbkdf2 *pbkdf2, uint32_t rounds)
{
    for (; rounds > 0 && pbkdf2->remaining > 0; rounds--, pbkdf2->remaining--) {
        otter_hmac(&pbkdf2->key, pbkdf2->round, sizeof(pbkdf2->round), pbkdf2->round);
        for (size_t i = 0; i < sizeof(pbkdf2->block); i++)
            pbkdf2->block[i] ^= pbkdf2->round[i];
    }
    return pbkdf2->remaining == 0;
}
