#include "crypto/push_auth.h"

#include <string.h>

#include "crypto/text_hash.h"

#define SALT_SIZE (64 + 1 + 64)

/* hex(H(first ":" nonce ":" cnonce)) */
static void hash_answer(enum otter_text_hash_algorithm algorithm, char *out, const char *first,
                        const char *nonce, const char *cnonce)
{
    const char *const parts[] = {first, ":", nonce, ":", cnonce};
    struct otter_text_hash hash;
    otter_text_hash_init(&hash, algorithm);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        otter_text_hash_add(&hash, parts[i]);
    (void)otter_text_hash_final(&hash, out);
}

static void hash_password(enum otter_text_hash_algorithm algorithm, char *out, const char *password)
{
    struct otter_text_hash hash;
    otter_text_hash_init(&hash, algorithm);
    otter_text_hash_add(&hash, password);
    (void)otter_text_hash_final(&hash, out);
}

void otter_push_auth_hash_md5(char out[33], const char *password)
{
    hash_password(OTTER_TEXT_HASH_MD5, out, password);
}

void otter_push_auth_hash_sha256(char out[65], const char *password)
{
    hash_password(OTTER_TEXT_HASH_SHA256, out, password);
}

void otter_push_auth_md5(char out[33], const char *passhash, const char *nonce, const char *cnonce)
{
    hash_answer(OTTER_TEXT_HASH_MD5, out, passhash, nonce, cnonce);
}

void otter_push_auth_sha256_init(struct otter_push_auth_sha256 *auth, const char *passhash, const char *nonce,
                                 const char *cnonce)
{
    const char *const parts[] = {nonce, ":", cnonce};
    char salt[SALT_SIZE];
    size_t length = 0;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        for (const char *c = parts[i]; *c != '\0' && length < sizeof(salt); c++)
            salt[length++] = *c;
    otter_pbkdf2_init(&auth->pbkdf2, passhash, strlen(passhash), salt, length, OTTER_PUSH_AUTH_ROUNDS);
}

bool otter_push_auth_sha256_step(struct otter_push_auth_sha256 *auth, uint32_t rounds, char out[65],
                                 const char *nonce, const char *cnonce)
{
    char key[65];
    if (!otter_pbkdf2_step(&auth->pbkdf2, rounds))
        return false;
    otter_text_hash_hex(key, auth->pbkdf2.block, sizeof(auth->pbkdf2.block));
    hash_answer(OTTER_TEXT_HASH_SHA256, out, key, nonce, cnonce);
    return true;
}
