#include "tests/powercut/firmware.h"

#include <stdlib.h>
#include <string.h>

#include "format/bootloader.h"
#include "format/bytes.h"
#include "format/image.h"
#include "format/layout.h"
#include "tests/support/require.h"
#include "tests/support/seed.h"

#define BOOTLOADER_SIZE 3000u
#define IRAM_SIZE       1024u
#define DRAM_SIZE       512u
#define SKETCH_OVERHEAD (8u + 3 * 8u + IRAM_SIZE + DRAM_SIZE + 4u) /* all but the segment in flash */
#define CRC_WORDS_SIZE  8u
#define RUN             64u

#define GZIP_FLAGS       3u
#define GZIP_FLAG_NAME   8u
#define GZIP_HEADER_SIZE 10u

static uint8_t *allocate(size_t size)
{
    uint8_t *bytes = malloc(size);
    REQUIRE(bytes != NULL, "no memory");
    return bytes;
}

/* Runs of noise and of one byte, as code and tables are. */
static void fill(uint8_t *bytes, size_t size, uint64_t seed)
{
    for (size_t at = 0; at < size; at += RUN) {
        size_t length = size - at < RUN ? size - at : RUN;
        if (seed_below(&seed, 2) == 0)
            seed_fill(&seed, bytes + at, length);
        else
            memset(bytes + at, (int)seed_below(&seed, 256), length);
    }
}

/* Every fourth sector is blank; but for one bit, where the seed is odd. So little may read as if it were
 * erased when it is not. */
static void leave_blank(uint8_t *mapped, size_t size, uint64_t seed)
{
    for (size_t at = 3 * OTTER_FLASH_SECTOR - OTTER_IMAGE_CRC_LENGTH; at + OTTER_FLASH_SECTOR <= size;
         at += 4 * OTTER_FLASH_SECTOR) {
        memset(mapped + at, 0xFF, OTTER_FLASH_SECTOR);
        if (seed % 2 != 0)
            mapped[at + OTTER_FLASH_SECTOR / 2] = 0xFE;
    }
}

/* otter's bootloader, of a sketch that can confirm itself. */
static void put_mark(uint8_t *bootloader)
{
    static const uint8_t mark[OTTER_BOOTLOADER_MARK_SIZE] = OTTER_BOOTLOADER_MARK;
    memcpy(bootloader, mark, sizeof(mark));
    otter_le32_put(bootloader + OTTER_BOOTLOADER_MARK_SIZE, OTTER_BOOTLOADER_CONFIRMS);
}

struct file firmware_make(uint32_t size, uint64_t bootloader, uint64_t sketch, uint32_t flash_size,
                          bool on_trial)
{
    const uint32_t mapped = size - OTTER_IMAGE_SKETCH - SKETCH_OVERHEAD;
    const struct otter_image_header header = {.flash_mode = OTTER_FLASH_QIO,
                                              .flash_size = (uint8_t)otter_image_flash_code(flash_size),
                                              .flash_frequency = OTTER_FLASH_40MHZ,
                                              .entry = 0x4010F000};
    uint8_t *content = allocate(size), *parts = allocate(size);
    struct file file = {.bytes = allocate(size), .size = size};

    fill(content, BOOTLOADER_SIZE, bootloader);
    if (on_trial)
        put_mark(content);
    const struct otter_image_source boot = {0x4010F000, BOOTLOADER_SIZE, content};
    int boot_size = otter_image_build(parts, OTTER_IMAGE_SKETCH, &header, &boot, 1);
    REQUIRE(boot_size > 0, "bootloader: %d", boot_size);

    fill(content, size, sketch);
    memset(content, 0, CRC_WORDS_SIZE);
    leave_blank(content, mapped, sketch);
    const struct otter_image_source segments[] = {{0x40201010, mapped, content},
                                                  {0x40100000, IRAM_SIZE, content + mapped},
                                                  {0x3FFE8000, DRAM_SIZE, content + mapped + IRAM_SIZE}};
    int sketch_size =
        otter_image_build(parts + OTTER_IMAGE_SKETCH, size - OTTER_IMAGE_SKETCH, &header, segments, 3);
    REQUIRE(sketch_size == (int)(size - OTTER_IMAGE_SKETCH), "sketch: %d", sketch_size);

    int joined = otter_image_join(file.bytes, size, parts, (size_t)boot_size, parts + OTTER_IMAGE_SKETCH,
                                  (size_t)sketch_size);
    REQUIRE(joined == (int)size, "join: %d", joined);
    free(content);
    free(parts);
    return file;
}

struct file firmware_change(const struct file *firmware)
{
    struct file file = {.bytes = allocate(firmware->size), .size = firmware->size};
    memcpy(file.bytes, firmware->bytes, firmware->size);
    for (size_t at = OTTER_IMAGE_SKETCH + RUN; at + SKETCH_OVERHEAD < file.size; at += 4 * OTTER_FLASH_SECTOR)
        memset(file.bytes + at, 0x55, RUN);
    REQUIRE(otter_image_seal(file.bytes, file.size) == OTTER_OK, "seal");
    return file;
}

struct file firmware_pack(const struct file *firmware, uint32_t slack)
{
    struct file packed = file_gzip(firmware->bytes, firmware->size);
    size_t name = (2 * OTTER_FLASH_SECTOR - slack - packed.size % OTTER_FLASH_SECTOR) % OTTER_FLASH_SECTOR;
    if (name == 0)
        return packed;
    struct file named = {.bytes = allocate(packed.size + name), .size = packed.size + name};
    memcpy(named.bytes, packed.bytes, GZIP_HEADER_SIZE);
    named.bytes[GZIP_FLAGS] = GZIP_FLAG_NAME;
    memset(named.bytes + GZIP_HEADER_SIZE, 'n', name - 1);
    named.bytes[GZIP_HEADER_SIZE + name - 1] = '\0';
    memcpy(named.bytes + GZIP_HEADER_SIZE + name, packed.bytes + GZIP_HEADER_SIZE,
           packed.size - GZIP_HEADER_SIZE);
    free(packed.bytes);
    return named;
}
