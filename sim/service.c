#include "sim/service.h"

#include <stddef.h>

/* Push comes after the other ways in: once it says where it listens, all of them do. Then they are announced.
 */
static const struct service *const services[] = {
    &serial_service, &pull_service, &web_service, &push_service, &mdns_service,
};

#define SERVICES (sizeof services / sizeof services[0])

bool services_begin(struct device *device)
{
    for (size_t i = 0; i < SERVICES; i++)
        if (!services[i]->begin(device))
            return false;
    return true;
}

uint32_t services_step(struct device *device, uint32_t now_ms)
{
    uint32_t shortest = OTTER_NEVER;
    for (size_t i = 0; i < SERVICES && !device->restarting; i++) {
        uint32_t wait = services[i]->step(device, now_ms);
        shortest = wait < shortest ? wait : shortest;
    }
    return shortest;
}

bool services_are_busy(const struct device *device)
{
    for (size_t i = 0; i < SERVICES; i++)
        if (services[i]->is_busy(device))
            return true;
    return false;
}
