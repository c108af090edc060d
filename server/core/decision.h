/* What a device that checks in gets, and why: one pure function over records. docs/DECISION.md has the same
 * table, row by row. */
#ifndef OTTER_CORE_DECISION_H
#define OTTER_CORE_DECISION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/store/records.h"

/* The rows, in order: the first one that holds decides. */
enum otter_decision_row {
    /* who asks */
    OTTER_DECISION_NO_UPDATER,    /* a header that every updater sends is missing: 403 */
    OTTER_DECISION_NO_PRODUCT,    /* no product is known for the device or its path: 404 */
    OTTER_DECISION_CLOSED,        /* a new device, and the product takes none: 403 */
    OTTER_DECISION_PENDING,       /* it waits for approval: 403 */
    OTTER_DECISION_REFUSED,       /* somebody refused it: 403 */
    OTTER_DECISION_OTHER_PRODUCT, /* it is enrolled with another product than its path's: 403 */
    OTTER_DECISION_OTHER_CHIP,    /* ESP32 asks where the product is for ESP8266, or the reverse: 403 */
    /* what it is meant to run: a pin, otherwise the newest rollout that applies to it and serves */
    OTTER_DECISION_NO_RELEASE, /* nothing: 304 */
    OTTER_DECISION_KEPT,       /* it runs the release of a rollout that does not serve now: 304 */
    OTTER_DECISION_PAUSED,     /* it would get the release, but the rollout is paused: 304 */
    OTTER_DECISION_HOURS,      /* the same, outside of the rollout's hours: 304 */
    OTTER_DECISION_UP_TO_DATE, /* it runs it: 304 */
    OTTER_DECISION_WITHDRAWN,  /* pinned to a release that is not published: 304 */
    /* whether it can have it */
    OTTER_DECISION_NEWER,          /* it reports a higher version, and the rollout is no downgrade: 304 */
    OTTER_DECISION_BLOCKED,        /* it failed with this release: 304 until somebody looks */
    OTTER_DECISION_CHIP_TOO_SMALL, /* the image is for a larger flash: 304 */
    OTTER_DECISION_NO_SPACE,       /* neither the image nor its gzip fits the free space: 304 */
    OTTER_DECISION_SEND,           /* 200 */
    OTTER_DECISION_ROWS
};

enum otter_answer_kind {
    OTTER_ANSWER_REFUSED, /* with the row's status */
    OTTER_ANSWER_NOTHING, /* 304; but 200 with the version to a request for the version alone */
    OTTER_ANSWER_IMAGE,   /* 200 with the image; or only its version */
};

/* A rollout with its release, for a decision. */
struct otter_plan {
    const struct otter_rollout *rollout;
    const struct otter_release *release;
};

struct otter_situation {
    uint64_t mac; /* of the station; 0: it told none */
    const struct otter_report *report;
    /* As it is known before this decision; NULL: never seen. Its own `last` is not looked at. */
    const struct otter_device *device;
    const struct otter_product *product; /* the device's, or, of a new one, its path's; NULL: none */
    int64_t path_product;                /* product of the path that it asked for; 0: of no particular one */
    int64_t path_channel;                /* where its path sends new devices; 0: the product's default */
    /* The product's sketch with a digest that is reported; NULL: none has it. */
    const struct otter_release *running;
    const struct otter_release *pin; /* device->pin; NULL: none, or it is gone */
    const struct otter_release
        *attempt; /* what device->attempts[kind of the request] is about; NULL likewise */
    /* Rollouts of the product, that started last first; drafts are passed over. */
    const struct otter_plan *plans;
    size_t plan_count;
    int64_t now;
};

struct otter_decision {
    enum otter_decision_row row;
    const struct otter_release *release; /* that it is about, of the situation; NULL: none */
    const struct otter_rollout *rollout; /* that it came from, of the situation; NULL: a pin, or none */
    bool gzip;                           /* SEND: the release's gzip, not the file itself */
};

struct otter_decision otter_decide(const struct otter_situation *situation);

enum otter_answer_kind otter_decision_kind(enum otter_decision_row row);
/* HTTP status for a request of an image: 200, 304, 403, 404. */
unsigned otter_decision_status(enum otter_decision_row row);
/* The row in words, "up-to-date", for programs; and a sentence for people. Static. */
const char *otter_decision_name(enum otter_decision_row row);
const char *otter_decision_text(enum otter_decision_row row);

/* Writes the sentence with the figures that decided, "needs 412 KiB, the device has 380 KiB free", into OUT.
 */
void otter_decision_explain(char *out, size_t size, const struct otter_situation *situation,
                            const struct otter_decision *decision);

/* --- what it is made of ------------------------------------------------------------------------- */

/* The kind of release that a request is about. */
enum otter_release_kind otter_request_kind(const struct otter_report *report);

/* True if the report shows RELEASE by one of its digests (spec/pull.md, section 4). */
bool otter_release_has_digest(const struct otter_release *release, const struct otter_report *report);

/* True if the device runs RELEASE: a sketch by its digests, or, where these are of no release at all, by its
 * version; a filesystem by its version, or because it was the last that was sent. */
bool otter_release_runs(const struct otter_release *release, const struct otter_situation *situation);

/* A device's place among all of a rollout, 0 to OTTER_SHARE_ALL - 1: it is in the share of waves above it. */
uint32_t otter_rollout_place(int64_t rollout, uint64_t mac);

/* The rollout is meant for such a device, whatever its state and share. */
bool otter_rollout_concerns(const struct otter_rollout *rollout, int64_t channel, const char *tags);

/* The hours of ROLLOUT are on at NOW. */
bool otter_rollout_hours(const struct otter_rollout *rollout, int64_t now);

#endif
