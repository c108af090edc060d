/* The writer's thread: what waits for the disk, batch by batch. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "server/core/fleet_state.h"

#define BATCH_DEVICES 4096u  /* devices in one transaction */
#define SWEEP_ROWS    16384u /* rows that one flush searches for devices that only were seen */

/* What one transaction writes, copied out of the fleet. */
struct batch {
    struct otter_device *devices;
    size_t device_count;
    struct fleet_list removed;
    struct fleet_list events;
    struct otter_rollout *rollouts;
    size_t rollout_count;
    uint64_t ticket; /* up to this one, all is in it */
};

/* --- taking ------------------------------------------------------------------------------------- */

static void take_row(struct otter_fleet *fleet, struct batch *batch, uint32_t number)
{
    otter_device_table_row(&fleet->devices, number)->unsaved = 0;
    otter_device_table_get(&fleet->devices, number, &batch->devices[batch->device_count++]);
}

static void take_changed(struct otter_fleet *fleet, struct batch *batch)
{
    struct fleet_list *list = &fleet->changed;
    const struct fleet_change *changes = list->items;
    for (; list->head < list->count && batch->device_count < BATCH_DEVICES; list->head++) {
        uint32_t number = otter_device_table_find(&fleet->devices, changes[list->head].mac);
        if (number != OTTER_DEVICE_NONE)
            take_row(fleet, batch, number);
    }
    if (fleet_list_is_empty(list))
        fleet_list_clear(list);
}

/* So many rows that all are seen once in OTTER_FLEET_SEEN_MS. */
static uint32_t rows_to_sweep(struct otter_fleet *fleet, int64_t now, bool all)
{
    uint32_t count = fleet->devices.count;
    int64_t passed = now - fleet->swept_at;
    if (all)
        return fleet_list_is_empty(&fleet->changed) ? count : 0;
    if (passed < 0 || passed > OTTER_FLEET_SEEN_MS)
        passed = OTTER_FLEET_SEEN_MS;
    uint64_t rows = (uint64_t)count * (uint64_t)passed / OTTER_FLEET_SEEN_MS;
    return rows < SWEEP_ROWS ? (uint32_t)rows : SWEEP_ROWS;
}

static void take_seen(struct otter_fleet *fleet, struct batch *batch, int64_t now, bool all)
{
    uint32_t rows = rows_to_sweep(fleet, now, all);
    if (rows == 0)
        return;
    fleet->swept_at = now;
    for (uint32_t i = 0; i < rows && batch->device_count < BATCH_DEVICES; i++) {
        if (fleet->swept >= fleet->devices.count)
            fleet->swept = 0;
        if (otter_device_table_row(&fleet->devices, fleet->swept)->unsaved == OTTER_UNSAVED_SEEN)
            take_row(fleet, batch, fleet->swept);
        fleet->swept++;
    }
}

static bool take_rollouts(struct otter_fleet *fleet, struct batch *batch)
{
    const int64_t *ids = fleet->rollouts.items;
    batch->rollouts = calloc(fleet->rollouts.count + 1, sizeof(*batch->rollouts));
    if (batch->rollouts == NULL)
        return false;
    for (size_t i = fleet->rollouts.head; i < fleet->rollouts.count; i++) {
        const struct otter_rollout *rollout = otter_catalog_rollout(&fleet->catalog, ids[i]);
        if (rollout != NULL)
            batch->rollouts[batch->rollout_count++] = *rollout;
    }
    fleet_list_clear(&fleet->rollouts);
    return true;
}

static bool take(struct otter_fleet *fleet, struct batch *batch, int64_t now, bool all)
{
    *batch = (struct batch){.devices = malloc(BATCH_DEVICES * sizeof(*batch->devices))};
    if (batch->devices == NULL || !take_rollouts(fleet, batch))
        return false;
    take_changed(fleet, batch);
    take_seen(fleet, batch, now, all);
    batch->removed = fleet->removed;
    batch->events = fleet->events;
    fleet->removed = (struct fleet_list){0};
    fleet->events = (struct fleet_list){0};
    batch->ticket = fleet->asked;
    if (!fleet_list_is_empty(&fleet->changed)) {
        const struct fleet_change *changes = fleet->changed.items;
        batch->ticket = changes[fleet->changed.head].ticket - 1;
    }
    return true;
}

static size_t batch_size(const struct batch *batch)
{
    return batch->device_count + batch->rollout_count + (batch->events.count - batch->events.head) +
           (batch->removed.count - batch->removed.head);
}

static void free_batch(struct batch *batch)
{
    free(batch->devices);
    free(batch->rollouts);
    free(batch->events.items);
    free(batch->removed.items);
}

/* --- putting back ------------------------------------------------------------------------------- */

/* Puts what was TAKEN before what has come since. */
static void put_back(struct fleet_list *list, struct fleet_list *taken, size_t size)
{
    const char *items = list->items;
    for (size_t i = list->head; i < list->count; i++)
        if (!fleet_list_add(taken, items + i * size, size))
            return;
    free(list->items);
    *list = *taken;
    *taken = (struct fleet_list){0};
}

