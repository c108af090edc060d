#include "tests/support/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#define ZLIB_CONST
#include <zlib.h>

#include "tests/support/require.h"

bool file_exists(const char *path)
{
    return access(path, R_OK) == 0;
}

struct file file_read(const char *path)
{
    FILE *stream = fopen(path, "rb");
    REQUIRE(stream, "cannot read %s", path);
    struct file file = {0};
    fseek(stream, 0, SEEK_END);
    file.size = (size_t)ftell(stream);
    rewind(stream);
    file.bytes = malloc(file.size + 1);
    REQUIRE(file.bytes && fread(file.bytes, 1, file.size, stream) == file.size, "cannot read %s", path);
    fclose(stream);
    return file;
}

void file_write(const char *path, const void *bytes, size_t size)
{
    FILE *stream = fopen(path, "wb");
    REQUIRE(stream && fwrite(bytes, 1, size, stream) == size && fclose(stream) == 0, "cannot write %s", path);
}

struct file file_gzip(const void *bytes, size_t size)
{
    enum { GZIP_WINDOW = 15 + 16 };
    z_stream stream = {0};
    int made = deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY);
    REQUIRE(made == Z_OK, "deflateInit2: %d", made);
    struct file gzip = {.size = deflateBound(&stream, size)};
    gzip.bytes = malloc(gzip.size);
    REQUIRE(gzip.bytes, "no memory");
    stream.next_in = bytes;
    stream.avail_in = (uInt)size;
    stream.next_out = gzip.bytes;
    stream.avail_out = (uInt)gzip.size;
    REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END, "deflate");
    gzip.size = stream.total_out;
    deflateEnd(&stream);
    return gzip;
}
