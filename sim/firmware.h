/* The firmware of the virtual device: what the image in flash stands for, whose machine code can take no
 * updates. It runs otter's ways in (sim/service.h), and it tells the console what happens. */
#ifndef OTTER_SIM_FIRMWARE_H
#define OTTER_SIM_FIRMWARE_H

#include "sim/device.h"

/* From the bootloader's jump to the first step. The device is then running, or has failed. */
void firmware_start(struct device *device);

#endif
