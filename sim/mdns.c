#include "sim/mdns.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sim/service.h"

static void on_announced(void *context, const char *hostname)
{
    struct device *device = context;
    console_line(device->console, CONSOLE_GOOD, "known as %s.local", hostname);
}

static void add_text(struct mdns *mdns, const char *key, const char *value)
{
    size_t count = 0;
    while (mdns->texts[count] != NULL)
        count++;
    if (value[0] == '\0')
        return;
    snprintf(mdns->text[count], MDNS_TEXT_SIZE, "%s=%s", key, value);
    mdns->texts[count] = mdns->text[count];
}

/* Without it, the device is reached by its address. */
static bool begin(struct device *device)
{
    struct mdns *mdns = &device->mdns;
    const struct device_settings *settings = device->settings;
    memset(mdns, 0, sizeof *mdns);
    if (!settings->mdns)
        return true;
    add_text(mdns, "board", settings->board);
    add_text(mdns, "name", device->sketch.firmware.name);
    add_text(mdns, "version", device->sketch.firmware.version);
    const struct otter_mdns_settings announcement = {
        .hostname = settings->hostname,
        .push_port = device->udp_port,
        .http_port = settings->web ? device->web_port : 0,
        .password = device_has_password(settings),
        .texts = mdns->texts,
        .announced = on_announced,
        .context = device,
    };
    if (otter_mdns_begin(&mdns->responder, &device->port, &announcement) != OTTER_OK)
        console_line(device->console, CONSOLE_BAD, "cannot be announced by mDNS: %s", strerror(errno));
    return true;
}

static uint32_t step(struct device *device, uint32_t now_ms)
{
    return otter_mdns_step(&device->mdns.responder, now_ms);
}

static bool is_busy(const struct device *device)
{
    (void)device;
    return false;
}

void mdns_stop(struct device *device)
{
    if (device->state == DEVICE_RUNNING)
        otter_mdns_end(&device->mdns.responder);
}

const struct service mdns_service = {.begin = begin, .step = step, .is_busy = is_busy};
