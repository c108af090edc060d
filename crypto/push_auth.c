#include "crypto/push_auth.h"

#include <string.h>

#define SALT_SIZE (64 + 1 + 64)

/* This room includes no other, hence its own hex digits. */
static void hex(char *out, const uint8_t *bytes, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++) {
        *out++ = digits[bytes[i] >> 4];
        *out++ = digits[bytes[i] & 15];
    }
    *out = '\0';
}

static void md5_add(struct otter_md5 *md5, const char *text)
{
    otter_md5_update(md5, text, strlen(text));
}

static void md5_hex(const struct otter_md5 *md5, char out[33])
{
    uint8_t digest[OTTER_MD5_SIZE];
    otter_md5_final(md5, digest);
    hex(out, digest, sizeof(digest));
}

static void sha256_add(struct otter_sha256 *sha256, const char *text)
{
    otter_sha256_update(sha256, text, strlen(text));
}

static void sha256_hex(const struct otter_sha256 *sha256, char out[65])
{
    uint8_t digest[OTTER_SHA256_SIZE];
    otter_sha256_final(sha256, digest);
    hex(out, digest, sizeof(digest));
}

void otter_push_auth_hash_md5(char out[33], const char *password)
{
    struct otter_md5 md5;
    otter_md5_init(&md5);
    md5_add(&md5, password);
    md5_hex(&md5, out);
}

void otter_push_auth_hash_sha256(char out[65], const char *password)
{
    struct otter_sha256 sha256;
    otter_sha256_init(&sha256);
    sha256_add(&sha256, password);
    sha256_hex(&sha256, out);
}

void otter_push_auth_md5(char out[33], const char *passhash, const char *nonce, const char *cnonce)
{
    struct otter_md5 md5;
    otter_md5_init(&md5);
    md5_add(&md5, passhash);
    md5_add(&md5, ":");
    md5_add(&md5, nonce);
    md5_add(&md5, ":");
    md5_add(&md5, cnonce);
    md5_hex(&md5, out);
}

static size_t salt_add(char salt[SALT_SIZE], size_t length, const char *text)
{
    while (*text != '\0' && length < SALT_SIZE)
        salt[length++] = *text++;
    return length;
}

void otter_push_auth_sha256_init(struct otter_push_auth_sha256 *auth, const char *passhash, const char *nonce,
                                 const char *cnonce)
{
    char salt[SALT_SIZE];
    size_t length = salt_add(salt, 0, nonce);
    length = salt_add(salt, length, ":");
    length = salt_add(salt, length, cnonce);
    otter_pbkdf2_init(&auth->pbkdf2, passhash, strlen(passhash), salt, length, OTTER_PUSH_AUTH_ROUNDS);
}

bool otter_push_auth_sha256_step(struct otter_push_auth_sha256 *auth, uint32_t rounds, char out[65],
                                 const char *nonce, const char *cnonce)
{
    struct otter_sha256 sha256;
    char key[65];
    if (!otter_pbkdf2_step(&auth->pbkdf2, rounds))
        return false;
    hex(key, auth->pbkdf2.block, sizeof(auth->pbkdf2.block));
    otter_sha256_init(&sha256);
    sha256_add(&sha256, key);
    sha256_add(&sha256, ":");
    sha256_add(&sha256, nonce);
    sha256_add(&sha256, ":");
    sha256_add(&sha256, cnonce);
    sha256_hex(&sha256, out);
    return true;
}
