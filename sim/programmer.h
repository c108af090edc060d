/* The flash file, and what a serial programmer wrote to it before the first start. */
#ifndef OTTER_SIM_PROGRAMMER_H
#define OTTER_SIM_PROGRAMMER_H

#include <stdbool.h>

#include "ports/sim/flash.h"
#include "sim/options.h"

/* Opens the flash file; a new one is filled as the options say. False after saying on stderr what is wrong;
 * a file that could not be filled is removed. */
bool programmer_open(struct otter_sim_flash *flash, const struct options *options);

#endif
