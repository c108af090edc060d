/* Heads of HTTP messages: any portions give the same lines, which hold no character that breaks them. The
 * first byte chooses the buffer, and whether there is a start line. */
#include <stdlib.h>
#include <string.h>

#include "format/http_head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    struct otter_http_head head;
    struct otter_http_length length;
    char line[256];
    unsigned lines;
    uint64_t sum; /* of all that came out */
};

static void add(struct seen *seen, const char *text)
{
    if (strpbrk(text, "\r\n") != NULL)
        abort();
    do
        seen->sum = (seen->sum ^ (uint8_t)*text) * 1099511628211u;
    while (*text++ != '\0');
}

static int take(void *context, const char *name, char *value, bool cut)
{
    struct seen *seen = context;
    if ((name == NULL && (seen->lines > 0 || cut)) || ++seen->lines > OTTER_HTTP_LINES_MAX)
        abort();
    add(seen, name != NULL ? name : "");
    add(seen, value);
    seen->sum += cut;
    if (name != NULL && strcmp(name, "Content-Length") == 0)
        return cut ? OTTER_ERROR_MALFORMED : otter_http_length_take(&seen->length, value);
    if (name != NULL && strcmp(name, "Host") == 0 && otter_http_head_keep(&seen->head, value, 32) == NULL)
        return OTTER_ERROR_BUFFER;
    return OTTER_OK;
}

/* Bytes taken, or the error. */
static int parse(struct seen *seen, uint8_t choice, const uint8_t *bytes, size_t size, size_t portion)
{
    size_t at = 0;
    *seen = (struct seen){.sum = 1};
    otter_http_head_init(&seen->head, seen->line, (uint16_t)(2 + choice / 2), choice % 2, take, seen);
    while (at < size && !otter_http_head_is_complete(&seen->head)) {
        int count = otter_http_head_feed(&seen->head, bytes + at, size - at < portion ? size - at : portion);
        if (count < 0)
            return count;
        at += (size_t)count;
    }
    return (int)at;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct seen whole, bytes;
    if (size == 0)
        return 0;
    int result = parse(&whole, data[0], data + 1, size - 1, size);
    if (parse(&bytes, data[0], data + 1, size - 1, 1) != result || bytes.sum != whole.sum)
        abort();
    if (result > (int)OTTER_HTTP_HEAD_MAX)
        abort();
    return 0;
}
