#include "host/multicast.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#define PORT 5353
#define HOPS 255 /* RFC 6762, section 11 */

enum { IPV4, IPV6 };

static const struct in6_addr group6 = {.s6_addr = {0xFF, 0x02, [15] = 0xFB}};

static void set_option(int file, int level, int option, int value)
{
    setsockopt(file, level, option, &value, sizeof(value)); /* all are improvements */
}

/* --- interfaces ----------------------------------------------------------------------------------- */

static bool serves(const struct ifaddrs *entry, int family)
{
    return entry->ifa_addr != NULL && entry->ifa_addr->sa_family == family &&
           (entry->ifa_flags & IFF_UP) != 0 && (entry->ifa_flags & (IFF_MULTICAST | IFF_LOOPBACK)) != 0;
}

static struct in_addr group4_address(void)
{
    return (struct in_addr){htonl(0xE00000FBu)};
}

/* Joins the group on INTERFACE, if that was not done before, and makes it the one that is sent to. */
static void choose4(int file, unsigned interface)
{
    const struct ip_mreqn where = {.imr_multiaddr = group4_address(), .imr_ifindex = (int)interface};
    setsockopt(file, IPPROTO_IP, IP_ADD_MEMBERSHIP, &where, sizeof(where));
    setsockopt(file, IPPROTO_IP, IP_MULTICAST_IF, &where, sizeof(where));
}

static void choose6(int file, unsigned interface)
{
    const struct ipv6_mreq where = {.ipv6mr_multiaddr = group6, .ipv6mr_interface = interface};
    setsockopt(file, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &where, sizeof(where));
    set_option(file, IPPROTO_IPV6, IPV6_MULTICAST_IF, (int)interface);
}

static void send4(int file, unsigned interface, const void *bytes, size_t size)
{
    const struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_addr = group4_address(), .sin_port = htons(PORT)};
    choose4(file, interface);
    if (size > 0)
        (void)!sendto(file, bytes, size, MSG_NOSIGNAL, (const struct sockaddr *)&to, sizeof(to));
}

static void send6(int file, unsigned interface, const void *bytes, size_t size)
{
    const struct sockaddr_in6 to = {
        .sin6_family = AF_INET6, .sin6_addr = group6, .sin6_port = htons(PORT), .sin6_scope_id = interface};
    choose6(file, interface);
    if (size > 0)
        (void)!sendto(file, bytes, size, MSG_NOSIGNAL, (const struct sockaddr *)&to, sizeof(to));
}

void otter_multicast_send(const struct otter_multicast *multicast, const void *bytes, size_t size)
{
    static const int families[OTTER_MULTICAST_SOCKETS] = {AF_INET, AF_INET6};
    struct ifaddrs *list;
    if (getifaddrs(&list) != 0)
        return;
    for (int i = 0; i < OTTER_MULTICAST_SOCKETS; i++) {
        unsigned last = 0;
        for (const struct ifaddrs *entry = list; entry != NULL && multicast->sockets[i] >= 0;
             entry = entry->ifa_next) {
            unsigned interface = if_nametoindex(entry->ifa_name);
            if (interface == last || !serves(entry, families[i]))
                continue;
            last = interface;
            (i == IPV4 ? send4 : send6)(multicast->sockets[i], interface, bytes, size);
        }
    }
    freeifaddrs(list);
}

/* --- opening -------------------------------------------------------------------------------------- */

static bool bind4(int file, struct in_addr address, uint16_t port)
{
    const struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr = address, .sin_port = htons(port)};
    return bind(file, (const struct sockaddr *)&name, sizeof(name)) == 0;
}

static bool bind6(int file, uint16_t port)
{
    const struct sockaddr_in6 name = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    return bind(file, (const struct sockaddr *)&name, sizeof(name)) == 0;
}

/* Bound to the group, the socket takes no datagram away from others on this port. Not so with SO_REUSEPORT:
 * Linux gives a multicast datagram to one of the sockets that share a port that way. */
static int open4(void)
{
    int file = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (file < 0)
        return -1;
    set_option(file, SOL_SOCKET, SO_REUSEADDR, 1);
    set_option(file, IPPROTO_IP, IP_PKTINFO, 1);
    set_option(file, IPPROTO_IP, IP_MULTICAST_TTL, HOPS);
    if (bind4(file, group4_address(), PORT) || bind4(file, (struct in_addr){INADDR_ANY}, 0))
        return file;
    close(file);
    return -1;
}

static int open6(void)
{
    int file = socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (file < 0)
        return -1;
    set_option(file, SOL_SOCKET, SO_REUSEADDR, 1);
    set_option(file, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    set_option(file, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
    set_option(file, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, HOPS);
    if (bind6(file, PORT) || bind6(file, 0))
        return file;
    close(file);
    return -1;
}

bool otter_multicast_open(struct otter_multicast *multicast)
{
    multicast->sockets[IPV4] = open4();
    multicast->sockets[IPV6] = open6();
    otter_multicast_send(multicast, NULL, 0); /* joins the groups */
    return multicast->sockets[IPV4] >= 0 || multicast->sockets[IPV6] >= 0;
}

void otter_multicast_close(struct otter_multicast *multicast)
{
    for (int i = 0; i < OTTER_MULTICAST_SOCKETS; i++) {
        if (multicast->sockets[i] >= 0)
            close(multicast->sockets[i]);
        multicast->sockets[i] = -1;
    }
}

/* --- receiving ------------------------------------------------------------------------------------ */

static unsigned interface_of(struct msghdr *message)
{
    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part != NULL; part = CMSG_NXTHDR(message, part)) {
        struct in_pktinfo info4;
        struct in6_pktinfo info6;
        if (part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_PKTINFO) {
            memcpy(&info4, CMSG_DATA(part), sizeof(info4));
            return (unsigned)info4.ipi_ifindex;
        }
        if (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_PKTINFO) {
            memcpy(&info6, CMSG_DATA(part), sizeof(info6));
            return info6.ipi6_ifindex;
        }
    }
    return 0;
}

size_t otter_multicast_receive(const struct otter_multicast *multicast, size_t index, void *bytes,
                               size_t size, struct sockaddr_storage *from, unsigned *interface)
{
    struct iovec place = {.iov_base = bytes, .iov_len = size};
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(struct in_pktinfo))];
    } control;
    struct msghdr message = {.msg_name = from,
                             .msg_namelen = sizeof(*from),
                             .msg_iov = &place,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof(control)};
    if (multicast->sockets[index] < 0)
        return 0;
    *from = (struct sockaddr_storage){0};
    ssize_t length = recvmsg(multicast->sockets[index], &message, 0);
    if (length <= 0)
        return 0;
    *interface = interface_of(&message);
    return (size_t)length;
}
