#include "server/core/check_in.h"

#include <stdio.h>
#include <string.h>

#define ATTEMPTS_MAX 3
#define OFFERS_MAX   4 /* so many offers for each attempt: downloads may be cut, but not for ever */

uint32_t otter_attempts_max(const struct otter_product *product)
{
    return product != NULL && product->attempts_max > 0 ? product->attempts_max : ATTEMPTS_MAX;
}

static void begin(struct otter_check_in *check_in, const struct otter_device *device)
{
    check_in->known = true;
    check_in->device = *device;
    check_in->event_count = 0;
    check_in->tally_count = 0;
}

static void add_event(struct otter_check_in *check_in, enum otter_event_kind kind, int64_t at,
                      const struct otter_attempt *attempt, const char *detail)
{
    struct otter_event *event = &check_in->events[check_in->event_count++];
    memset(event, 0, sizeof(*event));
    event->at = at;
    event->mac = check_in->device.mac;
    event->kind = kind;
    if (attempt != NULL) {
        event->release = attempt->release;
        event->rollout = attempt->rollout;
    }
    snprintf(event->detail, sizeof(event->detail), "%s", detail);
}

static void add_tally(struct otter_check_in *check_in, const struct otter_attempt *attempt, int offered,
                      int succeeded, int failed)
{
    if (attempt->rollout != 0)
        check_in->tallies[check_in->tally_count++] = (struct otter_tally){
            .rollout = attempt->rollout, .offered = offered, .succeeded = succeeded, .failed = failed};
}

/* --- how an attempt ends ------------------------------------------------------------------------ */

static void succeed(struct otter_check_in *check_in, struct otter_attempt *attempt, int64_t now)
{
    bool had_failed = attempt->state == OTTER_ATTEMPT_BLOCKED;
    attempt->state = OTTER_ATTEMPT_SUCCEEDED;
    add_event(check_in, OTTER_EVENT_UPDATED, now, attempt, "");
    add_tally(check_in, attempt, 0, 1, had_failed ? -1 : 0);
}

static void block(struct otter_check_in *check_in, struct otter_attempt *attempt, int64_t now,
                  const char *detail)
{
    attempt->state = OTTER_ATTEMPT_BLOCKED;
    add_event(check_in, OTTER_EVENT_BLOCKED, now, attempt, detail);
    add_tally(check_in, attempt, 0, 0, 1);
}

/* One failure more. What had succeeded before did not last. */
static void fail(struct otter_check_in *check_in, struct otter_attempt *attempt, enum otter_event_kind kind,
                 const char *detail, uint32_t attempts_max, int64_t now)
{
    if (attempt->state == OTTER_ATTEMPT_SUCCEEDED)
        add_tally(check_in, attempt, 0, -1, 0);
    attempt->state = OTTER_ATTEMPT_OFFERED;
    attempt->failures++;
    add_event(check_in, kind, now, attempt, detail);
    if (attempt->failures >= attempts_max)
        block(check_in, attempt, now, "too many failures");
}

/* --- a request ---------------------------------------------------------------------------------- */

/* False if nothing is to be kept of a device that is not known. */
static bool enrol(struct otter_check_in *check_in, const struct otter_situation *situation)
{
    const struct otter_product *product = situation->product;
    struct otter_device device;
    if (product->enrolment == OTTER_ENROL_REFUSED)
        return false;
    memset(&device, 0, sizeof(device));
    device.mac = situation->mac;
    device.product = product->id;
    device.channel = situation->path_channel != 0 ? situation->path_channel : product->channel;
    device.enrolment =
        product->enrolment == OTTER_ENROL_APPROVAL ? OTTER_ENROLMENT_PENDING : OTTER_ENROLMENT_APPROVED;
    device.enrolled = situation->now;
    begin(check_in, &device);
    add_event(check_in, OTTER_EVENT_ENROLLED, situation->now, NULL, situation->report->version);
    return true;
}

/* What the request shows of the attempt that it is about. */
static void judge_attempt(struct otter_check_in *check_in, const struct otter_situation *situation)
{
    enum otter_release_kind kind = otter_request_kind(situation->report);
    struct otter_attempt *attempt = &check_in->device.attempts[kind];
    uint32_t attempts_max = otter_attempts_max(situation->product);
    if (situation->attempt == NULL || attempt->state == OTTER_ATTEMPT_NONE)
        return;
    bool runs = otter_release_runs(situation->attempt, situation);
    if (runs && attempt->state != OTTER_ATTEMPT_SUCCEEDED)
        succeed(check_in, attempt, situation->now);
    else if (!runs &&
             (attempt->state == OTTER_ATTEMPT_DELIVERED || attempt->state == OTTER_ATTEMPT_SUCCEEDED))
        fail(check_in, attempt, OTTER_EVENT_RETURNED, "", attempts_max, situation->now);
    else if (!runs && attempt->state == OTTER_ATTEMPT_OFFERED && attempt->offers >= OFFERS_MAX * attempts_max)
        block(check_in, attempt, situation->now, "too many downloads that were not finished");
}

