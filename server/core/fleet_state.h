/* What the fleet's files share. Functions here want the lock to be held. */
#ifndef OTTER_CORE_FLEET_STATE_H
#define OTTER_CORE_FLEET_STATE_H

#include <pthread.h>

#include "server/core/catalog.h"
#include "server/core/device_table.h"
#include "server/core/fleet.h"

/* A device that changed, or went. Nothing from `ticket` on is durable before it is written. */
struct fleet_change {
    uint64_t mac;
    uint64_t ticket;
};

/* A list that grows. Items before `head` are gone. */
struct fleet_list {
    void *items;
    size_t head;
    size_t count; /* head included */
    size_t capacity;
};

struct otter_fleet {
    pthread_mutex_t lock;
    pthread_cond_t asked_more; /* somebody waits for the disk */
    pthread_cond_t written;    /* a flush has ended */
    struct otter_catalog catalog;
    struct otter_device_table devices;

    /* what waits for the disk */
    struct fleet_list changed;  /* struct fleet_change, tickets rising */
    struct fleet_list removed;  /* the same */
    struct fleet_list events;   /* struct otter_event */
    struct fleet_list rollouts; /* int64_t, none twice */
    uint64_t asked;             /* the last ticket that was given */
    uint64_t durable;
    uint64_t failures; /* of flushes */
    int failure;       /* the last one's status */

    pthread_mutex_t writing; /* held by a flush; before the lock */
    uint32_t swept;          /* row where the search for devices that only were seen goes on */
    int64_t swept_at;
};

/* Adds an item. False when out of memory. */
bool fleet_list_add(struct fleet_list *list, const void *item, size_t size);
bool fleet_list_is_empty(const struct fleet_list *list);
/* Forgets all items, and keeps the memory. */
void fleet_list_clear(struct fleet_list *list);

/* Everything that a decision needs for REQUEST. DEVICE is room for its record, which SITUATION points to. */
void fleet_situation(const struct otter_fleet *fleet, const struct otter_fleet_request *request, int64_t now,
                     struct otter_situation *situation, struct otter_device *device);
/* Its answer. */
void fleet_answer(const struct otter_situation *situation, const struct otter_decision *decision,
                  struct otter_answer *answer);

/* Makes what happened to a device the truth, and queues it for the disk. TICKET, which may be NULL, is 0 if
 * nobody need wait. OTTER_STORE_OK, BUSY or FAILED; then nothing has changed. */
int fleet_apply(struct otter_fleet *fleet, const struct otter_check_in *check_in, int64_t now,
                uint64_t *ticket);

/* Queues a device, unless it waits already; tickets from TICKET on wait for it, and none before, so that
 * TICKET is never below that of the queue's last. False when out of memory. */
bool fleet_queue(struct otter_fleet *fleet, struct otter_device_row *row, uint64_t ticket);

/* Queues rollout ID, and gives a ticket for it. 0 when out of memory. */
uint64_t fleet_rollout_changed(struct otter_fleet *fleet, int64_t id);

#endif
