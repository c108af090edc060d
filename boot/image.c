#include "boot/image.h"

#include "boot/boot.h"
#include "format/bytes.h"
#include "format/crc32.h"
#include "format/image.h"

#define MODES 4u
#define PIECE                                                                                                \
    16u /* bytes that are read at once: a sketch's length, and where its CRC is, are multiples of it */

/* Code starts in IRAM. */
#define ENTRY_MASK 0xFFF00000u
#define ENTRY      0x40100000u

#define MARGIN 32u /* bytes, more than the headers that are read behind a segment */

static bool is_header(const uint32_t header[2])
{
    return (header[0] & 0xFF) == OTTER_IMAGE_MAGIC &&
           (header[0] >> 8 & 0xFF) - 1 < OTTER_IMAGE_SEGMENTS_MAX && (header[1] & ENTRY_MASK) == ENTRY;
}

uint32_t boot_image_walk(uint32_t at, boot_image_segment *visit, void *context)
{
    uint32_t word[2];
    if (!boot_flash_read(at, word, OTTER_IMAGE_HEADER_SIZE) || !is_header(word))
        return 0;
    at += OTTER_IMAGE_HEADER_SIZE;
    for (uint32_t left = word[0] >> 8 & 0xFF; left > 0; left--) {
        if (!boot_flash_read(at, word, OTTER_IMAGE_SEGMENT_SIZE))
            return 0;
        at += OTTER_IMAGE_SEGMENT_SIZE;
        if (word[1] % 4 != 0 || (word[1] | (at + word[1] + MARGIN)) >= boot_flash_size() ||
            (visit != NULL && !visit(context, at, word[0], word[1])))
            return 0;
        at += word[1];
    }
    return otter_round_up(at + 1, OTTER_IMAGE_ALIGNMENT);
}

/* Word by word: only small images are summed up, and those without a CRC. */
static bool sum_up(void *context, uint32_t at, uint32_t address, uint32_t size)
{
    uint32_t *sum = context, word;
    (void)address;
    for (uint32_t end = at + size; at < end; at += sizeof(word)) {
        if (!boot_flash_read(at, &word, sizeof(word)))
            return false;
        *sum ^= word;
    }
    return true;
}

/* The end of the image at AT if its checksum, the last byte, is right; otherwise 0. */
static uint32_t sound_end(uint32_t at)
{
    uint32_t sum = 0, end = boot_image_walk(at, sum_up, &sum), last;
    if (end == 0 || !boot_flash_read(end - 4, &last, sizeof(last)))
        return 0;
    sum ^= sum >> 16;
    sum ^= sum >> 8 ^ OTTER_IMAGE_CHECKSUM_SEED;
    return (sum & 0xFF) == last >> 24 ? end : 0;
}

/* The CRC of the file with another flash mode in its header, CHANGE away: an updater may have put the
 * device's own there. */
static bool crc_is_right(uint32_t address, uint32_t size, uint32_t change)
{
    uint32_t crc = OTTER_CRC32_INIT, stored = 0, words[PIECE / 4];
    for (uint32_t offset = 0; offset < size; offset += PIECE) {
        if (!boot_flash_read(address + offset, words, PIECE))
            return false;
        if (offset == 0)
            words[0] ^= change << 8 * OTTER_IMAGE_MODE_OFFSET;
        if (offset == OTTER_IMAGE_CRC_LENGTH) {
            stored = words[1];
            words[0] = words[1] = 0;
        }
        crc = otter_crc32_update(crc, words, PIECE);
    }
    return crc == stored;
}

static bool has_right_crc(uint32_t address, uint32_t size)
{
    for (uint32_t change = 0; change < MODES; change++)
        if (crc_is_right(address, size, change))
            return true;
    return false;
}

/* The checksum of a sketch with a CRC was made before the CRC was filled in; the CRC covers it. An older
 * core's has code in that place, and not by chance a CRC behind a damaged length. */
static bool sketch_is_whole(uint32_t address, uint32_t size)
{
    uint32_t end = boot_image_walk(address + OTTER_IMAGE_SKETCH, NULL, NULL) - address, length;
    if (end > size || !boot_flash_read(address + OTTER_IMAGE_CRC_LENGTH, &length, sizeof(length)))
        return false;
    bool sealed = has_right_crc(address, end);
    return sealed == (length == end) && (sealed || sound_end(address + OTTER_IMAGE_SKETCH) != 0);
}

bool boot_image_is_whole(uint32_t address, uint32_t size)
{
    uint32_t end = sound_end(address) - address;
    if (end > size)
        return false;
    return end > OTTER_IMAGE_SKETCH || size <= OTTER_IMAGE_SKETCH || sketch_is_whole(address, size);
}
