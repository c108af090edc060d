/* What is updated to what, and where: the table of the campaign. */
#ifndef OTTER_POWERCUT_SCENARIO_H
#define OTTER_POWERCUT_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>

#include "format/layout.h"
#include "tests/support/file.h"

enum scenario_trait {
    SCENARIO_GZIP = 1,
    SCENARIO_UNMODIFIED = 2,   /* staged as the existing updater does it, sector by sector */
    SCENARIO_CHANGED = 4,      /* the new firmware is the old one with a few changes */
    SCENARIO_BOOTLOADER = 8,   /* the new firmware brings another bootloader: sector 0 has to change */
    SCENARIO_MAY_REFUSE = 16,  /* there is no place for a note that the copy spares, or no safe way to copy */
    SCENARIO_FULL = 32,        /* in the full campaign only */
    SCENARIO_THIN = 64,        /* large: at each operation one outcome, in turn; second cuts by sample */
    SCENARIO_OTHER_MODE = 128, /* the device's flash mode is not the files' */
    SCENARIO_TRIAL = 256,      /* the firmware that runs is kept, and the new one is on trial */
    SCENARIO_CONFIRMS = 512 /* on trial, what runs confirms itself at every start; otherwise it never does */
};

struct scenario {
    const char *name;
    const char *layout;
    uint32_t old_sectors; /* of the firmware that runs; 0: it reaches up to where the new one is staged */
    uint32_t old_slack;   /* bytes of its last sector that it leaves free, a multiple of 16 */
    uint32_t new_sectors; /* of the new one, unpacked */
    uint32_t slack;       /* bytes of its last sector that the staged file leaves free */
    unsigned traits;      /* enum scenario_trait */
};

extern const struct scenario scenarios[];
extern const size_t scenario_count;

/* NULL if there is none of this name, which may be followed by a colon. */
const struct scenario *scenario_find(const char *name);

/* True if the update ends with the old firmware, brought back. */
static inline bool scenario_is_taken_back(const struct scenario *scenario)
{
    return (scenario->traits & (SCENARIO_TRIAL | SCENARIO_CONFIRMS)) == SCENARIO_TRIAL;
}

/* A scenario with its files. */
struct update {
    const struct scenario *scenario;
    const struct otter_layout *layout;
    struct file first;  /* a small one that ran before the old one */
    struct file old;    /* what runs */
    struct file new;    /* what is to run */
    struct file staged; /* as it is sent: the new one, or a gzip of it */
};

void update_open(struct update *update, const struct scenario *scenario);
void update_close(struct update *update);

/* True if SCENARIO has all of TRAITS. */
static inline bool scenario_is(const struct scenario *scenario, unsigned traits)
{
    return (scenario->traits & traits) == traits;
}

#endif
