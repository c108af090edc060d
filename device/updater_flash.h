/* Where an update goes in flash, and how it gets there. The updater's own. */
#ifndef OTTER_DEVICE_UPDATER_FLASH_H
#define OTTER_DEVICE_UPDATER_FLASH_H

#include "otter/updater.h"

/* True if the bootloader will copy the update, false if it is written to its final place. */
bool otter_updater_is_staged(const struct otter_updater *updater);

/* Finds the room for updater->size bytes of updater->command and sets start, erased_to and erase_floor.
 * OTTER_OK, OTTER_ERROR_SPACE or OTTER_ERROR_READ. */
OTTER_MUST_CHECK int otter_updater_place(struct otter_updater *updater);

/* Programs the buffered bytes, which are the last ones received, and erases ahead of them where needed. The
 * buffer is padded to a word. OTTER_OK, OTTER_ERROR_ERASE or OTTER_ERROR_WRITE. */
OTTER_MUST_CHECK int otter_updater_store(struct otter_updater *updater);

/* Makes the bootloader copy what was staged. */
void otter_updater_leave_boot_command(const struct otter_updater *updater);

/* Takes back the command of an earlier update where this one will overwrite what it points to. */
void otter_updater_drop_boot_command(const struct otter_updater *updater);

#endif
