/* What an interrupted update leaves in flash, so that it can go on after a restart. An otter format;
 * docs/FORMATS.md describes it.
 *
 * A record begins a sector of the free space. The marks stand OTTER_RESUME_MARKS bytes behind its start: one
 * word for each whole sector of the update that is stored, written after it: the first four bytes of the MD5
 * of all that was sent up to the end of that sector. A word of all ones is none. */
#ifndef OTTER_FORMAT_RESUME_RECORD_H
#define OTTER_FORMAT_RESUME_RECORD_H

#include <stdint.h>

#define OTTER_RESUME_MAGIC     0x7365726Fu /* "ores" */
#define OTTER_RESUME_MARKS     128u
#define OTTER_RESUME_ETAG_SIZE 64u

struct otter_resume_record {
    uint32_t magic;     /* zeroed when the update turned out to be wrong */
    uint32_t command;   /* enum otter_update_command */
    uint32_t start;     /* flash offset of the update's first byte */
    uint32_t size;      /* bytes of the whole update */
    uint32_t mode;      /* byte 2 as it was sent; flash may hold the device's own flash mode there */
    uint8_t source[16]; /* MD5 of the URL that it comes from */
    char etag[OTTER_RESUME_ETAG_SIZE]; /* NUL-padded: what the server calls these bytes */
    uint32_t check;                    /* CRC-32 of the bytes before */
};

#endif
