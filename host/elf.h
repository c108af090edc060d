/* The loadable segments of a 32-bit little-endian Xtensa executable (System V ABI, "Object Files";
 * machine 94). Reads from memory; no field of the file is trusted. */
#ifndef OTTER_HOST_ELF_H
#define OTTER_HOST_ELF_H

#include <stddef.h>
#include <stdint.h>

#include "format/error.h"

#define OTTER_ELF_SEGMENTS_MAX 16

struct otter_elf_segment {
    uint32_t address;     /* in the device's memory */
    uint32_t size;        /* bytes in the file; more than 0 */
    const uint8_t *bytes; /* inside the file's memory */
};

struct otter_elf {
    uint32_t entry;
    size_t count;
    struct otter_elf_segment segments[OTTER_ELF_SEGMENTS_MAX]; /* in the file's order */
};

/* Fills ELF from SIZE bytes, which must outlive it. OTTER_ERROR_MALFORMED if they are no such executable or a
 * field points outside; OTTER_ERROR_NO_DATA without anything to load; OTTER_ERROR_BUFFER for too many
 * segments. */
OTTER_MUST_CHECK int otter_elf_read(struct otter_elf *elf, const void *bytes, size_t size);

#endif
