#include "format/bootloader.h"

#include <string.h>

#include "format/bytes.h"
#include "format/image.h"

#define NAME_SIZE (OTTER_BOOTLOADER_MARK_SIZE - 1) /* what all versions have in common */

uint8_t otter_bootloader_version(const uint8_t start[OTTER_BOOTLOADER_START])
{
    const uint8_t *mark = start + OTTER_BOOTLOADER_MARK_OFFSET;
    if (start[0] != OTTER_IMAGE_MAGIC || memcmp(mark, OTTER_BOOTLOADER_MARK, NAME_SIZE) != 0)
        return 0;
    return mark[NAME_SIZE];
}

bool otter_bootloader_confirms(const uint8_t start[OTTER_BOOTLOADER_START])
{
    return otter_bootloader_version(start) >= OTTER_BOOTLOADER_TRIALS &&
           (otter_le32_get(start + OTTER_BOOTLOADER_FLAGS_OFFSET) & OTTER_BOOTLOADER_CONFIRMS) != 0;
}
