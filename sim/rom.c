#include "sim/rom.h"

#include "format/bytes.h"
#include "format/image.h"

#define BOOTLOADER_START 0x4010F000u
#define BOOTLOADER_END   0x40110000u
#define LINE             OTTER_IMAGE_ALIGNMENT
#define CHUNK            256u

/* XORs LENGTH bytes of flash into *CHECKSUM. */
static bool sum_flash(struct otter_sim_flash *flash, uint32_t address, uint32_t length, uint8_t *checksum)
{
    uint32_t words[CHUNK / 4];
    while (length > 0) {
        uint32_t part = length < CHUNK ? length : CHUNK;
        if (otter_sim_flash_read(flash, address, words, part) != 0)
            return false;
        for (uint32_t i = 0; i < part; i++)
            *checksum ^= ((const uint8_t *)words)[i];
        address += part;
        length -= part;
    }
    return true;
}

/* Loads the segment whose header is at *ADDRESS and moves on behind it. */
static bool load_segment(struct console *console, struct otter_sim_flash *flash, uint32_t *address,
                         uint8_t *checksum)
{
    uint32_t header[OTTER_IMAGE_SEGMENT_SIZE / 4];
    if (otter_sim_flash_read(flash, *address, header, sizeof header) != 0)
        return false;
    uint32_t start = *address + OTTER_IMAGE_SEGMENT_SIZE;
    uint32_t target = otter_le32_get(&header[0]), length = otter_le32_get(&header[1]);
    if (length % 4 != 0 || length > flash->size - start)
        return false;
    console_line(console, CONSOLE_ROM, "load 0x%08x, len %u, room %u", (unsigned)target, (unsigned)length,
                 (unsigned)(LINE - start % LINE));
    if (!sum_flash(flash, start, length, checksum))
        return false;
    console_line(console, CONSOLE_ROM, "tail %u", (unsigned)((start + length) % LINE));
    console_line(console, CONSOLE_ROM, "chksum 0x%02x", *checksum);
    *address = start + length;
    return true;
}

static enum rom_image load_image(struct console *console, struct otter_sim_flash *flash)
{
    uint32_t bytes[OTTER_IMAGE_HEADER_SIZE / 4];
    struct otter_image_header header;
    uint8_t checksum = OTTER_IMAGE_CHECKSUM_SEED;
    uint32_t address = OTTER_IMAGE_HEADER_SIZE;
    if (otter_sim_flash_read(flash, 0, bytes, sizeof bytes) != 0 ||
        otter_image_header_decode(&header, (const uint8_t *)bytes) != OTTER_OK)
        return ROM_NO_IMAGE;
    for (uint8_t i = 0; i < header.segment_count; i++)
        if (!load_segment(console, flash, &address, &checksum))
            return ROM_NO_IMAGE;
    uint32_t last;
    if (otter_sim_flash_read(flash, (address | (LINE - 1)) - 3, &last, sizeof last) != 0)
        return ROM_NO_IMAGE;
    uint8_t stored = ((const uint8_t *)&last)[3];
    console_line(console, CONSOLE_ROM, "csum 0x%02x", stored);
    if (stored != checksum) {
        console_line(console, CONSOLE_BAD, "csum err");
        return ROM_NO_IMAGE;
    }
    bool bootloader = header.entry >= BOOTLOADER_START && header.entry < BOOTLOADER_END;
    return bootloader ? ROM_BOOTLOADER : ROM_APPLICATION;
}

enum rom_image rom_load(struct console *console, struct otter_sim_flash *flash, enum rom_cause cause)
{
    console_blank(console);
    console_line(console, CONSOLE_ROM, " ets Jan  8 2013,rst cause:%d, boot mode:(3,6)", cause);
    console_blank(console);
    enum rom_image image = load_image(console, flash);
    if (image == ROM_NO_IMAGE)
        console_line(console, CONSOLE_ROM, "ets_main.c");
    return image;
}
