/* The ESP8266's bootloader: mask ROM functions under the logic, and the start of the sketch. */
#include <stdint.h>

#include "boot/boot.h"
#include "boot/image.h"
#include "format/bootloader.h"
#include "format/image.h"

#define RTC_USER_MEMORY ((volatile uint32_t *)0x60001200)

#define DRAM_START 0x3FFE8000u
#define DRAM_SIZE  0x14000u
#define IRAM_START 0x40100000u
#define IRAM_SIZE  0xC000u /* what follows is cache and this bootloader */

uint32_t ets_wdt_disable(void);
void software_reset(void);
void ets_wdt_enable(uint32_t mode, uint32_t stage0, uint32_t stage1);

_Noreturn void boot_jump(uint32_t entry);
_Noreturn void boot_main(void);

/* Who joins it to a sketch sets the flags. */
static const struct {
    char mark[OTTER_BOOTLOADER_MARK_SIZE];
    uint32_t flags;
} mark __attribute__((section(".mark"), used)) = {OTTER_BOOTLOADER_MARK, 0};

static struct boot boot;

/* The largest there is: a smaller chip repeats itself, and a note knows where it stands. */
uint32_t boot_flash_size(void)
{
    return 16u << 20;
}

uint32_t boot_rtc_read(uint32_t index)
{
    return RTC_USER_MEMORY[index];
}

void boot_rtc_write(uint32_t index, uint32_t word)
{
    RTC_USER_MEMORY[index] = word;
}

/* What belongs elsewhere is used where it is, in flash. */
static bool load(void *context, uint32_t at, uint32_t address, uint32_t size)
{
    (void)context;
    if (address - DRAM_START < DRAM_SIZE || address - IRAM_START < IRAM_SIZE)
        return boot_flash_read(at, (void *)address, size);
    return true;
}

/* Loading overwrites what this bootloader has in DRAM: from there on there are the stack and the code alone.
 */
void boot_main(void)
{
    uint32_t watchdog = ets_wdt_disable(); /* on after a software restart; an erase can take long */
    uint32_t entry;
    boot_prepare(&boot);
    if (boot_flash_read(OTTER_IMAGE_SKETCH + 4, &entry, sizeof(entry)) &&
        boot_image_walk(OTTER_IMAGE_SKETCH, load, NULL) != 0) {
        if (watchdog != 0)
            ets_wdt_enable(4, 12, 12);
        boot_jump(entry);
    }
    software_reset();
    for (;;)
        ;
}
