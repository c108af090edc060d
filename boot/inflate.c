#include "boot/inflate.h"

#include <string.h>

#include "boot/boot.h"

#define MAGIC       0x00088B1Fu /* and the only method there is */
#define MAGIC_MASK  0x00FFFFFFu
#define FLAG_CRC    (2u << 24)
#define FLAG_EXTRA  (4u << 24)
#define FLAG_NAME   (8u << 24)
#define FLAG_REMARK (16u << 24)

#define END_OF_BLOCK 256u
#define LENGTH_FIRST 257u
#define LENGTH_258   285u
#define REPEAT_LAST  16u
#define REPEAT_MANY  18u

/* --- input --------------------------------------------------------------------------------------- */

/* Zeros after a failure, so that nothing above needs to look. */
static uint32_t take_byte(struct boot_inflate *state)
{
    uint32_t place = state->next % BOOT_INFLATE_INPUT;
    if (state->next >= state->end ||
        (place == 0 && boot_flash_read(state->next, state->input, BOOT_INFLATE_INPUT) != 0)) {
        state->failed = true;
        return 0;
    }
    state->next++;
    return ((const uint8_t *)state->input)[place];
}

/* The next COUNT bits, at most 16. */
static uint32_t take_bits(struct boot_inflate *state, uint32_t count)
{
    while (state->held < count) {
        state->hold |= take_byte(state) << state->held;
        state->held += 8;
    }
    uint32_t bits = state->hold & ((1u << count) - 1);
    state->hold >>= count;
    state->held -= count;
    return bits;
}

static uint32_t take_word(struct boot_inflate *state)
{
    uint32_t low = take_bits(state, 16);
    return low | take_bits(state, 16) << 16;
}

static void align_to_byte(struct boot_inflate *state)
{
    take_bits(state, state->held & 7);
}

/* --- output -------------------------------------------------------------------------------------- */

/* CRC-32 of RFC 1952, bit by bit: a table is not worth its bytes here. */
static uint32_t crc_of(uint32_t crc, const uint8_t *bytes, uint32_t length)
{
    while (length-- > 0) {
        crc ^= *bytes++;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (0xEDB88320 & -(crc & 1));
    }
    return crc;
}

/* Hands on the sector that ends at what was produced so far. */
static void flush(struct boot_inflate *state)
{
    uint32_t length = (state->produced - 1) % OTTER_FLASH_SECTOR + 1;
    uint32_t offset = state->produced - length;
    const uint8_t *bytes = (const uint8_t *)state->window + offset % BOOT_INFLATE_WINDOW;
    state->crc = crc_of(state->crc, bytes, length);
    if (!state->failed && !state->sink(state->context, offset, bytes, length))
        state->failed = true;
}

static void put_byte(struct boot_inflate *state, uint32_t byte)
{
    ((uint8_t *)state->window)[state->produced++ % BOOT_INFLATE_WINDOW] = (uint8_t)byte;
    if (state->produced % OTTER_FLASH_SECTOR == 0)
        flush(state);
}

/* --- codes --------------------------------------------------------------------------------------- */

/* A canonical code from its lengths. Impossible sets are let pass: they decode to something inside the tables
 * or to nothing, and the CRC has the last word. */
static void make_code(struct boot_huffman *code, const uint8_t *lengths, uint32_t symbols)
{
    uint16_t next[BOOT_INFLATE_BITS + 1];
    for (uint32_t bits = 0; bits <= BOOT_INFLATE_BITS; bits++)
        code->count[bits] = 0;
    for (uint32_t symbol = 0; symbol < symbols; symbol++)
        code->count[lengths[symbol]]++;
    code->count[0] = 0;
    next[0] = 0;
    for (uint32_t bits = 1; bits <= BOOT_INFLATE_BITS; bits++)
        next[bits] = (uint16_t)(next[bits - 1] + code->count[bits - 1]);
    for (uint32_t symbol = 0; symbol < symbols; symbol++)
        if (lengths[symbol] != 0)
            code->symbol[next[lengths[symbol]]++] = (uint16_t)symbol;
}

static uint32_t decode(struct boot_inflate *state, const struct boot_huffman *code)
{
    uint32_t value = 0, index = 0;
    for (uint32_t bits = 1; bits <= BOOT_INFLATE_BITS; bits++) {
        value = value << 1 | take_bits(state, 1);
        uint32_t count = code->count[bits];
        if (value < count)
            return code->symbol[index + value];
        value -= count;
        index += count;
    }
    state->failed = true;
    return 0;
}

/* Lengths (PLACES 2) and distances (PLACES 1) grow alike: after the first codes, every 2^PLACES codes have
 * one more extra bit. */
static uint32_t take_range(struct boot_inflate *state, uint32_t code, uint32_t places)
{
    uint32_t unit = 1u << places;
    if (code < unit)
        return code;
    uint32_t extra = (code >> places) - 1;
    return ((unit + (code & (unit - 1))) << extra) + take_bits(state, extra);
}

/* --- blocks -------------------------------------------------------------------------------------- */

