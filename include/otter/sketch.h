/* The running sketch, read from flash: size, MD5, version, and the space beside it (spec/image.md, section
 * 2). */
#ifndef OTTER_SKETCH_H
#define OTTER_SKETCH_H

#include <stdbool.h>
#include <stdint.h>

#include "format/firmware.h"
#include "otter/port.h"

/* Bytes from flash 0 to the end of the running image: the walk over the segments of the image at 0x1000,
 * rounded up to 16; where there is none, of the image at 0; 0 where there is no image at all. Or
 * OTTER_ERROR_READ. */
int otter_sketch_size(const struct otter_port *port);

/* Bytes that a new sketch may have: from the end of the running one, rounded up to a sector, to the start of
 * the filesystem. Or OTTER_ERROR_READ. */
int otter_sketch_free_space(const struct otter_port *port);

/* MD5 over flash from 0, sketch-size bytes, as 32 hex digits and NUL. Reads the whole sketch: 0.2 s per MiB
 * of flash time at 40 MHz dual. OTTER_ERROR_NO_DATA if there is no image; OTTER_ERROR_READ. */
OTTER_MUST_CHECK int otter_sketch_md5(const struct otter_port *port, char md5[33]);

/* The same in steps, which block for less. All fields are the two functions' own. */
struct otter_sketch_hash {
    uint32_t address; /* of the next byte */
    uint32_t size;
    uint64_t md5[13]; /* struct otter_md5 */
};

/* OTTER_ERROR_NO_DATA if there is no image; OTTER_ERROR_READ. */
OTTER_MUST_CHECK int otter_sketch_hash_begin(struct otter_sketch_hash *hash, const struct otter_port *port);
/* Reads at most a sector. 1 once MD5 is there, 0 before; OTTER_ERROR_READ. */
OTTER_MUST_CHECK int otter_sketch_hash_step(struct otter_sketch_hash *hash, const struct otter_port *port,
                                            char md5[33]);

/* The firmware record of the running sketch (format/firmware.h). OTTER_ERROR_NO_DATA if it has none;
 * OTTER_ERROR_READ. */
OTTER_MUST_CHECK int otter_sketch_firmware(const struct otter_port *port, struct otter_firmware *firmware);

#endif
