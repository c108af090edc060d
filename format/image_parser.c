/* The push parser of image.h. Every state is so many bytes to come: `take` looks at them in any portions,
 * `done` decides what follows once they are all there. */
#include <string.h>

#include "format/bytes.h"
#include "format/crc32.h"
#include "format/image.h"

enum { HEADER, SEGMENT, DATA, TAIL, GAP, REST };

struct state {
    void (*take)(struct otter_image_parser *parser, const uint8_t *bytes, uint32_t size);
    int (*done)(struct otter_image_parser *parser);
};

static struct otter_image_part *current(struct otter_image_parser *parser)
{
    return &parser->parts[parser->part];
}

static int enter(struct otter_image_parser *parser, uint8_t state, uint32_t bytes)
{
    parser->state = state;
    parser->remaining = bytes;
    parser->filled = 0;
    return OTTER_OK;
}

static int enter_rest(struct otter_image_parser *parser, enum otter_image_form form)
{
    parser->form = form;
    return enter(parser, REST, parser->size - parser->position);
}

static void collect(struct otter_image_parser *parser, const uint8_t *bytes, uint32_t size)
{
    memcpy(parser->pending + parser->filled, bytes, size);
    parser->filled = (uint8_t)(parser->filled + size);
}

static int header_done(struct otter_image_parser *parser)
{
    int result = otter_image_header_decode(&current(parser)->header, parser->pending);
    if (result == OTTER_OK) {
        if (parser->part == 1)
            parser->form = OTTER_IMAGE_FORM_ARDUINO;
        current(parser)->checksum_computed = OTTER_IMAGE_CHECKSUM_SEED;
        parser->segment = 0;
        return enter(parser, SEGMENT, OTTER_IMAGE_SEGMENT_SIZE);
    }
    if (parser->part == 0)
        return result;
    if (parser->form == OTTER_IMAGE_FORM_ARDUINO)
        return OTTER_ERROR_IMAGE;
    return enter_rest(parser, OTTER_IMAGE_FORM_SINGLE);
}

static int segment_done(struct otter_image_parser *parser)
{
    struct otter_image_segment segment = {
        .address = otter_le32_get(parser->pending),
        .size = otter_le32_get(parser->pending + 4),
    };
    /* At least a checksum follows. */
    if (segment.size >= parser->size - parser->position)
        return OTTER_ERROR_IMAGE;
    if (parser->seen != NULL)
        parser->seen(parser->context, parser->part, parser->position, &segment);
    return enter(parser, DATA, segment.size);
}

static void data_take(struct otter_image_parser *parser, const uint8_t *bytes, uint32_t size)
{
    uint8_t checksum = current(parser)->checksum_computed;
    for (uint32_t i = 0; i < size; i++)
        checksum ^= bytes[i];
    current(parser)->checksum_computed = checksum;
}

static int data_done(struct otter_image_parser *parser)
{
    parser->segment++;
    if (parser->segment < current(parser)->header.segment_count)
        return enter(parser, SEGMENT, OTTER_IMAGE_SEGMENT_SIZE);
    return enter(parser, TAIL, OTTER_IMAGE_ALIGNMENT - parser->position % OTTER_IMAGE_ALIGNMENT);
}

static void tail_take(struct otter_image_parser *parser, const uint8_t *bytes, uint32_t size)
{
    current(parser)->checksum_stored = bytes[size - 1];
}

static uint8_t fold(uint32_t word)
{
    return (uint8_t)(word ^ word >> 8 ^ word >> 16 ^ word >> 24);
}

static void forget_crc(struct otter_image_parser *parser)
{
    parser->crc_length = 0;
    parser->crc_stored = 0;
    parser->crc_computed = 0;
}

/* Words that do not hold the length of what they would cover are code, as in older cores. The checksum of a
 * sketch with a CRC is made before the words are filled in: they count as zero in it, too. */
static void settle_crc(struct otter_image_parser *parser)
{
    if (parser->crc_length == parser->position)
        current(parser)->checksum_computed ^= fold(parser->crc_length) ^ fold(parser->crc_stored);
    else
        forget_crc(parser);
}

static int tail_done(struct otter_image_parser *parser)
{
    current(parser)->end = parser->position;
    current(parser)->whole = true;
    if (parser->part == 1) {
        settle_crc(parser);
        return enter_rest(parser, OTTER_IMAGE_FORM_ARDUINO);
    }
    if (parser->position > OTTER_IMAGE_SKETCH)
        return enter_rest(parser, OTTER_IMAGE_FORM_SINGLE);
    return enter(parser, GAP, OTTER_IMAGE_SKETCH - parser->position);
}

/* Only an Arduino-core file is padded so. Behind that padding nothing but a sketch is taken, lest a damaged
 * one passes for opaque bytes. */
