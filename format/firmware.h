/* The firmware record: 64 bytes inside an image that say what it is, so that tools, the virtual device
 * and servers can name a version without running it. An otter format; docs/FORMATS.md describes it.
 *
 * It stands on a 4-byte boundary anywhere in the image; the first one counts. An image without one is
 * fine: its version is then unknown. */
#ifndef OTTER_FORMAT_FIRMWARE_H
#define OTTER_FORMAT_FIRMWARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OTTER_FIRMWARE_SIZE         64
#define OTTER_FIRMWARE_MAGIC_SIZE   8
#define OTTER_FIRMWARE_NAME_SIZE    24 /* printable ASCII, not empty, NUL-padded, NUL included */
#define OTTER_FIRMWARE_VERSION_SIZE 32 /* the same */

/* The first eight bytes of a record, for initialisers in firmware. */
#define OTTER_FIRMWARE_MAGIC "otterfw\x01"

struct otter_firmware {
    char name[OTTER_FIRMWARE_NAME_SIZE];
    char version[OTTER_FIRMWARE_VERSION_SIZE];
};

/* Searches a stream of bytes for the first record. Zero the struct to start. */
struct otter_firmware_finder {
    uint8_t filled; /* bytes of record[] that are there */
    bool found;     /* record[] holds a whole, valid record */
    uint8_t record[OTTER_FIRMWARE_SIZE];
};

void otter_firmware_finder_feed(struct otter_firmware_finder *finder, const void *bytes, size_t size);

/* True and FIRMWARE filled (printable ASCII, terminated) if a record was found. */
bool otter_firmware_finder_end(const struct otter_firmware_finder *finder, struct otter_firmware *firmware);

#endif
