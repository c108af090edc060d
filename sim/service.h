/* The ways in that the firmware of the virtual device runs beside one another: each a file of its own, over
 * an object of otter's in struct device. */
#ifndef OTTER_SIM_SERVICE_H
#define OTTER_SIM_SERVICE_H

#include "sim/device.h"

struct service {
    /* Starts it after a reset, when RAM holds nothing of it. False if the firmware cannot run like that;
     * device->error then says why, and the console what helps. */
    bool (*begin)(struct device *device);
    /* Does what there is to do; the ms after which it wants to be called again. */
    uint32_t (*step)(struct device *device, uint32_t now_ms);
    bool (*is_busy)(const struct device *device);
};

extern const struct service push_service;
extern const struct service web_service;
extern const struct service serial_service;
extern const struct service pull_service;
extern const struct service mdns_service;

/* Starts all of them, and stops at the first that cannot. */
bool services_begin(struct device *device);
/* A step of each: the shortest of their waits. */
uint32_t services_step(struct device *device, uint32_t now_ms);
/* True while one takes an update. */
bool services_are_busy(const struct device *device);

#endif
