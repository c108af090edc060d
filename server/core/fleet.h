/* All that a check-in needs, in memory: every device, and the catalog of products, releases and rollouts.
 * Loaded from the store at start, changed here, and written back by one thread that calls
 * otter_fleet_flush().
 *
 * Functions may be called from any thread; none but open, reload and flush touches the disk, and none but
 * otter_fleet_wait() waits for more than a lock. Devices and rollouts are changed here alone, and rollouts
 * are never removed; products, channels, routes and releases are changed in the store, and then reloaded.
 *
 * What a device, or somebody, is told must not be lost: a change has a ticket, and is durable once
 * otter_fleet_durable() has reached it. Of a device's last sight and unchanged report, up to
 * OTTER_FLEET_SEEN_MS may be lost in a crash. */
#ifndef OTTER_CORE_FLEET_H
#define OTTER_CORE_FLEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/core/check_in.h"
#include "server/core/rollout.h"
#include "server/store/store.h"

#define OTTER_FLEET_SEEN_MS    300000 /* when a device that only was seen is written, at the latest */
#define OTTER_FLEET_EVENTS_MAX 65536  /* lines of history that wait for the disk; beyond, BUSY */

struct otter_fleet;

/* Loads everything. STORE is only used during the call. */
OTTER_MUST_CHECK int otter_fleet_open(struct otter_fleet **fleet, struct otter_store *store,
                                      struct otter_reason *reason);
void otter_fleet_close(struct otter_fleet *fleet);

/* Takes products, channels, routes and releases anew from the store, and forgets what devices have to do with
 * those that are gone. */
OTTER_MUST_CHECK int otter_fleet_reload(struct otter_fleet *fleet, struct otter_store *store,
                                        struct otter_reason *reason);

/* --- devices ask --------------------------------------------------------------------------------- */

/* A request as it came. */
struct otter_fleet_request {
    uint64_t mac; /* of the station; 0: there was none */
    struct otter_report report;
    const char *path; /* a route of the store, or anything else; NULL: none */
};

/* What to send, copied out of the records. */
struct otter_answer {
    enum otter_decision_row row;
    enum otter_answer_kind kind;
    unsigned status;                  /* 200, 304, 403, 404 */
    uint64_t ticket;                  /* answer only when it is durable; 0: at once */
    int64_t release;                  /* 0: none */
    int64_t rollout;                  /* 0: none */
    char version[OTTER_VERSION_SIZE]; /* of the release, or of what runs, "unknown" if nothing says; never
                                         empty unless refused */
    /* IMAGE: what is sent */
    bool gzip;                           /* it is one: the release's gzip, or a release that is one itself */
    uint8_t sha256[OTTER_DIGEST_SHA256]; /* in the image store */
    uint8_t md5[OTTER_DIGEST_MD5];       /* x-MD5 */
    uint32_t size;
};

/* OK; OTTER_STORE_BUSY if too much waits for the disk, and 503 is the answer. */
OTTER_MUST_CHECK int otter_fleet_check_in(struct otter_fleet *fleet,
                                          const struct otter_fleet_request *request, int64_t now,
                                          struct otter_answer *answer);

/* The same as a check-in now, but nothing changes. TEXT gets the explanation. */
void otter_fleet_try(struct otter_fleet *fleet, const struct otter_fleet_request *request, int64_t now,
                     struct otter_answer *answer, char *text, size_t size);
/* The same for a known device that reports what it last reported: ABSENT if there is none. */
OTTER_MUST_CHECK int otter_fleet_try_device(struct otter_fleet *fleet, uint64_t mac, int64_t now,
                                            struct otter_answer *answer, char *text, size_t size);

/* The whole image of RELEASE was sent. */
OTTER_MUST_CHECK int otter_fleet_delivered(struct otter_fleet *fleet, uint64_t mac, int64_t release,
                                           int64_t now);

/* A device's report of how its update went. ABSENT: no such device; BUSY. */
OTTER_MUST_CHECK int otter_fleet_result(struct otter_fleet *fleet, uint64_t mac, enum otter_release_kind kind,
                                        enum otter_result result, const char *detail, int64_t now,
                                        uint64_t *ticket);

/* --- people ask ---------------------------------------------------------------------------------- */

/* ABSENT: no such device. */
OTTER_MUST_CHECK int otter_fleet_device(struct otter_fleet *fleet, uint64_t mac, struct otter_device *device);

/* Takes name, product, channel, tags, pin and enrolment from CHANGED, and adds to the device's history who
 * did what, DETAIL. RETRY: and a block ends. A device that does not exist is enrolled so. References must
 * exist in the catalog: otherwise IN_USE. */
OTTER_MUST_CHECK int otter_fleet_device_edit(struct otter_fleet *fleet, const struct otter_device *changed,
                                             bool retry, const char *detail, int64_t now, uint64_t *ticket);

/* Forgets it, at once in memory; its history stays. ABSENT. */
OTTER_MUST_CHECK int otter_fleet_device_remove(struct otter_fleet *fleet, uint64_t mac, uint64_t *ticket);

OTTER_MUST_CHECK int otter_fleet_rollout(struct otter_fleet *fleet, int64_t id,
                                         struct otter_rollout *rollout);

/* Adds a rollout that the store has just given its id, or takes the changed draft of that id. */
OTTER_MUST_CHECK int otter_fleet_rollout_draft(struct otter_fleet *fleet, const struct otter_rollout *rollout,
                                               uint64_t *ticket, struct otter_reason *reason);

/* otter_rollout_order(). ARGUMENT, with the reason, if its state does not allow it; ABSENT. */
OTTER_MUST_CHECK int otter_fleet_rollout_order(struct otter_fleet *fleet, int64_t id,
                                               enum otter_rollout_order order, const char *comment,
                                               int64_t now, uint64_t *ticket, struct otter_reason *reason);

/* Looks at all devices. ABSENT. */
OTTER_MUST_CHECK int otter_fleet_rollout_progress(struct otter_fleet *fleet, int64_t id,
                                                  struct otter_rollout_progress *progress);

struct otter_fleet_figures {
    uint32_t devices;
    uint32_t pending; /* wait for approval */
    uint32_t blocked;
    uint32_t seen;    /* in the last day */
    size_t bytes;     /* memory, catalog included */
    uint32_t waiting; /* changes that wait for the disk */
};
void otter_fleet_figures(struct otter_fleet *fleet, int64_t now, struct otter_fleet_figures *figures);

/* --- the writer's thread ------------------------------------------------------------------------- */

/* Rollouts go on by themselves; to be called every few seconds. */
void otter_fleet_tick(struct otter_fleet *fleet, int64_t now);

/* Writes in one transaction what waits for it, at most some thousand records, and, piece by piece, devices
 * that only were seen; ALL writes these at once (at the end of the program). How many records were written;
 * or an error, after which all of them wait on, for a call after a pause. STORE is this thread's session. */
OTTER_MUST_CHECK int otter_fleet_flush(struct otter_fleet *fleet, struct otter_store *store, int64_t now,
                                       bool all, struct otter_reason *reason);

/* Waits until there is something to flush that somebody waits for, at most MS milliseconds. */
void otter_fleet_idle(struct otter_fleet *fleet, uint32_t ms);

/* Tickets up to this one are durable. */
uint64_t otter_fleet_durable(struct otter_fleet *fleet);

/* Waits until TICKET is durable, at most MS milliseconds: OK; BUSY if time is up, or the status of the flush
 * that failed meanwhile. */
OTTER_MUST_CHECK int otter_fleet_wait(struct otter_fleet *fleet, uint64_t ticket, uint32_t ms);

#endif
