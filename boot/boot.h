/* The bootloader's logic: what happens between reset and the sketch.
 *
 * Pure C over the boot_flash_* and boot_rtc_* functions, which the target supplies at link time: mask ROM
 * calls on the ESP8266, the simulated flash on a host. No globals, no malloc. The decision is the table in
 * boot.c, in the order of docs/FORMATS.md. */
#ifndef OTTER_BOOT_BOOT_H
#define OTTER_BOOT_BOOT_H

#include <stdint.h>

/* Supplied by the target. Addresses and lengths are bytes, multiples of 4, memory word-aligned.
 * 0, or anything else on failure. */
int boot_flash_read(uint32_t address, void *bytes, uint32_t length);
int boot_flash_program(uint32_t address, const void *bytes, uint32_t length);
int boot_flash_erase_sector(uint32_t address);
int boot_flash_erase_block(uint32_t address);

/* RTC user memory, by word index from 0. */
uint32_t boot_rtc_read(uint32_t index);
void boot_rtc_write(uint32_t index, uint32_t word);

#endif
