/* Who may: Basic (RFC 7617) and Digest (RFC 7616) with qop=auth. */
#include <string.h>

#include "crypto/http_auth.h"
#include "device/web_session.h"
#include "format/base64.h"
#include "format/http_field.h"

#define REALM             "Login Required" /* as existing devices say */
#define NONCE_LIFETIME_MS 300000u
#define NONCE_DIGITS      32u
#define MAC_SIZE          8u

/* What a nonce is made of: hex digits of these bytes. */
struct nonce {
    uint32_t issued_ms;
    uint32_t number;
    uint8_t mac[MAC_SIZE];
};

bool otter_web_is_open(const struct otter_web *web)
{
    return web->settings.user[0] == '\0' && web->settings.password[0] == '\0';
}

/* --- nonces ------------------------------------------------------------------------------------- */

int otter_web_make_secret(struct otter_web *web)
{
    const struct otter_port *port = web->port;
    uint8_t *secret = web->nonces.secret;
    return port->entropy(port->context, secret, OTTER_WEB_SECRET) == 0 ? OTTER_OK : OTTER_ERROR_ENTROPY;
}

static void authenticate_nonce(const struct otter_web *web, const struct nonce *nonce, uint8_t mac[MAC_SIZE])
{
    struct otter_sha256 sha256;
    uint8_t digest[OTTER_SHA256_SIZE];
    otter_sha256_init(&sha256);
    otter_sha256_update(&sha256, web->nonces.secret, OTTER_WEB_SECRET);
    otter_sha256_update(&sha256, nonce, offsetof(struct nonce, mac));
    otter_sha256_final(&sha256, digest);
    memcpy(mac, digest, MAC_SIZE);
}

static void make_nonce(struct otter_web *web, char out[NONCE_DIGITS + 1])
{
    struct nonce nonce = {.issued_ms = web->now_ms, .number = ++web->nonces.issued};
    authenticate_nonce(web, &nonce, nonce.mac);
    otter_hex_encode(out, &nonce, sizeof(nonce));
}

/* True if TEXT is a nonce of ours that is not too old. */
static bool read_nonce(const struct otter_web *web, const char *text, struct nonce *nonce)
{
    uint8_t mac[MAC_SIZE];
    if (!otter_hex_decode(nonce, sizeof(*nonce), text))
        return false;
    authenticate_nonce(web, nonce, mac);
    return otter_equal_constant_time(mac, nonce->mac, sizeof(mac)) &&
           web->now_ms - nonce->issued_ms < NONCE_LIFETIME_MS;
}

/* The place where the use of nonce NUMBER is remembered. A new one gets that of the oldest, which is stale
 * from then on, as is all that is older than what is remembered: NULL. */
static uint32_t *count_of(struct otter_web *web, uint32_t number)
{
    struct otter_web_nonce *oldest = web->nonces.used;
    for (unsigned i = 0; i < OTTER_WEB_NONCES; i++) {
        struct otter_web_nonce *used = &web->nonces.used[i];
        if (used->number == number)
            return &used->count;
        if (used->number < oldest->number)
            oldest = used;
    }
    if (number < oldest->number)
        return NULL;
    *oldest = (struct otter_web_nonce){.number = number};
    return &oldest->count;
}

/* True if the nonce is good for the COUNTth request with it: each counts higher than those before, so that
 * none can be sent again by somebody who listened. */
static bool use_nonce(struct otter_web *web, const char *text, const char *count)
{
    uint8_t digits[4];
    struct nonce nonce;
    if (!otter_hex_decode(digits, sizeof(digits), count) || !read_nonce(web, text, &nonce))
        return false;
    const uint32_t value =
        (uint32_t)digits[0] << 24 | (uint32_t)digits[1] << 16 | (uint32_t)digits[2] << 8 | digits[3];
    uint32_t *highest = count_of(web, nonce.number);
    if (highest == NULL || value <= *highest)
        return false;
    *highest = value;
    return true;
}

/* --- credentials -------------------------------------------------------------------------------- */

/* What the client has to send is put together, group by group, rather than what it sent taken apart. Not
 * inlined, so that its memory is not on the stack for Digest. */
__attribute__((noinline)) static enum otter_web_access
judge_basic(const struct otter_web_connection *connection, const char *given)
{
    const struct otter_web_settings *settings = &connection->web->settings;
    char pair[2 * OTTER_WEB_USER_MAX + 2], group[5];
    struct otter_text text;
    bool right = true;
    otter_text_init(&text, pair, sizeof(pair));
    otter_text_add(&text, settings->user);
    otter_text_add(&text, ":");
    otter_text_add(&text, settings->password);
    if (strlen(given) != (text.length + 2) / 3 * 4)
        return OTTER_WEB_DENIED;
    for (size_t i = 0; i < text.length; i += 3, given += 4) {
        const size_t left = text.length - i;
        (void)!otter_base64_encode(group, sizeof(group), pair + i, left < 3 ? left : 3);
        right &= otter_equal_constant_time(group, given, 4);
    }
    return right ? OTTER_WEB_GRANTED : OTTER_WEB_DENIED;
}

