/* Sockets of a POSIX system behind struct otter_network_port.
 *
 * The functions of otter_posix_network_port take a struct otter_posix_network as their context, so the port's
 * context begins with one:
 *
 *     struct device {
 *         struct otter_posix_network network;
 *         ...
 *     };
 */
#ifndef OTTER_POSIX_NETWORK_H
#define OTTER_POSIX_NETWORK_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "otter/port.h"

#define OTTER_POSIX_SOCKETS 16
#define OTTER_POSIX_OTHERS  8 /* files of others that one wait takes */

struct otter_posix_socket {
    int file; /* -1: free */
    bool stream;
    bool group; /* of a multicast group */
    bool connecting;
    bool full;     /* the last write found no room */
    bool draining; /* the last look found bytes that were not acknowledged */
    bool ended;    /* nothing more can be received */
    bool broken;   /* reset, or never connected */
    bool reported; /* known to be readable, and not read since */
};

/* Fields up to `window` are the caller's, set before the first socket is opened; zero means default. */
struct otter_posix_network {
    struct otter_address local; /* the address to serve and to connect from; its port is ignored; family 0:
                                   all, IPv4 and IPv6 */
    uint32_t window;            /* TCP: receive window in bytes, with segments of at most 1460; 0: the
                                   system's */
    struct otter_posix_socket sockets[OTTER_POSIX_SOCKETS];
    struct otter_posix_lookup *lookup; /* of the name that is being resolved; NULL: none */
};

extern const struct otter_network_port otter_posix_network_port;

/* Keeps LOCAL and WINDOW. To be called before anything else. */
void otter_posix_network_init(struct otter_posix_network *network);

/* The port that a socket is bound to: udp_open and tcp_listen leave it to the system if they are given 0. */
uint16_t otter_posix_network_local_port(const struct otter_posix_network *network, int handle);

/* Waits until a socket has something to say, one of COUNT OTHERS has (as poll(2)), or TIMEOUT_MS are over
 * (UINT32_MAX: for ever). May return early. */
void otter_posix_network_wait(struct otter_posix_network *network, uint32_t timeout_ms, struct pollfd *others,
                              size_t count);

/* Closes everything of TCP so that its peer sees a reset, as after a restart, leaves all groups, and
 * drops the name that is being resolved. Other UDP sockets stay. */
void otter_posix_network_drop(struct otter_posix_network *network);

#endif
