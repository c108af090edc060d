/* A network by script, for a device under test: nothing moves unless the test moves it.
 *
 * The test puts datagrams and TCP bytes in, says how connections go and how much room there is, and reads
 * what the device sent. There is one UDP socket and one outgoing TCP connection at a time, and
 * there are a few that come in. Like the sockets of
 * ports/posix, the functions of otter_sim_network_port take a struct otter_sim_network as their context, so
 * the port's context begins with one. Misuse by the device, such as a handle that is not open, is an
 * assertion. */
#ifndef OTTER_SIM_NETWORK_H
#define OTTER_SIM_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "otter/port.h"

#define OTTER_SIM_DATAGRAMS     16u
#define OTTER_SIM_DATAGRAM_SIZE 256u
#define OTTER_SIM_WRITES        64u
#define OTTER_SIM_VISITORS      8u
#define OTTER_SIM_NAME_SIZE     256u

struct otter_sim_datagram {
    struct otter_address address; /* whom it is from, or to */
    size_t size;
    char bytes[OTTER_SIM_DATAGRAM_SIZE + 1]; /* terminated */
};

/* One tcp_write that was taken: a segment of its own. */
struct otter_sim_write {
    size_t offset; /* in output */
    uint32_t at_ms;
};

struct otter_sim_bytes {
    uint8_t *bytes;
    size_t size;
};

/* A connection that comes in. */
struct otter_sim_visitor {
    /* what the test decides */
    int input_end;    /* once all input was read: 0, OTTER_ERROR_CLOSED, OTTER_ERROR_TRANSPORT */
    size_t room;      /* bytes that writes still take */
    int output_error; /* what writes return instead; 0: none */
    int flushed;      /* what tcp_flushed returns */
    /* and what came of it */
    bool waiting; /* to be accepted */
    bool open;    /* accepted, and not closed */
    struct otter_sim_bytes input;
    size_t input_read;
    struct otter_sim_bytes output; /* terminated */
};

struct otter_sim_network {
    uint32_t now_ms; /* the virtual clock, which the test moves */

    /* UDP */
    bool udp_refused; /* udp_open fails */
    bool udp_open;
    uint16_t udp_port;
    unsigned waiting_count;
    struct otter_sim_datagram waiting[OTTER_SIM_DATAGRAMS]; /* oldest first */
    unsigned sent_count;                                    /* since the start */
    struct otter_sim_datagram sent;                         /* the newest */

    /* names: what the test decides */
    int found; /* what resolve returns: 0, 1, OTTER_ERROR_TRANSPORT */
    struct otter_address host;
    /* and what was asked for last; empty: nothing, or it was dropped */
    char name[OTTER_SIM_NAME_SIZE];

    /* TCP: what the test decides */
    int connect;          /* what tcp_connected returns: 0, 1, OTTER_ERROR_TRANSPORT */
    bool connect_refused; /* tcp_connect fails */
    size_t segment;       /* the most that one read brings; 0: all there is */
    int input_end;        /* once all input was read: 0, OTTER_ERROR_CLOSED, OTTER_ERROR_TRANSPORT */
    size_t room;          /* bytes that writes still take */
    int output_error;     /* what writes return instead; 0: none */
    int flushed;          /* what tcp_flushed returns */
    /* and what came of it */
    bool tcp_open;
    unsigned connections; /* since the start */
    struct otter_address connected_to;
    struct otter_sim_bytes input;  /* all of it */
    size_t input_read;             /* bytes of it that the device has read */
    struct otter_sim_bytes output; /* of the last connection; terminated */
    unsigned write_count;
    struct otter_sim_write writes[OTTER_SIM_WRITES]; /* the first ones */

    /* TCP that comes in */
    bool listen_refused; /* tcp_listen fails */
    bool listening;
    uint16_t listen_port;
    struct otter_sim_visitor visitors[OTTER_SIM_VISITORS];
};

extern const struct otter_network_port otter_sim_network_port;

/* Somebody connects: the connection, which the test may read and change until the next visit that finds it
 * closed. */
struct otter_sim_visitor *otter_sim_network_visit(struct otter_sim_network *network);
/* Bytes for the device from there. */
void otter_sim_visitor_say(struct otter_sim_visitor *visitor, const void *bytes, size_t size);

/* Names lead to 192.0.2.1, connections succeed, there is room without end, and everything is acknowledged at
 * once. */
void otter_sim_network_init(struct otter_sim_network *network);
void otter_sim_network_free(struct otter_sim_network *network);

/* A datagram for the device; one too many is lost. */
void otter_sim_network_datagram(struct otter_sim_network *network, const struct otter_address *from,
                                const void *bytes, size_t size);
/* Bytes for the device on TCP. */
void otter_sim_network_input(struct otter_sim_network *network, const void *bytes, size_t size);

#endif
