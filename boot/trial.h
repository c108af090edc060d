/* The record of a sketch that has to confirm itself (format/boot_trial.h, docs/BOOT.md). */
#ifndef OTTER_BOOT_TRIAL_H
#define OTTER_BOOT_TRIAL_H

#include <stdbool.h>

#include "format/boot_command.h"

/* Puts a record of TRIAL, if there is one, at the end of SECTOR, the last one of a copy, which is blank
 * behind its first USED bytes; or nothing if there is no room. The start that follows the copy is counted in
 * it. */
void boot_trial_record(const struct otter_boot_trial *trial, void *sector, uint32_t used);

/* Counts a start of the sketch that ends at flash address END, if it is on trial. True if it has had them
 * all: NOTE then says what to copy. */
bool boot_trial_is_over(struct otter_boot_command *command, uint32_t end);

#endif
