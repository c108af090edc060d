/* Datagrams to the device: any portions give the same request, which comes back from its own encoding. */
#include <stdlib.h>
#include <string.h>

#include "format/push.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int parse(struct otter_push_request_parser *parser, const uint8_t *bytes, size_t size, size_t portion)
{
    otter_push_request_init(parser);
    int result = OTTER_OK;
    for (size_t at = 0; at < size && result == OTTER_OK; at += portion)
        result = otter_push_request_feed(parser, bytes + at, size - at < portion ? size - at : portion);
    return result == OTTER_OK ? otter_push_request_end(parser) : result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct otter_push_request_parser whole;
    struct otter_push_request_parser again;
    char datagram[OTTER_PUSH_DATAGRAM_MAX];
    char second[OTTER_PUSH_DATAGRAM_MAX];
    int result = parse(&whole, data, size, size + 1);
    if (parse(&again, data, size, 1) != result)
        abort();
    if (result != OTTER_OK)
        return 0;
    int length = otter_push_request_encode(datagram, sizeof(datagram), &whole.request);
    if (length < 0 || otter_push_request_encode(second, sizeof(second), &again.request) != length ||
        strcmp(second, datagram) != 0)
        abort();
    if (parse(&again, (const uint8_t *)datagram, (size_t)length, 7) != OTTER_OK)
        abort();
    if (otter_push_request_encode(second, sizeof(second), &again.request) != length ||
        strcmp(second, datagram) != 0)
        abort();
    return 0;
}
