/* The head of an HTTP/1.x message, request or response: a start line, field lines and an empty line (RFC
 * 9112, sections 2 to 5). The head of a part of multipart/form-data is the same without a start line (RFC
 * 7578).
 *
 * Lines end with CR LF or LF alone; empty lines before the first one are skipped. Refused are: a folded line,
 * white space before the colon, a name that is no token, control characters but TAB. What comes is bounded,
 * whatever the peer sends. */
#ifndef OTTER_FORMAT_HTTP_HEAD_H
#define OTTER_FORMAT_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "format/error.h"

#define OTTER_HTTP_HEAD_MAX  16384u /* bytes of a whole head */
#define OTTER_HTTP_LINES_MAX 100u   /* of them, the start line included */

/* One line of the head: NAME is NULL for the start line, VALUE the rest of the line without the white space
 * around it. Both are terminated, in the caller's buffer, and may be changed there during the call. CUT: the
 * line did not fit the buffer, and VALUE is only its beginning; whoever needs all of it refuses it. Returns
 * 0, or an error that sticks. */
typedef int otter_http_line(void *context, const char *name, char *value, bool cut);

/* Push parser; all fields are its own. */
struct otter_http_head {
    otter_http_line *take;
    void *context;
    char *line; /* the caller's buffer */
    uint16_t size;
    uint16_t filled; /* characters in it */
    uint16_t bytes;  /* of the head so far */
    uint8_t lines;
    uint8_t state;
    bool carriage_return; /* came: a line feed has to follow */
    bool cut;
    int error; /* sticky */
};

/* LINE of SIZE bytes, at least 2, is the caller's until the head is complete; the longest line that is not
 * cut has SIZE - 1 characters. FIELDS_ONLY: there is no start line. */
void otter_http_head_init(struct otter_http_head *head, char *line, uint16_t size, bool fields_only,
                          otter_http_line *take, void *context);

/* Takes bytes up to the end of the head. How many that were: what is left over belongs to the body.
 * OTTER_ERROR_MALFORMED; OTTER_ERROR_BUFFER for a start line that does not fit or a head beyond the limits
 * above; or what TAKE returned. */
OTTER_MUST_CHECK int otter_http_head_feed(struct otter_http_head *head, const void *bytes, size_t size);

/* True once the empty line came. */
bool otter_http_head_is_complete(const struct otter_http_head *head);

/* Keeps VALUE, a string in the line that is being taken, for as long as the buffer lives: it moves to the
 * buffer's start, over that line, and further lines get the room behind it. Returns where it is, or NULL if
 * less than ROOM bytes would be left for lines. */
char *otter_http_head_keep(struct otter_http_head *head, char *value, uint16_t room);

/* The length of a body, from any number of Content-Length fields. Zero the struct to start. */
struct otter_http_length {
    bool known;
    uint32_t bytes;
};

/* Takes the value of one Content-Length field. OTTER_ERROR_MALFORMED unless it is a number below 4 GiB, in
 * digits alone, and the same as before (RFC 9112, section 6.3). */
OTTER_MUST_CHECK int otter_http_length_take(struct otter_http_length *length, const char *value);

#endif
