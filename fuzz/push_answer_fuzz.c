/* Datagrams to the uploader: any portions give the same answer, which fits the protocol when written. */
#include <stdlib.h>
#include <string.h>

#include "format/push.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int parse(struct otter_push_answer_parser *parser, const uint8_t *bytes, size_t size, size_t portion)
{
    otter_push_answer_init(parser);
    int result = OTTER_OK;
    for (size_t at = 0; at < size && result == OTTER_OK; at += portion)
        result = otter_push_answer_feed(parser, bytes + at, size - at < portion ? size - at : portion);
    return result == OTTER_OK ? otter_push_answer_end(parser) : result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct otter_push_answer_parser whole;
    struct otter_push_answer_parser bytes;
    char datagram[OTTER_PUSH_DATAGRAM_MAX];
    int result = parse(&whole, data, size, size + 1);
    if (parse(&bytes, data, size, 1) != result)
        abort();
    if (bytes.answer.kind != whole.answer.kind || strcmp(bytes.answer.nonce, whole.answer.nonce) != 0 ||
        strcmp(bytes.answer.text, whole.answer.text) != 0)
        abort();
    if (result == OTTER_OK && otter_push_answer_encode(datagram, sizeof(datagram), &whole.answer) < 0)
        abort();
    return 0;
}
