#include "format/url.h"

#include <string.h>

#include "format/text.h"

#define PORT_HTTP  80u
#define PORT_HTTPS 443u

/* --- parts of a URL ----------------------------------------------------------------------------- */

/* A URL has printable characters alone, and no blanks. */
static bool is_clean(const char *text)
{
    while (*text > ' ' && *text <= '~')
        text++;
    return *text == '\0';
}

/* What comes behind "http://" or "https://"; NULL if TEXT begins with neither. */
static const char *skip_scheme(const char *text, bool *secure)
{
    for (const char *c = "http"; *c != '\0'; c++)
        if ((*text++ | 0x20) != *c)
            return NULL;
    *secure = (*text | 0x20) == 's';
    text += *secure;
    return strncmp(text, "://", 3) == 0 ? text + 3 : NULL;
}

/* One behind the last character of the authority that TEXT begins with. */
static const char *authority_end(const char *text)
{
    return text + strcspn(text, "/?#");
}

/* Where the host begins: behind the last '@'. */
static const char *host_start(const char *authority, const char *end)
{
    for (const char *c = end; c > authority; c--)
        if (c[-1] == '@')
            return c;
    return authority;
}

/* Puts the NUL-terminated string of LENGTH bytes at AT. */
static int put(struct otter_url *url, size_t at, const char *bytes, size_t length)
{
    if (at + length >= sizeof(url->text))
        return OTTER_ERROR_BUFFER;
    memmove(url->text + at, bytes, length);
    url->text[at + length] = '\0';
    return OTTER_OK;
}

/* What is between host and END: nothing, a colon, or a colon and a number. */
static int take_port(struct otter_url *url, const char *text, const char *end)
{
    uint32_t port = 0;
    url->port = url->secure ? PORT_HTTPS : PORT_HTTP;
    if (text == end || (*text == ':' && text + 1 == end))
        return OTTER_OK;
    if (*text != ':')
        return OTTER_ERROR_MALFORMED;
    while (++text < end) {
        if (*text < '0' || *text > '9' || port > UINT16_MAX)
            return OTTER_ERROR_MALFORMED;
        port = port * 10 + (uint32_t)(*text - '0');
    }
    url->port = (uint16_t)port;
    return port > 0 && port <= UINT16_MAX ? OTTER_OK : OTTER_ERROR_MALFORMED;
}

static bool is_host(const struct otter_url *url, const char *host, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (otter_text_lower(url->text[i]) != otter_text_lower(host[i]))
            return false;
    return url->text[length] == '\0';
}

static int take_authority(struct otter_url *url, const char *text, const char *end)
{
    const char *host = host_start(text, end);
    const bool literal = host < end && *host == '[';
    host += literal;
    size_t length = 0;
    while (host + length < end && host[length] != (literal ? ']' : ':'))
        length++;
    const char *behind = host + length + literal;
    if (length == 0 || behind > end || strcspn(host, "[]") < length)
        return OTTER_ERROR_MALFORMED;
    url->path = (uint16_t)(length + 1);
    url->elsewhere = !is_host(url, host, length);
    const int error = put(url, 0, host, length);
    return error != OTTER_OK ? error : take_port(url, behind, end);
}

/* The first KEPT characters of the path stay; TEXT, up to its fragment, comes behind them. */
static int take_path(struct otter_url *url, size_t kept, const char *text)
{
    if (kept == 0 && text[0] != '/') {
        const int error = put(url, url->path, "/", 1);
        if (error != OTTER_OK)
            return error;
        kept = 1;
    }
    return put(url, url->path + kept, text, strcspn(text, "#"));
}

/* Resolves "." and ".." in a path (RFC 3986, section 5.2.4). */
static void remove_dots(char *path)
{
    char *out = path;
    const char *in = path;
    while (*in == '/') {
        const size_t length = 1 + strcspn(in + 1, "/?");
        const bool up = length == 3 && in[1] == '.' && in[2] == '.';
        const bool here = length == 2 && in[1] == '.';
        while (up && out > path && *--out != '/')
            continue;
        if (!up && !here) {
            memmove(out, in, length);
            out += length;
        } else if (in[length] != '/') {
            *out++ = '/';
        }
        in += length;
    }
    memmove(out, in, strlen(in) + 1);
}

/* --- URLs --------------------------------------------------------------------------------------- */

/* TEXT begins with an authority; the scheme is known. */
static int parse_behind_scheme(struct otter_url *url, const char *text)
{
    const char *end = authority_end(text);
    const int error = take_authority(url, text, end);
    return error != OTTER_OK ? error : take_path(url, 0, end);
}

static int parse(struct otter_url *url, const char *text)
{
    const char *authority = skip_scheme(text, &url->secure);
    return authority == NULL || !is_clean(authority) ? OTTER_ERROR_MALFORMED
                                                     : parse_behind_scheme(url, authority);
}

int otter_url_parse(struct otter_url *url, const char *text)
{
    url->text[0] = '\0';
    return parse(url, text);
}

/* How much of the path a relative REFERENCE leaves. */
static size_t kept_by(const struct otter_url *url, const char *reference)
{
    const char *path = otter_url_path(url);
    size_t kept = strlen(path);
    if (*reference == '\0' || *reference == '#')
        return kept;
    kept = strcspn(path, "?");
    if (*reference == '?')
        return kept;
    while (kept > 0 && path[kept - 1] != '/')
        kept--;
    return *reference == '/' ? 0 : kept;
}

int otter_url_follow(struct otter_url *url, const char *reference)
{
    const bool secure = url->secure;
    const uint16_t port = url->port;
    int error;
    if (!is_clean(reference))
        return OTTER_ERROR_MALFORMED;
    url->elsewhere = false;
    if (reference[strcspn(reference, ":/?#")] == ':') /* a scheme comes first */
        error = parse(url, reference);
    else if (reference[0] == '/' && reference[1] == '/')
        error = parse_behind_scheme(url, reference + 2);
    else
        error = take_path(url, kept_by(url, reference), reference);
    url->elsewhere = url->elsewhere || url->secure != secure || url->port != port;
    if (error == OTTER_OK)
        remove_dots(url->text + url->path);
    return error;
}

/* The character that TEXT begins with, and how long it is there: 3 for a percent escape. 0 if it is bad. */
static uint8_t unescape(const char *text, size_t *length)
{
    uint8_t byte = (uint8_t)*text;
    *length = 1;
    if (byte == '%') {
        *length = 3;
        byte = otter_hex_is(text + 1, 2) ? (uint8_t)(otter_hex_value(text[1]) * 16 + otter_hex_value(text[2]))
                                         : 0;
    }
    return byte < ' ' ? 0 : byte;
}

int otter_url_credentials(char *out, size_t size, const char *text)
{
    bool secure;
    struct otter_text credentials;
    const char *authority = skip_scheme(text, &secure);
    if (authority == NULL)
        return OTTER_ERROR_MALFORMED;
    const char *host = host_start(authority, authority_end(authority));
    otter_text_init(&credentials, out, size);
    for (size_t length; authority + 1 < host; authority += length) {
        const uint8_t byte = unescape(authority, &length);
        if (byte == 0 || authority + length >= host)
            return OTTER_ERROR_MALFORMED;
        otter_text_add_bytes(&credentials, (const char *)&byte, 1);
    }
    return otter_text_end(&credentials);
}
