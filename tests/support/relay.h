/* Two networks joined by a bad line: two network namespaces, a TUN device in each, and a process that carries
 * packets between them, late, out of order, or not at all. Needs root or user namespaces, and /dev/net/tun.
 */
#ifndef OTTER_TEST_RELAY_H
#define OTTER_TEST_RELAY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The only address of either end. */
#define RELAY_UPLOADER_IP "10.77.0.1"
#define RELAY_DEVICE_IP   "10.77.0.2"

enum relay_end { RELAY_UPLOADER, RELAY_DEVICE };

struct relay_settings {
    unsigned delay_us;     /* one way */
    unsigned jitter_us;    /* and up to this much more, each packet its own: what reorders them */
    unsigned drop_percent; /* of packets, each way */
    uint64_t seed;         /* of what is dropped and late */
};

struct relay {
    pid_t pid;
    int netns[2]; /* by enum relay_end */
    int tun[2];
    struct relay_settings *settings; /* shared with the relay: may be changed while it runs */
    char denied[128];                /* why relay_open() failed */
};

/* False where the machine does not allow it; `denied` says what. Without root, this process moves into a user
 * namespace of its own for good, so it must have one thread. */
bool relay_open(struct relay *relay, const struct relay_settings *settings);
/* This process itself goes to an end of the line: sockets that it opens from now on are there. */
void relay_enter(const struct relay *relay, enum relay_end end);
void relay_close(struct relay *relay);

#endif