/* They come first again: all tickets that are not durable yet may wait for them. */
static void put_back_devices(struct otter_fleet *fleet, const struct batch *batch)
{
    struct fleet_list taken = {0};
    for (size_t i = 0; i < batch->device_count; i++) {
        struct fleet_change change = {.mac = batch->devices[i].mac, .ticket = fleet->durable + 1};
        uint32_t number = otter_device_table_find(&fleet->devices, change.mac);
        if (number != OTTER_DEVICE_NONE && fleet_list_add(&taken, &change, sizeof(change)))
            otter_device_table_row(&fleet->devices, number)->unsaved = OTTER_UNSAVED_QUEUED;
    }
    put_back(&fleet->changed, &taken, sizeof(struct fleet_change));
    free(taken.items);
}

static void put_all_back(struct otter_fleet *fleet, struct batch *batch)
{
    put_back(&fleet->events, &batch->events, sizeof(struct otter_event));
    put_back(&fleet->removed, &batch->removed, sizeof(struct fleet_change));
    put_back_devices(fleet, batch);
    for (size_t i = 0; i < batch->rollout_count; i++)
        (void)fleet_rollout_changed(fleet, batch->rollouts[i].id);
}

/* --- writing ------------------------------------------------------------------------------------ */

static int remove_devices(const struct batch *batch, struct otter_store *store)
{
    const struct fleet_change *changes = batch->removed.items;
    int status = OTTER_STORE_OK;
    for (size_t i = batch->removed.head; i < batch->removed.count && status == OTTER_STORE_OK; i++) {
        status = store->backend->remove(store, OTTER_TABLE_DEVICE, (int64_t)changes[i].mac);
        if (status == OTTER_STORE_ABSENT)
            status = OTTER_STORE_OK;
    }
    return status;
}

static int put_events(const struct batch *batch, struct otter_store *store)
{
    struct otter_event *events = batch->events.items;
    int status = OTTER_STORE_OK;
    for (size_t i = batch->events.head; i < batch->events.count && status == OTTER_STORE_OK; i++) {
        events[i].id = 0;
        status = otter_store_put(store, &events[i]);
    }
    return status;
}

static int put_rest(const struct batch *batch, struct otter_store *store)
{
    int status = OTTER_STORE_OK;
    for (size_t i = 0; i < batch->rollout_count && status == OTTER_STORE_OK; i++)
        status = otter_store_put(store, &batch->rollouts[i]);
    for (size_t i = 0; i < batch->device_count && status == OTTER_STORE_OK; i++)
        status = otter_store_put(store, &batch->devices[i]);
    return status;
}

static int write_batch(const struct batch *batch, struct otter_store *store)
{
    int status = store->backend->begin(store);
    if (status != OTTER_STORE_OK)
        return status;
    status = remove_devices(batch, store);
    if (status == OTTER_STORE_OK)
        status = put_events(batch, store);
    if (status == OTTER_STORE_OK)
        status = put_rest(batch, store);
    if (status == OTTER_STORE_OK)
        return store->backend->commit(store);
    store->backend->rollback(store);
    return status;
}

/* --- flush -------------------------------------------------------------------------------------- */

static void settle(struct otter_fleet *fleet, struct batch *batch, int status)
{
    if (status == OTTER_STORE_OK) {
        if (batch->ticket > fleet->durable)
            fleet->durable = batch->ticket;
    } else {
        put_all_back(fleet, batch);
        fleet->failures++;
        fleet->failure = status;
    }
    pthread_cond_broadcast(&fleet->written);
}

static int flush_once(struct otter_fleet *fleet, struct otter_store *store, int64_t now, bool all,
                      struct otter_reason *reason)
{
    struct batch batch;
    int status = OTTER_STORE_OK;
    pthread_mutex_lock(&fleet->lock);
    bool taken = take(fleet, &batch, now, all);
    pthread_mutex_unlock(&fleet->lock);
    int size = (int)batch_size(&batch);
    if (!taken) {
        status = OTTER_STORE_FAILED;
        otter_reason_set(reason, "out of memory");
    } else if (size > 0) {
        status = write_batch(&batch, store);
        if (status != OTTER_STORE_OK)
            otter_reason_set(reason, "%s", store->reason.text);
    }
    pthread_mutex_lock(&fleet->lock);
    settle(fleet, &batch, status);
    pthread_mutex_unlock(&fleet->lock);
    free_batch(&batch);
    return status == OTTER_STORE_OK ? size : status;
}

int otter_fleet_flush(struct otter_fleet *fleet, struct otter_store *store, int64_t now, bool all,
                      struct otter_reason *reason)
{
    int written = 0, once;
    pthread_mutex_lock(&fleet->writing);
    do {
        once = flush_once(fleet, store, now, all, reason);
        written = once < 0 ? once : written + once;
    } while (all && once > 0);
    pthread_mutex_unlock(&fleet->writing);
    return written;
}

