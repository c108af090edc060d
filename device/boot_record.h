/* The bootloader's record of a trial (format/boot_trial.h), as the firmware sees it. */
#ifndef OTTER_DEVICE_BOOT_RECORD_H
#define OTTER_DEVICE_BOOT_RECORD_H

#include "format/boot_trial.h"
#include "otter/port.h"

/* Finds the record behind the running sketch: its flash address; 0 if there is none; OTTER_ERROR_READ. */
OTTER_MUST_CHECK int otter_boot_record_find(const struct otter_port *port, struct otter_boot_record *record);

/* Ends the trial of the running firmware, if it is on trial, in its favour. OTTER_OK, OTTER_ERROR_READ,
 * OTTER_ERROR_WRITE. */
OTTER_MUST_CHECK int otter_boot_record_confirm(const struct otter_port *port);

#endif
