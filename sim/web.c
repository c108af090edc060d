/* The update page, as the virtual device serves it. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "ports/posix/address.h"
#include "ports/posix/socket.h"
#include "sim/report.h"
#include "sim/service.h"

static bool is_protected(const struct device *device)
{
    return device->settings->web_password != NULL;
}

static enum otter_web_start on_start(void *context, enum otter_update_command command, uint32_t size)
{
    struct device *device = context;
    report_update(device, "uploaded by", otter_web_peer(&device->web), is_protected(device), command, size);
    return OTTER_WEB_START_GO;
}

static void on_progress(void *context, uint32_t done, uint32_t total)
{
    report_progress(context, done, total);
}

static void on_end(void *context)
{
    report_complete(context, "image right; restarting");
}

static void on_error(void *context, enum otter_error error, const char *text)
{
    (void)error;
    report_failure(context, "upload", text);
}

/* A socket that is bound, but does not listen, keeps the port while the device is off or restarts. */
static bool hold_port(struct device *device)
{
    const int handle = otter_posix_socket_serve(&device->network, SOCK_STREAM, device->settings->web_port);
    if (handle < 0)
        return false;
    device->web_port = otter_posix_network_local_port(&device->network, handle);
    device->network.sockets[handle].file = -1; /* stays open until the program ends */
    return true;
}

static int begin_web(struct device *device)
{
    const struct device_settings *settings = device->settings;
    memset(&device->web, 0, sizeof device->web);
    if (device->web_port == 0 && !hold_port(device))
        return OTTER_ERROR_TRANSPORT;
    return otter_web_begin(&device->web, &device->port, &device->updater,
                           &(struct otter_web_settings){
                               .port = device->web_port,
                               .input = device->web_input,
                               .input_size = sizeof device->web_input,
                               .user = is_protected(device) ? settings->web_user : NULL,
                               .password = settings->web_password,
                               .auth = settings->web_digest ? OTTER_WEB_DIGEST : OTTER_WEB_BASIC,
                               .name = device->sketch.firmware.name,
                               .version = device->sketch.firmware.version,
                               .context = device,
                               .start = on_start,
                               .progress = on_progress,
                               .end = on_end,
                               .error = on_error,
                           });
}

static void report_page(struct device *device)
{
    const struct device_settings *settings = device->settings;
    char where[OTTER_POSIX_ADDRESS_TEXT];
    struct otter_address address = settings->local;
    address.port = device->web_port;
    console_line(device->console, CONSOLE_PLAIN, "update page at http://%s/update%s%s",
                 otter_posix_address_print(where, &address), is_protected(device) ? ", user " : "",
                 is_protected(device) ? settings->web_user : "");
}

static void report_none(struct device *device, int system_error)
{
    if (device->error == OTTER_ERROR_TRANSPORT)
        console_line(device->console, CONSOLE_BAD,
                     "cannot serve the update page on TCP port %u: %s; --web-port 0 takes any free port",
                     (unsigned)device->settings->web_port, strerror(system_error));
    else
        console_line(device->console, CONSOLE_BAD,
                     "user name and password of the update page may have %u characters each, and the name no "
                     "colon",
                     OTTER_WEB_USER_MAX);
}

static bool begin(struct device *device)
{
    if (!device->settings->web)
        return true;
    device->error = begin_web(device);
    if (device->error == OTTER_OK)
        report_page(device);
    else
        report_none(device, errno);
    return device->error == OTTER_OK;
}

static uint32_t step(struct device *device, uint32_t now_ms)
{
    return otter_web_step(&device->web, now_ms);
}

static bool is_busy(const struct device *device)
{
    return otter_web_is_busy(&device->web);
}

const struct service web_service = {.begin = begin, .step = step, .is_busy = is_busy};
