/* Every trial of a scenario, in slices. */
#ifndef OTTER_POWERCUT_CAMPAIGN_H
#define OTTER_POWERCUT_CAMPAIGN_H

#include "tests/powercut/report.h"

/* How much is tried of each scenario. */
struct effort {
    bool full;       /* every scenario; and second cuts of the whole start that follows one at a note */
    unsigned slices; /* that a scenario is cut into */
    /* per scenario, and per one that is thin: */
    unsigned tears, thin_tears;     /* of every operation on a note, and erase */
    unsigned samples, thin_samples; /* of two cuts */
    unsigned nexts;                 /* cuts of the next update after each at a note; none if thin, as of */
    unsigned noise, flips;
};

extern const struct effort campaign_quick, campaign_full;

/* Tries all there is of the scenarios whose name begins with PREFIX, with JOBS processes. True if there
 * are any and nothing went wrong. */
bool campaign_run(const struct effort *effort, const char *prefix, unsigned jobs);

#endif
