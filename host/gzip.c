#include "host/gzip.h"

#include <stdlib.h>
#define ZLIB_CONST /* input is const */
#include <zlib.h>

#include "format/image.h"

#define WINDOW_GZIP (15 + 16) /* zlib's way to say: 32 KiB window, gzip wrapping */

bool otter_gzip_is(const void *bytes, size_t size)
{
    const uint8_t *magic = bytes;
    return size >= 2 && magic[0] == OTTER_GZIP_MAGIC_0 && magic[1] == OTTER_GZIP_MAGIC_1;
}

bool otter_gzip_compress(struct otter_file *out, const void *bytes, size_t size)
{
    z_stream stream = {.next_in = bytes, .avail_in = (uInt)size};
    *out = (struct otter_file){0};
    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, WINDOW_GZIP, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        return false;
    uLong bound = deflateBound(&stream, (uLong)size);
    out->bytes = malloc(bound);
    stream.next_out = out->bytes;
    stream.avail_out = (uInt)bound;
    bool good = out->bytes != NULL && deflate(&stream, Z_FINISH) == Z_STREAM_END;
    out->size = stream.total_out;
    deflateEnd(&stream);
    if (!good)
        otter_file_free(out);
    return good;
}

static bool grow(struct otter_file *out, z_stream *stream)
{
    size_t size = out->size > 0 ? out->size * 2 : 1u << 20;
    if (size > OTTER_FILE_MAX)
        return false;
    uint8_t *larger = realloc(out->bytes, size);
    if (larger == NULL)
        return false;
    stream->next_out = larger + stream->total_out;
    stream->avail_out = (uInt)(size - stream->total_out);
    *out = (struct otter_file){.bytes = larger, .size = size};
    return true;
}

bool otter_gzip_inflate(struct otter_file *out, const void *bytes, size_t size, size_t *used)
{
    z_stream stream = {.next_in = bytes, .avail_in = (uInt)size};
    *out = (struct otter_file){0};
    if (inflateInit2(&stream, WINDOW_GZIP) != Z_OK)
        return false;
    int outcome = Z_OK;
    while (outcome == Z_OK && (stream.avail_out > 0 || grow(out, &stream)))
        outcome = inflate(&stream, Z_NO_FLUSH);
    out->size = stream.total_out;
    *used = stream.total_in;
    inflateEnd(&stream);
    if (outcome != Z_STREAM_END)
        otter_file_free(out);
    return outcome == Z_STREAM_END;
}
