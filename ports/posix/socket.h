/* What the files of this port share: places for sockets, and what is done to all of them. */
#ifndef OTTER_POSIX_SOCKET_H
#define OTTER_POSIX_SOCKET_H

#include "ports/posix/network.h"

/* Puts FILE, which becomes the network's, into a free place: its handle. OTTER_ERROR_TRANSPORT if there is
 * none, or if FILE is negative. */
int otter_posix_socket_keep(struct otter_posix_network *network, int file, bool stream);

/* A new socket of FAMILY (AF_*) and TYPE (SOCK_*), as above. */
int otter_posix_socket_open(struct otter_posix_network *network, int family, int type);

/* `close` of struct otter_network_port */
void otter_posix_socket_close(void *context, int handle);

bool otter_posix_socket_option(int file, int level, int option, int value);

/* Binds to PORT of address LOCAL, as far as that exists in FAMILY. */
bool otter_posix_socket_bind(int file, int family, const struct otter_address *local, uint16_t port);

/* A new socket of TYPE, bound to PORT of the address that NETWORK serves. Where that is all of them, one of
 * AF_INET6 serves both families; a system without IPv6 gets one of AF_INET. */
int otter_posix_socket_serve(struct otter_posix_network *network, int type, uint16_t port);

/* Narrows the receive window of a TCP socket that is not connected yet to WINDOW bytes; 0: leaves it alone.
 */
bool otter_posix_socket_narrow(int file, uint32_t window);

/* tcp_listen and tcp_accept of struct otter_network_port */
int otter_posix_tcp_listen(void *context, uint16_t port);
int otter_posix_tcp_accept(void *context, int handle, struct otter_address *from);

/* multicast_open and addresses of the same. Interfaces that come up later are joined when something is sent.
 */
int otter_posix_multicast_open(void *context, const struct otter_address *group);
int otter_posix_addresses(void *context, struct otter_address *addresses, size_t count);
/* Sends to GROUP on every interface that is served. */
int otter_posix_multicast_send(const struct otter_posix_network *network, int file, const void *bytes,
                               size_t size, const struct otter_address *group);

/* `resolve` of the same. Literal addresses are looked up like names. */
int otter_posix_resolve(void *context, const char *name, struct otter_address *address);

#endif