/* --- waiting ------------------------------------------------------------------------------------ */

static struct timespec time_in(uint32_t ms)
{
    struct timespec then;
    clock_gettime(CLOCK_MONOTONIC, &then);
    then.tv_sec += ms / 1000;
    then.tv_nsec += (long)(ms % 1000) * 1000000;
    if (then.tv_nsec >= 1000000000) {
        then.tv_sec++;
        then.tv_nsec -= 1000000000;
    }
    return then;
}

void otter_fleet_idle(struct otter_fleet *fleet, uint32_t ms)
{
    struct timespec then = time_in(ms);
    int outcome = 0;
    pthread_mutex_lock(&fleet->lock);
    while (fleet->asked == fleet->durable && outcome != ETIMEDOUT)
        outcome = pthread_cond_timedwait(&fleet->asked_more, &fleet->lock, &then);
    pthread_mutex_unlock(&fleet->lock);
}

uint64_t otter_fleet_durable(struct otter_fleet *fleet)
{
    pthread_mutex_lock(&fleet->lock);
    uint64_t durable = fleet->durable;
    pthread_mutex_unlock(&fleet->lock);
    return durable;
}

int otter_fleet_wait(struct otter_fleet *fleet, uint64_t ticket, uint32_t ms)
{
    struct timespec then = time_in(ms);
    int outcome = 0;
    pthread_mutex_lock(&fleet->lock);
    uint64_t failures = fleet->failures;
    while (fleet->durable < ticket && fleet->failures == failures && outcome != ETIMEDOUT)
        outcome = pthread_cond_timedwait(&fleet->written, &fleet->lock, &then);
    int status = OTTER_STORE_OK;
    if (fleet->durable < ticket)
        status = fleet->failures != failures ? fleet->failure : OTTER_STORE_BUSY;
    pthread_mutex_unlock(&fleet->lock);
    return status;
}

/* --- reload ------------------------------------------------------------------------------------- */

/* Rollouts in memory are ahead of the store's, where they are never removed. */
static bool keep_rollouts(struct otter_catalog *fresh, const struct otter_catalog *old)
{
    const struct otter_catalog_list *list = &old->lists[OTTER_TABLE_ROLLOUT];
    const struct otter_rollout *rollouts = list->records;
    for (size_t i = 0; i < list->count; i++) {
        struct otter_rollout *loaded = otter_catalog_rollout(fresh, rollouts[i].id);
        if (loaded != NULL)
            *loaded = rollouts[i];
        else if (!otter_catalog_put_rollout(fresh, &rollouts[i]))
            return false;
    }
    return otter_catalog_order(fresh);
}

static bool forget(uint32_t *reference, const void *target)
{
    bool gone = *reference != 0 && target == NULL;
    if (gone)
        *reference = 0;
    return gone;
}

/* A device may have been seen with a release just before that was deleted. */
static void forget_what_is_gone(struct otter_fleet *fleet)
{
    const struct otter_catalog *catalog = &fleet->catalog;
    for (uint32_t i = 0; i < fleet->devices.count; i++) {
        struct otter_device_row *row = otter_device_table_row(&fleet->devices, i);
        bool gone = forget(&row->product, otter_catalog_product(catalog, row->product));
        gone |= forget(&row->channel, otter_catalog_channel(catalog, row->channel));
        gone |= forget(&row->pin, otter_catalog_release(catalog, row->pin));
        gone |= forget(&row->running, otter_catalog_release(catalog, row->running));
        gone |= forget(&row->filesystem, otter_catalog_release(catalog, row->filesystem));
        gone |= forget(&row->attempt_release, otter_catalog_release(catalog, row->attempt_release));
        gone |= forget(&row->attempt_rollout, otter_catalog_rollout(catalog, row->attempt_rollout));
        if (gone)
            (void)fleet_queue(fleet, row, fleet->asked + 1);
    }
}

int otter_fleet_reload(struct otter_fleet *fleet, struct otter_store *store, struct otter_reason *reason)
{
    struct otter_catalog fresh = {0};
    pthread_mutex_lock(&fleet->writing);
    int status = otter_catalog_load(&fresh, store, reason);
    pthread_mutex_lock(&fleet->lock);
    if (status == OTTER_STORE_OK && !keep_rollouts(&fresh, &fleet->catalog)) {
        otter_reason_set(reason, "out of memory");
        status = OTTER_STORE_FAILED;
    }
    if (status == OTTER_STORE_OK) {
        otter_catalog_free(&fleet->catalog);
        fleet->catalog = fresh;
        fresh = (struct otter_catalog){0};
        forget_what_is_gone(fleet);
    }
    pthread_mutex_unlock(&fleet->lock);
    otter_catalog_free(&fresh);
    pthread_mutex_unlock(&fleet->writing);
    return status;
}
