/* Addresses of devices that are named by their users. */
#ifndef OTTER_HOST_RESOLVE_H
#define OTTER_HOST_RESOLVE_H

#include <stddef.h>

#include "host/device.h"

/* Looks up the hosts of COUNT devices, all at once, and fills in their address or trouble; blocks meanwhile.
 * The system is asked for all of them. For names that end in .local the network is asked, too, and whoever
 * answers first is believed: few systems know such names, and some take long to say so. IPv4 is preferred,
 * since that is what most devices have. */
void otter_resolve(struct otter_device *devices, size_t count);

#endif
