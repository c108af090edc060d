/* The devices that a push goes to: those that the user names, or all that are found. */
#ifndef OTTER_HOST_PUSH_DEVICES_H
#define OTTER_HOST_PUSH_DEVICES_H

#include "host/device.h"
#include "host/push_run.h"
#include "host/roster.h"

struct otter_push_devices {
    struct otter_device *list;
    size_t count;
    struct otter_roster roster; /* owns the names of those that were found */
};

/* Looks up names, which are all known afterwards or have their trouble; or looks for all devices, shows them,
 * and asks whether they are meant, if so wanted. Complains if there is nothing to go on with. DEVICES are
 * freed by otter_push_devices_free() either way. */
enum otter_exit otter_push_devices_find(struct otter_push_devices *devices,
                                        const struct otter_push_settings *settings);
void otter_push_devices_free(struct otter_push_devices *devices);

#endif
