/* Responses of the push protocol's authentication (spec/push.md, section 3), for both parties.
 *
 * All strings are terminated lower-case hex, nonce and cnonce of at most 64 digits each; OUT includes room
 * for the NUL. */
#ifndef OTTER_CRYPTO_PUSH_AUTH_H
#define OTTER_CRYPTO_PUSH_AUTH_H

#include "crypto/crypto.h"

#define OTTER_PUSH_AUTH_ROUNDS 10000u

/* hex(MD5(password)), hex(SHA256(password)) */
void otter_push_auth_hash_md5(char out[33], const char *password);
void otter_push_auth_hash_sha256(char out[65], const char *password);

/* MD5 era: hex(MD5(passhash ":" nonce ":" cnonce)) */
void otter_push_auth_md5(char out[33], const char *passhash, const char *nonce, const char *cnonce);

/* SHA-256 era: hex(SHA256(hex(PBKDF2(passhash, nonce ":" cnonce)) ":" nonce ":" cnonce)), in steps.
 * PASSHASH has 64 digits, or 32 where the device stored an MD5. */
struct otter_push_auth_sha256 {
    struct otter_pbkdf2 pbkdf2;
};
void otter_push_auth_sha256_init(struct otter_push_auth_sha256 *auth, const char *passhash, const char *nonce,
                                 const char *cnonce);
/* True once OUT holds the response; NONCE and CNONCE as given to init. */
bool otter_push_auth_sha256_step(struct otter_push_auth_sha256 *auth, uint32_t rounds, char out[65],
                                 const char *nonce, const char *cnonce);

#endif
