/* An HTTP/1.x request as far as a small server needs it, line by line as the head's parser hands them out
 * (RFC 9112; RFC 9110). */
#ifndef OTTER_FORMAT_HTTP_REQUEST_H
#define OTTER_FORMAT_HTTP_REQUEST_H

#include <stdbool.h>

#include "format/http_head.h"

enum otter_http_method {
    OTTER_HTTP_OTHER, /* none of these */
    OTTER_HTTP_GET,
    OTTER_HTTP_HEAD,
    OTTER_HTTP_POST,
    OTTER_HTTP_OPTIONS,
};

/* The name of METHOD; "" for OTTER_HTTP_OTHER. */
const char *otter_http_method_name(enum otter_http_method method);

/* Zero the struct to start. */
struct otter_http_request {
    uint8_t method;         /* enum otter_http_method */
    uint8_t minor;          /* of version 1.x */
    bool accepts_gzip;      /* Accept-Encoding names it */
    bool expects_continue;  /* the body is sent once it is asked for, or after a moment */
    bool transfer_encoding; /* the body comes in chunks or the like */
    struct otter_http_length length;
};

/* Takes the request line. PATH becomes the target's, without a query, terminated in place.
 * OTTER_ERROR_MALFORMED. */
OTTER_MUST_CHECK int otter_http_request_start(struct otter_http_request *request, char *line, char **path);

/* Takes one field; others than those above are ignored. VALUE may be changed. OTTER_ERROR_MALFORMED. */
OTTER_MUST_CHECK int otter_http_request_field(struct otter_http_request *request, const char *name,
                                              char *value, bool cut);

#endif
