/* The durable note in flash (format/boot_note.h). */
#ifndef OTTER_BOOT_NOTE_H
#define OTTER_BOOT_NOTE_H

#include <stdbool.h>

#include "format/boot_note.h"

/* The valid note with the lowest address. False if there is none. */
bool boot_note_find(struct otter_boot_note *note);

/* Writes NOTE where note->address says. True only if a cold start would find it: notes below, left behind by
 * a cut right before or after a copy, are voided. */
bool boot_note_write(struct otter_boot_note *note);

/* Sector SECTOR of an overlapping copy stands. */
bool boot_note_mark(struct otter_boot_note *note, uint32_t sector);

/* How many sectors of an overlapping copy stand. */
uint32_t boot_note_progress(const struct otter_boot_note *note);

/* The copy is done; or there was no note, because none was needed. */
bool boot_note_void(const struct otter_boot_note *note);

#endif