static void gap_take(struct otter_image_parser *parser, const uint8_t *bytes, uint32_t size)
{
    bool padding = bytes[size - 1] == OTTER_IMAGE_PADDING;
    parser->form = padding ? OTTER_IMAGE_FORM_ARDUINO : OTTER_IMAGE_FORM_UNKNOWN;
}

static int gap_done(struct otter_image_parser *parser)
{
    parser->part = 1;
    parser->parts[1].offset = parser->position;
    return enter(parser, HEADER, OTTER_IMAGE_HEADER_SIZE);
}

static void rest_take(struct otter_image_parser *parser, const uint8_t *bytes, uint32_t size)
{
    (void)parser;
    (void)bytes;
    (void)size;
}

static const struct state states[] = {
    [HEADER] = {collect, header_done}, [SEGMENT] = {collect, segment_done}, [DATA] = {data_take, data_done},
    [TAIL] = {tail_take, tail_done},   [GAP] = {gap_take, gap_done},        [REST] = {rest_take, NULL},
};

/* The CRC's own two words are kept, and count as zero. They can only stand where the first segment's data
 * begins, and so at the beginning of what is taken. */
static void crc_take(struct otter_image_parser *parser, const uint8_t *bytes, uint32_t size)
{
    static const uint8_t zero;
    uint32_t at = parser->position - OTTER_IMAGE_CRC_LENGTH;
    for (; at < 8 && size > 0; at++, bytes++, size--) {
        uint32_t *word = at < 4 ? &parser->crc_length : &parser->crc_stored;
        *word |= (uint32_t)*bytes << 8 * (at % 4);
        parser->crc_computed = otter_crc32_update(parser->crc_computed, &zero, 1);
    }
    parser->crc_computed = otter_crc32_update(parser->crc_computed, bytes, size);
}

static uint32_t take(struct otter_image_parser *parser, const uint8_t *bytes, size_t size)
{
    uint32_t taken = size < parser->remaining ? (uint32_t)size : parser->remaining;
    if (parser->state != REST)
        crc_take(parser, bytes, taken);
    states[parser->state].take(parser, bytes, taken);
    parser->position += taken;
    parser->remaining -= taken;
    while (parser->remaining == 0 && parser->state != REST && parser->error == OTTER_OK)
        parser->error = states[parser->state].done(parser);
    return taken;
}

void otter_image_parser_init(struct otter_image_parser *parser, uint32_t size, otter_image_segment_seen *seen,
                             void *context)
{
    *parser = (struct otter_image_parser){
        .seen = seen,
        .context = context,
        .size = size,
        .crc_computed = OTTER_CRC32_INIT,
    };
    enter(parser, HEADER, OTTER_IMAGE_HEADER_SIZE);
}

int otter_image_parser_feed(struct otter_image_parser *parser, const void *bytes, size_t size)
{
    const uint8_t *byte = bytes;
    if (parser->error != OTTER_OK || size == 0)
        return parser->error;
    if (parser->position == 0 && byte[0] != OTTER_IMAGE_MAGIC)
        parser->error = OTTER_ERROR_MAGIC_BYTE;
    else if (size > parser->size - parser->position)
        parser->error = OTTER_ERROR_IMAGE;
    while (size > 0 && parser->error == OTTER_OK) {
        uint32_t taken = take(parser, byte, size);
        byte += taken;
        size -= taken;
    }
    return parser->error;
}

static bool checksum_is_right(const struct otter_image_part *part)
{
    return part->checksum_stored == part->checksum_computed;
}

/* A second part that is not there, and a CRC that is not there, are all zero, and so right. */
static int verdict(const struct otter_image_parser *parser)
{
    const struct otter_image_part *parts = parser->parts;
    bool single = parser->form == OTTER_IMAGE_FORM_SINGLE;
    if (!parts[0].whole || !(parts[1].whole || single))
        return OTTER_ERROR_IMAGE;
    /* A CRC covers all that the sketch's checksum does, which no bootloader of such images looks at. */
    bool sketch_is_right =
        parser->crc_length != 0 ? parser->crc_stored == parser->crc_computed : checksum_is_right(&parts[1]);
    return checksum_is_right(&parts[0]) && sketch_is_right ? OTTER_OK : OTTER_ERROR_CHECKSUM;
}

int otter_image_parser_end(struct otter_image_parser *parser)
{
    if (parser->error != OTTER_OK)
        return parser->error;
    if (parser->position == 0)
        return parser->error = OTTER_ERROR_NO_DATA;
    if (parser->parts[0].whole && parser->form == OTTER_IMAGE_FORM_UNKNOWN)
        parser->form = OTTER_IMAGE_FORM_SINGLE;
    if (!parser->parts[1].whole)
        forget_crc(parser);
    parser->error = verdict(parser);
    return parser->error;
}
