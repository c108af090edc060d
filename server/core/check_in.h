/* What a device's request, or its silence broken, changes: pure functions that give the new records. */
#ifndef OTTER_CORE_CHECK_IN_H
#define OTTER_CORE_CHECK_IN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/core/decision.h"
#include "server/store/records.h"

#define OTTER_CHECK_IN_EVENTS 4

/* What happened to a device, and what follows. */
struct otter_check_in {
    bool known;                 /* there is a record to keep; false: it was turned away unseen */
    struct otter_device device; /* as it is now */
    struct otter_event events[OTTER_CHECK_IN_EVENTS]; /* without id */
    size_t event_count;
    /* Rollouts by which this device is counted once more; 0: none. */
    int64_t offered;
    int64_t succeeded;
    int64_t failed;
    struct otter_decision decision;
};

/* A request, with MAC, of the device or of one that is new. RUNNING is the release that its report shows, of
 * the product's sketches; NULL: none of them. */
void otter_check_in(struct otter_check_in *check_in, const struct otter_situation *situation, uint64_t mac,
                    const struct otter_release *running);

/* The last byte of RELEASE, of this KIND, was sent to the device. */
void otter_check_in_delivered(struct otter_check_in *check_in, const struct otter_device *device,
                              const struct otter_release *release, int64_t now);

enum otter_result {
    OTTER_RESULT_CONFIRMED, /* it runs the release, and works */
    OTTER_RESULT_FAILED,    /* the update broke off, or was rejected */
    OTTER_RESULT_REVERTED,  /* the release was started, and taken back */
};

/* A device reported how its update went. DETAIL is what it says beside, and may be empty. It is about the
 * release that the device was last offered; without one, only history is written. */
void otter_check_in_result(struct otter_check_in *check_in, const struct otter_device *device,
                           uint32_t attempts_max, enum otter_result result, const char *detail, int64_t now);

/* Somebody has looked: a blocked device may try again. */
void otter_check_in_retry(struct otter_check_in *check_in, const struct otter_device *device, int64_t now);

#endif
