/* Whose bootloader an image has, and whether its sketch may be put on trial. otter's bootloader carries a
 * mark and a word of flags behind it: an otter format; docs/FORMATS.md describes it. */
#ifndef OTTER_FORMAT_BOOTLOADER_H
#define OTTER_FORMAT_BOOTLOADER_H

#include <stdbool.h>
#include <stdint.h>

#define OTTER_BOOTLOADER_VERSION 2
#define OTTER_BOOTLOADER_TRIALS  2 /* the first version that puts sketches on trial, and has flags */

/* The first bytes of the first segment, for an initialiser in the bootloader; the last one is the version. */
#define OTTER_BOOTLOADER_MARK        "otterbt\x02"
#define OTTER_BOOTLOADER_MARK_SIZE   8u
#define OTTER_BOOTLOADER_MARK_OFFSET 0x10u

/* LE32 behind the mark, from version 2 on. All bits are 0 in the bootloader itself; who joins it to a sketch
 * sets them. */
#define OTTER_BOOTLOADER_FLAGS_OFFSET 0x18u
#define OTTER_BOOTLOADER_CONFIRMS     1u /* the sketch can confirm itself: otter/boot.h */

/* Bytes that tell: from an image's header to the end of the flags. */
#define OTTER_BOOTLOADER_START 28u

/* Two LE32 words on a 4-byte boundary of a sketch, there if and only if it calls otter_boot_confirm(). */
#define OTTER_BOOTLOADER_CONFIRMER_0 0xA6746F63u
#define OTTER_BOOTLOADER_CONFIRMER_1 0xB5726D9Cu

/* The version, 1 to 255, of the otter bootloader that begins with START; 0 if these bytes are anything else.
 */
uint8_t otter_bootloader_version(const uint8_t start[OTTER_BOOTLOADER_START]);

/* True if START says that the sketch can confirm itself. */
bool otter_bootloader_confirms(const uint8_t start[OTTER_BOOTLOADER_START]);

#endif
