#include "server/core/rollout.h"

#include <stdio.h>

#define MINUTES_PER_DAY 1440u
#define ZONE_MAX        840 /* minutes: UTC+14:00 */

static const char *const states[] = {
    [OTTER_ROLLOUT_DRAFT] = "a draft", [OTTER_ROLLOUT_RUNNING] = "running", [OTTER_ROLLOUT_PAUSED] = "paused",
    [OTTER_ROLLOUT_HALTED] = "halted", [OTTER_ROLLOUT_ABORTED] = "aborted", [OTTER_ROLLOUT_DONE] = "done",
};

static uint32_t count_waves(const struct otter_rollout *rollout)
{
    uint32_t count = 0;
    while (count < OTTER_WAVES_MAX && rollout->waves[count] != 0)
        count++;
    return count;
}

/* --- whether it can be -------------------------------------------------------------------------- */

static bool waves_rise(const struct otter_rollout *rollout)
{
    uint32_t before = 0, count = count_waves(rollout);
    for (uint32_t i = 0; i < count; i++) {
        if (rollout->waves[i] <= before || rollout->waves[i] > OTTER_SHARE_ALL)
            return false;
        before = rollout->waves[i];
    }
    for (uint32_t i = count; i < OTTER_WAVES_MAX; i++)
        if (rollout->waves[i] != 0)
            return false;
    return count > 0;
}

static bool hours_exist(const struct otter_rollout *rollout)
{
    return rollout->hours_from < MINUTES_PER_DAY && rollout->hours_to < MINUTES_PER_DAY &&
           rollout->hours_zone >= -ZONE_MAX && rollout->hours_zone <= ZONE_MAX;
}

/* What is wrong, or NULL. */
static const char *find_fault(const struct otter_rollout *rollout, const struct otter_release *release)
{
    if (release == NULL)
        return "there is no such release";
    if (release->state != OTTER_RELEASE_PUBLISHED)
        return "its release is not published";
    if (release->product != rollout->product)
        return "its release is of another product";
    if (!waves_rise(rollout))
        return "its waves must rise, from more than 0 to at most 100 percent";
    if (!hours_exist(rollout))
        return "its hours must be from 00:00 to 23:59, and their time zone at most 14 hours from UTC";
    if (rollout->halt_share > OTTER_SHARE_ALL)
        return "the share of failures at which it halts is at most 100 percent";
    return rollout->soak < 0 ? "its soak time can't be negative" : NULL;
}

bool otter_rollout_is_sound(const struct otter_rollout *rollout, const struct otter_release *release,
                            struct otter_reason *reason)
{
    const char *fault = find_fault(rollout, release);
    if (fault != NULL)
        otter_reason_set(reason, "%s", fault);
    return fault == NULL;
}

/* --- orders ------------------------------------------------------------------------------------- */

static void enter(struct otter_rollout *rollout, enum otter_rollout_state state, int64_t now)
{
    rollout->state = state;
    if (state == OTTER_ROLLOUT_DONE || state == OTTER_ROLLOUT_ABORTED)
        rollout->ended = now;
}

static void begin_wave(struct otter_rollout *rollout, uint32_t wave, int64_t now)
{
    rollout->wave = wave;
    rollout->wave_since = now;
    rollout->wave_outcomes = 0;
}

static void start(struct otter_rollout *rollout, int64_t now)
{
    enter(rollout, OTTER_ROLLOUT_RUNNING, now);
    rollout->started = now;
    begin_wave(rollout, 0, now);
}

static void pause_it(struct otter_rollout *rollout, int64_t now)
{
    enter(rollout, OTTER_ROLLOUT_PAUSED, now);
}

static void resume(struct otter_rollout *rollout, int64_t now)
{
    if (rollout->state == OTTER_ROLLOUT_HALTED)
        rollout->failed = 0;
    enter(rollout, OTTER_ROLLOUT_RUNNING, now);
    begin_wave(rollout, rollout->wave, now);
}

