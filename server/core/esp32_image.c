#include "server/core/esp32_image.h"

#include <string.h>

#include "format/bytes.h"
#include "format/image.h"

#define HEADER_SIZE     24u /* bytes; the first 8 as on the ESP8266 */
#define HASHED_OFFSET   23u /* of the byte that is 1 where a SHA-256 of the file follows */
#define FLASH_MIB_CODES 8u  /* size codes 0 to 7: 1 MiB, and twice as much for each more */

static bool refuse(struct otter_reason *reason, const char *why)
{
    otter_reason_set(reason, "%s", why);
    return false;
}

/* The end of the last segment; 0 if they do not fit. CHECKSUM gets that of their data. */
static uint32_t walk(const uint8_t *bytes, uint32_t size, uint8_t *checksum)
{
    uint32_t at = HEADER_SIZE;
    *checksum = OTTER_IMAGE_CHECKSUM_SEED;
    for (uint8_t i = 0; i < bytes[1]; i++) {
        if (size - at < OTTER_IMAGE_SEGMENT_SIZE)
            return 0;
        uint32_t length = otter_le32_get(bytes + at + 4);
        at += OTTER_IMAGE_SEGMENT_SIZE;
        if (length >= size - at)
            return 0;
        for (uint32_t end = at + length; at < end; at++)
            *checksum ^= bytes[at];
    }
    return at;
}

/* The digest is of all that is before it; without one, the chip makes it of the whole image. */
static bool check_digest(struct otter_esp32_image *image, const uint8_t *bytes, uint32_t size,
                         struct otter_reason *reason)
{
    struct otter_sha256 sha256;
    otter_sha256_init(&sha256);
    otter_sha256_update(&sha256, bytes, image->size);
    otter_sha256_final(&sha256, image->sha256);
    if (bytes[HASHED_OFFSET] != 1)
        return true;
    if (size - image->size < OTTER_SHA256_SIZE)
        return refuse(reason, "cut: it ends inside of its digest");
    if (memcmp(bytes + image->size, image->sha256, OTTER_SHA256_SIZE) != 0)
        return refuse(reason, "damaged: its digest differs from what its content gives");
    image->size += OTTER_SHA256_SIZE;
    return true;
}

bool otter_esp32_image_decode(struct otter_esp32_image *image, const uint8_t *bytes, uint32_t size,
                              struct otter_reason *reason)
{
    uint8_t checksum;
    if (size < HEADER_SIZE || bytes[0] != OTTER_IMAGE_MAGIC || bytes[1] == 0 ||
        bytes[1] > OTTER_IMAGE_SEGMENTS_MAX || bytes[3] >> 4 >= FLASH_MIB_CODES)
        return refuse(reason, "not an ESP32 image");
    uint32_t end = walk(bytes, size, &checksum);
    uint32_t whole = otter_round_down(end, OTTER_IMAGE_ALIGNMENT) + OTTER_IMAGE_ALIGNMENT;
    if (end == 0 || whole > size)
        return refuse(reason, "not an ESP32 image, or one that is cut: it ends inside of a segment");
    if (bytes[whole - 1] != checksum)
        return refuse(reason, "damaged: its checksum differs from what its content gives");
    *image = (struct otter_esp32_image){
        .size = whole, .flash_size = 1u << 20 << (bytes[3] >> 4), .flash_mode = bytes[2]};
    return check_digest(image, bytes, size, reason);
}
