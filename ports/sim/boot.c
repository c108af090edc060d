#include "ports/sim/boot.h"

/* What the link-time functions work on: one device per thread at a time. */
static _Thread_local struct otter_sim_flash *bound_flash;
static _Thread_local struct otter_sim_rtc *bound_rtc;
static _Thread_local struct boot state;

bool boot_flash_read(uint32_t address, void *bytes, uint32_t length)
{
    return otter_sim_flash_read(bound_flash, address, bytes, length) == 0;
}

bool boot_flash_program(uint32_t address, const void *bytes, uint32_t length)
{
    return otter_sim_flash_program(bound_flash, address, bytes, length) == 0;
}

bool boot_flash_erase_sector(uint32_t address)
{
    return otter_sim_flash_erase_sector(bound_flash, address) == 0;
}

bool boot_flash_erase_block(uint32_t address)
{
    return otter_sim_flash_erase_block(bound_flash, address) == 0;
}

uint32_t boot_flash_size(void)
{
    return bound_flash->size;
}

uint32_t boot_rtc_read(uint32_t index)
{
    uint32_t word;
    otter_sim_rtc_read(bound_rtc, index, &word, 1);
    return word;
}

void boot_rtc_write(uint32_t index, uint32_t word)
{
    otter_sim_rtc_write(bound_rtc, index, &word, 1);
}

void otter_sim_boot_bind(struct otter_sim_flash *flash, struct otter_sim_rtc *rtc)
{
    bound_flash = flash;
    bound_rtc = rtc;
}

enum boot_outcome otter_sim_boot(struct otter_sim_flash *flash, struct otter_sim_rtc *rtc)
{
    otter_sim_boot_bind(flash, rtc);
    return boot_prepare(&state);
}
