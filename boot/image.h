/* Is there a whole image in flash? (docs/FORMATS.md) */
#ifndef OTTER_BOOT_IMAGE_H
#define OTTER_BOOT_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "format/layout.h"

/* Sees a segment of SIZE bytes, which stands at flash address AT and belongs at ADDRESS. False stops. */
typedef bool boot_image_segment(void *context, uint32_t at, uint32_t address, uint32_t size);

/* Shows the segments of the image at flash address AT, and returns where it ends, one behind its checksum; 0
 * if there is none, or VISIT said no. VISIT may be NULL. */
uint32_t boot_image_walk(uint32_t at, boot_image_segment *visit, void *context);

/* True if the file of SIZE bytes at flash ADDRESS is whole: headers, segments, checksums, and the CRC where
 * it carries one. */
bool boot_image_is_whole(uint32_t address, uint32_t size);

#endif
