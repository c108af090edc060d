#include <string.h>

#include "format/bytes.h"
#include "format/crc32.h"
#include "format/image.h"

#define CRC_WORDS_SIZE 8u

uint32_t otter_image_size(const struct otter_image_source *segments, size_t count)
{
    uint32_t size = OTTER_IMAGE_HEADER_SIZE;
    for (size_t i = 0; i < count; i++)
        size += OTTER_IMAGE_SEGMENT_SIZE + otter_round_up(segments[i].size, 4);
    return otter_round_up(size + 1, OTTER_IMAGE_ALIGNMENT);
}

static uint8_t checksum_add(uint8_t checksum, const uint8_t *bytes, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++)
        checksum ^= bytes[i];
    return checksum;
}

int otter_image_build(void *out, size_t size, const struct otter_image_header *header,
                      const struct otter_image_source *segments, size_t count)
{
    if (count == 0 || count > OTTER_IMAGE_SEGMENTS_MAX)
        return OTTER_ERROR_ARGUMENT;
    uint32_t length = otter_image_size(segments, count);
    if (size < length)
        return OTTER_ERROR_BUFFER;

    struct otter_image_header counted = *header;
    uint8_t *at = out;
    uint8_t checksum = OTTER_IMAGE_CHECKSUM_SEED;
    memset(out, 0, length);
    counted.segment_count = (uint8_t)count;
    otter_image_header_encode(at, &counted);
    at += OTTER_IMAGE_HEADER_SIZE;
    for (size_t i = 0; i < count; i++) {
        uint32_t padded = otter_round_up(segments[i].size, 4);
        otter_le32_put(at, segments[i].address);
        otter_le32_put(at + 4, padded);
        at += OTTER_IMAGE_SEGMENT_SIZE;
        memcpy(at, segments[i].bytes, segments[i].size);
        checksum = checksum_add(checksum, at, padded);
        at += padded;
    }
    ((uint8_t *)out)[length - 1] = checksum;
    return (int)length;
}

int otter_image_join(void *out, size_t size, const void *bootloader, size_t bootloader_size,
                     const void *sketch, size_t sketch_size)
{
    if (bootloader_size > OTTER_IMAGE_SKETCH)
        return OTTER_ERROR_IMAGE;
    if (size < OTTER_IMAGE_SKETCH || size - OTTER_IMAGE_SKETCH < sketch_size)
        return OTTER_ERROR_BUFFER;

    uint8_t *file = out;
    memcpy(file, bootloader, bootloader_size);
    memset(file + bootloader_size, OTTER_IMAGE_PADDING, OTTER_IMAGE_SKETCH - bootloader_size);
    memcpy(file + OTTER_IMAGE_SKETCH, sketch, sketch_size);
    int result = otter_image_seal(file, OTTER_IMAGE_SKETCH + sketch_size);
    return result == OTTER_OK ? (int)(OTTER_IMAGE_SKETCH + sketch_size) : result;
}

static void first_segment_seen(void *context, unsigned part, uint32_t offset,
                               const struct otter_image_segment *segment)
{
    struct otter_image_segment *first = context;
    if (part == 1 && offset == OTTER_IMAGE_CRC_LENGTH)
        *first = *segment;
}

/* Parses FILE, whose checksums may be wrong, and tells whether it is an Arduino-core file with room for the
 * CRC. */
static int parse_sealable(struct otter_image_parser *parser, const void *file, size_t size)
{
    struct otter_image_segment first = {0};
    if (size > UINT32_MAX)
        return OTTER_ERROR_IMAGE;
    otter_image_parser_init(parser, (uint32_t)size, first_segment_seen, &first);
    int result = otter_image_parser_feed(parser, file, size);
    if (result == OTTER_OK)
        result = otter_image_parser_end(parser);
    if (result != OTTER_OK && result != OTTER_ERROR_CHECKSUM)
        return OTTER_ERROR_IMAGE;
    bool room = first.address == OTTER_IMAGE_SKETCH_ADDRESS && first.size >= CRC_WORDS_SIZE;
    return parser->parts[1].whole && room ? OTTER_OK : OTTER_ERROR_IMAGE;
}

int otter_image_seal(void *file, size_t size)
{
    struct otter_image_parser parser;
    uint8_t *bytes = file;
    int result = parse_sealable(&parser, file, size);
    if (result != OTTER_OK)
        return result;

    memset(bytes + OTTER_IMAGE_CRC_LENGTH, 0, CRC_WORDS_SIZE);
    result = parse_sealable(&parser, file, size);
    if (result != OTTER_OK)
        return result;

    const struct otter_image_part *sketch = &parser.parts[1];
    bytes[sketch->end - 1] = sketch->checksum_computed;
    otter_le32_put(bytes + OTTER_IMAGE_CRC, otter_crc32_update(OTTER_CRC32_INIT, bytes, sketch->end));
    otter_le32_put(bytes + OTTER_IMAGE_CRC_LENGTH, sketch->end);
    return OTTER_OK;
}
