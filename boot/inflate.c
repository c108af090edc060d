#include "boot/inflate.h"

#include <string.h>

#include "boot/boot.h"
#include "format/bytes.h"

/* In the header's first word. */
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

/* 0 after a failure, so that nothing above needs to look. */
static uint32_t take_bit(struct boot_inflate *state)
{
    uint32_t at = state->now.position, part = at / (8 * BOOT_INFLATE_INPUT);
    if (part != state->loaded) {
        if (at >= state->end ||
            !boot_flash_read(part * BOOT_INFLATE_INPUT, state->input, BOOT_INFLATE_INPUT)) {
            state->failed = true;
            return 0;
        }
        state->loaded = part;
    }
    state->now.position++;
    return state->input[at / 32 % (BOOT_INFLATE_INPUT / 4)] >> at % 32 & 1;
}

/* The next COUNT bits, at most 32, the first one lowest. */
static uint32_t take_bits(struct boot_inflate *state, uint32_t count)
{
    uint32_t bits = 0;
    for (uint32_t i = 0; i < count; i++)
        bits |= take_bit(state) << i;
    return bits;
}

static void align_to_byte(struct boot_inflate *state)
{
    state->now.position = otter_round_up(state->now.position, 8);
}

/* --- output -------------------------------------------------------------------------------------- */

/* The CRC-32 is computed bit by bit: a table is not worth its bytes here. */
static void put_byte(struct boot_inflate *state, uint32_t byte)
{
    uint32_t crc = state->now.crc ^ byte;
    for (int bit = 0; bit < 8; bit++)
        crc = crc >> 1 ^ (0xEDB88320 & -(crc & 1));
    state->now.crc = crc;
    ((uint8_t *)state->window)[state->now.produced++ % BOOT_INFLATE_WINDOW] = (uint8_t)byte;
    uint32_t sector = state->now.produced - OTTER_FLASH_SECTOR;
    if (sector % OTTER_FLASH_SECTOR == 0 && !state->failed &&
        !state->sink(state->context, sector, state->window + sector % BOOT_INFLATE_WINDOW / 4))
        state->failed = true;
}

/* --- codes --------------------------------------------------------------------------------------- */

/* Impossible sets of lengths make a code all the same: what is decoded by it stays within the tables. */
static void make_code(struct boot_huffman *code, const uint8_t *lengths, uint32_t symbols)
{
    uint32_t index = 0;
    for (uint32_t bits = 0; bits <= BOOT_INFLATE_BITS; bits++) {
        for (uint32_t symbol = 0; symbol < symbols; symbol++)
            if (lengths[symbol] == bits)
                code->symbol[index++] = (uint16_t)symbol;
        code->end[bits] = (uint16_t)index;
    }
}

/* INDEX is where the symbol is, if its code has no more bits. */
static uint32_t decode(struct boot_inflate *state, const struct boot_huffman *code)
{
    uint32_t index = code->end[0];
    for (uint32_t bits = 1; bits <= BOOT_INFLATE_BITS; bits++) {
        index = 2 * index - code->end[bits - 1] + take_bit(state);
        if (index < code->end[bits])
            return code->symbol[index];
    }
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
    while (length-- > 0)
        put_byte(state,
                 ((const uint8_t *)state->window)[(state->now.produced - distance) % BOOT_INFLATE_WINDOW]);
}

