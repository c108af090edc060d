/* Base64 with padding (RFC 4648, section 4). */
#ifndef OTTER_FORMAT_BASE64_H
#define OTTER_FORMAT_BASE64_H

#include "format/error.h"

/* Writes COUNT bytes as text, terminated, into OUT of SIZE bytes: the length without NUL, or
 * OTTER_ERROR_BUFFER. */
OTTER_MUST_CHECK int otter_base64_encode(char *out, size_t size, const void *bytes, size_t count);

#endif
