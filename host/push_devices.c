#include "host/push_devices.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/discover_run.h"
#include "host/local.h"
#include "host/password.h"
#include "host/resolve.h"

static enum otter_exit allocate(struct otter_push_devices *devices, size_t count)
{
    devices->list = calloc(count + 1, sizeof(*devices->list));
    devices->count = count;
    return devices->list != NULL ? OTTER_EXIT_OK : otter_complain(OTTER_EXIT_FAILURE, "out of memory");
}

static enum otter_exit find_named(struct otter_push_devices *devices,
                                  const struct otter_push_settings *settings)
{
    enum otter_exit status = allocate(devices, settings->device_count);
    for (size_t i = 0; status == OTTER_EXIT_OK && i < devices->count; i++) {
        const char *name = settings->devices[i];
        if (!otter_device_parse(&devices->list[i], name, settings->port))
            status = otter_complain(OTTER_EXIT_USAGE,
                                    "`%s` is no device: give NAME, ADDRESS or either with :PORT", name);
    }
    if (status == OTTER_EXIT_OK)
        otter_resolve(devices->list, devices->count);
    return status;
}

/* --- all of them ---------------------------------------------------------------------------------- */

static bool agrees(size_t count)
{
    char answer[16];
    fprintf(stderr, "Update %s? [y/N] ", count == 1 ? "this device" : "all of these devices");
    return fgets(answer, sizeof(answer), stdin) != NULL && (answer[0] == 'y' || answer[0] == 'Y');
}

static enum otter_exit confirm(const struct otter_roster *roster, const struct otter_push_settings *settings)
{
    if (settings->yes)
        return OTTER_EXIT_OK;
    (void)otter_roster_print(roster, stderr);
    if (agrees(roster->count))
        return OTTER_EXIT_OK;
    return otter_complain(OTTER_EXIT_INTERRUPTED, "nothing was sent");
}

static enum otter_exit take_found(struct otter_push_devices *devices)
{
    enum otter_exit status = allocate(devices, devices->roster.count);
    for (size_t i = 0; status == OTTER_EXIT_OK && i < devices->count; i++) {
        const struct otter_roster_entry *entry = &devices->roster.list[i];
        struct otter_device *device = &devices->list[i];
        device->name = entry->device.name;
        device->port = entry->device.port;
        device->address = entry->address;
        otter_local_print_address(device->host, &entry->address);
    }
    return status;
}

static enum otter_exit find_all(struct otter_push_devices *devices,
                                const struct otter_push_settings *settings)
{
    if (!settings->yes && !otter_password_prompt_possible())
        return otter_complain(OTTER_EXIT_USAGE, "--all asks before it updates, and nobody can answer here: "
                                                "add --yes if `otter discover` lists the right devices");
    enum otter_exit status = otter_discover_all(&devices->roster, settings->pattern);
    if (status == OTTER_EXIT_OK && devices->roster.count == 0)
        status = otter_complain(OTTER_EXIT_NO_ANSWER,
                                "no device %s%sanswered; `otter help discover` tells what that "
                                "can mean",
                                settings->pattern != NULL ? settings->pattern : "",
                                settings->pattern != NULL ? " " : "");
    if (status == OTTER_EXIT_OK)
        status = confirm(&devices->roster, settings);
    return status == OTTER_EXIT_OK ? take_found(devices) : status;
}

enum otter_exit otter_push_devices_find(struct otter_push_devices *devices,
                                        const struct otter_push_settings *settings)
{
    *devices = (struct otter_push_devices){0};
    enum otter_exit status = settings->all ? find_all(devices, settings) : find_named(devices, settings);
    if (status == OTTER_EXIT_OK && settings->host_port + devices->count - 1 > UINT16_MAX)
        status = otter_complain(OTTER_EXIT_USAGE, "--host-port %u is too high for %zu devices",
                                settings->host_port, devices->count);
    return status;
}

void otter_push_devices_free(struct otter_push_devices *devices)
{
    free(devices->list);
    otter_roster_free(&devices->roster);
    *devices = (struct otter_push_devices){0};
}
