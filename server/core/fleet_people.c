/* What people ask of the fleet. */
#include <stdio.h>
#include <string.h>

#include "server/core/fleet_state.h"

#define DAY_MS 86400000
#define SLICE  32768u /* rows that are looked at in one go */

/* --- devices ------------------------------------------------------------------------------------ */

int otter_fleet_device(struct otter_fleet *fleet, uint64_t mac, struct otter_device *device)
{
    pthread_mutex_lock(&fleet->lock);
    uint32_t row = otter_device_table_find(&fleet->devices, mac);
    if (row != OTTER_DEVICE_NONE)
        otter_device_table_get(&fleet->devices, row, device);
    pthread_mutex_unlock(&fleet->lock);
    return row != OTTER_DEVICE_NONE ? OTTER_STORE_OK : OTTER_STORE_ABSENT;
}

/* Product, channel and pin exist and belong together. */
static bool references_are_sound(const struct otter_catalog *catalog, const struct otter_device *device)
{
    const struct otter_channel *channel = otter_catalog_channel(catalog, device->channel);
    const struct otter_release *pin = otter_catalog_release(catalog, device->pin);
    return otter_catalog_product(catalog, device->product) != NULL &&
           (device->channel == 0 || (channel != NULL && channel->product == device->product)) &&
           (device->pin == 0 || (pin != NULL && pin->product == device->product));
}

/* The device of MAC as it is, or a new one. */
static void get_or_enrol(const struct otter_fleet *fleet, uint64_t mac, int64_t now,
                         struct otter_device *device)
{
    uint32_t row = otter_device_table_find(&fleet->devices, mac);
    if (row != OTTER_DEVICE_NONE) {
        otter_device_table_get(&fleet->devices, row, device);
        return;
    }
    memset(device, 0, sizeof(*device));
    device->mac = mac;
    device->enrolled = now;
}

static void take_edit(struct otter_device *device, const struct otter_device *changed)
{
    if (device->product != changed->product)
        memset(device->attempts, 0, sizeof(device->attempts));
    memcpy(device->name, changed->name, sizeof(device->name));
    memcpy(device->tags, changed->tags, sizeof(device->tags));
    device->product = changed->product;
    device->channel = changed->channel;
    device->pin = changed->pin;
    device->enrolment = changed->enrolment;
}

static int edit_locked(struct otter_fleet *fleet, const struct otter_device *changed, bool retry,
                       const char *detail, int64_t now, uint64_t *ticket)
{
    struct otter_device device;
    struct otter_check_in check_in;
    if (changed->mac == 0 || !references_are_sound(&fleet->catalog, changed))
        return OTTER_STORE_IN_USE;
    get_or_enrol(fleet, changed->mac, now, &device);
    take_edit(&device, changed);
    if (retry) {
        otter_check_in_retry(&check_in, &device);
    } else {
        check_in.device = device;
        check_in.tally_count = 0;
    }
    check_in.event_count = 1;
    check_in.events[0] = (struct otter_event){.at = now, .mac = changed->mac, .kind = OTTER_EVENT_EDITED};
    snprintf(check_in.events[0].detail, sizeof(check_in.events[0].detail), "%s", detail);
    return fleet_apply(fleet, &check_in, now, ticket);
}

int otter_fleet_device_edit(struct otter_fleet *fleet, const struct otter_device *changed, bool retry,
                            const char *detail, int64_t now, uint64_t *ticket)
{
    pthread_mutex_lock(&fleet->lock);
    int status = edit_locked(fleet, changed, retry, detail, now, ticket);
    pthread_mutex_unlock(&fleet->lock);
    return status;
}

int otter_fleet_device_remove(struct otter_fleet *fleet, uint64_t mac, uint64_t *ticket)
{
    int status = OTTER_STORE_ABSENT;
    pthread_mutex_lock(&fleet->lock);
    uint32_t row = otter_device_table_find(&fleet->devices, mac);
    if (row != OTTER_DEVICE_NONE) {
        struct fleet_change change = {.mac = mac, .ticket = ++fleet->asked};
        bool queued = fleet_list_add(&fleet->removed, &change, sizeof(change));
        if (queued)
            otter_device_table_remove(&fleet->devices, row);
        *ticket = change.ticket;
        status = queued ? OTTER_STORE_OK : OTTER_STORE_FAILED;
        pthread_cond_signal(&fleet->asked_more);
    }
    pthread_mutex_unlock(&fleet->lock);
    return status;
}

/* --- rollouts ----------------------------------------------------------------------------------- */

int otter_fleet_rollout(struct otter_fleet *fleet, int64_t id, struct otter_rollout *rollout)
{
    pthread_mutex_lock(&fleet->lock);
    const struct otter_rollout *found = otter_catalog_rollout(&fleet->catalog, id);
    if (found != NULL)
        *rollout = *found;
    pthread_mutex_unlock(&fleet->lock);
    return found != NULL ? OTTER_STORE_OK : OTTER_STORE_ABSENT;
}

