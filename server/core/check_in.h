/* What a device's request, or its silence broken, changes: pure functions that give the new records. */
#ifndef OTTER_CORE_CHECK_IN_H
#define OTTER_CORE_CHECK_IN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/core/decision.h"
#include "server/store/records.h"

#define OTTER_CHECK_IN_EVENTS  4
#define OTTER_CHECK_IN_TALLIES 3

/* By how much a rollout's counts of devices change. */
struct otter_tally {
    int64_t rollout;
    int offered;
    int succeeded;
    int failed;
};

/* What happened to a device, and what follows. */
struct otter_check_in {
    bool known;                 /* there is a record to keep; false: it was turned away unseen */
    struct otter_device device; /* as it is now */
    struct otter_event events[OTTER_CHECK_IN_EVENTS]; /* without id */
    size_t event_count;
    struct otter_tally tallies[OTTER_CHECK_IN_TALLIES];
    size_t tally_count;
    struct otter_decision decision; /* of otter_check_in() */
};

/* A request, of a device that is known or new. */
void otter_check_in(struct otter_check_in *check_in, const struct otter_situation *situation);

/* The last byte of a RELEASE of this KIND was sent to the device. */
void otter_check_in_delivered(struct otter_check_in *check_in, const struct otter_device *device,
                              enum otter_release_kind kind, int64_t release, int64_t now);

enum otter_result {
    OTTER_RESULT_CONFIRMED, /* it runs the release, and works */
    OTTER_RESULT_FAILED,    /* the update broke off, or was rejected */
    OTTER_RESULT_REVERTED,  /* the release was started, and taken back */
};

/* A device reported how its update of KIND went. DETAIL is what it says beside, and may be empty. It is about
 * the release that the device was last offered; without one, nothing is changed. */
void otter_check_in_result(struct otter_check_in *check_in, const struct otter_device *device,
                           enum otter_release_kind kind, uint32_t attempts_max, enum otter_result result,
                           const char *detail, int64_t now);

/* Somebody has looked: a blocked device may try again. */
void otter_check_in_retry(struct otter_check_in *check_in, const struct otter_device *device);

/* So often may a device come back with the old firmware: the product's attempts_max, or the default. */
uint32_t otter_attempts_max(const struct otter_product *product);

#endif
