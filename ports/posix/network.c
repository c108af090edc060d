#include "ports/posix/network.h"

#include <assert.h>
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ports/posix/address.h"
#include "ports/posix/socket.h"

#define BUFFER_FACTOR 8  /* room for the system's own bookkeeping beside a small window */
#define LOOK_AGAIN_MS 10 /* at sockets that are readable and that nobody reads */
#define FLUSH_LOOK_MS 2  /* no event tells of an acknowledgement */

static struct otter_posix_socket *socket_of(void *context, int handle)
{
    return &((struct otter_posix_network *)context)->sockets[handle];
}

void otter_posix_network_init(struct otter_posix_network *network)
{
    for (int i = 0; i < OTTER_POSIX_SOCKETS; i++)
        network->sockets[i] = (struct otter_posix_socket){.file = -1};
    network->lookup = NULL;
}

/* --- opening and closing ---------------------------------------------------------------------- */

void otter_posix_network_drop(struct otter_posix_network *network)
{
    (void)otter_posix_resolve(network, NULL, NULL);
    const struct linger reset = {.l_onoff = 1};
    for (int i = 0; i < OTTER_POSIX_SOCKETS; i++) {
        if (network->sockets[i].file < 0 || !(network->sockets[i].stream || network->sockets[i].group))
            continue;
        if (network->sockets[i].stream)
            setsockopt(network->sockets[i].file, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        otter_posix_socket_close(network, i);
    }
}

uint16_t otter_posix_network_local_port(const struct otter_posix_network *network, int handle)
{
    struct sockaddr_storage name;
    struct otter_address address;
    socklen_t length = sizeof name;
    if (getsockname(network->sockets[handle].file, (struct sockaddr *)&name, &length) != 0)
        return 0;
    otter_posix_address_from_socket(&address, &name);
    return address.port;
}

/* --- UDP -------------------------------------------------------------------------------------- */

static int udp_open(void *context, uint16_t port)
{
    return otter_posix_socket_serve(context, SOCK_DGRAM, port);
}

static int udp_receive(void *context, int handle, void *bytes, size_t size, struct otter_address *from)
{
    struct otter_posix_socket *socket = socket_of(context, handle);
    struct sockaddr_storage name;
    socklen_t length = sizeof name;
    socket->reported = false;
    ssize_t got = recvfrom(socket->file, bytes, size, 0, (struct sockaddr *)&name, &length);
    if (got <= 0) /* an error is one of an earlier datagram of ours, which may be lost */
        return 0;
    otter_posix_address_from_socket(from, &name);
    return (int)got;
}

static bool is_group(const struct otter_address *address)
{
    return address->family == 6 ? address->ip[0] == 0xFF : address->ip[0] >> 4 == 0xE;
}

static int udp_send(void *context, int handle, const void *bytes, size_t size, const struct otter_address *to)
{
    const struct otter_posix_socket *socket = socket_of(context, handle);
    int file = socket->file;
    struct sockaddr_storage own = {0}, name;
    socklen_t length = sizeof own;
    if (socket->group && is_group(to))
        return otter_posix_multicast_send(context, file, bytes, size, to);
    if (getsockname(file, (struct sockaddr *)&own, &length) != 0)
        return OTTER_ERROR_TRANSPORT;
    length = otter_posix_address_to_socket(&name, own.ss_family, to);
    if (length == 0 || sendto(file, bytes, size, MSG_NOSIGNAL, (struct sockaddr *)&name, length) < 0)
        return OTTER_ERROR_TRANSPORT;
    return 0;
}

/* --- TCP -------------------------------------------------------------------------------------- */

static void keep_window(int file, uint32_t window)
{
    otter_posix_socket_option(file, SOL_SOCKET, SO_RCVBUF, (int)window * BUFFER_FACTOR);
    otter_posix_socket_option(file, IPPROTO_TCP, TCP_WINDOW_CLAMP, (int)window);
}

static bool connect_socket(struct otter_posix_network *network, struct otter_posix_socket *socket, int family,
                           const struct otter_address *to)
{
    struct sockaddr_storage name;
    socklen_t length = otter_posix_address_to_socket(&name, family, to);
    otter_posix_socket_option(socket->file, IPPROTO_TCP, TCP_NODELAY, 1);
    if (!otter_posix_socket_narrow(socket->file, network->window))
        return false;
    if (network->local.family == to->family &&
        !otter_posix_socket_bind(socket->file, family, &network->local, 0))
        return false;
    socket->connecting = true;
    return connect(socket->file, (struct sockaddr *)&name, length) == 0 || errno == EINPROGRESS;
}

static int tcp_connect(void *context, const struct otter_address *to)
{
    struct otter_posix_network *network = context;
    int family = to->family == 6 ? AF_INET6 : AF_INET;
    int handle = otter_posix_socket_open(network, family, SOCK_STREAM);
    if (handle < 0)
        return handle;
    if (connect_socket(network, &network->sockets[handle], family, to))
        return handle;
    otter_posix_socket_close(network, handle);
    return OTTER_ERROR_TRANSPORT;
}

static int fail(struct otter_posix_socket *socket)
{
    socket->broken = true;
    socket->ended = true;
    return OTTER_ERROR_TRANSPORT;
}

/* Asking for a socket's error clears it, so it is kept. */
static bool has_failed(struct otter_posix_socket *socket)
{
    int error = 0;
    socklen_t length = sizeof error;
    if (!socket->broken &&
        (getsockopt(socket->file, SOL_SOCKET, SO_ERROR, &error, &length) != 0 || error != 0))
        (void)fail(socket);
    return socket->broken;
}

static int tcp_connected(void *context, int handle)
{
    struct otter_posix_socket *socket = socket_of(context, handle);
    struct pollfd ready = {.fd = socket->file, .events = POLLOUT};
    if (!socket->connecting)
        return 1;
    if (poll(&ready, 1, 0) <= 0)
        return 0;
    if (has_failed(socket))
        return OTTER_ERROR_TRANSPORT;
    socket->connecting = false;
    return 1;
}

static bool is_not_now(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

static int tcp_read(void *context, int handle, void *bytes, size_t size)
{
    const struct otter_posix_network *network = context;
    struct otter_posix_socket *socket = socket_of(context, handle);
    if (size == 0)
        return 0;
    if (socket->broken)
        return OTTER_ERROR_TRANSPORT;
    socket->reported = false;
    ssize_t got = recv(socket->file, bytes, size, 0);
    if (got > 0 && network->window > 0)
        keep_window(socket->file, network->window);
    if (got > 0)
        return (int)got;
    if (got < 0 && is_not_now())
        return 0;
    if (got < 0)
        return fail(socket);
    socket->ended = true;
    return OTTER_ERROR_CLOSED;
}

static int tcp_write(void *context, int handle, const void *bytes, size_t size)
{
    struct otter_posix_socket *socket = socket_of(context, handle);
    ssize_t taken = send(socket->file, bytes, size, MSG_NOSIGNAL);
    if (taken < 0 && !is_not_now())
        return fail(socket);
    if (taken < 0)
        taken = 0;
    socket->full = (size_t)taken < size;
    return (int)taken;
}

static int tcp_flushed(void *context, int handle)
{
    struct otter_posix_socket *socket = socket_of(context, handle);
    int outstanding = 0;
    if (has_failed(socket) || ioctl(socket->file, SIOCOUTQ, &outstanding) != 0)
        return OTTER_ERROR_TRANSPORT;
    socket->draining = outstanding > 0;
    return outstanding == 0;
}

const struct otter_network_port otter_posix_network_port = {
    .udp_open = udp_open,
    .udp_receive = udp_receive,
    .udp_send = udp_send,
    .tcp_connect = tcp_connect,
    .tcp_connected = tcp_connected,
    .tcp_read = tcp_read,
    .tcp_write = tcp_write,
    .tcp_flushed = tcp_flushed,
    .tcp_listen = otter_posix_tcp_listen,
    .tcp_accept = otter_posix_tcp_accept,
    .multicast_open = otter_posix_multicast_open,
    .addresses = otter_posix_addresses,
    .resolve = otter_posix_resolve,
    .close = otter_posix_socket_close,
};

/* --- waiting ---------------------------------------------------------------------------------- */

static uint32_t sooner(uint32_t left, uint32_t right)
{
    return left < right ? left : right;
}

/* What is worth waiting for; 0: nothing. A socket that was reported and not read is left out for a moment,
 * since poll(2) would return at once, again and again. */
static short awaited_events(const struct otter_posix_socket *socket)
{
    short events = 0;
    if (socket->file < 0)
        return 0;
    if (!socket->connecting && !socket->reported && !socket->ended)
        events |= POLLIN;
    if (socket->connecting || socket->full)
        events |= POLLOUT;
    return events;
}

void otter_posix_network_wait(struct otter_posix_network *network, uint32_t timeout_ms, struct pollfd *others,
                              size_t count)
{
    struct pollfd files[OTTER_POSIX_SOCKETS + OTTER_POSIX_OTHERS];
    assert(count <= OTTER_POSIX_OTHERS);
    for (int i = 0; i < OTTER_POSIX_SOCKETS; i++) {
        struct otter_posix_socket *socket = &network->sockets[i];
        short events = awaited_events(socket);
        files[i] = (struct pollfd){.fd = events ? socket->file : -1, .events = events};
        if (socket->reported)
            timeout_ms = sooner(timeout_ms, LOOK_AGAIN_MS);
        if (socket->draining)
            timeout_ms = sooner(timeout_ms, FLUSH_LOOK_MS);
        socket->reported = false;
    }
    for (size_t i = 0; i < count; i++)
        files[OTTER_POSIX_SOCKETS + i] = others[i];
    poll(files, OTTER_POSIX_SOCKETS + count, timeout_ms > INT32_MAX ? -1 : (int)timeout_ms);
    for (int i = 0; i < OTTER_POSIX_SOCKETS; i++)
        network->sockets[i].reported = files[i].revents & (POLLIN | POLLERR | POLLHUP);
    for (size_t i = 0; i < count; i++)
        others[i].revents = files[OTTER_POSIX_SOCKETS + i].revents;
}
