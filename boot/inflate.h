/* Inflate (RFC 1951) of a gzip (RFC 1952) in flash, written for size.
 *
 * The caller names a source and gets whole sectors, one after the other. What is malformed inflates to
 * anything, or ends early: the CRC-32 and the length at the end tell. */
#ifndef OTTER_BOOT_INFLATE_H
#define OTTER_BOOT_INFLATE_H

#include <stdbool.h>
#include <stdint.h>

#include "format/boot_note.h"
#include "format/layout.h"

#define BOOT_INFLATE_REACH     32768u                   /* what was produced so far back may be copied */
#define BOOT_INFLATE_WINDOW    (2 * BOOT_INFLATE_REACH) /* so that whole sectors of it can be loaded */
#define BOOT_INFLATE_INPUT     1024u
#define BOOT_INFLATE_BITS      15u  /* longest code */
#define BOOT_INFLATE_LITERALS  288u /* symbols of the literal and length code */
#define BOOT_INFLATE_DISTANCES 32u

/* Takes the sector at OFFSET from the start of the output: OTTER_FLASH_SECTOR BYTES, word-aligned. What lies
 * behind the end of the output is undefined. False stops. */
typedef bool boot_sink(void *context, uint32_t offset, const void *bytes);

/* A canonical code: its symbols by the length of their codes, those without one first, and where each length
 * ends. */
struct boot_huffman {
    uint16_t end[BOOT_INFLATE_BITS + 1];
    uint16_t symbol[BOOT_INFLATE_LITERALS];
};

/* All fields are the decoder's. */
struct boot_inflate {
    uint32_t failed; /* sticky */
    uint32_t loaded; /* which part of flash input[] holds */
    uint32_t end;    /* flash address of what is behind, in bits */
    struct otter_boot_place now;
    struct otter_boot_place place; /* before the symbol at hand */
    boot_sink *sink;
    void *context;
    struct boot_huffman literals;
    struct boot_huffman distances;
    uint8_t lengths[BOOT_INFLATE_LITERALS + BOOT_INFLATE_DISTANCES + 138]; /* 138: the longest repeat */
    uint32_t input[BOOT_INFLATE_INPUT / 4];
    uint32_t window[BOOT_INFLATE_WINDOW / 4];
};

/* Inflates the gzip of SIZE bytes at flash address SOURCE, which begins a sector, into SINK. How many bytes
 * it came to, if it was whole: CRC-32 and length right, and SINK never said no; otherwise 0.
 *
 * FROM is where to go on, as STATE->place was when SINK got a sector earlier; what was produced by then
 * stands at flash address 0. SINK gets the sectors from the one that was being produced. NULL: from the
 * beginning. */
uint32_t boot_inflate(struct boot_inflate *state, uint32_t source, uint32_t size,
                      const struct otter_boot_place *from, boot_sink *sink, void *context);

#endif