static int draft_locked(struct otter_fleet *fleet, const struct otter_rollout *rollout, uint64_t *ticket,
                        struct otter_reason *reason)
{
    const struct otter_rollout *before = otter_catalog_rollout(&fleet->catalog, rollout->id);
    const struct otter_channel *channel = otter_catalog_channel(&fleet->catalog, rollout->channel);
    if (rollout->state != OTTER_ROLLOUT_DRAFT || (before != NULL && before->state != OTTER_ROLLOUT_DRAFT)) {
        otter_reason_set(reason, "rollout %lld was started: it can't be changed any more",
                         (long long)rollout->id);
        return OTTER_STORE_ARGUMENT;
    }
    if (rollout->channel != 0 && (channel == NULL || channel->product != rollout->product)) {
        otter_reason_set(reason, "its product has no such channel");
        return OTTER_STORE_ARGUMENT;
    }
    if (!otter_rollout_is_sound(rollout, otter_catalog_release(&fleet->catalog, rollout->release), reason))
        return OTTER_STORE_ARGUMENT;
    if (!otter_catalog_put_rollout(&fleet->catalog, rollout) ||
        (*ticket = fleet_rollout_changed(fleet, rollout->id)) == 0) {
        otter_reason_set(reason, "out of memory");
        return OTTER_STORE_FAILED;
    }
    return OTTER_STORE_OK;
}

int otter_fleet_rollout_draft(struct otter_fleet *fleet, const struct otter_rollout *rollout,
                              uint64_t *ticket, struct otter_reason *reason)
{
    pthread_mutex_lock(&fleet->lock);
    int status = draft_locked(fleet, rollout, ticket, reason);
    pthread_mutex_unlock(&fleet->lock);
    return status;
}

static int order_locked(struct otter_fleet *fleet, int64_t id, enum otter_rollout_order order,
                        const char *comment, int64_t now, uint64_t *ticket, struct otter_reason *reason)
{
    struct otter_rollout *found = otter_catalog_rollout(&fleet->catalog, id);
    if (found == NULL) {
        otter_reason_set(reason, "there is no rollout %lld", (long long)id);
        return OTTER_STORE_ABSENT;
    }
    if (order == OTTER_ROLLOUT_START &&
        !otter_rollout_is_sound(found, otter_catalog_release(&fleet->catalog, found->release), reason))
        return OTTER_STORE_ARGUMENT;
    if (!otter_rollout_order(found, order, comment, now, reason))
        return OTTER_STORE_ARGUMENT;
    if (!otter_catalog_order(&fleet->catalog) || (*ticket = fleet_rollout_changed(fleet, id)) == 0) {
        otter_reason_set(reason, "out of memory");
        return OTTER_STORE_FAILED;
    }
    return OTTER_STORE_OK;
}

int otter_fleet_rollout_order(struct otter_fleet *fleet, int64_t id, enum otter_rollout_order order,
                              const char *comment, int64_t now, uint64_t *ticket, struct otter_reason *reason)
{
    pthread_mutex_lock(&fleet->lock);
    int status = order_locked(fleet, id, order, comment, now, ticket, reason);
    pthread_mutex_unlock(&fleet->lock);
    return status;
}

/* --- how far they are --------------------------------------------------------------------------- */

static bool is_over(uint32_t release, uint32_t state, int64_t wanted)
{
    return release == (uint32_t)wanted &&
           (state == OTTER_ATTEMPT_BLOCKED || state == OTTER_ATTEMPT_SUCCEEDED);
}

static bool is_settled(const struct otter_device_table *devices, const struct otter_device_row *row,
                       const struct otter_plan *plan)
{
    int64_t id = plan->release->id;
    struct otter_attempt attempt = {0};
    size_t size;
    if (plan->release->kind == OTTER_RELEASE_SKETCH)
        return row->running == (uint32_t)id || is_over(row->attempt_release, row->attempt_state, id);
    const void *bytes = otter_pool_bytes(&devices->pool, row->filesystem_attempt, &size);
    memcpy(&attempt, bytes, size);
    return row->filesystem == (uint32_t)id || is_over((uint32_t)attempt.release, attempt.state, id);
}

