#include "tests/support/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/deadline.h"
#include "tests/support/require.h"

struct sockaddr_in socket_address(const char *ip, uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    REQUIRE(inet_pton(AF_INET, ip, &address.sin_addr) == 1, "no address: %s", ip);
    return address;
}

int socket_bound(int type, const char *ip)
{
    struct sockaddr_in address = socket_address(ip, 0);
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    REQUIRE(fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0, "cannot bind %s: %s", ip,
            strerror(errno));
    return fd;
}

uint16_t socket_port(int fd)
{
    struct sockaddr_in address = {0};
    socklen_t size = sizeof(address);
    REQUIRE(getsockname(fd, (struct sockaddr *)&address, &size) == 0, "getsockname: %s", strerror(errno));
    return ntohs(address.sin_port);
}

int socket_accept(int listener, struct sockaddr_in *from, unsigned ms)
{
    socklen_t size = sizeof(*from);
    if (!deadline_poll(listener, POLLIN, deadline_in(ms)))
        return -1;
    int fd = accept4(listener, (struct sockaddr *)from, from ? &size : NULL, SOCK_CLOEXEC);
    REQUIRE(fd >= 0, "accept: %s", strerror(errno));
    return fd;
}

bool socket_receive(int udp, char *out, size_t size, struct sockaddr_in *from, unsigned ms)
{
    socklen_t from_size = sizeof(*from);
    if (!deadline_poll(udp, POLLIN, deadline_in(ms)))
        return false;
    ssize_t count = recvfrom(udp, out, size - 1, 0, (struct sockaddr *)from, from ? &from_size : NULL);
    REQUIRE(count >= 0, "recvfrom: %s", strerror(errno));
    out[count] = '\0';
    return true;
}

void socket_send_to(int udp, const char *text, const struct sockaddr_in *to)
{
    ssize_t sent = sendto(udp, text, strlen(text), 0, (const struct sockaddr *)to, sizeof(*to));
    REQUIRE(sent == (ssize_t)strlen(text), "sendto: %s", strerror(errno));
}

bool socket_send(int tcp, const void *bytes, size_t size, size_t segment, unsigned ms)
{
    setsockopt(tcp, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    const uint8_t *from = bytes;
    while (size > 0) {
        ssize_t sent = send(tcp, from, size < segment ? size : segment, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && (errno != EAGAIN || !deadline_poll(tcp, POLLOUT, deadline_in(ms))))
            return false;
        if (sent > 0) {
            from += sent;
            size -= (size_t)sent;
        }
    }
    return true;
}

int socket_read(int tcp, void *bytes, size_t size, unsigned ms)
{
    if (!deadline_poll(tcp, POLLIN, deadline_in(ms)))
        return -2;
    return (int)recv(tcp, bytes, size, MSG_DONTWAIT);
}

void socket_reset(int tcp)
{
    setsockopt(tcp, SOL_SOCKET, SO_LINGER, &(struct linger){.l_onoff = 1}, sizeof(struct linger));
    close(tcp);
}

void socket_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}
