/* One slice of a scenario: every n-th of its trials. */
#ifndef OTTER_POWERCUT_SLICE_H
#define OTTER_POWERCUT_SLICE_H

#include "tests/powercut/campaign.h"

/* CURRENT is kept at the id of the trial that runs. */
void slice_run(struct report *report, const struct effort *effort, const struct scenario *scenario,
               unsigned slice, char current[TRIAL_ID_SIZE]);

#endif
