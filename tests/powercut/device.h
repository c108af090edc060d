/* The device of the campaign: simulated flash and RTC memory, the real updater and the real bootloader, and
 * power that fails. */
#ifndef OTTER_POWERCUT_DEVICE_H
#define OTTER_POWERCUT_DEVICE_H

#include <setjmp.h>
#include <stdbool.h>

#include "otter/updater.h"
#include "ports/sim/rig.h"
#include "tests/powercut/scenario.h"

/* Power fails at OPERATION. Operations count from 1 since the update began, or since power came back. */
struct cut {
    uint64_t operation;
    enum otter_sim_cut outcome;
    uint64_t seed; /* of what is torn, and of what RTC memory holds afterwards */
};

struct operation {
    uint32_t address, length;
    bool erase;
};

/* The operations of one run, written down. */
struct trace {
    struct operation *operations;
    size_t count, room;
};

struct snapshot {
    uint8_t *bytes;
    struct otter_sim_rtc rtc;
    uint64_t operation;
};

struct device {
    const struct update *update;
    const struct file *old, *new; /* what it may run: before the update that is going on, and after it */
    struct otter_sim_rig rig;
    struct otter_updater updater;
    uint32_t buffer[OTTER_FLASH_SECTOR / 4];
    struct snapshot before; /* the old firmware runs */
    struct snapshot staged; /* the new one is staged, the boot command left, and the device restarts */
    struct trace *trace;    /* NULL: nothing is written down */
    uint64_t traced;
    bool started;   /* the bootloader found something to start */
    unsigned tried; /* so often the new firmware was started on trial */
    bool spoilt;    /* a start on the way gave neither firmware */
    jmp_buf power_lost;
};

/* Makes the device as it is before the update, and both snapshots. */
void device_open(struct device *device, const struct update *update);
void device_close(struct device *device);

void device_restore(struct device *device, const struct snapshot *snapshot);

/* Power fails at CUT from now on; NULL: never. */
void device_arm(struct device *device, const struct cut *cut);

/* Each does a part of the device's life; false if power failed meanwhile. */
/* Puts FILE in the free space and the command in RTC memory. */
bool device_stage(struct device *device, const struct file *file);
/* From reset until something is started, or the device is found to restart forever. On trial, all the starts
 * until one changes nothing any more. */
bool device_start(struct device *device);

/* Power is back: operations count from 1 again, and RTC memory holds something that depends on SEED, unless
 * it was KEPT. */
void device_power_on(struct device *device, uint64_t seed, bool kept);

/* Reads flash as the chip gives it. */
void device_read(struct device *device, uint32_t address, void *bytes, uint32_t length);

void trace_free(struct trace *trace);

#endif
