/* Sockets of multicast groups, on each of the interfaces that are served. */
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

#include "ports/posix/address.h"
#include "ports/posix/socket.h"

#define HOPS 255 /* RFC 6762, section 11 */

#ifndef IPV6_MULTICAST_ALL
#define IPV6_MULTICAST_ALL 29 /* linux/in6.h, which cannot be included beside netinet/in.h */
#endif

/* --- interfaces ----------------------------------------------------------------------------------- */

static bool has_address(const struct ifaddrs *entry, struct otter_address *address)
{
    struct sockaddr_storage name = {0};
    if (entry->ifa_addr == NULL || (entry->ifa_flags & IFF_UP) == 0)
        return false;
    if (entry->ifa_addr->sa_family == AF_INET)
        memcpy(&name, entry->ifa_addr, sizeof(struct sockaddr_in));
    else if (entry->ifa_addr->sa_family == AF_INET6)
        memcpy(&name, entry->ifa_addr, sizeof(struct sockaddr_in6));
    else
        return false;
    otter_posix_address_from_socket(address, &name);
    return true;
}

static bool is_outside(const struct ifaddrs *entry)
{
    struct otter_address address;
    return (entry->ifa_flags & IFF_LOOPBACK) == 0 && (entry->ifa_flags & IFF_MULTICAST) != 0 &&
           has_address(entry, &address);
}

static bool has_outside(const struct ifaddrs *list)
{
    for (; list != NULL; list = list->ifa_next)
        if (is_outside(list))
            return true;
    return false;
}

/* Whether NETWORK serves ENTRY of LIST, and if so by which address. */
static bool is_served(const struct otter_posix_network *network, const struct ifaddrs *list,
                      const struct ifaddrs *entry, struct otter_address *address)
{
    const struct otter_address *local = &network->local;
    if (!has_address(entry, address))
        return false;
    if (local->family == 0)
        return is_outside(entry) || !has_outside(list);
    return local->family == address->family && memcmp(local->ip, address->ip, sizeof local->ip) == 0 &&
           (local->scope == 0 || local->scope == address->scope);
}

int otter_posix_addresses(void *context, struct otter_address *addresses, size_t count)
{
    struct ifaddrs *list;
    struct otter_address address;
    size_t found = 0;
    if (getifaddrs(&list) != 0)
        return 0;
    for (const struct ifaddrs *entry = list; entry != NULL && found < count; entry = entry->ifa_next)
        if (is_served(context, list, entry, &address))
            addresses[found++] = address;
    freeifaddrs(list);
    return (int)found;
}

/* --- groups --------------------------------------------------------------------------------------- */

/* Several addresses of an interface come one after another. What fails was done before, or cannot be. */
static void join(int file, const struct otter_address *group, const struct otter_address *address,
                 unsigned interface)
{
    if (group->family == 4) {
        struct ip_mreqn where = {.imr_ifindex = (int)interface};
        memcpy(&where.imr_multiaddr, group->ip, 4);
        memcpy(&where.imr_address, address->ip, 4);
        setsockopt(file, IPPROTO_IP, IP_ADD_MEMBERSHIP, &where, sizeof where);
        setsockopt(file, IPPROTO_IP, IP_MULTICAST_IF, &where, sizeof where);
    } else {
        struct ipv6_mreq where = {.ipv6mr_interface = interface};
        memcpy(&where.ipv6mr_multiaddr, group->ip, 16);
        setsockopt(file, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &where, sizeof where);
        setsockopt(file, IPPROTO_IPV6, IPV6_MULTICAST_IF, &interface, sizeof interface);
    }
}

static bool send_by(int file, const struct otter_address *group, const void *bytes, size_t size)
{
    struct sockaddr_storage name;
    socklen_t length = otter_posix_address_to_socket(&name, group->family == 6 ? AF_INET6 : AF_INET, group);
    return sendto(file, bytes, size, MSG_NOSIGNAL, (struct sockaddr *)&name, length) >= 0;
}

/* With SIZE 0, only joins the group. */
int otter_posix_multicast_send(const struct otter_posix_network *network, int file, const void *bytes,
                               size_t size, const struct otter_address *group)
{
    struct ifaddrs *list;
    struct otter_address address;
    unsigned last = 0;
    bool sent = false;
    if (getifaddrs(&list) != 0)
        return OTTER_ERROR_TRANSPORT;
    for (const struct ifaddrs *entry = list; entry != NULL; entry = entry->ifa_next) {
        const unsigned interface = if_nametoindex(entry->ifa_name);
        if (interface == last || !is_served(network, list, entry, &address) ||
            address.family != group->family)
            continue;
        last = interface;
        join(file, group, &address, interface); /* it may have come up since */
        sent |= size == 0 || send_by(file, group, bytes, size);
    }
    freeifaddrs(list);
    return sent ? OTTER_OK : OTTER_ERROR_TRANSPORT;
}

static void set_options(int file, bool ipv6)
{
    /* Not SO_REUSEPORT: of the sockets that share a port that way, Linux gives a multicast datagram to one.
     */
    otter_posix_socket_option(file, SOL_SOCKET, SO_REUSEADDR, 1);
    if (ipv6) {
        otter_posix_socket_option(file, IPPROTO_IPV6, IPV6_V6ONLY, 1);
        otter_posix_socket_option(file, IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0);
        otter_posix_socket_option(file, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, HOPS);
    } else {
        otter_posix_socket_option(file, IPPROTO_IP, IP_MULTICAST_ALL, 0);
        otter_posix_socket_option(file, IPPROTO_IP, IP_MULTICAST_TTL, HOPS);
    }
}

int otter_posix_multicast_open(void *context, const struct otter_address *group)
{
    struct otter_posix_network *network = context;
    const bool ipv6 = group->family == 6;
    /* Bound to the group, an IPv4 socket takes no datagrams away that are meant for another program on this
     * port. An IPv6 socket would then be bound to one interface. */
    const struct otter_address any = {0};
    if (network->local.family != 0 && network->local.family != group->family)
        return OTTER_ERROR_TRANSPORT;
    int handle = otter_posix_socket_open(network, ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM);
    if (handle < 0)
        return handle;
    struct otter_posix_socket *socket = &network->sockets[handle];
    set_options(socket->file, ipv6);
    socket->group = true;
    if (otter_posix_socket_bind(socket->file, ipv6 ? AF_INET6 : AF_INET, ipv6 ? &any : group, group->port) &&
        otter_posix_multicast_send(network, socket->file, NULL, 0, group) == OTTER_OK)
        return handle;
    otter_posix_socket_close(network, handle);
    return OTTER_ERROR_TRANSPORT;
}
