/* Inflate (RFC 1951) of a gzip (RFC 1952) in flash, written for size.
 *
 * The caller names a source and gets whole sectors, one after the other, through a 32 KiB window. */
#ifndef OTTER_BOOT_INFLATE_H
#define OTTER_BOOT_INFLATE_H

#include <stdbool.h>
#include <stdint.h>

#include "format/layout.h"

#define BOOT_INFLATE_WINDOW    32768u
#define BOOT_INFLATE_INPUT     1024u
#define BOOT_INFLATE_BITS      15u  /* longest code */
#define BOOT_INFLATE_LITERALS  288u /* symbols of the literal and length code */
#define BOOT_INFLATE_DISTANCES 32u

/* Takes LENGTH bytes that belong at OFFSET from the start of the output: a sector, the last one possibly
 * less. BYTES is word-aligned, and whole words may be read. False stops. */
typedef bool boot_sink(void *context, uint32_t offset, const void *bytes, uint32_t length);

struct boot_huffman {
    uint16_t count[BOOT_INFLATE_BITS + 1];
    uint16_t symbol[BOOT_INFLATE_LITERALS];
};

/* All fields are the decoder's. */
struct boot_inflate {
    uint32_t failed; /* sticky */
    uint32_t next;   /* flash address of the next byte */
    uint32_t end;    /* one behind the last */
    uint32_t hold;   /* bits taken and not used yet, lowest first */
    uint32_t held;   /* how many */
    uint32_t produced;
    uint32_t crc;
    boot_sink *sink;
    void *context;
    struct boot_huffman literals;
    struct boot_huffman distances;
    uint8_t lengths[BOOT_INFLATE_LITERALS + BOOT_INFLATE_DISTANCES + 138]; /* 138: the longest repeat */
    uint32_t input[BOOT_INFLATE_INPUT / 4];
    uint32_t window[BOOT_INFLATE_WINDOW / 4];
};

/* Inflates the gzip of SIZE bytes at flash address SOURCE, which begins a sector, into SINK. True if it was
 * whole: well-formed, CRC-32 and length right, and SINK never said no; STATE->produced is then its length. */
bool boot_inflate(struct boot_inflate *state, uint32_t source, uint32_t size, boot_sink *sink, void *context);

#endif
