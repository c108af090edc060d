/* The processor of a virtual device that runs real machine code: an LX106 that QEMU emulates, over the
 * device's own flash file and RTC memory. */
#ifndef OTTER_SIM_MACHINE_H
#define OTTER_SIM_MACHINE_H

#include "sim/device.h"

/* False after saying on stderr what is missing. */
bool machine_is_there(void);

/* Runs what is in flash, bootloader and sketch, from reset until the sketch waits or the emulation ends, and
 * shows what it prints. Flash operations are counted and cut as others are; but erases wear nothing, and what
 * a cut leaves half-erased reads the same each time. Does not return if power fails. */
void machine_run(struct device *device);

#endif