static void abort_it(struct otter_rollout *rollout, int64_t now)
{
    enter(rollout, OTTER_ROLLOUT_ABORTED, now);
}

static void go_on(struct otter_rollout *rollout, int64_t now)
{
    if (rollout->wave + 1 < count_waves(rollout))
        begin_wave(rollout, rollout->wave + 1, now);
    else
        enter(rollout, OTTER_ROLLOUT_DONE, now);
}

#define IN(state) (1u << OTTER_ROLLOUT_##state)

static const struct {
    const char *name;
    unsigned from; /* states in which it is allowed */
    void (*run)(struct otter_rollout *rollout, int64_t now);
} orders[] = {
    [OTTER_ROLLOUT_START] = {"started", IN(DRAFT), start},
    [OTTER_ROLLOUT_PAUSE] = {"paused", IN(RUNNING), pause_it},
    [OTTER_ROLLOUT_RESUME] = {"resumed", IN(PAUSED) | IN(HALTED), resume},
    [OTTER_ROLLOUT_ABORT] = {"aborted", IN(DRAFT) | IN(RUNNING) | IN(PAUSED) | IN(HALTED), abort_it},
    [OTTER_ROLLOUT_NEXT] = {"taken to its next wave", IN(RUNNING), go_on},
};

bool otter_rollout_order(struct otter_rollout *rollout, enum otter_rollout_order order, const char *comment,
                         int64_t now, struct otter_reason *reason)
{
    if ((orders[order].from & 1u << rollout->state) == 0) {
        otter_reason_set(reason, "rollout %lld is %s: it can't be %s", (long long)rollout->id,
                         states[rollout->state], orders[order].name);
        return false;
    }
    orders[order].run(rollout, now);
    snprintf(rollout->reason, sizeof(rollout->reason), "%s", comment != NULL ? comment : "");
    return true;
}

/* --- by itself ---------------------------------------------------------------------------------- */

static bool is_over_share(const struct otter_rollout *rollout)
{
    uint64_t outcomes = (uint64_t)rollout->succeeded + rollout->failed;
    uint32_t sample = rollout->halt_sample > 0 ? rollout->halt_sample : 1;
    return rollout->halt_share > 0 && outcomes >= sample &&
           (uint64_t)rollout->failed * OTTER_SHARE_ALL >= rollout->halt_share * outcomes;
}

bool otter_rollout_judge(struct otter_rollout *rollout, int64_t now)
{
    bool over_count = rollout->halt_count > 0 && rollout->failed >= rollout->halt_count;
    if (rollout->state != OTTER_ROLLOUT_RUNNING || rollout->failed == 0 ||
        !(over_count || is_over_share(rollout)))
        return false;
    enter(rollout, OTTER_ROLLOUT_HALTED, now);
    snprintf(rollout->reason, sizeof(rollout->reason), "halted by itself: %u of %u devices failed",
             rollout->failed, rollout->succeeded + rollout->failed);
    return true;
}

/* A wave without a device has nothing to wait for; one with devices waits until one of them has an outcome.
 */
static bool has_soaked(const struct otter_rollout *rollout, const struct otter_rollout_progress *progress,
                       int64_t now)
{
    bool tried = rollout->wave_outcomes > 0 || progress->settled == progress->targets;
    return rollout->soak > 0 && now - rollout->wave_since >= rollout->soak && tried;
}

bool otter_rollout_tick(struct otter_rollout *rollout, const struct otter_rollout_progress *progress,
                        int64_t now)
{
    if (rollout->state != OTTER_ROLLOUT_RUNNING)
        return false;
    bool last = rollout->wave + 1 == count_waves(rollout);
    bool all_settled = progress->targets > 0 && progress->settled >= progress->targets;
    if (last ? !all_settled : !has_soaked(rollout, progress, now))
        return false;
    go_on(rollout, now);
    return true;
}
