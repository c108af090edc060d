/* The trial of a new firmware (otter/boot.h), as the firmware of the virtual device goes through it. */
#ifndef OTTER_SIM_TRIAL_H
#define OTTER_SIM_TRIAL_H

#include "sim/device.h"

/* Reads device->trial, and says what there is to say. */
void trial_report(struct device *device);

/* It runs, and can be reached: that is what it confirms, unless it is told not to. Machine code on QEMU
 * speaks for itself. */
void trial_confirm(struct device *device);

#endif
