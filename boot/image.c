#include "boot/image.h"

#include "boot/boot.h"
#include "format/bytes.h"
#include "format/crc32.h"
#include "format/image.h"

#define MODES 4u

/* XORs LENGTH bytes of flash into SUM. */
static bool sum_up(uint32_t *buffer, uint32_t address, uint32_t length, uint32_t *sum)
{
    while (length > 0) {
        uint32_t part = length < OTTER_FLASH_SECTOR ? length : OTTER_FLASH_SECTOR;
        if (boot_flash_read(address, buffer, part) != 0)
            return false;
        for (uint32_t i = 0; i < part / 4; i++)
            *sum ^= buffer[i];
        address += part;
        length -= part;
    }
    return true;
}

/* The end of the image that begins OFFSET bytes into the file, as an offset too; 0 if there is no such image.
 * RIGHT: whether its checksum is. */
static uint32_t find_end(uint32_t *buffer, uint32_t address, uint32_t offset, uint32_t size, bool *right)
{
    uint32_t word[2], sum = 0;
    if (offset + OTTER_IMAGE_HEADER_SIZE > size || boot_flash_read(address + offset, word, sizeof(word)) != 0)
        return 0;
    uint32_t segments = word[0] >> 8 & 0xFF;
    if ((word[0] & 0xFF) != OTTER_IMAGE_MAGIC || segments - 1 >= OTTER_IMAGE_SEGMENTS_MAX)
        return 0;
    offset += OTTER_IMAGE_HEADER_SIZE;
    while (segments-- > 0) {
        if (boot_flash_read(address + offset, word, sizeof(word)) != 0)
            return 0;
        offset += OTTER_IMAGE_SEGMENT_SIZE;
        if (offset > size || word[1] > size - offset || word[1] % 4 != 0 ||
            !sum_up(buffer, address + offset, word[1], &sum))
            return 0;
        offset += word[1];
    }
    offset = otter_round_up(offset + 1, OTTER_IMAGE_ALIGNMENT);
    if (offset > size || boot_flash_read(address + offset - 4, word, 4) != 0)
        return 0;
    sum ^= sum >> 16;
    *right = ((sum ^ sum >> 8 ^ OTTER_IMAGE_CHECKSUM_SEED) & 0xFF) == word[0] >> 24;
    return offset;
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

bool boot_image_is_whole(uint32_t *buffer, uint32_t address, uint32_t size)
{
    bool right;
    uint32_t end = find_end(buffer, address, 0, size, &right);
    if (end == 0 || !right)
        return false;
    if (end > OTTER_IMAGE_SKETCH || size <= OTTER_IMAGE_SKETCH)
        return true;

    uint32_t length;
    end = find_end(buffer, address, OTTER_IMAGE_SKETCH, size, &right);
    if (end == 0 || boot_flash_read(address + OTTER_IMAGE_CRC_LENGTH, &length, sizeof(length)) != 0)
        return false;
    if (length != end)
        return right; /* an older core's: it carries no CRC */
    /* The checksum was made before the CRC was filled in; the CRC covers it. */
    for (uint32_t mode = 0; mode < MODES; mode++)
        if (crc_is_right(buffer, address, end, mode))
            return true;
    return false;
}
