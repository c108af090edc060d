/* Devices on the local network, as they answer by multicast DNS (spec/mdns.md; docs/PROTOCOL.md): what was
 * heard of them, and what is to be asked next. No sockets; time is ms of a monotonic clock. */
#ifndef OTTER_HOST_NEIGHBOURS_H
#define OTTER_HOST_NEIGHBOURS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "format/dns.h"

#define OTTER_NEIGHBOUR_NAME 512  /* of a DNS name as text with every byte escaped, NUL included */
#define OTTER_NEIGHBOUR_TEXT 64   /* of what a device says of itself */
#define OTTER_NEIGHBOURS_MAX 1024 /* more are not listened to */

enum otter_neighbour_password { OTTER_NEIGHBOUR_UNKNOWN, OTTER_NEIGHBOUR_OPEN, OTTER_NEIGHBOUR_PASSWORD };

/* A device that takes pushes. */
struct otter_neighbour {
    char instance[OTTER_NEIGHBOUR_NAME]; /* "kitchen._arduino._tcp.local" */
    char name[OTTER_DNS_LABEL_MAX + 1];  /* "kitchen" */
    char host[OTTER_NEIGHBOUR_NAME];     /* "kitchen.local"; empty: not known yet */
    uint16_t port;
    bool told; /* its texts came: */
    enum otter_neighbour_password password;
    char board[OTTER_NEIGHBOUR_TEXT];    /* empty: it does not say, */
    char firmware[OTTER_NEIGHBOUR_TEXT]; /* as here: the name of what it runs */
    char version[OTTER_NEIGHBOUR_TEXT];
    uint64_t until; /* ms: when it is to be forgotten */
};

struct otter_neighbour_host {
    char name[OTTER_NEIGHBOUR_NAME];
    struct sockaddr_storage address; /* without port; AF_UNSPEC: not known (yet, or any more) */
    int rank;                        /* of that address: how likely it works */
    bool wanted;                     /* whether or not a device is there */
    uint64_t since, until;           /* ms: when the address was heard, is to be forgotten */
};

struct otter_neighbours {
    struct otter_neighbour *list; /* by name */
    size_t count;
    struct otter_neighbour_host *hosts;
    size_t host_count;
};

/* Zero it to begin. */
void otter_neighbours_free(struct otter_neighbours *neighbours);

/* Asks for the address of NAME ("kitchen.local"), too. False if memory is out. */
bool otter_neighbours_want(struct otter_neighbours *neighbours, const char *name);

/* Takes a datagram that came FROM there by INTERFACE. What is malformed, or no response, is ignored. */
void otter_neighbours_take(struct otter_neighbours *neighbours, const void *bytes, size_t size,
                           const struct sockaddr_storage *from, unsigned interface, uint64_t now_ms);

/* Forgets what is out of date. */
void otter_neighbours_forget(struct otter_neighbours *neighbours, uint64_t now_ms);

/* Writes the next query: with BROWSE for all devices but those that are known, and for what is missing. Its
 * length, 0 if there is nothing to ask. */
size_t otter_neighbours_ask(const struct otter_neighbours *neighbours, bool browse, uint8_t *bytes,
                            size_t size, uint64_t now_ms);

/* The address of host NAME; NULL: not known. */
const struct sockaddr_storage *otter_neighbours_address(const struct otter_neighbours *neighbours,
                                                        const char *name);

#endif
