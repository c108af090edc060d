/* The fleet's life, and what devices ask of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "server/core/fleet_state.h"

/* --- lists -------------------------------------------------------------------------------------- */

bool fleet_list_add(struct fleet_list *list, const void *item, size_t size)
{
    char *items = list->items;
    if (list->count == list->capacity && list->head > list->capacity / 2) {
        memmove(items, items + list->head * size, (list->count - list->head) * size);
        list->count -= list->head;
        list->head = 0;
    }
    if (list->count == list->capacity) {
        size_t capacity = list->capacity * 2 + 64;
        items = realloc(list->items, capacity * size);
        if (items == NULL)
            return false;
        list->items = items;
        list->capacity = capacity;
    }
    memcpy(items + list->count++ * size, item, size);
    return true;
}

bool fleet_list_is_empty(const struct fleet_list *list)
{
    return list->head == list->count;
}

void fleet_list_clear(struct fleet_list *list)
{
    list->head = 0;
    list->count = 0;
}

/* --- its life ----------------------------------------------------------------------------------- */

static bool load_device(void *context, const void *record)
{
    struct otter_fleet *fleet = context;
    return otter_device_table_put(&fleet->devices, record) != OTTER_DEVICE_NONE;
}

static int load(struct otter_fleet *fleet, struct otter_store *store, struct otter_reason *reason)
{
    struct otter_store_page all = {.limit = 0};
    int status = otter_catalog_load(&fleet->catalog, store, reason);
    if (status != OTTER_STORE_OK)
        return status;
    int shown = store->backend->list(store, OTTER_TABLE_DEVICE, &all, load_device, fleet);
    if (shown < 0) {
        otter_reason_set(reason, "%s", store->reason.text);
        return shown;
    }
    if ((uint32_t)shown == fleet->devices.count)
        return OTTER_STORE_OK;
    otter_reason_set(reason, "out of memory for the devices");
    return OTTER_STORE_FAILED;
}

