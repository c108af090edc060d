/* The ESP8266's bootloader: mask ROM functions under the logic, and the start of the sketch. */
#include <stdint.h>

#include "boot/boot.h"
#include "format/image.h"

#define RTC_USER_MEMORY ((volatile uint32_t *)0x60001200)
#define RESET_REGISTER  ((volatile uint32_t *)0x60000700)
#define RESET           (1u << 31)

#define DRAM_START 0x3FFE8000u
#define DRAM_END   0x3FFFC000u
#define IRAM_START 0x40100000u
#define IRAM_END   0x4010C000u /* what follows is cache and this bootloader */

uint32_t ets_wdt_disable(void);
void ets_wdt_enable(uint32_t mode, uint32_t stage0, uint32_t stage1);
int SPIRead(uint32_t address, void *bytes, uint32_t length);
int SPIWrite(uint32_t address, const void *bytes, uint32_t length);
int SPIEraseSector(uint32_t sector);
int SPIEraseBlock(uint32_t block);

_Noreturn void boot_jump(uint32_t entry);
_Noreturn void boot_main(void);

static struct boot_scratch scratch;

int boot_flash_read(uint32_t address, void *bytes, uint32_t length)
{
    return SPIRead(address, bytes, length);
}

int boot_flash_program(uint32_t address, const void *bytes, uint32_t length)
{
    return SPIWrite(address, bytes, length);
}

int boot_flash_erase_sector(uint32_t address)
{
    return SPIEraseSector(address / OTTER_FLASH_SECTOR);
}

int boot_flash_erase_block(uint32_t address)
{
    return SPIEraseBlock(address / OTTER_FLASH_BLOCK);
}

uint32_t boot_rtc_read(uint32_t index)
{
    return RTC_USER_MEMORY[index];
}

void boot_rtc_write(uint32_t index, uint32_t word)
{
    RTC_USER_MEMORY[index] = word;
}

/* Segments outside stay in flash. */
static bool is_loaded(uint32_t address, uint32_t size)
{
    return (address >= DRAM_START && address < DRAM_END && size <= DRAM_END - address) ||
           (address >= IRAM_START && address < IRAM_END && size <= IRAM_END - address);
}

/* The sketch's entry, its segments loaded; 0 if there is none. Nothing in DRAM may be used any more. */
static uint32_t load_sketch(void)
{
    uint32_t at = OTTER_IMAGE_SKETCH, header[2], segment[2];
    if (boot_flash_read(at, header, sizeof(header)) != 0 || (header[0] & 0xFF) != OTTER_IMAGE_MAGIC)
        return 0;
    at += OTTER_IMAGE_HEADER_SIZE;
    for (uint32_t left = header[0] >> 8 & 0xFF; left > 0; left--) {
        if (boot_flash_read(at, segment, sizeof(segment)) != 0)
            return 0;
        at += OTTER_IMAGE_SEGMENT_SIZE;
        if (is_loaded(segment[0], segment[1]) && boot_flash_read(at, (void *)segment[0], segment[1]) != 0)
            return 0;
        at += segment[1];
    }
    return header[1];
}

void boot_main(void)
{
    uint32_t watchdog = ets_wdt_disable(); /* on after a software restart; an erase can take long */
    boot_prepare(&scratch);
    uint32_t entry = load_sketch();
    if (entry != 0) {
        if (watchdog != 0)
            ets_wdt_enable(4, 12, 12);
        boot_jump(entry);
    }
    *RESET_REGISTER |= RESET;
    for (;;)
        ;
}