enum { ALGORITHM, CNONCE, COUNT, NONCE, QOP, RESPONSE, URI, PARAMETERS };

static const char *const names[PARAMETERS] = {
    [ALGORITHM] = "algorithm", [CNONCE] = "cnonce", [COUNT] = "nc", [NONCE] = "nonce", [QOP] = "qop",
    [RESPONSE] = "response",   [URI] = "uri",
};

static void read_parameters(char *value, const char *given[PARAMETERS])
{
    struct otter_http_parameter parameter;
    for (unsigned i = 0; i < PARAMETERS; i++)
        given[i] = "";
    while (otter_http_parameter_next(&value, &parameter) > 0)
        for (unsigned i = 0; i < PARAMETERS; i++)
            if (otter_text_is_same(parameter.name, names[i]))
                given[i] = parameter.value;
}

/* User name and realm need no look: they are part of the response. */
static bool is_right(const struct otter_web_connection *connection, const char *const given[PARAMETERS])
{
    const struct otter_web *web = connection->web;
    const bool is_sha256 = otter_text_is_same(given[ALGORITHM], "SHA-256");
    const size_t digits = 2 * (is_sha256 ? OTTER_SHA256_SIZE : OTTER_MD5_SIZE);
    const struct otter_http_digest digest = {
        .algorithm = is_sha256 ? OTTER_TEXT_HASH_SHA256 : OTTER_TEXT_HASH_MD5,
        .user = web->settings.user,
        .password = web->settings.password,
        .realm = REALM,
        .method = otter_http_method_name((enum otter_http_method)connection->request.method),
        .uri = given[URI],
        .nonce = given[NONCE],
        .count = given[COUNT],
        .cnonce = given[CNONCE],
    };
    char expected[OTTER_TEXT_HASH_SIZE];
    if (strlen(given[RESPONSE]) != digits)
        return false;
    otter_http_digest_response(&digest, expected);
    return otter_equal_constant_time(expected, given[RESPONSE], digits);
}

static enum otter_web_access judge_digest(struct otter_web_connection *connection, char *value)
{
    struct otter_web *web = connection->web;
    const char *given[PARAMETERS];
    read_parameters(value, given);
    const enum otter_web_resource resource = otter_web_find(web, given[URI], strcspn(given[URI], "?"));
    if (resource != connection->resource || strcmp(given[QOP], "auth") != 0 || !is_right(connection, given))
        return OTTER_WEB_DENIED;
    return use_nonce(web, given[NONCE], given[COUNT]) ? OTTER_WEB_GRANTED : OTTER_WEB_STALE;
}

enum otter_web_access otter_web_judge(struct otter_web_connection *connection, char *value)
{
    struct otter_http_parameter scheme;
    if (otter_http_parameter_next(&value, &scheme) <= 0)
        return OTTER_WEB_DENIED;
    if (connection->web->settings.auth == OTTER_WEB_DIGEST)
        return otter_text_is_same(scheme.name, "Digest") ? judge_digest(connection, value) : OTTER_WEB_DENIED;
    return otter_text_is_same(scheme.name, "Basic") ? judge_basic(connection, value + strspn(value, " "))
                                                    : OTTER_WEB_DENIED;
}

/* --- the challenge ------------------------------------------------------------------------------ */

static void add_digest(struct otter_text *text, const char *algorithm, const char *nonce, bool stale)
{
    otter_text_add(text, "WWW-Authenticate: Digest realm=\"" REALM "\", qop=\"auth\", algorithm=");
    otter_text_add(text, algorithm);
    otter_text_add(text, ", nonce=\"");
    otter_text_add(text, nonce);
    otter_text_add(text, stale ? "\", stale=true\r\n" : "\"\r\n");
}

void otter_web_add_challenge(struct otter_web *web, bool stale, struct otter_text *text)
{
    char nonce[NONCE_DIGITS + 1];
    if (web->settings.auth != OTTER_WEB_DIGEST) {
        otter_text_add(text, "WWW-Authenticate: Basic realm=\"" REALM "\"\r\n");
        return;
    }
    make_nonce(web, nonce);
    add_digest(text, "SHA-256", nonce, stale); /* the client takes the first that it can */
    add_digest(text, "MD5", nonce, stale);
}
