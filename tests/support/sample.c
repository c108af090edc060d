#include "tests/support/sample.h"

#include <string.h>

#include "format/bootloader.h"
#include "format/bytes.h"
#include "format/image.h"
#include "tests/support/require.h"
#include "tests/support/seed.h"

void sample_image(uint8_t *out, size_t size, uint64_t seed)
{
    static const uint8_t header[8] = {0xE9, 1, 2, 0x20, 0x00, 0x00, 0x10, 0x40};
    size_t data = size - 16 - 4;
    memcpy(out, header, sizeof(header));
    otter_le32_put(out + 8, 0x40210000);
    otter_le32_put(out + 12, (uint32_t)data);
    seed_fill(&seed, out + 16, data);
    memset(out + size - 4, 0, 4);
    uint8_t checksum = 0xEF;
    for (size_t i = 0; i < data; i++)
        checksum ^= out[16 + i];
    out[size - 1] = checksum;
}

void sample_firmware(uint8_t *out, size_t size, uint64_t seed, uint8_t version, uint32_t flags)
{
    static const struct otter_image_header header = {
        .flash_mode = OTTER_FLASH_DIO, .flash_size = 2, .entry = 0x40100000};
    uint8_t *sketch = out + OTTER_IMAGE_SKETCH, boot[64];
    uint8_t start[OTTER_BOOTLOADER_MARK_SIZE + 4] = OTTER_BOOTLOADER_MARK;
    const size_t sketch_size = size - OTTER_IMAGE_SKETCH;
    start[OTTER_BOOTLOADER_MARK_SIZE - 1] = version;
    otter_le32_put(start + OTTER_BOOTLOADER_MARK_SIZE, flags);
    const struct otter_image_source data = {0x3FFE8000, sizeof(start), start};
    const int boot_size = otter_image_build(boot, sizeof(boot), &header, &data, 1);
    REQUIRE(boot_size > 0, "bootloader: %d", boot_size);

    sample_image(sketch, sketch_size, seed);
    otter_le32_put(sketch + OTTER_IMAGE_HEADER_SIZE, OTTER_IMAGE_SKETCH_ADDRESS);
    memset(out, OTTER_IMAGE_PADDING, OTTER_IMAGE_SKETCH);
    memcpy(out, boot, (size_t)boot_size);
    REQUIRE(otter_image_seal(out, size) == OTTER_OK, "seal");
}
