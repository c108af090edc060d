#include "boot/image.h"

#include "boot/boot.h"
#include "format/bytes.h"
#include "format/crc32.h"
#include "format/image.h"

#define MODES 4u

/* Code starts in IRAM. */
#define ENTRY_MASK 0xFFF00000u
#define ENTRY      0x40100000u

#define MARGIN 32u /* bytes, more than the headers that are read behind a segment */

static bool read_header(uint32_t address, uint32_t header[2])
{
    return boot_flash_read(address, header, OTTER_IMAGE_HEADER_SIZE) == 0 &&
           (header[0] & 0xFF) == OTTER_IMAGE_MAGIC &&
           (header[0] >> 8 & 0xFF) - 1 < OTTER_IMAGE_SEGMENTS_MAX && (header[1] & ENTRY_MASK) == ENTRY;
}

bool boot_image_is_there(uint32_t at)
{
    uint32_t header[2];
    return read_header(at, header);
}

uint32_t boot_image_walk(uint32_t at, boot_image_segment *visit, void *context)
{
    uint32_t word[2];
    if (!read_header(at, word))
        return 0;
    at += OTTER_IMAGE_HEADER_SIZE;
    for (uint32_t left = word[0] >> 8 & 0xFF; left > 0; left--) {
        if (boot_flash_read(at, word, sizeof(word)) != 0)
            return 0;
        at += OTTER_IMAGE_SEGMENT_SIZE;
        if (word[1] % 4 != 0 || word[1] > boot_flash_size() || at + word[1] > boot_flash_size() - MARGIN ||
            (visit != NULL && !visit(context, at, word[0], word[1])))
            return 0;
        at += word[1];
    }
    return otter_round_up(at + 1, OTTER_IMAGE_ALIGNMENT);
}

struct sum {
    uint32_t *buffer;
    uint32_t words; /* all XORed */
};

static bool sum_up(void *context, uint32_t at, uint32_t address, uint32_t size)
{
    struct sum *sum = context;
    (void)address;
    while (size > 0) {
        uint32_t part = size < OTTER_FLASH_SECTOR ? size : OTTER_FLASH_SECTOR;
        if (boot_flash_read(at, sum->buffer, part) != 0)
            return false;
        for (uint32_t i = 0; i < part / 4; i++)
            sum->words ^= sum->buffer[i];
        at += part;
        size -= part;
    }
    return true;
}

/* The end of the image at AT if its checksum, the last byte, is right; otherwise 0. */
static uint32_t sound_end(uint32_t *buffer, uint32_t at)
{
    struct sum sum = {.buffer = buffer};
    uint32_t end = boot_image_walk(at, sum_up, &sum), last;
    if (end == 0 || boot_flash_read(end - 4, &last, sizeof(last)) != 0)
        return 0;
    sum.words ^= sum.words >> 16;
    sum.words ^= sum.words >> 8 ^ OTTER_IMAGE_CHECKSUM_SEED;
    return (sum.words & 0xFF) == last >> 24 ? end : 0;
}

/* The CRC of the file with flash mode MODE in its header: an updater may have put the device's own there. */
static bool crc_is_right(uint32_t *buffer, uint32_t address, uint32_t size, uint32_t mode)
{
    uint32_t crc = OTTER_CRC32_INIT, stored = 0;
    for (uint32_t offset = 0; offset < size; offset += OTTER_FLASH_SECTOR) {
        uint32_t part = size - offset < OTTER_FLASH_SECTOR ? size - offset : OTTER_FLASH_SECTOR;
        if (boot_flash_read(address + offset, buffer, part) != 0)
            return false;
        if (offset == 0)
            ((uint8_t *)buffer)[OTTER_IMAGE_MODE_OFFSET] = (uint8_t)mode;
        if (offset == OTTER_IMAGE_SKETCH) {
            uint32_t *words = buffer + (OTTER_IMAGE_CRC_LENGTH - OTTER_IMAGE_SKETCH) / 4;
            stored = words[1];
            words[0] = words[1] = 0;
        }
        crc = otter_crc32_update(crc, buffer, part);
    }
    return crc == stored;
}

/* The checksum of a sketch with a CRC was made before the CRC was filled in; the CRC covers it. An older
 * core's has code in that place. */
static bool sketch_is_whole(uint32_t *buffer, uint32_t address, uint32_t size)
{
    uint32_t end = boot_image_walk(address + OTTER_IMAGE_SKETCH, NULL, NULL) - address, length;
    if (end > size || boot_flash_read(address + OTTER_IMAGE_CRC_LENGTH, &length, sizeof(length)) != 0)
        return false;
    if (length != end)
        return sound_end(buffer, address + OTTER_IMAGE_SKETCH) != 0;
    for (uint32_t mode = 0; mode < MODES; mode++)
        if (crc_is_right(buffer, address, end, mode))
            return true;
    return false;
}

bool boot_image_is_whole(uint32_t *buffer, uint32_t address, uint32_t size)
{
    uint32_t end = sound_end(buffer, address) - address;
    if (end > size)
        return false;
    return end > OTTER_IMAGE_SKETCH || size <= OTTER_IMAGE_SKETCH || sketch_is_whole(buffer, address, size);
}
