/* The head of an HTTP response, as far as who fetches an update needs it (spec/pull.md, section 2; RFC 9110).
 */
#ifndef OTTER_FORMAT_HTTP_RESPONSE_H
#define OTTER_FORMAT_HTTP_RESPONSE_H

#include <stdbool.h>
#include <stdint.h>

#include "format/http_head.h"
#include "format/url.h"

#define OTTER_HTTP_ETAG_SIZE    64 /* NUL included; a longer one is as good as none */
#define OTTER_HTTP_VERSION_SIZE 32 /* the same, of x-version */

enum otter_http_coding {
    OTTER_HTTP_PLAIN,
    OTTER_HTTP_CHUNKED,
    OTTER_HTTP_CODED, /* in any other way */
};

enum otter_http_field {
    OTTER_HTTP_ABSENT,
    OTTER_HTTP_SOUND,
    OTTER_HTTP_UNSOUND, /* malformed, too long, or there twice (a length: twice and not the same) */
};

/* Where a redirection leads, beside where it comes from. */
enum otter_http_move {
    OTTER_HTTP_STAYS, /* there is none */
    OTTER_HTTP_MOVES, /* within the same origin */
    OTTER_HTTP_LEAVES,
    OTTER_HTTP_DESCENDS, /* from https to http */
    OTTER_HTTP_STRAYS,   /* to what is no URL for us, or to several */
};

/* What an ETag says, beside the one before. */
enum otter_http_etag {
    OTTER_HTTP_ETAG_ABSENT,
    OTTER_HTTP_ETAG_SAME,
    OTTER_HTTP_ETAG_OTHER,
};

struct otter_http_response {
    struct otter_http_head head; /* the parser's own */
    struct otter_url *url;
    uint16_t status;
    uint8_t coding;    /* enum otter_http_coding */
    uint8_t move;      /* enum otter_http_move: of a redirection with a Location */
    uint8_t length_is; /* enum otter_http_field, of the fields below */
    uint8_t md5_is;
    uint8_t range_is;
    uint8_t etag_is;                       /* enum otter_http_etag */
    struct otter_http_length length;       /* of the body */
    uint32_t range_start;                  /* Content-Range: where the body begins, */
    uint32_t range_end;                    /* one behind its end, */
    uint32_t range_total;                  /* and the bytes of the whole file */
    char md5[33];                          /* x-MD5, 32 hex digits of either case */
    char version[OTTER_HTTP_VERSION_SIZE]; /* x-version; empty if there is none */
    char etag[OTTER_HTTP_ETAG_SIZE];       /* quotes included; empty for none or a weak one */
};

/* Prepares for the next response. Of RESPONSE, etag[] is kept, to be compared; zero it before the first use.
 * LINE of SIZE bytes and URL are the caller's until the head is complete; URL is where the request went, and
 * is made to lead where a redirection leads. */
void otter_http_response_init(struct otter_http_response *response, char *line, uint16_t size,
                              struct otter_url *url);

/* As otter_http_head_feed(). Interim responses (1xx) are skipped. */
OTTER_MUST_CHECK int otter_http_response_feed(struct otter_http_response *response, const void *bytes,
                                              size_t size);

static inline bool otter_http_response_is_complete(const struct otter_http_response *response)
{
    return otter_http_head_is_complete(&response->head);
}

#endif
