#include "otter/tls.h"

#include <string.h>

#include "crypto/tls_client.h"
#include "device/tls_trust.h"

#define SEED_SIZE 32u /* bytes of entropy for a connection */

_Static_assert(sizeof(struct otter_tls_client) <= sizeof(((struct otter_tls *)0)->client),
               "client[] is too small");

struct otter_tls_client *otter_tls_client_of(struct otter_tls *tls)
{
    return (struct otter_tls_client *)(void *)tls->client;
}

bool otter_tls_is_name(const char *server_name)
{
    bool number = true; /* as is an IPv4 address */
    for (; *server_name != '\0'; server_name++) {
        if (*server_name == ':')
            return false;
        if (*server_name != '.' && (*server_name < '0' || *server_name > '9'))
            number = false;
    }
    return !number;
}

/* --- the connection below ----------------------------------------------------------------------- */

static int wire_read(void *context, void *bytes, size_t size)
{
    const struct otter_tls *tls = context;
    return tls->port->network.tcp_read(tls->port->context, tls->handle, bytes, size);
}

static int wire_write(void *context, const void *bytes, size_t size)
{
    const struct otter_tls *tls = context;
    return tls->port->network.tcp_write(tls->port->context, tls->handle, bytes, size);
}

/* Moves what can be moved, in the directions of WIRE. 0, or what has ended the connection. */
static int run(struct otter_tls *tls, const struct otter_tls_wire *wire)
{
    const int error = otter_tls_client_run(otter_tls_client_of(tls), wire);
    const enum otter_tls_state state = otter_tls_client_state(otter_tls_client_of(tls));
    if (state == OTTER_TLS_FAILED)
        return OTTER_ERROR_SECURE;
    if (state == OTTER_TLS_CLOSED)
        return OTTER_ERROR_CLOSED;
    if (error == OTTER_ERROR_CLOSED)
        tls->reason = "the connection was cut";
    return error == OTTER_ERROR_CLOSED ? OTTER_ERROR_TRANSPORT : error;
}

static int run_both(struct otter_tls *tls)
{
    const struct otter_tls_wire wire = {.context = tls, .read = wire_read, .write = wire_write};
    return run(tls, &wire);
}

/* Leaves alone what comes in, which would be in the way of what goes out: there is one buffer. */
static int run_out(struct otter_tls *tls)
{
    const struct otter_tls_wire wire = {.context = tls, .write = wire_write};
    return run(tls, &wire);
}

/* --- struct otter_secure ------------------------------------------------------------------------ */

static int fail(struct otter_tls *tls, int error, const char *reason)
{
    tls->reason = reason;
    return error;
}

static int begin(void *context, const struct otter_port *port, int handle, const char *server_name)
{
    struct otter_tls *tls = context;
    struct otter_tls_client *client = otter_tls_client_of(tls);
    uint8_t seed[SEED_SIZE];
    const char *reason;
    tls->reason = NULL;
    if (tls->trust == NULL)
        return fail(tls, OTTER_ERROR_ARGUMENT, "nobody is trusted: an authority or a pin is to be set");
    if (port->entropy(port->context, seed, sizeof(seed)) != 0)
        return fail(tls, OTTER_ERROR_ENTROPY, "there are no random numbers");
    tls->port = port;
    tls->handle = handle;
    otter_tls_client_init(client, tls->buffer, tls->buffer_size);
    reason = tls->trust(tls, server_name);
    if (reason != NULL)
        return fail(tls, OTTER_ERROR_SECURE, reason);
    otter_tls_client_start(client, seed, sizeof(seed), otter_tls_is_name(server_name) ? server_name : NULL);
    tls->begun = true;
    return OTTER_OK;
}

static int ready(void *context)
{
    struct otter_tls *tls = context;
    const int error = run_both(tls);
    if (error != 0)
        return error;
    return otter_tls_client_state(otter_tls_client_of(tls)) == OTTER_TLS_OPEN;
}

static int read_bytes(void *context, void *bytes, size_t size)
{
    struct otter_tls *tls = context;
    const int error = run_both(tls);
    const size_t arrived = otter_tls_client_read(otter_tls_client_of(tls), bytes, size);
    return arrived > 0 ? (int)arrived : error;
}

static int write_bytes(void *context, const void *bytes, size_t size)
{
    struct otter_tls *tls = context;
    const int taken = (int)otter_tls_client_write(otter_tls_client_of(tls), bytes, size);
    const int error = run_out(tls);
    return error != 0 ? error : taken;
}

static const char *reason(void *context)
{
    struct otter_tls *tls = context;
    return tls->reason != NULL ? tls->reason : otter_tls_client_reason(otter_tls_client_of(tls));
}

/* Says farewell if there is room for it now, and leaves no key in memory. */
static void end(void *context)
{
    struct otter_tls *tls = context;
    const char *failure = reason(tls);
    if (!tls->begun)
        return;
    otter_tls_client_close(otter_tls_client_of(tls));
    (void)run_out(tls);
    tls->reason = failure;
    memset(tls->client, 0, sizeof(tls->client));
    memset(tls->buffer, 0, tls->buffer_size);
    tls->begun = false;
}

/* --- beginning ---------------------------------------------------------------------------------- */

int otter_tls_init(struct otter_tls *tls, void *buffer, size_t size)
{
    if (size < OTTER_TLS_BUFFER_MIN)
        return OTTER_ERROR_ARGUMENT;
    memset(tls, 0, sizeof(*tls));
    tls->buffer = buffer;
    tls->buffer_size = size;
    tls->secure = (struct otter_secure){.context = tls,
                                        .begin = begin,
                                        .ready = ready,
                                        .read = read_bytes,
                                        .write = write_bytes,
                                        .reason = reason,
                                        .end = end};
    return OTTER_OK;
}

const struct otter_secure *otter_tls_secure(struct otter_tls *tls)
{
    return &tls->secure;
}
