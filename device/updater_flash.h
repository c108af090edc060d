/* Where an update goes in flash, and how it gets there. The updater's own. */
#ifndef OTTER_DEVICE_UPDATER_FLASH_H
#define OTTER_DEVICE_UPDATER_FLASH_H

#include "otter/updater.h"

/* True if the bootloader will copy the update, false if it is written to its final place. */
bool otter_updater_is_staged(const struct otter_updater *updater);

/* Finds the room for updater->size bytes of updater->command and sets start, and what may be erased.
 * OTTER_OK, OTTER_ERROR_SPACE or OTTER_ERROR_READ. */
OTTER_MUST_CHECK int otter_updater_place(struct otter_updater *updater);

/* From now on what is stored goes to ADDRESS and on; erases stay between FLOOR and END, both multiples of a
 * sector. */
void otter_updater_go_to(struct otter_updater *updater, uint32_t address, uint32_t floor, uint32_t end);

/* Programs the first LENGTH bytes of the buffer, padded to a word, at ADDRESS, where the last ones stored
 * end. Erases ahead of them where needed. OTTER_OK, OTTER_ERROR_ERASE or OTTER_ERROR_WRITE. */
OTTER_MUST_CHECK int otter_updater_store(struct otter_updater *updater, uint32_t address, uint32_t length);

/* Makes the bootloader copy what was staged. */
void otter_updater_leave_boot_command(struct otter_updater *updater);

/* Takes back the command of an earlier update: what it staged is not installed. */
void otter_updater_drop_boot_command(struct otter_updater *updater);

#endif
