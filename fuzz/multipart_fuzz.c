/* Forms: the first line is the Content-Type, the rest the body. Any portions give the same parts and data. */
#include <stdlib.h>
#include <string.h>

#include "format/multipart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    uint64_t sum; /* of all that came out */
    uint64_t data;
    unsigned parts, done, ends;
};

static void add(struct seen *seen, const void *bytes, size_t size)
{
    const uint8_t *byte = bytes;
    for (size_t i = 0; i < size; i++)
        seen->sum = (seen->sum ^ byte[i]) * 1099511628211u;
}

static void take(struct seen *seen, const struct otter_multipart *multipart)
{
    switch (multipart->event) {
    case OTTER_MULTIPART_PART:
        add(seen, multipart->name, strlen(multipart->name) + 1);
        seen->sum += multipart->is_file;
        seen->parts++;
        break;
    case OTTER_MULTIPART_DATA:
        if (multipart->size == 0 || seen->parts != seen->done + 1)
            abort();
        add(seen, multipart->data, multipart->size);
        seen->data += multipart->size;
        break;
    case OTTER_MULTIPART_DONE:
        seen->done++;
        break;
    case OTTER_MULTIPART_END:
        seen->ends++;
        break;
    default:
        break;
    }
    if (seen->done > seen->parts || seen->ends > 1 || (seen->ends == 1 && seen->done != seen->parts))
        abort();
}

static int parse(struct seen *seen, const char *delimiter, const uint8_t *bytes, size_t size, size_t portion)
{
    struct otter_multipart multipart;
    char line[OTTER_MULTIPART_LINE_MIN];
    *seen = (struct seen){.sum = 1};
    otter_multipart_init(&multipart, delimiter, line, sizeof(line));
    for (size_t at = 0; at < size;) {
        int count = otter_multipart_feed(&multipart, bytes + at, size - at < portion ? size - at : portion);
        if (count < 0)
            return count;
        take(seen, &multipart);
        at += (size_t)count;
    }
    return OTTER_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char type[128] = "";
    struct seen whole, bytes;
    const uint8_t *body = memchr(data, '\n', size);
    if (body == NULL || (size_t)(body - data) >= sizeof(type))
        return 0;
    memcpy(type, data, (size_t)(body - data));
    size -= (size_t)(++body - data);
    const char *delimiter = otter_multipart_delimiter(type);
    if (delimiter == NULL || strpbrk(delimiter + 2, "\r\n") != NULL)
        return 0;
    int result = parse(&whole, delimiter, body, size, size + 1);
    if (parse(&bytes, delimiter, body, size, 1) != result || bytes.sum != whole.sum || whole.data > size)
        abort();
    return 0;
}
