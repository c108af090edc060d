#include "crypto/http_auth.h"

/* hex(H(first ":" second ... )) of COUNT texts */
static const char *hash_of(const struct otter_http_digest *digest, const char *const texts[], size_t count,
                           char out[OTTER_TEXT_HASH_SIZE])
{
    struct otter_text_hash hash;
    otter_text_hash_init(&hash, digest->algorithm);
    for (size_t i = 0; i < count; i++) {
        otter_text_hash_add(&hash, i > 0 ? ":" : "");
        otter_text_hash_add(&hash, texts[i]);
    }
    return otter_text_hash_final(&hash, out);
}

/* OUT holds the first hash until the last one takes its place. */
void otter_http_digest_response(const struct otter_http_digest *digest, char out[OTTER_TEXT_HASH_SIZE])
{
    char request[OTTER_TEXT_HASH_SIZE];
    const char *const a1[] = {digest->user, digest->realm, digest->password};
    const char *const a2[] = {digest->method, digest->uri};
    const char *const all[] = {
        hash_of(digest, a1, 3, out),    digest->nonce, digest->count, digest->cnonce, "auth",
        hash_of(digest, a2, 2, request)};
    (void)hash_of(digest, all, 6, out);
}
