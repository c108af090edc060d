/* URLs of http and https (RFC 3986; RFC 9110, section 4.2), as far as a client of one file needs them. */
#ifndef OTTER_FORMAT_URL_H
#define OTTER_FORMAT_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "format/error.h"

#define OTTER_URL_SIZE 256u /* of host and path, a NUL behind each */

/* Where a URL leads. User name, password and fragment are left out. */
struct otter_url {
    bool secure;    /* https */
    bool elsewhere; /* the last otter_url_follow() changed scheme, host or port (RFC 6454, section 5) */
    uint16_t port;  /* as given, or 80 or 443 */
    uint16_t path;  /* where in `text` path and query begin: "/" at least, otherwise as spelt */
    char text[OTTER_URL_SIZE]; /* the host, a name or a literal address without brackets, and the path */
};

/* Takes an absolute URL apart. OTTER_ERROR_MALFORMED if it is none of http or https, or holds characters that
 * no URL does; OTTER_ERROR_BUFFER if it is too long. URL is undefined after an error. */
OTTER_MUST_CHECK int otter_url_parse(struct otter_url *url, const char *text);

/* Makes of URL what REFERENCE means beside it: an absolute URL, or one that is relative in any way (RFC 3986,
 * section 5.2). Errors as above. */
OTTER_MUST_CHECK int otter_url_follow(struct otter_url *url, const char *reference);

static inline const char *otter_url_host(const struct otter_url *url)
{
    return url->text;
}

static inline const char *otter_url_path(const struct otter_url *url)
{
    return url->text + url->path;
}

/* Writes "user:password" of an absolute URL into OUT, percent escapes resolved. The length without NUL; 0 if
 * there is none; OTTER_ERROR_MALFORMED, OTTER_ERROR_BUFFER. */
OTTER_MUST_CHECK int otter_url_credentials(char *out, size_t size, const char *text);

#endif
