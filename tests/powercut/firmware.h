/* Firmware for the campaign: whole Arduino-core files of any size, raw and packed. */
#ifndef OTTER_POWERCUT_FIRMWARE_H
#define OTTER_POWERCUT_FIRMWARE_H

#include "tests/support/file.h"

/* A bootloader and a sketch with CRC, SIZE bytes in all (a multiple of 16, more than two sectors), made for a
 * chip of FLASH_SIZE bytes. Both seeds say what is in them; about half of it can be compressed,
 * and some sectors of the sketch are as good as blank. ON_TRIAL: the bootloader is otter's, and the sketch
 * can confirm itself. */
struct file firmware_make(uint32_t size, uint64_t bootloader, uint64_t sketch, uint32_t flash_size,
                          bool on_trial);

/* The same with some bytes of every fourth sector changed, and its CRC made right. */
struct file firmware_change(const struct file *firmware);

/* A gzip that leaves SLACK bytes of its last sector free. */
struct file firmware_pack(const struct file *firmware, uint32_t slack);

#endif
