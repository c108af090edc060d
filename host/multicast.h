/* The sockets of multicast DNS on this computer: they share port 5353 with an Avahi daemon or whatever else
 * runs there, and hear what everybody hears. Where that port is not to be shared, they take another one,
 * which devices answer directly (RFC 6762, sections 5.1 and 15). */
#ifndef OTTER_HOST_MULTICAST_H
#define OTTER_HOST_MULTICAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define OTTER_MULTICAST_SOCKETS 2

struct otter_multicast {
    int sockets[OTTER_MULTICAST_SOCKETS]; /* of IPv4 and IPv6, non-blocking; -1: none */
};

/* False if there is neither. */
bool otter_multicast_open(struct otter_multicast *multicast);
void otter_multicast_close(struct otter_multicast *multicast);

/* Sends a query on every interface, the loopback interface included: virtual devices are there. */
void otter_multicast_send(const struct otter_multicast *multicast, const void *bytes, size_t size);

/* The next datagram of the socket at INDEX: its length, at most SIZE; 0 if there is none. FROM is who sent
 * it, INTERFACE where it came in. */
size_t otter_multicast_receive(const struct otter_multicast *multicast, size_t index, void *bytes,
                               size_t size, struct sockaddr_storage *from, unsigned *interface);

#endif
