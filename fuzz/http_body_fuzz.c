/* Chunked bodies: any portions give what the whole gives, and nothing behind the end is taken. */
#include <stdlib.h>
#include <string.h>

#include "format/http_body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct reading {
    struct otter_http_body body;
    uint8_t *content;
    size_t length;
    size_t taken;
    int error;
};

static int take(void *context, const void *bytes, size_t size)
{
    struct reading *reading = context;
    memcpy(reading->content + reading->length, bytes, size);
    reading->length += size;
    return 0;
}

static void read_all(struct reading *reading, uint8_t *content, const uint8_t *data, size_t size,
                     size_t portion)
{
    *reading = (struct reading){.content = content};
    otter_http_body_init_chunked(&reading->body, take, reading);
    for (size_t at = 0; at < size && reading->error == OTTER_OK; at += portion) {
        const size_t part = size - at < portion ? size - at : portion;
        const int count = otter_http_body_feed(&reading->body, data + at, part);
        if (count > (int)part)
            abort();
        if (count < 0)
            reading->error = count;
        else
            reading->taken += (size_t)count;
    }
}

static bool is_same(const struct reading *left, const struct reading *right)
{
    return left->error == right->error && left->length == right->length &&
           otter_http_body_is_complete(&left->body) == otter_http_body_is_complete(&right->body) &&
           (left->error != OTTER_OK || left->taken == right->taken) &&
           memcmp(left->content, right->content, left->length) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reading whole, bytes, portions;
    uint8_t *content = malloc(3 * size + 1);
    if (content == NULL)
        return 0;
    read_all(&whole, content, data, size, size + 1);
    read_all(&bytes, content + size, data, size, 1);
    read_all(&portions, content + 2 * size, data, size, 5);
    if (!is_same(&whole, &bytes) || !is_same(&whole, &portions))
        abort();
    free(content);
    return 0;
}
