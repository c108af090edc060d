/* The body of a form that carries files: multipart/form-data (RFC 7578, RFC 2046 section 5.1).
 *
 * Push parser that stops at each event, so that its caller may pause there:
 *
 *     count = otter_multipart_feed(&multipart, bytes, size);   bytes + count is where to go on
 *     switch (multipart.event) ...
 */
#ifndef OTTER_FORMAT_MULTIPART_H
#define OTTER_FORMAT_MULTIPART_H

#include <stdbool.h>

#include "format/http_head.h"

#define OTTER_MULTIPART_BOUNDARY_MAX 70u  /* characters (RFC 2046, section 5.1.1) */
#define OTTER_MULTIPART_LINE_MIN     128u /* bytes of the line buffer that does for the forms of browsers */

enum otter_multipart_event {
    OTTER_MULTIPART_MORE, /* nothing: all bytes were taken */
    OTTER_MULTIPART_PART, /* a part begins: `name` and `is_file` are valid */
    OTTER_MULTIPART_DATA, /* `size` bytes of it at `data`, valid until the next call */
    OTTER_MULTIPART_DONE, /* the part is whole */
    OTTER_MULTIPART_END,  /* so is the body; whatever follows is skipped */
};

/* Read only for others, from `event` on. */
struct otter_multipart {
    const char *delimiter;
    char *line;
    uint16_t line_size;
    uint8_t state;
    uint8_t matched; /* characters of the delimiter */
    int error;       /* sticky */
    struct otter_http_head head;
    uint8_t event;    /* enum otter_multipart_event */
    bool is_file;     /* the part has a filename, be it empty */
    const char *name; /* of the form's field; empty if there is none */
    const void *data;
    size_t size;
};

/* Makes the delimiter from the value of Content-Type, in the same memory. NULL if that is not
 * multipart/form-data, or has no boundary that is valid. */
char *otter_multipart_delimiter(char *content_type);

/* DELIMITER and LINE of LINE_SIZE bytes, for the heads of parts, are the caller's until the end. */
void otter_multipart_init(struct otter_multipart *multipart, const char *delimiter, char *line,
                          uint16_t line_size);

/* Takes bytes up to the next event, and says how many. OTTER_ERROR_MALFORMED; OTTER_ERROR_BUFFER as
 * otter_http_head_feed(). */
OTTER_MUST_CHECK int otter_multipart_feed(struct otter_multipart *multipart, const void *bytes, size_t size);

#endif
