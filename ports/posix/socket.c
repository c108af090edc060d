#include "ports/posix/socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ports/posix/address.h"

#define SEGMENT_MAX     1460 /* bytes; what a TCP segment on Ethernet carries */
#define WINDOW_SEGMENTS 4    /* lwIP's window on an ESP8266, with segments of 1460 or 536 bytes */

int otter_posix_socket_keep(struct otter_posix_network *network, int file, bool stream)
{
    if (file < 0)
        return OTTER_ERROR_TRANSPORT;
    for (int i = 0; i < OTTER_POSIX_SOCKETS; i++) {
        if (network->sockets[i].file < 0) {
            network->sockets[i] = (struct otter_posix_socket){.file = file, .stream = stream};
            return i;
        }
    }
    close(file);
    return OTTER_ERROR_TRANSPORT;
}

int otter_posix_socket_open(struct otter_posix_network *network, int family, int type)
{
    int file = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    return otter_posix_socket_keep(network, file, type == SOCK_STREAM);
}

void otter_posix_socket_close(void *context, int handle)
{
    struct otter_posix_socket *socket = &((struct otter_posix_network *)context)->sockets[handle];
    close(socket->file);
    *socket = (struct otter_posix_socket){.file = -1};
}

bool otter_posix_socket_option(int file, int level, int option, int value)
{
    return setsockopt(file, level, option, &value, sizeof value) == 0;
}

bool otter_posix_socket_bind(int file, int family, const struct otter_address *local, uint16_t port)
{
    struct otter_address address = *local;
    address.port = port;
    struct sockaddr_storage name;
    socklen_t length = otter_posix_address_to_socket(&name, family, &address);
    return length > 0 && bind(file, (struct sockaddr *)&name, length) == 0;
}

static int serve_family(struct otter_posix_network *network, int family, int type, uint16_t port)
{
    int handle = otter_posix_socket_open(network, family, type);
    if (handle < 0)
        return handle;
    int file = network->sockets[handle].file;
    if (family == AF_INET6)
        otter_posix_socket_option(file, IPPROTO_IPV6, IPV6_V6ONLY, network->local.family == 6);
    if (type == SOCK_STREAM) /* connections of an earlier run may still be dying there */
        otter_posix_socket_option(file, SOL_SOCKET, SO_REUSEADDR, 1);
    if (otter_posix_socket_bind(file, family, &network->local, port))
        return handle;
    otter_posix_socket_close(network, handle);
    return OTTER_ERROR_TRANSPORT;
}

int otter_posix_socket_serve(struct otter_posix_network *network, int type, uint16_t port)
{
    if (network->local.family == 4)
        return serve_family(network, AF_INET, type, port);
    int handle = serve_family(network, AF_INET6, type, port);
    if (handle < 0 && network->local.family == 0)
        handle = serve_family(network, AF_INET, type, port);
    return handle;
}

/* The clamp is what the peer sees. Linux sets it anew, from the buffer size, when the first full segment
 * comes: hence a buffer that allows no more than WINDOW at first, and a roomy one once data has been read. */
bool otter_posix_socket_narrow(int file, uint32_t window)
{
    uint32_t segment = window / WINDOW_SEGMENTS < SEGMENT_MAX ? window / WINDOW_SEGMENTS : SEGMENT_MAX;
    return window == 0 || (otter_posix_socket_option(file, IPPROTO_TCP, TCP_MAXSEG, (int)segment) &&
                           otter_posix_socket_option(file, SOL_SOCKET, SO_RCVBUF, (int)window / 2) &&
                           otter_posix_socket_option(file, IPPROTO_TCP, TCP_WINDOW_CLAMP, (int)window));
}
