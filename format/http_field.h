/* What is inside the value of an HTTP field: words and parameters (RFC 9110, sections 5.6 and 11.2). */
#ifndef OTTER_FORMAT_HTTP_FIELD_H
#define OTTER_FORMAT_HTTP_FIELD_H

#include "format/error.h"

struct otter_http_parameter {
    char *name;
    char *value; /* without quotes and escapes; empty where there is none */
};

/* The next one of a list like `form-data; name="firmware"` or `Digest realm="a b", nc=00000001`, separated by
 * white space, commas or semicolons: 1; 0 at the end. It is terminated in place, and CURSOR, which begins at
 * the value's start, moves behind it. OTTER_ERROR_MALFORMED; `name` is valid even then unless it is empty. */
OTTER_MUST_CHECK int otter_http_parameter_next(char **cursor, struct otter_http_parameter *parameter);

#endif