static void make_locks(struct otter_fleet *fleet)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&fleet->lock, NULL);
    pthread_mutex_init(&fleet->writing, NULL);
    pthread_cond_init(&fleet->asked_more, &monotonic);
    pthread_cond_init(&fleet->written, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

int otter_fleet_open(struct otter_fleet **out, struct otter_store *store, struct otter_reason *reason)
{
    struct otter_fleet *fleet = calloc(1, sizeof(*fleet));
    if (fleet == NULL) {
        otter_reason_set(reason, "out of memory");
        return OTTER_STORE_FAILED;
    }
    make_locks(fleet);
    int status = load(fleet, store, reason);
    if (status == OTTER_STORE_OK)
        *out = fleet;
    else
        otter_fleet_close(fleet);
    return status;
}

void otter_fleet_close(struct otter_fleet *fleet)
{
    if (fleet == NULL)
        return;
    otter_catalog_free(&fleet->catalog);
    otter_device_table_free(&fleet->devices);
    free(fleet->changed.items);
    free(fleet->removed.items);
    free(fleet->events.items);
    free(fleet->rollouts.items);
    pthread_mutex_destroy(&fleet->lock);
    pthread_mutex_destroy(&fleet->writing);
    pthread_cond_destroy(&fleet->asked_more);
    pthread_cond_destroy(&fleet->written);
    free(fleet);
}

/* --- a decision --------------------------------------------------------------------------------- */

void fleet_situation(const struct otter_fleet *fleet, const struct otter_fleet_request *request, int64_t now,
                     struct otter_situation *situation, struct otter_device *device)
{
    const struct otter_catalog *catalog = &fleet->catalog;
    const struct otter_route *route =
        request->path != NULL ? otter_catalog_route(catalog, request->path) : NULL;
    const struct otter_product *product =
        route != NULL ? otter_catalog_product(catalog, route->product) : otter_catalog_only_product(catalog);
    uint32_t row = otter_device_table_find(&fleet->devices, request->mac);
    *situation = (struct otter_situation){.mac = request->mac, .report = &request->report, .now = now};
    if (row != OTTER_DEVICE_NONE) {
        otter_device_table_get(&fleet->devices, row, device);
        situation->device = device;
        product = otter_catalog_product(catalog, device->product);
        situation->pin = otter_catalog_release(catalog, device->pin);
        situation->attempt =
            otter_catalog_release(catalog, device->attempts[otter_request_kind(&request->report)].release);
    }
    if (route != NULL) {
        situation->path_product = route->product;
        situation->path_channel = route->channel;
    }
    if (product == NULL)
        return;
    struct otter_catalog_plans plans = otter_catalog_plans(catalog, product->id);
    situation->product = product;
    situation->running = otter_catalog_running(catalog, product->id, &request->report);
    situation->plans = plans.plans;
    situation->plan_count = plans.count;
}

/* The version that is to be had: what it could not have is not promised. */
static const char *version_of(const struct otter_situation *situation, const struct otter_decision *decision)
{
    if (decision->row == OTTER_DECISION_SEND || decision->row == OTTER_DECISION_UP_TO_DATE ||
        decision->row == OTTER_DECISION_KEPT)
        return decision->release->version;
    if (situation->running != NULL)
        return situation->running->version;
    return situation->report->version[0] != '\0' ? situation->report->version : "unknown";
}

static void describe_image(struct otter_answer *answer, const struct otter_release *release, bool gzip)
{
    answer->gzip = gzip || release->compressed;
    answer->size = gzip ? release->gzip_size : release->size;
    memcpy(answer->sha256, gzip ? release->gzip_sha256 : release->sha256, sizeof(answer->sha256));
    memcpy(answer->md5, gzip ? release->gzip_md5 : release->md5, sizeof(answer->md5));
}

void fleet_answer(const struct otter_situation *situation, const struct otter_decision *decision,
                  struct otter_answer *answer)
{
    memset(answer, 0, sizeof(*answer));
    answer->row = decision->row;
    answer->kind = otter_decision_kind(decision->row);
    answer->status = otter_decision_status(decision->row);
    answer->release = decision->release != NULL ? decision->release->id : 0;
    answer->rollout = decision->rollout != NULL ? decision->rollout->id : 0;
    if (answer->kind != OTTER_ANSWER_REFUSED)
        snprintf(answer->version, sizeof(answer->version), "%s", version_of(situation, decision));
    if (answer->kind == OTTER_ANSWER_IMAGE && decision->release != NULL)
        describe_image(answer, decision->release, decision->gzip);
}

/* --- what follows ------------------------------------------------------------------------------- */

uint64_t fleet_rollout_changed(struct otter_fleet *fleet, int64_t id)
{
    const int64_t *ids = fleet->rollouts.items;
    size_t at = fleet->rollouts.head;
    while (at < fleet->rollouts.count && ids[at] != id)
        at++;
    if (at == fleet->rollouts.count && !fleet_list_add(&fleet->rollouts, &id, sizeof(id)))
        return 0;
    fleet->asked++;
    pthread_cond_signal(&fleet->asked_more);
    return fleet->asked;
}

static void add_to(uint32_t *count, int difference)
{
    if (difference < 0 && *count < (uint32_t)-difference)
        *count = 0;
    else
        *count += (uint32_t)difference;
}

static void apply_tally(struct otter_fleet *fleet, const struct otter_tally *tally, int64_t now)
{
    struct otter_rollout *rollout = otter_catalog_rollout(&fleet->catalog, tally->rollout);
    if (rollout == NULL)
        return;
    add_to(&rollout->offered, tally->offered);
    add_to(&rollout->succeeded, tally->succeeded);
    add_to(&rollout->failed, tally->failed);
    if (tally->succeeded > 0 || tally->failed > 0)
        rollout->wave_outcomes++;
    (void)otter_rollout_judge(rollout, now);
    /* Without memory its counts are written with the next change; the device's own record is not lost. */
    (void)fleet_rollout_changed(fleet, rollout->id);
}

static bool has_room(const struct otter_fleet *fleet, const struct otter_check_in *check_in)
{
    size_t waiting = fleet->events.count - fleet->events.head;
    return check_in->event_count == 0 || waiting + check_in->event_count <= OTTER_FLEET_EVENTS_MAX;
}

bool fleet_queue(struct otter_fleet *fleet, struct otter_device_row *row, uint64_t ticket)
{
    struct fleet_change change = {.mac = row->mac, .ticket = ticket};
    if ((row->unsaved & OTTER_UNSAVED_QUEUED) != 0)
        return true;
    if (!fleet_list_add(&fleet->changed, &change, sizeof(change)))
        return false;
    row->unsaved = OTTER_UNSAVED_QUEUED;
    return true;
}

/* Puts the device into its row: 1 if more than its last sight has changed, 0 if not, -1 when out of memory.
 */
static int put_device(struct otter_fleet *fleet, const struct otter_device *device,
                      struct otter_device_row **row)
{
    struct otter_device_row before = {0};
    uint32_t number = otter_device_table_find(&fleet->devices, device->mac);
    if (number != OTTER_DEVICE_NONE)
        memcpy(&before, otter_device_table_row(&fleet->devices, number), sizeof(before));
    number = otter_device_table_put(&fleet->devices, device);
    if (number == OTTER_DEVICE_NONE)
        return -1;
    *row = otter_device_table_row(&fleet->devices, number);
    before.seen = (*row)->seen;
    return memcmp(&before, *row, sizeof(before)) != 0;
}

int fleet_apply(struct otter_fleet *fleet, const struct otter_check_in *check_in, int64_t now,
                uint64_t *ticket)
{
    struct otter_device_row *row;
    if (ticket != NULL)
        *ticket = 0;
    if (!has_room(fleet, check_in))
        return OTTER_STORE_BUSY;
    int changed = put_device(fleet, &check_in->device, &row);
    if (changed < 0)
        return OTTER_STORE_FAILED;
    if (changed == 0 && check_in->event_count == 0) {
        row->unsaved |= OTTER_UNSAVED_SEEN;
        return OTTER_STORE_OK;
    }
    /* Nobody waits for a change without an event: it goes with the next ticket. */
    uint64_t next = fleet->asked + 1;
    if (check_in->event_count > 0)
        fleet->asked = next;
    bool queued = fleet_queue(fleet, row, next);
    for (size_t i = 0; i < check_in->event_count; i++)
        queued = fleet_list_add(&fleet->events, &check_in->events[i], sizeof(check_in->events[i])) && queued;
    for (size_t i = 0; i < check_in->tally_count; i++)
        apply_tally(fleet, &check_in->tallies[i], now);
    if (check_in->event_count > 0)
        pthread_cond_signal(&fleet->asked_more);
    if (ticket != NULL && check_in->event_count > 0)
        *ticket = fleet->asked;
    return queued ? OTTER_STORE_OK : OTTER_STORE_FAILED;
}

/* --- what devices ask --------------------------------------------------------------------------- */

int otter_fleet_check_in(struct otter_fleet *fleet, const struct otter_fleet_request *request, int64_t now,
                         struct otter_answer *answer)
{
    struct otter_situation situation;
    struct otter_device device;
    struct otter_check_in check_in;
    uint64_t ticket = 0;
    int status = OTTER_STORE_OK;
    pthread_mutex_lock(&fleet->lock);
    fleet_situation(fleet, request, now, &situation, &device);
    otter_check_in(&check_in, &situation);
    fleet_answer(&situation, &check_in.decision, answer);
    if (check_in.known)
        status = fleet_apply(fleet, &check_in, now, &ticket);
    answer->ticket = ticket;
    pthread_mutex_unlock(&fleet->lock);
    return status;
}

/* The decision of a check-in whose changes are thrown away. */
static void try_locked(struct otter_fleet *fleet, const struct otter_fleet_request *request, int64_t now,
                       struct otter_answer *answer, char *text, size_t size)
{
    struct otter_situation situation;
    struct otter_device device;
    struct otter_check_in check_in;
    fleet_situation(fleet, request, now, &situation, &device);
    otter_check_in(&check_in, &situation);
    fleet_answer(&situation, &check_in.decision, answer);
    if (check_in.known)
        situation.device = &check_in.device;
    otter_decision_explain(text, size, &situation, &check_in.decision);
}

void otter_fleet_try(struct otter_fleet *fleet, const struct otter_fleet_request *request, int64_t now,
                     struct otter_answer *answer, char *text, size_t size)
{
    pthread_mutex_lock(&fleet->lock);
    try_locked(fleet, request, now, answer, text, size);
    pthread_mutex_unlock(&fleet->lock);
}

int otter_fleet_try_device(struct otter_fleet *fleet, uint64_t mac, int64_t now, struct otter_answer *answer,
                           char *text, size_t size)
{
    struct otter_fleet_request request = {.mac = mac};
    struct otter_device device;
    pthread_mutex_lock(&fleet->lock);
    uint32_t row = otter_device_table_find(&fleet->devices, mac);
    if (row != OTTER_DEVICE_NONE) {
        otter_device_table_get(&fleet->devices, row, &device);
        request.report = device.last;
        try_locked(fleet, &request, now, answer, text, size);
    }
    pthread_mutex_unlock(&fleet->lock);
    return row != OTTER_DEVICE_NONE ? OTTER_STORE_OK : OTTER_STORE_ABSENT;
}

int otter_fleet_delivered(struct otter_fleet *fleet, uint64_t mac, int64_t release, int64_t now)
{
    struct otter_check_in check_in;
    int status = OTTER_STORE_ABSENT;
    pthread_mutex_lock(&fleet->lock);
    uint32_t row = otter_device_table_find(&fleet->devices, mac);
    const struct otter_release *sent = otter_catalog_release(&fleet->catalog, release);
    if (row != OTTER_DEVICE_NONE && sent != NULL) {
        struct otter_device device;
        otter_device_table_get(&fleet->devices, row, &device);
        otter_check_in_delivered(&check_in, &device, sent->kind, release, now);
        status = fleet_apply(fleet, &check_in, now, NULL);
    }
    pthread_mutex_unlock(&fleet->lock);
    return status;
}

int otter_fleet_result(struct otter_fleet *fleet, uint64_t mac, enum otter_release_kind kind,
                       enum otter_result result, const char *detail, int64_t now, uint64_t *ticket)
{
    struct otter_check_in check_in;
    int status = OTTER_STORE_ABSENT;
    *ticket = 0;
    pthread_mutex_lock(&fleet->lock);
    uint32_t row = otter_device_table_find(&fleet->devices, mac);
    if (row != OTTER_DEVICE_NONE) {
        struct otter_device device;
        otter_device_table_get(&fleet->devices, row, &device);
        uint32_t attempts_max = otter_attempts_max(otter_catalog_product(&fleet->catalog, device.product));
        otter_check_in_result(&check_in, &device, kind, attempts_max, result, detail, now);
        status = fleet_apply(fleet, &check_in, now, ticket);
    }
    pthread_mutex_unlock(&fleet->lock);
    return status;
}