static void look_at(const struct otter_device_table *devices, const struct otter_device_row *row,
                    const struct otter_plan *plan, struct otter_rollout_progress *progress)
{
    const struct otter_rollout *rollout = plan->rollout;
    char tags[OTTER_TAGS_SIZE] = "";
    if (row->product != (uint32_t)rollout->product || row->enrolment != OTTER_ENROLMENT_APPROVED)
        return;
    if (rollout->query[0] != '\0') {
        size_t size;
        const void *bytes = otter_pool_bytes(&devices->pool, row->tags, &size);
        memcpy(tags, bytes, size);
    }
    if (!otter_rollout_concerns(rollout, row->channel, tags))
        return;
    progress->devices++;
    if (rollout->state != OTTER_ROLLOUT_DONE &&
        otter_rollout_place(rollout->id, row->mac) >= rollout->waves[rollout->wave])
        return;
    progress->targets++;
    progress->settled += is_settled(devices, row, plan);
}

/* One slice of rows from *ROW on, which is moved on: false after the last. ABSENT if there is no such rollout
 * any more. */
static bool look_at_slice(struct otter_fleet *fleet, int64_t id, uint32_t *row,
                          struct otter_rollout_progress *progress, int *status)
{
    const struct otter_device_table *devices = &fleet->devices;
    struct otter_plan plan = {.rollout = otter_catalog_rollout(&fleet->catalog, id)};
    if (plan.rollout != NULL)
        plan.release = otter_catalog_release(&fleet->catalog, plan.rollout->release);
    if (plan.release == NULL) {
        *status = OTTER_STORE_ABSENT;
        return false;
    }
    for (uint32_t i = 0; i < SLICE && *row < devices->count; i++, ++*row)
        look_at(devices, otter_device_table_row(devices, *row), &plan, progress);
    return *row < devices->count;
}

int otter_fleet_rollout_progress(struct otter_fleet *fleet, int64_t id,
                                 struct otter_rollout_progress *progress)
{
    int status = OTTER_STORE_OK;
    uint32_t row = 0;
    bool more = true;
    *progress = (struct otter_rollout_progress){0};
    while (more) {
        pthread_mutex_lock(&fleet->lock);
        more = look_at_slice(fleet, id, &row, progress, &status);
        pthread_mutex_unlock(&fleet->lock);
    }
    return status;
}

/* --- by themselves ------------------------------------------------------------------------------ */

static bool may_go_on(const struct otter_rollout *rollout, int64_t now)
{
    bool last = rollout->wave + 1 == OTTER_WAVES_MAX || rollout->waves[rollout->wave + 1] == 0;
    return rollout->state == OTTER_ROLLOUT_RUNNING &&
           (last || (rollout->soak > 0 && now - rollout->wave_since >= rollout->soak));
}

/* The id of the first rollout behind AFTER that may go on; 0: none. */
static int64_t next_to_go_on(struct otter_fleet *fleet, int64_t after, int64_t now)
{
    int64_t id = 0;
    pthread_mutex_lock(&fleet->lock);
    const struct otter_catalog_list *list = &fleet->catalog.lists[OTTER_TABLE_ROLLOUT];
    const struct otter_rollout *rollouts = list->records;
    for (size_t i = 0; i < list->count && id == 0; i++)
        if (rollouts[i].id > after && may_go_on(&rollouts[i], now))
            id = rollouts[i].id;
    pthread_mutex_unlock(&fleet->lock);
    return id;
}

void otter_fleet_tick(struct otter_fleet *fleet, int64_t now)
{
    struct otter_rollout_progress progress;
    for (int64_t id = 0; (id = next_to_go_on(fleet, id, now)) != 0;) {
        if (otter_fleet_rollout_progress(fleet, id, &progress) != OTTER_STORE_OK)
            continue;
        pthread_mutex_lock(&fleet->lock);
        struct otter_rollout *rollout = otter_catalog_rollout(&fleet->catalog, id);
        if (rollout != NULL && otter_rollout_tick(rollout, &progress, now))
            (void)fleet_rollout_changed(fleet, id);
        pthread_mutex_unlock(&fleet->lock);
    }
}

void otter_fleet_figures(struct otter_fleet *fleet, int64_t now, struct otter_fleet_figures *figures)
{
    const struct otter_device_table *devices = &fleet->devices;
    *figures = (struct otter_fleet_figures){0};
    pthread_mutex_lock(&fleet->lock);
    figures->devices = devices->count;
    for (uint32_t i = 0; i < devices->count; i++) {
        const struct otter_device_row *row = otter_device_table_row(devices, i);
        figures->pending += row->enrolment == OTTER_ENROLMENT_PENDING;
        figures->blocked += row->attempt_state == OTTER_ATTEMPT_BLOCKED;
        figures->seen += now - row->seen < DAY_MS;
    }
    figures->bytes =
        sizeof(*fleet) + devices->bytes + devices->pool.bytes + otter_catalog_bytes(&fleet->catalog);
    figures->waiting = (uint32_t)(fleet->changed.count - fleet->changed.head + fleet->events.count -
                                  fleet->events.head + fleet->rollouts.count - fleet->rollouts.head);
    pthread_mutex_unlock(&fleet->lock);
}
