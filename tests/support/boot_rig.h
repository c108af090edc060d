/* A device under the bootloader's logic, without a layout: 4 MiB of flash, version 1 of the garden sketch
 * running, version 2 to update to. */
#ifndef OTTER_TEST_BOOT_RIG_H
#define OTTER_TEST_BOOT_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ports/sim/boot.h"
#include "tests/support/file.h"

#define BOOT_RIG_FLASH     (4u << 20)
#define BOOT_RIG_STAGE_END 0x300000u /* where 4m1m's filesystem begins */

struct boot_rig {
    struct otter_sim_flash flash;
    struct otter_sim_rtc rtc;
    struct file old;
    struct file new;
};

/* cmocka's setup and teardown. */
int boot_rig_open(void **state);
int boot_rig_close(void **state);

/* Makes the new firmware one of SIZE bytes, at most as many as before, with FLAGS (format/bootloader.h), of
 * the device's own flash mode. */
void boot_rig_make(struct boot_rig *rig, size_t size, uint32_t flags);

/* Puts FILE into flash as what runs. */
void boot_rig_install(struct boot_rig *rig, const struct file *file);

void boot_rig_command(struct boot_rig *rig, uint32_t source, uint32_t destination, size_t size);

/* Puts FILE in place, and the boot command for it; its flash offset. */
uint32_t boot_rig_stage(struct boot_rig *rig, const struct file *file);

/* From reset to the sketch. */
enum boot_outcome boot_rig_start(struct boot_rig *rig);

/* As above, but power fails at operation AT, and RTC memory is lost. Of a copy, 1 writes the note and 2 voids
 * the sketch. False if there is no such operation. */
bool boot_rig_cut(struct boot_rig *rig, uint64_t at);

/* FILE stands in flash. */
bool boot_rig_runs(const struct boot_rig *rig, const struct file *file);

#endif
