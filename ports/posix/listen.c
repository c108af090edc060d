/* Connections that come in. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "ports/posix/address.h"
#include "ports/posix/socket.h"

#define BACKLOG 5 /* connections that wait to be accepted; lwIP keeps as many on a small device */

int otter_posix_tcp_listen(void *context, uint16_t port)
{
    struct otter_posix_network *network = context;
    int handle = otter_posix_socket_serve(network, SOCK_STREAM, port);
    if (handle < 0)
        return handle;
    int file = network->sockets[handle].file;
    if (otter_posix_socket_narrow(file, network->window) && listen(file, BACKLOG) == 0)
        return handle; /* what is accepted inherits the window */
    otter_posix_socket_close(network, handle);
    return OTTER_ERROR_TRANSPORT;
}

int otter_posix_tcp_accept(void *context, int handle, struct otter_address *from)
{
    struct otter_posix_network *network = context;
    struct otter_posix_socket *listener = &network->sockets[handle];
    struct sockaddr_storage name;
    socklen_t length = sizeof name;
    listener->reported = false;
    int file = accept4(listener->file, (struct sockaddr *)&name, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (file < 0) /* an error is that of a connection which is gone again */
        return OTTER_ERROR_NO_DATA;
    otter_posix_address_from_socket(from, &name);
    otter_posix_socket_option(file, IPPROTO_TCP, TCP_NODELAY, 1);
    return otter_posix_socket_keep(network, file, true);
}
