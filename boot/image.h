/* Is there a whole image in flash? (docs/FORMATS.md) */
#ifndef OTTER_BOOT_IMAGE_H
#define OTTER_BOOT_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "format/layout.h"

/* True if the file of SIZE bytes at flash ADDRESS is whole: headers, segments, checksums, and the CRC where
 * it carries one. BUFFER is OTTER_FLASH_SECTOR bytes to work in. */
bool boot_image_is_whole(uint32_t *buffer, uint32_t address, uint32_t size);

#endif
