/* This computer's side of a push: its sockets, and how the device sees it. */
#ifndef OTTER_HOST_LOCAL_H
#define OTTER_HOST_LOCAL_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* All sockets are non-blocking. Functions that open one return it, or -1 with errno set. HOST is the local
 * address to use, or of family AF_UNSPEC: any. */

/* A UDP socket that talks to DEVICE alone: datagrams from elsewhere never arrive. */
int otter_local_open_udp(const struct sockaddr_storage *host, const struct sockaddr_storage *device);

/* Listens on PORT; 0: one of 10000 to 60000, the range that the Arduino tools use. Fills ACTUAL. */
int otter_local_listen(const struct sockaddr_storage *host, const struct sockaddr_storage *device,
                       uint16_t port, uint16_t *actual);

/* The next connection that DEVICE made to LISTENER; -1: none yet. Others are closed, and the address of the
 * last one is written to STRANGER. */
int otter_local_accept(int listener, const struct sockaddr_storage *device, char stranger[INET6_ADDRSTRLEN]);

/* The local address from which a connected SOCKET sends, and the interface that has it ("?": unknown). */
struct otter_local {
    char address[INET6_ADDRSTRLEN];
    char interface[IF_NAMESIZE];
    bool loopback;
};
void otter_local_describe(struct otter_local *local, int socket);

/* Writes the other addresses of this computer that belong to LOCAL's family, as many as OUT of SIZE bytes
 * holds: "10.8.0.2 (tun0), 172.17.0.1 (docker0)", or "none". */
void otter_local_list_others(char *out, size_t size, const struct otter_local *local);

/* An address as text. */
void otter_local_print_address(char out[INET6_ADDRSTRLEN], const struct sockaddr_storage *address);

#endif
