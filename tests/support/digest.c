#include "tests/support/digest.h"

#include <stdio.h>
#include <string.h>

#include "crypto/crypto.h"
#include "format/text.h"

void digest_md5(char out[33], const void *bytes, size_t size)
{
    struct otter_md5 md5;
    uint8_t digest[OTTER_MD5_SIZE];
    otter_md5_init(&md5);
    otter_md5_update(&md5, bytes, size);
    otter_md5_final(&md5, digest);
    otter_hex_encode(out, digest, sizeof(digest));
}

void digest_sha256(char out[65], const void *bytes, size_t size)
{
    struct otter_sha256 sha256;
    uint8_t digest[OTTER_SHA256_SIZE];
    otter_sha256_init(&sha256);
    otter_sha256_update(&sha256, bytes, size);
    otter_sha256_final(&sha256, digest);
    otter_hex_encode(out, digest, sizeof(digest));
}

static void derive(char key[65], const char *passhash, const char *salt)
{
    struct otter_pbkdf2 pbkdf2;
    otter_pbkdf2_init(&pbkdf2, passhash, strlen(passhash), salt, strlen(salt), 10000);
    while (!otter_pbkdf2_step(&pbkdf2, 10000))
        continue;
    otter_hex_encode(key, pbkdf2.block, sizeof(pbkdf2.block));
}

void digest_response(char out[65], enum digest_era era, const char *password, const char *nonce,
                     const char *cnonce)
{
    char passhash[65], key[65], salt[160], text[256];
    if (era == DIGEST_ERA_SHA256)
        digest_sha256(passhash, password, strlen(password));
    else
        digest_md5(passhash, password, strlen(password));
    snprintf(salt, sizeof(salt), "%s:%s", nonce, cnonce);
    if (era == DIGEST_ERA_MD5) {
        int length = snprintf(text, sizeof(text), "%s:%s", passhash, salt);
        digest_md5(out, text, (size_t)length);
        return;
    }
    derive(key, passhash, salt);
    int length = snprintf(text, sizeof(text), "%s:%s", key, salt);
    digest_sha256(out, text, (size_t)length);
}
