/* What the firmware of the virtual device tells of its updates, whichever way they come: on the console and
 * in the map. */
#ifndef OTTER_SIM_REPORT_H
#define OTTER_SIM_REPORT_H

#include "sim/device.h"

/* The firmware runs: what is in flash was read. */
void report_started(struct device *device);

/* "update invited by FROM: sketch of SIZE bytes" or the like. HOW: "invited by", "uploaded by"; FROM: NULL
 * where HOW says all. */
void report_update(struct device *device, const char *how, const struct otter_address *from,
                   bool authenticated, enum otter_update_command command, uint32_t size);
void report_progress(struct device *device, uint32_t done, uint32_t total);
/* It is staged. TEXT is what is known of it, and what follows. */
void report_complete(struct device *device, const char *text);
/* STAGE: what it was about when it failed. */
void report_failure(struct device *device, const char *stage, const char *text);

#endif
