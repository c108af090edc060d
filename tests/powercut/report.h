/* What the trials came to: counted in memory that the workers share, and printed. */
#ifndef OTTER_POWERCUT_REPORT_H
#define OTTER_POWERCUT_REPORT_H

#include <stdatomic.h>

#include "tests/powercut/trial.h"

#define REPORT_WORKERS_MAX 64u

enum report_part {
    REPORT_ONE_CUT,
    REPORT_NOTES,   /* a second cut, at every operation on the notes */
    REPORT_SAMPLES, /* a second cut anywhere, by chance */
    REPORT_NOISE,
    REPORT_FLIPS,
    REPORT_PART_COUNT
};

struct tally {
    atomic_ulong verdicts[REPORT_PART_COUNT][VERDICT_COUNT];
    atomic_ulong failures; /* printed and not */
    atomic_ulong cpu_ms;
    atomic_uint slices_done;
    atomic_ulong staging, copy; /* operations of the uncut update */
    atomic_bool refused;        /* the uncut update ends with the old firmware, as it may */
};

struct report {
    atomic_size_t next_item;
    struct {
        char trial[TRIAL_ID_SIZE]; /* what it is at, should it die of it */
        size_t item;
    } workers[REPORT_WORKERS_MAX];
    struct tally tallies[]; /* as scenarios[] */
};

/* Shared with every process that is forked after it. */
struct report *report_open(void);
void report_close(struct report *report);

struct tally *report_tally(struct report *report, const struct scenario *scenario);

/* Counts, and prints what went wrong. */
void report_trial(struct report *report, enum report_part part, const struct trial *trial,
                  enum verdict verdict);

/* Something else that went wrong with a scenario. */
__attribute__((format(printf, 3, 4))) void
report_failure(struct report *report, const struct scenario *scenario, const char *format, ...);

/* One line: SCENARIO, its cut points, and what came of them. */
void report_scenario(struct report *report, const struct scenario *scenario);

/* The sums. True if something was tried and nothing went wrong. */
bool report_total(struct report *report, double seconds, unsigned jobs);

#endif
