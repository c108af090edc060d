/* Where the body of an HTTP message ends (RFC 9112, section 6 and 7.1), and what of it is content. */
#ifndef OTTER_FORMAT_HTTP_BODY_H
#define OTTER_FORMAT_HTTP_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "format/error.h"

#define OTTER_HTTP_CHUNK_HEAD_MAX 256u  /* bytes between the contents of two chunks */
#define OTTER_HTTP_TRAILER_MAX    4096u /* bytes behind the last chunk */

/* Takes content, in the order in which it comes. Returns 0, or an error that sticks. */
typedef int otter_http_content(void *context, const void *bytes, size_t size);

/* Push parser; all fields are its own. */
struct otter_http_body {
    otter_http_content *take;
    void *context;
    uint32_t remaining; /* bytes of content still to come, in all or in this chunk */
    uint16_t overhead;  /* bytes of framing since the last content */
    uint8_t state;
    uint8_t digits; /* of a chunk's size */
    int error;      /* sticky */
};

/* A body of LENGTH bytes. */
void otter_http_body_init(struct otter_http_body *body, uint32_t length, otter_http_content *take,
                          void *context);
/* A chunked one. Lines end with CR LF or LF alone; extensions and trailer are skipped. */
void otter_http_body_init_chunked(struct otter_http_body *body, otter_http_content *take, void *context);

/* Takes bytes up to the end of the body. How many that were; OTTER_ERROR_MALFORMED for bad framing or a chunk
 * of 4 GiB or more; OTTER_ERROR_BUFFER for framing beyond the limits above; or what TAKE returned. */
OTTER_MUST_CHECK int otter_http_body_feed(struct otter_http_body *body, const void *bytes, size_t size);

/* True once all of it came. */
bool otter_http_body_is_complete(const struct otter_http_body *body);

#endif
