/* A line to a server that breaks: a process that carries TCP connections to a port of this machine, counts
 * what the server says, and after so many bytes of it ends a connection, or lets it fall silent. */
#ifndef OTTER_TEST_BREAKER_H
#define OTTER_TEST_BREAKER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum breaker_end {
    BREAKER_CLOSE, /* nothing more comes, said properly */
    BREAKER_RESET,
    BREAKER_HOLD, /* nothing more comes, and nothing is said */
};

/* May be changed while it runs: a new connection goes by it. */
struct breaker_plan {
    uint64_t limit;       /* bytes of the server on each connection; 0: no limit */
    enum breaker_end end; /* of a connection that reached it */
    uint64_t carried;     /* bytes of the server, in all */
    unsigned connections;
};

struct breaker {
    pid_t pid;
    uint16_t port;                      /* of 127.0.0.1, where it listens */
    volatile struct breaker_plan *plan; /* shared with the process */
    int reached;                        /* a pipe: a byte for each limit that was reached */
};

void breaker_open(struct breaker *breaker, uint16_t server_port);
void breaker_close(struct breaker *breaker);

/* Waits until a connection has reached the limit; false if none does within MS. */
bool breaker_wait(struct breaker *breaker, unsigned ms);

#endif
