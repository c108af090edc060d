#include "host/local.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "format/text.h"

#define PORT_FIRST 10000u
#define PORT_LAST  60000u
#define PORT_TRIES 20

static socklen_t length_of(const struct sockaddr_storage *address)
{
    return address->ss_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
}

static const void *ip_of(const struct sockaddr_storage *address)
{
    return address->ss_family == AF_INET ? (const void *)&((const struct sockaddr_in *)address)->sin_addr
                                         : (const void *)&((const struct sockaddr_in6 *)address)->sin6_addr;
}

static bool same_ip(const struct sockaddr_storage *left, const struct sockaddr_storage *right)
{
    size_t size = left->ss_family == AF_INET ? sizeof(struct in_addr) : sizeof(struct in6_addr);
    return left->ss_family == right->ss_family && memcmp(ip_of(left), ip_of(right), size) == 0;
}

static int fail(int fd)
{
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

/* HOST, or any address of DEVICE's family, with PORT. */
static struct sockaddr_storage local_address(const struct sockaddr_storage *host,
                                             const struct sockaddr_storage *device, uint16_t port)
{
    struct sockaddr_storage address = *host;
    if (address.ss_family == AF_UNSPEC)
        address = (struct sockaddr_storage){.ss_family = device->ss_family};
    if (address.ss_family == AF_INET)
        ((struct sockaddr_in *)&address)->sin_port = htons(port);
    else
        ((struct sockaddr_in6 *)&address)->sin6_port = htons(port);
    return address;
}

int otter_local_open_udp(const struct sockaddr_storage *host, const struct sockaddr_storage *device)
{
    int fd = socket(device->ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    struct sockaddr_storage local = local_address(host, device, 0);
    if (bind(fd, (struct sockaddr *)&local, length_of(&local)) != 0 ||
        connect(fd, (const struct sockaddr *)device, length_of(device)) != 0)
        return fail(fd);
    return fd;
}

static int listen_on(const struct sockaddr_storage *local)
{
    int fd = socket(local->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    int on = 1; /* a fixed port stays usable while its last connection is in TIME_WAIT */
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, (const struct sockaddr *)local, length_of(local)) != 0 || listen(fd, 4) != 0)
        return fail(fd);
    return fd;
}

static uint16_t random_port(void)
{
    uint32_t number;
    if (getrandom(&number, sizeof(number), 0) != sizeof(number))
        return 0;
    return (uint16_t)(PORT_FIRST + number % (PORT_LAST - PORT_FIRST + 1));
}

int otter_local_listen(const struct sockaddr_storage *host, const struct sockaddr_storage *device,
                       uint16_t port, uint16_t *actual)
{
    if (host->ss_family != AF_UNSPEC && host->ss_family != device->ss_family) {
        errno = EAFNOSUPPORT; /* IPv4 here and IPv6 there */
        return -1;
    }
    for (int tries = 1;; tries++) {
        *actual = port != 0 ? port : random_port();
        struct sockaddr_storage local = local_address(host, device, *actual);
        int fd = listen_on(&local);
        if (fd >= 0 || port != 0 || tries == PORT_TRIES || errno != EADDRINUSE)
            return fd;
    }
}

int otter_local_accept(int listener, const struct sockaddr_storage *device, char stranger[INET6_ADDRSTRLEN])
{
    for (;;) {
        struct sockaddr_storage peer = {0};
        socklen_t length = sizeof(peer);
        int fd = accept4(listener, (struct sockaddr *)&peer, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return -1;
        if (same_ip(&peer, device)) {
            int on = 1;
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
            return fd;
        }
        otter_local_print_address(stranger, &peer);
        close(fd);
    }
}

void otter_local_print_address(char out[INET6_ADDRSTRLEN], const struct sockaddr_storage *address)
{
    if (inet_ntop(address->ss_family, ip_of(address), out, INET6_ADDRSTRLEN) == NULL)
        memcpy(out, "?", 2);
}

static bool is_address(const struct ifaddrs *entry, const struct sockaddr_storage *address)
{
    struct sockaddr_storage own = {0};
    if (entry->ifa_addr == NULL || entry->ifa_addr->sa_family != address->ss_family)
        return false;
    memcpy(&own, entry->ifa_addr, length_of(address));
    return same_ip(&own, address);
}

void otter_local_describe(struct otter_local *local, int fd)
{
    struct sockaddr_storage address = {0};
    socklen_t length = sizeof(address);
    *local = (struct otter_local){.address = "?", .interface = "?"};
    if (getsockname(fd, (struct sockaddr *)&address, &length) != 0)
        return;
    otter_local_print_address(local->address, &address);
    struct ifaddrs *list;
    if (getifaddrs(&list) != 0)
        return;
    for (const struct ifaddrs *entry = list; entry != NULL; entry = entry->ifa_next) {
        if (!is_address(entry, &address))
            continue;
        strncpy(local->interface, entry->ifa_name, sizeof(local->interface) - 1);
        local->loopback = (entry->ifa_flags & IFF_LOOPBACK) != 0;
        break;
    }
    freeifaddrs(list);
}

void otter_local_list_others(char *out, size_t size, const struct otter_local *local)
{
    struct ifaddrs *list;
    struct otter_text text;
    int family = strchr(local->address, ':') != NULL ? AF_INET6 : AF_INET;
    otter_text_init(&text, out, size);
    if (getifaddrs(&list) != 0)
        list = NULL;
    for (const struct ifaddrs *entry = list; entry != NULL; entry = entry->ifa_next) {
        if (entry->ifa_addr == NULL || entry->ifa_addr->sa_family != family ||
            entry->ifa_flags & IFF_LOOPBACK)
            continue;
        struct sockaddr_storage address = {.ss_family = (sa_family_t)family};
        char name[INET6_ADDRSTRLEN];
        memcpy(&address, entry->ifa_addr, length_of(&address));
        otter_local_print_address(name, &address);
        if (strcmp(name, local->address) == 0)
            continue;
        otter_text_add(&text, text.length > 0 ? ", " : "");
        otter_text_add(&text, name);
        otter_text_add(&text, " (");
        otter_text_add(&text, entry->ifa_name);
        otter_text_add(&text, ")");
    }
    if (text.length == 0)
        otter_text_add(&text, "none");
    if (list != NULL)
        freeifaddrs(list);
}
