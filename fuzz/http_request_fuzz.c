/* Requests: any portions give the same one. */
#include <stdlib.h>
#include <string.h>

#include "format/http_request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    struct otter_http_head head;
    struct otter_http_request request;
    char line[300];
    char path[300];
};

static int take(void *context, const char *name, char *value, bool cut)
{
    struct seen *seen = context;
    char *path = NULL;
    if (name != NULL)
        return otter_http_request_field(&seen->request, name, value, cut);
    const int error = otter_http_request_start(&seen->request, value, &path);
    if (error == OTTER_OK)
        memcpy(seen->path, path, strlen(path) + 1);
    return error;
}

static int parse(struct seen *seen, const uint8_t *bytes, size_t size, size_t portion)
{
    int count = 0;
    memset(seen, 0, sizeof(*seen));
    otter_http_head_init(&seen->head, seen->line, sizeof(seen->line), false, take, seen);
    for (size_t at = 0; at < size && count >= 0 && !otter_http_head_is_complete(&seen->head); at += portion)
        count = otter_http_head_feed(&seen->head, bytes + at, size - at < portion ? size - at : portion);
    return count < 0 ? count : OTTER_OK;
}

static bool is_same(const struct otter_http_request *left, const struct otter_http_request *right)
{
    return left->method == right->method && left->minor == right->minor &&
           left->accepts_gzip == right->accepts_gzip && left->expects_continue == right->expects_continue &&
           left->transfer_encoding == right->transfer_encoding && left->length.known == right->length.known &&
           left->length.bytes == right->length.bytes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct seen whole, bytes;
    int result = parse(&whole, data, size, size + 1);
    if (parse(&bytes, data, size, 1) != result || strcmp(bytes.path, whole.path) != 0)
        abort();
    if (result == OTTER_OK && !is_same(&bytes.request, &whole.request))
        abort();
    if (strpbrk(whole.path, " ?#\r\n") != NULL || whole.request.method > OTTER_HTTP_OPTIONS)
        abort();
    return 0;
}
