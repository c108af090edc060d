/* The bootloader's logic: what happens between reset and the sketch.
 *
 * Pure C over the boot_flash_* and boot_rtc_* functions, which the target supplies at link time: mask ROM
 * calls on the ESP8266, the simulated flash on a host. No globals, no malloc. */
#ifndef OTTER_BOOT_BOOT_H
#define OTTER_BOOT_BOOT_H

#include <stdbool.h>
#include <stdint.h>

#include "boot/inflate.h"
#include "format/boot_note.h"
#include "format/layout.h"

/* Supplied by the target. Addresses and lengths are bytes, multiples of 4, memory word-aligned. False on
 * failure. */
bool boot_flash_read(uint32_t address, void *bytes, uint32_t length);
bool boot_flash_program(uint32_t address, const void *bytes, uint32_t length);
bool boot_flash_erase_sector(uint32_t address);
bool boot_flash_erase_block(uint32_t address);
/* Bytes, a power of two; may be more than there are if reading beyond the end fails, or begins anew. */
uint32_t boot_flash_size(void);

/* RTC user memory, by word index from 0. */
uint32_t boot_rtc_read(uint32_t index);
void boot_rtc_write(uint32_t index, uint32_t word);

/* What was done. Whatever it was, the image in flash is started next. */
enum boot_outcome {
    BOOT_IDLE,    /* there was nothing to copy */
    BOOT_COPIED,  /* the staged image was copied, now or in a copy that had lost its power; or the kept one */
    BOOT_REFUSED, /* what is staged or kept is no whole image, or can't be copied safely: the sketch stays */
    BOOT_FAILED,  /* a flash operation failed while copying; the next start tries again */
};

/* The caller's; needs no initialisation. */
struct boot {
    struct otter_boot_note note; /* of the copy at hand */
    uint32_t fresh;              /* not resumed: what stands in flash already need not be written */
    uint32_t running;            /* where the sketch in flash ends; 0: there is none */
    uint32_t limit;              /* blocks may be erased below this flash address */
    uint32_t erased;             /* flash is erased up to this address */
    uint32_t done;               /* so many bytes of the destination stand for good */
    uint32_t sector[OTTER_FLASH_SECTOR / 4];
    uint32_t next[OTTER_FLASH_SECTOR / 4];  /* what is being written */
    uint32_t first[OTTER_FLASH_SECTOR / 4]; /* sector 0 of what is being copied */
    struct boot_inflate inflate;
};

/* Finishes the copy that lost its power, or obeys the boot command (format/boot_command.h) and clears it, or
 * counts a start of a sketch on trial, and takes it back if it has had them all. */
enum boot_outcome boot_prepare(struct boot *boot);

/* As boot_flash_program(). */
bool boot_program_word(uint32_t address, uint32_t word);

#endif