static void coded_block(struct boot_inflate *state)
{
    while (!state->failed) {
        state->place = state->now;
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
    state->place = state->now;
    align_to_byte(state);
    for (uint32_t left = take_bits(state, 32) & 0xFFFF; left > 0; left--)
        put_byte(state, take_bits(state, 8));
}

/* Returns how many symbols the literal and length code has, as below. */
static uint32_t fixed_lengths(struct boot_inflate *state)
{
    static const uint8_t runs[][2] = {{8, 144}, {9, 112}, {7, 24}, {8, 8}, {5, BOOT_INFLATE_DISTANCES}};
    uint8_t *lengths = state->lengths;
    for (uint32_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
        memset(lengths, runs[i][0], runs[i][1]);
        lengths += runs[i][1];
    }
    return BOOT_INFLATE_LITERALS;
}

/* The lengths of both codes, run-length coded by a third. */
static void read_lengths(struct boot_inflate *state, uint32_t total)
{
    uint32_t length = 0;
    for (uint32_t index = 0, repeat; index < total; index += repeat) {
        uint32_t symbol = decode(state, &state->literals);
        repeat = 1;
        if (symbol < REPEAT_LAST)
            length = symbol;
        else
            repeat = symbol == REPEAT_MANY ? 11 + take_bits(state, 7) : 3 + take_bits(state, symbol - 14);
        if (symbol > REPEAT_LAST)
            length = 0;
        memset(state->lengths + index, (int)length, repeat);
    }
}

static uint32_t dynamic_lengths(struct boot_inflate *state)
{
    static const uint8_t order[19] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    uint32_t literals = LENGTH_FIRST + take_bits(state, 5);
    uint32_t distances = 1 + take_bits(state, 5);
    uint32_t count = 4 + take_bits(state, 4);
    memset(state->lengths, 0, sizeof(state->lengths));
    for (uint32_t i = 0; i < count; i++)
        state->lengths[order[i]] = (uint8_t)take_bits(state, 3);
    make_code(&state->literals, state->lengths, sizeof(order));
    read_lengths(state, literals + distances);
    return literals;
}

static void make_codes(struct boot_inflate *state, uint32_t type)
{
    uint32_t literals = type == 1 ? fixed_lengths(state) : dynamic_lengths(state);
    make_code(&state->literals, state->lengths, literals);
    make_code(&state->distances, state->lengths + literals, BOOT_INFLATE_DISTANCES);
}

/* Loads the window as it was at FROM; what lies behind is overwritten before it is used. */
static void go_on(struct boot_inflate *state, const struct otter_boot_place *from)
{
    uint32_t at = from->produced & ~(OTTER_FLASH_SECTOR - 1);
    for (uint32_t i = 0; i <= BOOT_INFLATE_REACH / OTTER_FLASH_SECTOR; i++, at -= OTTER_FLASH_SECTOR)
        boot_flash_read(at, state->window + at % BOOT_INFLATE_WINDOW / 4, OTTER_FLASH_SECTOR);
    state->now = *from;
}

/* One block, from its header, or from the middle of it. True if it was the last one. */
static bool block(struct boot_inflate *state, const struct otter_boot_place *from)
{
    state->now.block = state->now.position;
    uint32_t last = take_bit(state), type = take_bits(state, 2);
    if (type != 0)
        make_codes(state, type);
    if (from != NULL)
        go_on(state, from);
    if (type == 0)
        stored_block(state);
    else
        coded_block(state);
    return last;
}

/* --- gzip ---------------------------------------------------------------------------------------- */

static void skip_string(struct boot_inflate *state)
{
    while (take_bits(state, 8) != 0)
        ;
}

static void read_header(struct boot_inflate *state)
{
    uint32_t start = take_bits(state, 32);
    take_bits(state, 32); /* time */
    take_bits(state, 16); /* extra flags, system */
    if (start & FLAG_EXTRA)
        for (uint32_t left = take_bits(state, 16); left > 0; left--)
            take_bits(state, 8);
    if (start & FLAG_NAME)
        skip_string(state);
    if (start & FLAG_REMARK)
        skip_string(state);
    if (start & FLAG_CRC)
        take_bits(state, 16);
}

uint32_t boot_inflate(struct boot_inflate *state, uint32_t source, uint32_t size,
                      const struct otter_boot_place *from, boot_sink *sink, void *context)
{
    state->failed = false;
    state->loaded = UINT32_MAX;
    state->now.position = 8 * source;
    state->end = 8 * (source + size);
    state->now.produced = 0;
    state->now.crc = 0xFFFFFFFF;
    state->sink = sink;
    state->context = context;

    if (from == NULL)
        read_header(state);
    else
        state->now.position = from->block;
    while (!block(state, from) && !state->failed)
        from = NULL;
    uint32_t length = state->now.produced, crc = ~state->now.crc;
    while (state->now.produced % OTTER_FLASH_SECTOR != 0)
        put_byte(state, 0xFF);
    align_to_byte(state);
    bool whole = take_bits(state, 32) == crc && take_bits(state, 32) == length &&
                 state->now.position <= state->end && !state->failed;
    return whole ? length : 0;
}
