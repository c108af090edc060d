#include "otter/pull_schedule.h"

#include "device/deadline.h"

#define MS          1000u /* of a second */
#define MINUTE_S    60u
#define JITTER_PART 10u /* of the interval, either way */
#define DOUBLINGS   16u

/* At random from 0 to MOST. */
static uint32_t pick(uint32_t random, uint32_t most)
{
    return (uint32_t)(((uint64_t)random * ((uint64_t)most + 1)) >> 32);
}

static uint32_t lesser(uint32_t left, uint32_t right)
{
    return left < right ? left : right;
}

static void wait_for(struct otter_pull_schedule *schedule, uint32_t now_ms, uint32_t ms)
{
    schedule->since = now_ms;
    schedule->wait = ms;
    schedule->running = false;
}

void otter_pull_schedule_begin(struct otter_pull_schedule *schedule, uint32_t interval_s, uint32_t now_ms,
                               uint32_t random)
{
    const uint32_t most = lesser(interval_s * MS / JITTER_PART, MINUTE_S * MS);
    *schedule = (struct otter_pull_schedule){.interval_s = interval_s};
    wait_for(schedule, now_ms, pick(random, most));
}

uint32_t otter_pull_schedule_left(const struct otter_pull_schedule *schedule, uint32_t now_ms)
{
    return schedule->running ? OTTER_NEVER : otter_deadline_left(schedule->since, schedule->wait, now_ms);
}

void otter_pull_schedule_started(struct otter_pull_schedule *schedule)
{
    schedule->running = true;
}

void otter_pull_schedule_ended(struct otter_pull_schedule *schedule, enum otter_pull_result result,
                               uint32_t now_ms, uint32_t random)
{
    const uint32_t interval = schedule->interval_s * MS;
    const uint32_t jitter = interval / JITTER_PART;
    if (result != OTTER_PULL_FAILED) {
        schedule->failures = 0;
        wait_for(schedule, now_ms, interval - jitter + pick(random, 2 * jitter));
        return;
    }
    const uint32_t wait = lesser(MINUTE_S << schedule->failures, schedule->interval_s) * MS;
    if (schedule->failures < DOUBLINGS)
        schedule->failures++;
    wait_for(schedule, now_ms, wait - pick(random, wait / 2));
}
