#include "format/image.h"

#include "format/bytes.h"

#define FLASH_UNIT (256u * 1024u)

/* In units of 256 KiB (spec/image.md, section 1); 0: no such code. */
static const uint8_t flash_units[16] = {[0] = 2, [1] = 1, [2] = 4, [3] = 8, [4] = 16, [8] = 32, [9] = 64};

static const char *const mode_names[] = {"QIO", "QOUT", "DIO", "DOUT"};

static bool is_frequency(uint8_t code)
{
    return code <= OTTER_FLASH_20MHZ || code == OTTER_FLASH_80MHZ;
}

int otter_image_header_decode(struct otter_image_header *header, const uint8_t bytes[OTTER_IMAGE_HEADER_SIZE])
{
    struct otter_image_header read = {
        .segment_count = bytes[1],
        .flash_mode = bytes[OTTER_IMAGE_MODE_OFFSET],
        .flash_size = bytes[3] >> 4,
        .flash_frequency = bytes[3] & 15,
        .entry = otter_le32_get(bytes + 4),
    };
    if (bytes[0] != OTTER_IMAGE_MAGIC)
        return OTTER_ERROR_MAGIC_BYTE;
    if (read.segment_count == 0 || read.segment_count > OTTER_IMAGE_SEGMENTS_MAX)
        return OTTER_ERROR_IMAGE;
    if (read.flash_mode > OTTER_FLASH_DOUT || !is_frequency(read.flash_frequency) ||
        otter_image_flash_bytes(read.flash_size) == 0)
        return OTTER_ERROR_IMAGE;
    *header = read;
    return OTTER_OK;
}

void otter_image_header_encode(uint8_t bytes[OTTER_IMAGE_HEADER_SIZE],
                               const struct otter_image_header *header)
{
    bytes[0] = OTTER_IMAGE_MAGIC;
    bytes[1] = header->segment_count;
    bytes[OTTER_IMAGE_MODE_OFFSET] = header->flash_mode;
    bytes[3] = (uint8_t)(header->flash_size << 4 | header->flash_frequency);
    otter_le32_put(bytes + 4, header->entry);
}

uint32_t otter_image_flash_bytes(uint8_t code)
{
    return code < sizeof(flash_units) ? flash_units[code] * FLASH_UNIT : 0;
}

int otter_image_flash_code(uint32_t bytes)
{
    for (int code = 0; code < (int)sizeof(flash_units); code++)
        if (bytes != 0 && otter_image_flash_bytes((uint8_t)code) == bytes)
            return code;
    return -1;
}

const char *otter_image_mode_name(uint8_t mode)
{
    return mode <= OTTER_FLASH_DOUT ? mode_names[mode] : "?";
}

const char *otter_image_region_name(uint32_t address)
{
    if (address >= 0x40200000 && address < 0x40300000)
        return "flash";
    if (address >= 0x40100000 && address < 0x40110000)
        return "IRAM";
    if (address < 0x40000000)
        return "DRAM";
    return "?";
}
