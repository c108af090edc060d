/* A device that runs a sketch, with an updater over simulated parts whose callbacks are written down. */
#ifndef OTTER_TEST_UPDATER_RIG_H
#define OTTER_TEST_UPDATER_RIG_H

#include "otter/updater.h"
#include "ports/sim/rig.h"

#define UPDATER_RIG_SKETCH 61440u /* bytes of the sketch that runs: a multiple of a sector */

enum updater_rig_callback { UPDATER_RIG_NONE, UPDATER_RIG_START, UPDATER_RIG_PROGRESS, UPDATER_RIG_ERROR };

struct updater_rig {
    struct otter_sim_rig sim;
    struct otter_updater updater;
    uint32_t sector[OTTER_FLASH_SECTOR / 4];
    uint8_t *before; /* the whole flash, as it was at first */
    uint32_t room;   /* bytes of free space beside the sketch, before the last update */

    /* what the callbacks do */
    bool refuse;
    enum updater_rig_callback abort_in;
    /* and what they saw */
    unsigned starts, progresses, ends, errors;
    uint32_t done, total;
    enum otter_error error;
    char text[160];
};

/* The flash holds a sketch, and noise everywhere else. SETTINGS may be NULL; the buffer and the callbacks are
 * the rig's. */
void updater_rig_open(struct updater_rig *rig, const char *layout,
                      const struct otter_updater_settings *settings);
/* Fails the test if flash was treated badly or anything was written outside the update's place. */
void updater_rig_close(struct updater_rig *rig);

/* Begins, announces the MD5 of the bytes, and writes them in portions of PORTION. OTTER_OK or an error. */
int updater_rig_send(struct updater_rig *rig, enum otter_update_command command, const void *bytes,
                     size_t size, size_t portion);

/* True if a command for the bootloader is there. */
bool updater_rig_boot_command(const struct updater_rig *rig);
/* The bootloader is to copy SIZE bytes from SOURCE to DESTINATION, or the test fails. */
void updater_rig_will_copy(const struct updater_rig *rig, uint32_t source, uint32_t destination,
                           uint32_t size);

/* True if no flash operation but reads took place. */
bool updater_rig_untouched(const struct updater_rig *rig);
/* True if flash at ADDRESS holds BYTES. */
bool updater_rig_holds(const struct updater_rig *rig, uint32_t address, const void *bytes, size_t size);

#endif
