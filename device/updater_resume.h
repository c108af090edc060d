/* Updates that survive a restart. The updater's own. */
#ifndef OTTER_DEVICE_UPDATER_RESUME_H
#define OTTER_DEVICE_UPDATER_RESUME_H

#include "otter/updater.h"

/* The first sector is in the buffer, as it was sent, and about to be stored: writes the record, if the update
 * is to be remembered. OTTER_OK, OTTER_ERROR_ERASE, OTTER_ERROR_WRITE. */
OTTER_MUST_CHECK int otter_updater_record(struct otter_updater *updater);

/* The buffer was stored, LENGTH bytes at OFFSET of the update. Errors as above. */
OTTER_MUST_CHECK int otter_updater_mark(const struct otter_updater *updater, uint32_t offset,
                                        uint32_t length);

/* What came is no good. An update that was completed stays known: the command for the bootloader does not
 * survive a power cut, and then it is taken up once more. */
void otter_updater_forget(const struct otter_updater *updater);

/* Checks and counts the buffered bytes, which are the last ones received, as they were sent. (updater.c) */
OTTER_MUST_CHECK int otter_updater_examine(struct otter_updater *updater);

#endif
