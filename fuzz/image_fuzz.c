/* Images: any portions give the verdict of the whole, and what is right can be sealed and stays right. */
#include <stdlib.h>
#include <string.h>

#include "format/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int parse(struct otter_image_parser *parser, const uint8_t *bytes, size_t size, size_t portion)
{
    otter_image_parser_init(parser, (uint32_t)size, NULL, NULL);
    int result = OTTER_OK;
    for (size_t at = 0; at < size && result == OTTER_OK; at += portion)
        result = otter_image_parser_feed(parser, bytes + at, size - at < portion ? size - at : portion);
    return result == OTTER_OK ? otter_image_parser_end(parser) : result;
}

static bool is_same(const struct otter_image_part *left, const struct otter_image_part *right)
{
    return left->offset == right->offset && left->end == right->end && left->whole == right->whole &&
           left->checksum_stored == right->checksum_stored &&
           left->checksum_computed == right->checksum_computed;
}

static void seal(const uint8_t *bytes, size_t size)
{
    struct otter_image_parser parser;
    uint8_t *copy = malloc(size + 1);
    if (copy == NULL)
        return;
    memcpy(copy, bytes, size);
    if (otter_image_seal(copy, size) == OTTER_OK) {
        int result = parse(&parser, copy, size, size);
        bool bootloader_is_right = parser.parts[0].checksum_stored == parser.parts[0].checksum_computed;
        if (result != (bootloader_is_right ? OTTER_OK : OTTER_ERROR_CHECKSUM))
            abort();
    } else if (memcmp(copy, bytes, size) != 0) {
        abort();
    }
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct otter_image_parser whole;
    struct otter_image_parser portions;
    if (size == 0)
        return 0;
    int result = parse(&whole, data, size, size);
    if (parse(&portions, data, size, 1) != result || parse(&portions, data, size, 13) != result)
        abort();
    if (!is_same(&portions.parts[0], &whole.parts[0]) || !is_same(&portions.parts[1], &whole.parts[1]))
        abort();
    if (portions.form != whole.form || portions.crc_computed != whole.crc_computed)
        abort();
    seal(data, size);
    return 0;
}
