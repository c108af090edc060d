/* The life of a rollout. Pure functions over records:
 *
 *                 pause           by failures
 *     draft -> running <-> paused   running -> halted -> running (resume: failures are counted anew)
 *                 |
 *                 +-> done, and from any of them but done: abort */
#ifndef OTTER_CORE_ROLLOUT_H
#define OTTER_CORE_ROLLOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "format/error.h"
#include "server/store/reason.h"
#include "server/store/records.h"

enum otter_rollout_order {
    OTTER_ROLLOUT_START,
    OTTER_ROLLOUT_PAUSE,
    OTTER_ROLLOUT_RESUME,
    OTTER_ROLLOUT_ABORT,
    OTTER_ROLLOUT_NEXT, /* the next wave; after the last one: done */
};

/* False, with the reason, if a draft with these fields can't be: waves that do not rise, no such hours, a
 * release that is not published or of another product, ... RELEASE may be NULL: not known. */
OTTER_MUST_CHECK bool otter_rollout_is_sound(const struct otter_rollout *rollout,
                                             const struct otter_release *release,
                                             struct otter_reason *reason);

/* Does what somebody ordered; COMMENT, which may be NULL, becomes its reason. False, with the reason, where
 * its state does not allow it; ROLLOUT is then as it was. */
OTTER_MUST_CHECK bool otter_rollout_order(struct otter_rollout *rollout, enum otter_rollout_order order,
                                          const char *comment, int64_t now, struct otter_reason *reason);

/* How far the devices are that a rollout is meant for. */
struct otter_rollout_progress {
    uint32_t devices; /* all whom it concerns, enrolled and approved */
    uint32_t targets; /* those in the share of the wave that is served */
    uint32_t settled; /* targets that run the release, or are blocked with it */
};

/* Whether it is to halt, now that a failure was counted: true if it did. */
bool otter_rollout_judge(struct otter_rollout *rollout, int64_t now);

/* Goes on by itself: from a wave that has soaked to the next, and after the last one to done once every
 * target is settled. True if anything changed. */
bool otter_rollout_tick(struct otter_rollout *rollout, const struct otter_rollout_progress *progress,
                        int64_t now);

#endif
