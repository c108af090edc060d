/* What the mDNS responder hears, and what comes of it. */
#ifndef OTTER_DEVICE_MDNS_RECEIVE_H
#define OTTER_DEVICE_MDNS_RECEIVE_H

#include "otter/mdns.h"

/* What is done next; then it is the one after. */
enum mdns_phase {
    MDNS_START,
    MDNS_PROBE,        /* three times; from the second on the name is claimed */
    MDNS_ANNOUNCE = 4, /* twice; from the second on it is the device's */
    MDNS_KEEP = 6,     /* nothing, unless addresses change */
};

/* Takes one datagram of the socket of GROUP; false if there is none. */
bool otter_mdns_receive(struct otter_mdns *mdns, uint32_t group, uint32_t now_ms);

/* The first probe is sent, again, in DELAY_MS. */
void otter_mdns_probe(struct otter_mdns *mdns, uint32_t now_ms, uint32_t delay_ms);

/* Somebody else has the name. */
void otter_mdns_lose(struct otter_mdns *mdns, uint32_t now_ms);

/* LEAST to LEAST + SPREAD - 1 */
uint32_t otter_mdns_random(const struct otter_mdns *mdns, uint32_t least, uint32_t spread);

/* Until AT; 0: it has come. */
uint32_t otter_mdns_left(uint32_t at, uint32_t now_ms);

#endif