static bool runs_something_else(const struct otter_device *device, const struct otter_report *report)
{
    return device->last.fields != 0 &&
           (memcmp(device->last.md5, report->md5, sizeof(report->md5)) != 0 ||
            memcmp(device->last.sha256, report->sha256, sizeof(report->sha256)) != 0);
}

static void take_report(struct otter_check_in *check_in, const struct otter_situation *situation)
{
    struct otter_device *device = &check_in->device;
    if (check_in->event_count == 0 && runs_something_else(device, situation->report))
        add_event(check_in, OTTER_EVENT_CHANGED, situation->now, NULL, situation->report->version);
    device->last = *situation->report;
    device->seen = situation->now;
    device->running = situation->running != NULL ? situation->running->id : 0;
}

static void offer(struct otter_check_in *check_in, const struct otter_situation *situation)
{
    const struct otter_decision *decision = &check_in->decision;
    struct otter_attempt *attempt = &check_in->device.attempts[decision->release->kind];
    int64_t rollout = decision->rollout != NULL ? decision->rollout->id : 0;
    if (attempt->release != decision->release->id || attempt->rollout != rollout) {
        *attempt = (struct otter_attempt){
            .release = decision->release->id, .rollout = rollout, .since = situation->now};
        add_tally(check_in, attempt, 1, 0, 0);
    }
    attempt->state = OTTER_ATTEMPT_OFFERED;
    attempt->offers++;
    add_event(check_in, OTTER_EVENT_OFFERED, situation->now, attempt, decision->gzip ? "gzip" : "");
}

void otter_check_in(struct otter_check_in *check_in, const struct otter_situation *situation)
{
    struct otter_situation now = *situation;
    check_in->decision = otter_decide(situation);
    check_in->known = false;
    check_in->event_count = 0;
    check_in->tally_count = 0;
    if (check_in->decision.row == OTTER_DECISION_NO_UPDATER ||
        check_in->decision.row == OTTER_DECISION_NO_PRODUCT)
        return;
    if (situation->device != NULL)
        begin(check_in, situation->device);
    else if (!enrol(check_in, situation))
        return;
    judge_attempt(check_in, situation);
    take_report(check_in, situation);
    now.device = &check_in->device;
    check_in->decision = otter_decide(&now);
    if (check_in->decision.row == OTTER_DECISION_SEND && situation->report->mode != OTTER_MODE_VERSION)
        offer(check_in, situation);
}

/* --- what else is heard of it ------------------------------------------------------------------- */

void otter_check_in_delivered(struct otter_check_in *check_in, const struct otter_device *device,
                              enum otter_release_kind kind, int64_t release, int64_t now)
{
    begin(check_in, device);
    struct otter_attempt *attempt = &check_in->device.attempts[kind];
    if (attempt->release != release || attempt->state != OTTER_ATTEMPT_OFFERED)
        return;
    attempt->state = OTTER_ATTEMPT_DELIVERED;
    if (kind == OTTER_RELEASE_FILESYSTEM) {
        check_in->device.filesystem = release;
        succeed(check_in, attempt, now);
    }
}

void otter_check_in_result(struct otter_check_in *check_in, const struct otter_device *device,
                           enum otter_release_kind kind, uint32_t attempts_max, enum otter_result result,
                           const char *detail, int64_t now)
{
    begin(check_in, device);
    struct otter_attempt *attempt = &check_in->device.attempts[kind];
    if (attempt->state == OTTER_ATTEMPT_NONE)
        return;
    check_in->device.seen = now;
    if (result == OTTER_RESULT_CONFIRMED) {
        if (attempt->state != OTTER_ATTEMPT_SUCCEEDED)
            succeed(check_in, attempt, now);
    } else if (attempt->state == OTTER_ATTEMPT_BLOCKED) {
        add_event(check_in, OTTER_EVENT_REPORTED, now, attempt, detail);
    } else {
        uint32_t enough = result == OTTER_RESULT_REVERTED ? attempt->failures + 1 : attempts_max;
        fail(check_in, attempt, OTTER_EVENT_REPORTED, detail, enough, now);
    }
}

void otter_check_in_retry(struct otter_check_in *check_in, const struct otter_device *device)
{
    begin(check_in, device);
    for (size_t kind = 0; kind < OTTER_RELEASE_KINDS; kind++) {
        struct otter_attempt *attempt = &check_in->device.attempts[kind];
        if (attempt->state != OTTER_ATTEMPT_BLOCKED)
            continue;
        add_tally(check_in, attempt, -1, 0, -1);
        *attempt = (struct otter_attempt){0};
    }
}
