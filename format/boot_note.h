/* The bootloader's durable note: what it is about to copy, so that a copy which lost its power is found and
 * finished at the next start. An otter format; docs/FORMATS.md describes it.
 *
 * A note is the last OTTER_BOOT_NOTE_SIZE bytes of a sector. It says where it stands, so that a copy of it
 * elsewhere is none. Its state only ever loses bits: it is programmed, and never erased for its own sake. */
#ifndef OTTER_FORMAT_BOOT_NOTE_H
#define OTTER_FORMAT_BOOT_NOTE_H

#include <stdint.h>

#include "format/boot_command.h"

#define OTTER_BOOT_NOTE_SIZE  128u
#define OTTER_BOOT_NOTE_MAGIC 0x746F6E6Fu /* "onot" */

enum otter_boot_note_form {
    OTTER_BOOT_NOTE_RAW,
    OTTER_BOOT_NOTE_GZIP,
    OTTER_BOOT_NOTE_OVERLAP, /* added to these: the end of the destination covers the beginning of the source
                              */
};

/* Where a gzip can be inflated on, given the 32 KiB that were produced before. */
struct otter_boot_place {
    uint32_t block;    /* flash address, in bits, of a block's header */
    uint32_t position; /* and of a symbol in that block */
    uint32_t produced; /* bytes before that symbol */
    uint32_t crc;      /* of these bytes, as RFC 1952 computes it, before the final complement */
};

struct otter_boot_note {
    uint32_t magic; /* zeroed when the copy is done */
    uint32_t form;  /* enum otter_boot_note_form */
    uint32_t address;
    uint32_t length; /* bytes at the destination in the end */
    uint32_t head;   /* first word of the destination's second sector */
    uint32_t mode;   /* the first word of the device's first sector, of which byte 2, the flash mode, stays */
    struct otter_boot_command command;
    struct otter_boot_place place; /* GZIP, if it overlaps: where to go on; or anything */
    uint32_t check;                /* CRC-32 (format/crc32.h) of the words before */
    /* OVERLAP: bit n is cleared when sector n of the destination stands, lowest bit of the lowest word first.
     */
    uint32_t progress[8];
};

#endif
