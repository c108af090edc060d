/* Asking the local network, by multicast DNS, for devices and for addresses of names. */
#ifndef OTTER_HOST_DISCOVERY_H
#define OTTER_HOST_DISCOVERY_H

#include <poll.h>

#include "host/multicast.h"
#include "host/neighbours.h"

struct otter_discovery {
    struct otter_multicast multicast;
    struct otter_neighbours neighbours; /* what is known */
    bool browse;                        /* for all devices, not only for names that are wanted */
    uint64_t ask_at;                    /* ms: the next query, */
    uint64_t pause;                     /* ms: and how long until the one after */
};

/* False if there is no socket to be had; errno says why. */
bool otter_discovery_begin(struct otter_discovery *discovery, bool browse, uint64_t now_ms);
void otter_discovery_end(struct otter_discovery *discovery);

/* What to wait for. */
void otter_discovery_poll(const struct otter_discovery *discovery,
                          struct pollfd sockets[OTTER_MULTICAST_SOCKETS]);

/* Takes what came, and asks when it is time to. Returns when to call again at the latest, ms. */
uint64_t otter_discovery_step(struct otter_discovery *discovery, uint64_t now_ms);

#endif
