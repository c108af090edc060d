/* Keeping the running firmware for a sketch on trial. The updater's own. */
#ifndef OTTER_DEVICE_UPDATER_TRIAL_H
#define OTTER_DEVICE_UPDATER_TRIAL_H

#include "otter/updater.h"

/* True if flash begins with an otter bootloader that knows of trials, and of gzips that reach over
 * themselves. */
bool otter_updater_has_bootloader(const struct otter_port *port);

/* A sketch is staged and verified. If it may be put on trial and there is room, fills updater->trial. */
void otter_updater_plan_trial(struct otter_updater *updater);

/* Copies one more sector of the running firmware, and reads it back. Where that fails there is no trial. */
void otter_updater_keep(struct otter_updater *updater);

/* Sectors still to be copied. */
int otter_updater_unkept(const struct otter_updater *updater);

#endif
