#include "sim/pull.h"

#include <stdio.h>
#include <string.h>

#include "ports/posix/clock.h"
#include "sim/report.h"
#include "sim/service.h"

static uint32_t random_number(const struct device *device)
{
    uint32_t number = 0;
    (void)device->port.entropy(device->port.context, &number, sizeof number);
    return number;
}

static enum otter_pull_start on_start(void *context, enum otter_update_command command, uint32_t size)
{
    report_update(context, "pulled", NULL, false, command, size);
    return OTTER_PULL_START_GO;
}

static void on_progress(void *context, uint32_t done, uint32_t total)
{
    report_progress(context, done, total);
}

/* No restart follows. */
static void report_filesystem(struct device *device)
{
    report_complete(device, "pulled");
    device->updated = false;
    device->updates++;
}

static void report_end(struct device *device, enum otter_pull_result result, int error, const char *text)
{
    const char *version = otter_pull_version(&device->pull.client);
    char stage[32];
    snprintf(stage, sizeof stage, "pull, %d", error);
    if (result == OTTER_PULL_FAILED)
        report_failure(device, stage, text);
    else if (result == OTTER_PULL_NO_UPDATES)
        console_line(device->console, CONSOLE_PLAIN, "pull: there is no update");
    else if (device->pull.client.kind == OTTER_PULL_CHECK)
        console_line(device->console, CONSOLE_GOOD, "pull: version %s is offered", version);
    else if (device->pull.client.kind == OTTER_PULL_SKETCH)
        report_complete(device, "pulled; restarting");
    else
        report_filesystem(device);
}

static void on_end(void *context, enum otter_pull_result result, int error, const char *text)
{
    struct device *device = context;
    device->pull.ends++;
    report_end(device, result, error, text);
    otter_pull_schedule_ended(&device->pull.schedule, result, otter_posix_now_ms(), random_number(device));
}

static bool begin(struct device *device)
{
    const struct device_settings *settings = device->settings;
    struct pull *pull = &device->pull;
    memset(&pull->client, 0, sizeof pull->client);
    pull->asked[0] = '\0';
    struct otter_pull_settings own = {
        .version = device->sketch.firmware.version[0] != '\0' ? device->sketch.firmware.version : NULL,
        .secure = settings->secure,
        .follow_redirects = settings->pull_follow,
        .tell_trial = true,
        .context = device,
        .start = on_start,
        .progress = on_progress,
        .end = on_end,
    };
    memcpy(own.mac, settings->mac, sizeof own.mac);
    device->error = otter_pull_begin(&pull->client, &device->port, &device->updater, &own);
    if (settings->pull_every_s > 0)
        otter_pull_schedule_begin(&pull->schedule, settings->pull_every_s, otter_posix_now_ms(),
                                  random_number(device));
    else if (settings->pull_url != NULL && !device->updated)
        (void)pull_ask(device, settings->pull_url, OTTER_PULL_SKETCH);
    return device->error == OTTER_OK;
}

bool pull_ask(struct device *device, const char *url, enum otter_pull_kind kind)
{
    struct pull *pull = &device->pull;
    if (url[0] == '\0')
        url = device->settings->pull_url;
    if (url == NULL || strlen(url) >= PULL_URL_SIZE)
        return false;
    snprintf(pull->asked, PULL_URL_SIZE, "%s", url);
    pull->kind = kind;
    return true;
}

static void start(struct device *device)
{
    struct pull *pull = &device->pull;
    memcpy(pull->url, pull->asked, PULL_URL_SIZE);
    pull->asked[0] = '\0';
    const int error = otter_pull_start(&pull->client, pull->url, pull->kind);
    if (error == OTTER_OK) {
        console_line(device->console, CONSOLE_PLAIN, "pulling %s", pull->url);
        otter_pull_schedule_started(&pull->schedule);
    } else {
        pull->ends++;
        console_line(device->console, CONSOLE_BAD, "cannot pull %s: %s", pull->url,
                     otter_error_text((enum otter_error)error));
        otter_pull_schedule_ended(&pull->schedule, OTTER_PULL_FAILED, otter_posix_now_ms(),
                                  random_number(device));
    }
}

/* How long until the schedule wants something; if it does now, that is asked for. */
static uint32_t follow_schedule(struct device *device, uint32_t now_ms)
{
    const struct device_settings *settings = device->settings;
    const uint32_t left =
        settings->pull_every_s > 0 ? otter_pull_schedule_left(&device->pull.schedule, now_ms) : OTTER_NEVER;
    if (left == 0 && device->pull.asked[0] == '\0')
        (void)pull_ask(device, settings->pull_url, OTTER_PULL_SKETCH);
    return left;
}

static uint32_t step(struct device *device, uint32_t now_ms)
{
    struct pull *pull = &device->pull;
    const uint32_t left = follow_schedule(device, now_ms);
    if (pull->asked[0] != '\0' && !otter_pull_is_busy(&pull->client))
        start(device);
    const uint32_t wait = otter_pull_step(&pull->client, now_ms);
    return wait < left ? wait : left;
}

static bool is_busy(const struct device *device)
{
    return otter_pull_is_busy(&device->pull.client);
}

const char *pull_outcome(const struct device *device)
{
    static const char *const names[] = {
        [OTTER_PULL_FAILED] = "failed", [OTTER_PULL_NO_UPDATES] = "no-updates", [OTTER_PULL_OK] = "ok"};
    return device->pull.ends > 0 ? names[otter_pull_result(&device->pull.client)] : "none";
}

const struct service pull_service = {.begin = begin, .step = step, .is_busy = is_busy};
