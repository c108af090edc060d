/* The copy of a staged image to where it runs (docs/BOOT.md). */
#ifndef OTTER_BOOT_COPY_H
#define OTTER_BOOT_COPY_H

#include <stdbool.h>

#include "boot/boot.h"

/* Checks what boot->note.command names, and completes and writes the note, which is all ones otherwise; or
 * refuses, and the sketch is as it was. Once this has succeeded the copy will be finished, whatever happens
 * to the power. */
bool boot_copy_begin(struct boot *boot);

/* Does what the note says: after boot_copy_begin(), or with a note that was found. False if flash failed. */
bool boot_copy_run(struct boot *boot);

#endif
