/* Pull, as the virtual device runs it: from where its options say, when it starts and at intervals, and when
 * it is told to. */
#ifndef OTTER_SIM_PULL_H
#define OTTER_SIM_PULL_H

#include "otter/pull_schedule.h"

#define PULL_URL_SIZE 300

struct device;

struct pull {
    struct otter_pull client;
    struct otter_pull_schedule schedule;
    char asked[PULL_URL_SIZE]; /* the URL to pull next; empty: none */
    char url[PULL_URL_SIZE];   /* the one being pulled */
    enum otter_pull_kind kind; /* of the next one */
    uint32_t ends;             /* pulls that are over since the device was switched on */
};

/* Has it pull URL, or where it pulls anyway if that is empty. False if there is no such place. */
bool pull_ask(struct device *device, const char *url, enum otter_pull_kind kind);

/* "none", "failed", "no-updates", "ok": how the last one ended. */
const char *pull_outcome(const struct device *device);

#endif
