/* When to pull next: at intervals, not all devices at once, and less often while it fails. An aid for
 * applications; the client itself (otter/pull.h) pulls when it is told to.
 *
 *     otter_pull_schedule_begin(&schedule, 3600, now, random);
 *     ...
 *     if (otter_pull_schedule_left(&schedule, now) == 0 && otter_pull_start(&pull, url, kind) == OTTER_OK)
 *         otter_pull_schedule_started(&schedule);
 *     in the end callback: otter_pull_schedule_ended(&schedule, result, now, random);
 *
 * RANDOM is any 32 bits of the port's entropy, new for each call. */
#ifndef OTTER_PULL_SCHEDULE_H
#define OTTER_PULL_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "otter/pull.h"

#define OTTER_PULL_INTERVAL_MAX                                                                              \
    1000000u /* seconds, between two pulls: a clock of 32 bits goes on for 49 days */

/* All fields are the schedule's own. */
struct otter_pull_schedule {
    uint32_t interval_s;
    uint32_t since; /* ms, when the wait began */
    uint32_t wait;  /* ms */
    uint8_t failures;
    bool running; /* no pull is due while one goes on */
};

/* Pulls every INTERVAL_S seconds, 1 to OTTER_PULL_INTERVAL_MAX, give or take a tenth. The first is due within
 * the first tenth, but at most a minute, from NOW_MS. */
void otter_pull_schedule_begin(struct otter_pull_schedule *schedule, uint32_t interval_s, uint32_t now_ms,
                               uint32_t random);

/* Milliseconds until a pull is due; 0: now; OTTER_NEVER while one goes on. */
uint32_t otter_pull_schedule_left(const struct otter_pull_schedule *schedule, uint32_t now_ms);

void otter_pull_schedule_started(struct otter_pull_schedule *schedule);

/* The pull ended with RESULT. After a failure the next one is due in a minute at most, then two, four and so
 * on up to the interval, each time shortened at random by up to a half. */
void otter_pull_schedule_ended(struct otter_pull_schedule *schedule, enum otter_pull_result result,
                               uint32_t now_ms, uint32_t random);

#endif