static void copy_match(struct boot_inflate *state, uint32_t symbol)
{
    uint32_t length = 3 + (symbol == LENGTH_258 ? 255 : take_range(state, symbol - LENGTH_FIRST, 2));
    uint32_t distance = 1 + take_range(state, decode(state, &state->distances), 1);
    if (distance > state->produced)
        state->failed = true;
    while (length-- > 0 && !state->failed)
        put_byte(state, ((const uint8_t *)state->window)[(state->produced - distance) % BOOT_INFLATE_WINDOW]);
}

static void coded_block(struct boot_inflate *state)
{
    while (!state->failed) {
        uint32_t symbol = decode(state, &state->literals);
        if (symbol == END_OF_BLOCK)
            return;
        if (symbol < END_OF_BLOCK)
            put_byte(state, symbol);
        else
            copy_match(state, symbol);
    }
}

static void stored_block(struct boot_inflate *state)
{
    align_to_byte(state);
    uint32_t length = take_bits(state, 16);
    if ((length ^ take_bits(state, 16)) != 0xFFFF)
        state->failed = true;
    while (length-- > 0 && !state->failed)
        put_byte(state, take_bits(state, 8));
}

static void make_codes(struct boot_inflate *state, uint32_t literals, uint32_t distances)
{
    make_code(&state->literals, state->lengths, literals);
    make_code(&state->distances, state->lengths + literals, distances);
}

static void fixed_codes(struct boot_inflate *state)
{
    uint8_t *lengths = state->lengths;
    memset(lengths, 8, BOOT_INFLATE_LITERALS);
    memset(lengths + 144, 9, 256 - 144);
    memset(lengths + 256, 7, 280 - 256);
    memset(lengths + BOOT_INFLATE_LITERALS, 5, BOOT_INFLATE_DISTANCES);
    make_codes(state, BOOT_INFLATE_LITERALS, BOOT_INFLATE_DISTANCES);
}

/* The lengths of both codes, run-length coded by a third. */
static void read_lengths(struct boot_inflate *state, uint32_t total)
{
    uint8_t *lengths = state->lengths;
    uint32_t index = 0;
    while (index < total && !state->failed) {
        uint32_t symbol = decode(state, &state->literals), repeat = 1;
        if (symbol >= REPEAT_LAST) {
            repeat = symbol == REPEAT_MANY ? 11 + take_bits(state, 7) : 3 + take_bits(state, symbol - 14);
            symbol = symbol == REPEAT_LAST && index > 0 ? lengths[index - 1] : 0;
        }
        memset(lengths + index, (int)symbol, repeat);
        index += repeat;
    }
}

static void dynamic_codes(struct boot_inflate *state)
{
    static const uint8_t order[19] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    uint32_t literals = LENGTH_FIRST + take_bits(state, 5);
    uint32_t distances = 1 + take_bits(state, 5);
    uint32_t count = 4 + take_bits(state, 4);
    memset(state->lengths, 0, sizeof(order));
    for (uint32_t i = 0; i < count; i++)
        state->lengths[order[i]] = (uint8_t)take_bits(state, 3);
    make_code(&state->literals, state->lengths, sizeof(order));
    read_lengths(state, literals + distances);
    make_codes(state, literals, distances);
}

static void block(struct boot_inflate *state)
{
    uint32_t type = take_bits(state, 2);
    if (type == 0) {
        stored_block(state);
        return;
    }
    if (type == 1)
        fixed_codes(state);
    else if (type == 2)
        dynamic_codes(state);
    else
        state->failed = true;
    coded_block(state);
}

/* --- gzip ---------------------------------------------------------------------------------------- */

static void skip(struct boot_inflate *state, uint32_t bytes)
{
    while (bytes-- > 0)
        take_bits(state, 8);
}

static void skip_string(struct boot_inflate *state)
{
    while (take_bits(state, 8) != 0)
        ;
}

static void read_header(struct boot_inflate *state)
{
    uint32_t start = take_word(state);
    if ((start & MAGIC_MASK) != MAGIC)
        state->failed = true;
    skip(state, 6); /* time, extra flags, system */
    if (start & FLAG_EXTRA)
        skip(state, take_bits(state, 16));
    if (start & FLAG_NAME)
        skip_string(state);
    if (start & FLAG_REMARK)
        skip_string(state);
    if (start & FLAG_CRC)
        skip(state, 2);
}

bool boot_inflate(struct boot_inflate *state, uint32_t source, uint32_t size, boot_sink *sink, void *context)
{
    state->failed = false;
    state->next = source;
    state->end = source + size;
    state->hold = state->held = 0;
    state->produced = 0;
    state->crc = 0xFFFFFFFF;
    state->sink = sink;
    state->context = context;

    read_header(state);
    uint32_t last = 0;
    while (!last && !state->failed) {
        last = take_bits(state, 1);
        block(state);
    }
    if (state->produced % OTTER_FLASH_SECTOR != 0)
        flush(state);
    align_to_byte(state);
    if (take_word(state) != ~state->crc || take_word(state) != state->produced)
        state->failed = true;
    return !state->failed;
}
