/* TLS as the pull client sees it, so that a firmware without TLS links none: otter/tls.h supplies one over
 * BearSSL.
 *
 * One object serves one connection at a time, over a TCP handle of the port that is connected and that the
 * caller opens and closes. Nothing blocks, except for the public-key arithmetic of a handshake. */
#ifndef OTTER_SECURE_H
#define OTTER_SECURE_H

#include "otter/port.h"

struct otter_secure {
    void *context; /* passed to every function below */
    /* Begins a handshake on HANDLE of PORT with the server SERVER_NAME, which has to live until the end. 0,
     * or OTTER_ERROR_ARGUMENT if it has not been told what to trust; OTTER_ERROR_ENTROPY; OTTER_ERROR_SECURE
     * if no server could be trusted, as when the time is not known. */
    int (*begin)(void *context, const struct otter_port *port, int handle, const char *server_name);
    /* 1 once the server is known to be the right one, 0 while it is not; OTTER_ERROR_SECURE if it is not
     * trusted or breaks the protocol; OTTER_ERROR_CLOSED, OTTER_ERROR_TRANSPORT. */
    int (*ready)(void *context);
    /* As tcp_read and tcp_write of the port; also OTTER_ERROR_SECURE. A connection that ends without TLS's
     * own farewell is OTTER_ERROR_TRANSPORT to read, so that nothing is cut short unnoticed. */
    int (*read)(void *context, void *bytes, size_t size);
    int (*write)(void *context, const void *bytes, size_t size);
    /* Why the last begin or connection failed, for a log: static text; empty if it did not. */
    const char *(*reason)(void *context);
    /* Forgets the connection. */
    void (*end)(void *context);
};

#endif
