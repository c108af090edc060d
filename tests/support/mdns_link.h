/* The network of one mDNS responder, as small as can be: a datagram to receive, and what is sent is handed
 * on. For fuzzing and benchmarks; tests have the wire. */
#ifndef OTTER_TEST_MDNS_LINK_H
#define OTTER_TEST_MDNS_LINK_H

#include <string.h>

#include "otter/mdns.h"

struct mdns_link {
    const uint8_t *bytes; /* of the datagram that waits */
    size_t size;          /* 0: none */
    uint16_t from_port;
    unsigned sent;
    void (*check)(const void *bytes, size_t size); /* of each that is sent; may be NULL */
};

static inline int mdns_link_open(void *context, const struct otter_address *group)
{
    (void)context;
    return group->family == 4 ? 0 : OTTER_ERROR_TRANSPORT;
}

static inline int mdns_link_addresses(void *context, struct otter_address *out, size_t count)
{
    (void)context, (void)count;
    *out = (struct otter_address){.family = 4, .ip = {10, 0, 0, 7}};
    return 1;
}

static inline int mdns_link_receive(void *context, int handle, void *bytes, size_t size,
                                    struct otter_address *from)
{
    struct mdns_link *link = context;
    const size_t count = link->size < size ? link->size : size;
    (void)handle;
    if (count > 0)
        memcpy(bytes, link->bytes, count);
    *from = (struct otter_address){.family = 4, .ip = {10, 0, 0, 8}, .port = link->from_port};
    link->size = 0;
    return (int)count;
}

static inline int mdns_link_send(void *context, int handle, const void *bytes, size_t size,
                                 const struct otter_address *to)
{
    struct mdns_link *link = context;
    (void)handle, (void)to;
    link->sent++;
    if (link->check != NULL)
        link->check(bytes, size);
    return OTTER_OK;
}

static inline void mdns_link_close(void *context, int handle)
{
    (void)context, (void)handle;
}

static inline int mdns_link_entropy(void *context, void *bytes, size_t size)
{
    (void)context;
    memset(bytes, 0, size);
    return 0;
}

static inline struct otter_port mdns_link_port(struct mdns_link *link)
{
    return (struct otter_port){
        .context = link,
        .network = {.multicast_open = mdns_link_open,
                    .addresses = mdns_link_addresses,
                    .udp_receive = mdns_link_receive,
                    .udp_send = mdns_link_send,
                    .close = mdns_link_close},
        .entropy = mdns_link_entropy,
    };
}

#endif
