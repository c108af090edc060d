/* gzip (RFC 1952) in memory, by zlib. */
#ifndef OTTER_HOST_GZIP_H
#define OTTER_HOST_GZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/file.h"

bool otter_gzip_is(const void *bytes, size_t size);

/* Compresses as well as zlib can. The same input gives the same bytes: the header holds no time and no name.
 * False when out of memory. */
bool otter_gzip_compress(struct otter_file *out, const void *bytes, size_t size);

/* Inflates the gzip that SIZE bytes begin with, to at most OTTER_FILE_MAX bytes, and says in USED how many
 * of them it took. False, with OUT empty, if it is damaged or cut or inflates to more. */
bool otter_gzip_inflate(struct otter_file *out, const void *bytes, size_t size, size_t *used);

#endif
