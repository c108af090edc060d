/* Whose bootloader an image has. otter's carries a mark: an otter format; docs/FORMATS.md describes it. */
#ifndef OTTER_FORMAT_BOOTLOADER_H
#define OTTER_FORMAT_BOOTLOADER_H

#include <stdint.h>

#define OTTER_BOOTLOADER_VERSION 1

/* The first bytes of the first segment, for an initialiser in the bootloader; the last one is the version. */
#define OTTER_BOOTLOADER_MARK        "otterbt\x01"
#define OTTER_BOOTLOADER_MARK_SIZE   8u
#define OTTER_BOOTLOADER_MARK_OFFSET 0x10u

/* Bytes that tell: from an image's header to the end of the mark. */
#define OTTER_BOOTLOADER_START 24u

/* The version, 1 to 255, of the otter bootloader that begins with START; 0 if these bytes are anything else.
 */
uint8_t otter_bootloader_version(const uint8_t start[OTTER_BOOTLOADER_START]);

#endif
