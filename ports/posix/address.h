/* struct otter_address, as sockets and people write it. */
#ifndef OTTER_POSIX_ADDRESS_H
#define OTTER_POSIX_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

#include "otter/port.h"

#define OTTER_POSIX_ADDRESS_TEXT 80

/* Reads "127.0.0.1", "::1", "fe80::1%eth0", or "*" for all (family 0). False if TEXT is none of these. The
 * port becomes 0. */
bool otter_posix_address_parse(struct otter_address *address, const char *text);

/* "127.0.0.1:8266", "[::1]:8266", "*:8266". Returns OUT. */
const char *otter_posix_address_print(char out[OTTER_POSIX_ADDRESS_TEXT],
                                      const struct otter_address *address);

/* FAMILY is that of the socket: an IPv4 address in AF_INET6 is mapped; family 0 is the unspecified address.
 * Returns the length of TO; 0 if the address does not exist in FAMILY. */
socklen_t otter_posix_address_to_socket(struct sockaddr_storage *to, int family,
                                        const struct otter_address *address);
void otter_posix_address_from_socket(struct otter_address *to, const struct sockaddr_storage *from);

#endif
