#include "host/device.h"

#include <stdlib.h>
#include <string.h>

static bool parse_port(uint16_t *port, const char *text)
{
    char *end;
    if (*text < '0' || *text > '9')
        return false;
    unsigned long number = strtoul(text, &end, 10);
    *port = (uint16_t)number;
    return *end == '\0' && number > 0 && number <= UINT16_MAX;
}

static bool keep_host(struct otter_device *device, const char *host, size_t length)
{
    if (length == 0 || length >= sizeof(device->host))
        return false;
    memcpy(device->host, host, length);
    device->host[length] = '\0';
    return true;
}

bool otter_device_parse(struct otter_device *device, const char *name, uint16_t port)
{
    *device = (struct otter_device){.name = name, .port = port};
    if (name[0] == '[') {
        const char *bracket = strchr(name, ']');
        return bracket != NULL && keep_host(device, name + 1, (size_t)(bracket - name - 1)) &&
               (bracket[1] == '\0' || (bracket[1] == ':' && parse_port(&device->port, bracket + 2)));
    }
    const char *colon = strchr(name, ':');
    if (colon == NULL || strchr(colon + 1, ':') != NULL) /* none, or an IPv6 address */
        return keep_host(device, name, strlen(name));
    return keep_host(device, name, (size_t)(colon - name)) && parse_port(&device->port, colon + 1);
}
