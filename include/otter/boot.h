/* A new firmware on trial: after an update the bootloader takes it back, unless it confirms itself within
 * some starts (docs/BOOT.md).
 *
 * A sketch that calls otter_boot_confirm() is put on trial by the update that brings it, where there was room
 * to keep the firmware before (otter/updater.h). It should call it once it has shown what matters: that it
 * runs, and that the next update can reach it. */
#ifndef OTTER_BOOT_H
#define OTTER_BOOT_H

#include <stdbool.h>
#include <stdint.h>

#include "otter/port.h"

struct otter_boot_status {
    bool on_trial;       /* this firmware has not confirmed itself, and must */
    bool taken_back;     /* this firmware was brought back, because the one after it did not confirm itself */
    uint8_t starts;      /* that the firmware on trial has in all, or the one taken back had */
    uint8_t starts_left; /* on_trial: how many of them are still to come, the one that runs not counted */
    char md5[33];        /* of the file as it was sent, 32 hex digits: of the firmware taken back, or else of
                            this one, if it came on trial; otherwise empty */
};

/* This firmware stays. OTTER_OK also if nothing is on trial, so that it can be called at every start.
 * Programs 4 bytes of flash at most. OTTER_ERROR_READ, OTTER_ERROR_WRITE. */
OTTER_MUST_CHECK int otter_boot_confirm(const struct otter_port *port);

/* What the bootloader wrote down. Reads flash. OTTER_OK; OTTER_ERROR_READ, and STATUS is as if nothing was
 * written down. */
OTTER_MUST_CHECK int otter_boot_status(const struct otter_port *port, struct otter_boot_status *status);

#endif
