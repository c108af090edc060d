#include "host/discovery.h"

#define PAUSE_MIN                                                                                            \
    1000u                /* ms between queries (RFC 6762, section 5.2): this, then twice as long each time,  \
                          */
#define PAUSE_MAX 30000u /* up to this: a host is forgotten after two minutes */
#define DATAGRAM  9000u  /* bytes at most (section 17) */
#define QUERY     1400u

bool otter_discovery_begin(struct otter_discovery *discovery, bool browse, uint64_t now_ms)
{
    *discovery = (struct otter_discovery){.browse = browse, .ask_at = now_ms, .pause = PAUSE_MIN};
    return otter_multicast_open(&discovery->multicast);
}

void otter_discovery_end(struct otter_discovery *discovery)
{
    otter_multicast_close(&discovery->multicast);
    otter_neighbours_free(&discovery->neighbours);
}

void otter_discovery_poll(const struct otter_discovery *discovery,
                          struct pollfd sockets[OTTER_MULTICAST_SOCKETS])
{
    for (size_t i = 0; i < OTTER_MULTICAST_SOCKETS; i++)
        sockets[i] = (struct pollfd){.fd = discovery->multicast.sockets[i], .events = POLLIN};
}

static void take_all(struct otter_discovery *discovery, uint64_t now_ms)
{
    uint8_t bytes[DATAGRAM];
    struct sockaddr_storage from;
    unsigned interface = 0;
    size_t size;
    for (size_t i = 0; i < OTTER_MULTICAST_SOCKETS; i++)
        while ((size = otter_multicast_receive(&discovery->multicast, i, bytes, sizeof(bytes), &from,
                                               &interface)) > 0)
            otter_neighbours_take(&discovery->neighbours, bytes, size, &from, interface, now_ms);
}

uint64_t otter_discovery_step(struct otter_discovery *discovery, uint64_t now_ms)
{
    uint8_t query[QUERY];
    take_all(discovery, now_ms);
    otter_neighbours_forget(&discovery->neighbours, now_ms);
    if (now_ms < discovery->ask_at)
        return discovery->ask_at;
    size_t size =
        otter_neighbours_ask(&discovery->neighbours, discovery->browse, query, sizeof(query), now_ms);
    if (size > 0)
        otter_multicast_send(&discovery->multicast, query, size);
    discovery->ask_at = now_ms + discovery->pause;
    discovery->pause = discovery->pause * 2 < PAUSE_MAX ? discovery->pause * 2 : PAUSE_MAX;
    return discovery->ask_at;
}
