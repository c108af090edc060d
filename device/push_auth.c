#include "device/push_auth.h"

#include <string.h>

#include "crypto/push_auth.h"
#include "format/text.h"

#define ENTROPY_SIZE     32u /* bytes behind a nonce */
#define ROUNDS_PER_SLICE 50u /* of a key derivation: some 10 ms on an ESP8266 */

_Static_assert(sizeof(struct otter_push_auth_sha256) <= sizeof(((struct otter_push *)0)->auth),
               "auth[] is too small");

static struct otter_push_auth_sha256 *auth_of(struct otter_push *push)
{
    return (struct otter_push_auth_sha256 *)(void *)push->auth;
}

uint8_t otter_push_digits(const struct otter_push *push)
{
    return push->settings.era == OTTER_PUSH_ERA_SHA256 ? OTTER_PUSH_SHA256_DIGITS : OTTER_PUSH_MD5_DIGITS;
}

/* --- password ----------------------------------------------------------------------------------- */

/* A hash is as good as a password whose hash it is; peers use it in lower case. An MD5 serves both eras. */
static int take_hash(struct otter_push *push, const char *hash)
{
    uint8_t digest[OTTER_SHA256_SIZE];
    size_t size = OTTER_MD5_SIZE;
    if (push->settings.era == OTTER_PUSH_ERA_SHA256 && strlen(hash) == OTTER_PUSH_SHA256_DIGITS)
        size = OTTER_SHA256_SIZE;
    if (!otter_hex_decode(digest, size, hash))
        return OTTER_ERROR_ARGUMENT;
    otter_hex_encode(push->passhash, digest, size);
    return OTTER_OK;
}

int otter_push_set_passhash(struct otter_push *push)
{
    const char *password = push->settings.password;
    push->passhash[0] = '\0';
    if (push->settings.password_hash != NULL)
        return take_hash(push, push->settings.password_hash);
    if (password == NULL || password[0] == '\0')
        return OTTER_OK;
    if (push->settings.era == OTTER_PUSH_ERA_SHA256)
        otter_push_auth_hash_sha256(push->passhash, password);
    else
        otter_push_auth_hash_md5(push->passhash, password);
    return OTTER_OK;
}

/* --- nonce -------------------------------------------------------------------------------------- */

int otter_push_make_nonce(struct otter_push *push)
{
    uint8_t bytes[ENTROPY_SIZE];
    uint8_t digest[OTTER_SHA256_SIZE];
    struct otter_sha256 sha256;
    if (push->port->entropy(push->port->context, bytes, sizeof(bytes)) != 0)
        return OTTER_ERROR_ENTROPY;
    otter_sha256_init(&sha256);
    otter_sha256_update(&sha256, bytes, sizeof(bytes));
    otter_sha256_final(&sha256, digest);
    otter_hex_encode(push->nonce, digest, otter_push_digits(push) / 2u);
    return OTTER_OK;
}

/* --- response ----------------------------------------------------------------------------------- */

void otter_push_start_check(struct otter_push *push)
{
    if (push->settings.era == OTTER_PUSH_ERA_SHA256)
        otter_push_auth_sha256_init(auth_of(push), push->passhash, push->nonce, push->request.cnonce);
}

/* True once EXPECTED is the right response. */
static bool derive(struct otter_push *push, char expected[OTTER_PUSH_SHA256_DIGITS + 1])
{
    const char *cnonce = push->request.cnonce;
    if (push->settings.era == OTTER_PUSH_ERA_SHA256)
        return otter_push_auth_sha256_step(auth_of(push), ROUNDS_PER_SLICE, expected, push->nonce, cnonce);
    otter_push_auth_md5(expected, push->passhash, push->nonce, cnonce);
    return true;
}

bool otter_push_check(struct otter_push *push, bool *right)
{
    char expected[OTTER_PUSH_SHA256_DIGITS + 1];
    if (!derive(push, expected))
        return false;
    *right = otter_equal_constant_time(expected, push->request.response, otter_push_digits(push));
    return true;
}
