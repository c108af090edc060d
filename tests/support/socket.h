/* IPv4 sockets for the test peers, with deadlines. Whatever fails that should not, fails the test. */
#ifndef OTTER_TEST_SOCKET_H
#define OTTER_TEST_SOCKET_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sockaddr_in socket_address(const char *ip, uint16_t port);

/* Bound to any free port of IP. TYPE: SOCK_DGRAM or SOCK_STREAM. */
int socket_bound(int type, const char *ip);
uint16_t socket_port(int fd);

/* The peer's connection to LISTENER, or -1 if none comes within MS. FROM may be NULL. */
int socket_accept(int listener, struct sockaddr_in *from, unsigned ms);

/* One datagram as a terminated string; false if none comes within MS. FROM may be NULL. */
bool socket_receive(int udp, char *out, size_t size, struct sockaddr_in *from, unsigned ms);
void socket_send_to(int udp, const char *text, const struct sockaddr_in *to);

/* Sends it all, SEGMENT bytes in each segment (TCP_NODELAY is set). False if the peer takes nothing for MS or
 * has gone. */
bool socket_send(int tcp, const void *bytes, size_t size, size_t segment, unsigned ms);
/* Up to SIZE bytes; 0 at the end of the stream, -1 after a reset, -2 if nothing comes within MS. */
int socket_read(int tcp, void *bytes, size_t size, unsigned ms);

/* Closes with a reset instead of an end of stream. */
void socket_reset(int tcp);
void socket_close(int *fd);

#endif
