/* Push, as the virtual device runs it. */
#include <errno.h>
#include <string.h>

#include "ports/posix/address.h"
#include "sim/report.h"
#include "sim/service.h"

static const char *const error_stages[] = {
    [OTTER_PUSH_ERROR_AUTH] = "authentication", [OTTER_PUSH_ERROR_BEGIN] = "begin",
    [OTTER_PUSH_ERROR_CONNECT] = "connecting",  [OTTER_PUSH_ERROR_RECEIVE] = "receiving",
    [OTTER_PUSH_ERROR_END] = "finishing",
};

static enum otter_push_start on_start(void *context, enum otter_update_command command, uint32_t size)
{
    struct device *device = context;
    report_update(device, "invited by", otter_push_peer(&device->push), device_has_password(device->settings),
                  command, size);
    return OTTER_PUSH_START_GO;
}

static void on_progress(void *context, uint32_t done, uint32_t total)
{
    report_progress(context, done, total);
}

static void on_end(void *context)
{
    report_complete(context, "MD5 right; restarting");
}

static void on_error(void *context, enum otter_push_error error, const char *text)
{
    report_failure(context, error_stages[error], text);
}

static int begin_push(struct device *device)
{
    const struct device_settings *settings = device->settings;
    memset(&device->push, 0, sizeof device->push);
    return otter_push_begin(&device->push, &device->port, &device->updater,
                            &(struct otter_push_settings){
                                .port = settings->local.port,
                                .hostname = settings->hostname,
                                .password = settings->password,
                                .password_hash = settings->password_hash,
                                .era = settings->era,
                                .context = device,
                                .start = on_start,
                                .progress = on_progress,
                                .end = on_end,
                                .error = on_error,
                            });
}

static void report_listening(struct device *device)
{
    const struct device_settings *settings = device->settings;
    const uint8_t *mac = settings->mac;
    char where[OTTER_POSIX_ADDRESS_TEXT];
    struct otter_address address = settings->local;
    address.port = device->udp_port;
    console_line(device->console, CONSOLE_PLAIN, "%s, MAC %02X:%02X:%02X:%02X:%02X:%02X, %s",
                 settings->hostname, mac[0], mac[1], mac[2], mac[3], mac[4], mac[5],
                 !device_has_password(settings)           ? "no password"
                 : settings->era == OTTER_PUSH_ERA_SHA256 ? "password required (SHA-256)"
                                                          : "password required (MD5)");
    console_line(device->console, CONSOLE_PLAIN, "listening on UDP %s",
                 otter_posix_address_print(where, &address));
}

static void report_deaf(struct device *device, int system_error)
{
    char where[OTTER_POSIX_ADDRESS_TEXT];
    otter_posix_address_print(where, &device->settings->local);
    if (device->error == OTTER_ERROR_TRANSPORT)
        console_line(device->console, CONSOLE_BAD,
                     "cannot listen on UDP %s: %s; --port 0 takes any free port", where,
                     strerror(system_error));
    else
        console_line(device->console, CONSOLE_BAD,
                     "the password hash or the hostname is not valid: a hash has 32 hex digits (MD5) or 64 "
                     "(SHA-256), a hostname at most 63 letters, digits and hyphens");
}

static bool begin(struct device *device)
{
    device->error = begin_push(device);
    if (device->error == OTTER_OK)
        report_listening(device);
    else
        report_deaf(device, errno);
    return device->error == OTTER_OK;
}

static uint32_t step(struct device *device, uint32_t now_ms)
{
    return otter_push_step(&device->push, now_ms);
}

static bool is_busy(const struct device *device)
{
    return otter_push_is_busy(&device->push);
}

const struct service push_service = {.begin = begin, .step = step, .is_busy = is_busy};
