/* The pull client's connection: name, TCP, TLS, request. */
#include "device/pull_session.h"

void otter_pull_connect(struct otter_pull *pull, uint32_t now_ms)
{
    if (pull->url.secure && pull->settings.secure == NULL)
        otter_pull_fail(pull, OTTER_PULL_ERROR_CONNECTION_FAILED, "no TLS in this firmware");
    else
        otter_pull_enter(pull, OTTER_PULL_RESOLVING, now_ms, pull->settings.timeout_ms);
}

void otter_pull_disconnect(struct otter_pull *pull)
{
    const struct otter_port *port = pull->port;
    if (pull->secured)
        pull->settings.secure->end(pull->settings.secure->context);
    if (pull->tcp >= 0)
        port->network.close(port->context, pull->tcp);
    if (pull->state == OTTER_PULL_RESOLVING)
        (void)port->network.resolve(port->context, NULL, NULL);
    pull->secured = false;
    pull->tcp = -1;
}

const char *otter_pull_secure_reason(const struct otter_pull *pull)
{
    return pull->settings.secure->reason(pull->settings.secure->context);
}

int otter_pull_read(struct otter_pull *pull, void *bytes, size_t size)
{
    const struct otter_port *port = pull->port;
    if (pull->secured)
        return pull->settings.secure->read(pull->settings.secure->context, bytes, size);
    return port->network.tcp_read(port->context, pull->tcp, bytes, size);
}

static int write_bytes(struct otter_pull *pull, const void *bytes, size_t size)
{
    const struct otter_port *port = pull->port;
    if (pull->secured)
        return pull->settings.secure->write(pull->settings.secure->context, bytes, size);
    return port->network.tcp_write(port->context, pull->tcp, bytes, size);
}

/* --- attempts: 1 when done, 0 when not yet, or an error ------------------------------------------- */

static int resolve(struct otter_pull *pull)
{
    const struct otter_port *port = pull->port;
    struct otter_address address = {0};
    const int found = port->network.resolve(port->context, otter_url_host(&pull->url), &address);
    if (found <= 0)
        return found;
    address.port = pull->url.port;
    pull->tcp = port->network.tcp_connect(port->context, &address);
    return pull->tcp < 0 ? pull->tcp : 1;
}

static int connect(struct otter_pull *pull)
{
    const struct otter_port *port = pull->port;
    const struct otter_secure *secure = pull->settings.secure;
    pull->printed = 0;
    pull->pending_from = pull->pending_to = 0;
    const int connected = port->network.tcp_connected(port->context, pull->tcp);
    if (connected <= 0 || !pull->url.secure)
        return connected;
    pull->secured = true;
    return secure->begin(secure->context, port, pull->tcp, otter_url_host(&pull->url)) == OTTER_OK
               ? 1
               : OTTER_ERROR_SECURE;
}

static int shake_hands(struct otter_pull *pull)
{
    return pull->secured ? pull->settings.secure->ready(pull->settings.secure->context) : 1;
}

static int send(struct otter_pull *pull)
{
    for (;;) {
        if (pull->pending_from == pull->pending_to)
            otter_pull_print_request(pull);
        if (pull->pending_from == pull->pending_to)
            break;
        const int count = write_bytes(pull, pull->line + pull->pending_from,
                                      (size_t)(pull->pending_to - pull->pending_from));
        if (count <= 0)
            return count;
        pull->pending_from = (uint16_t)(pull->pending_from + count);
    }
    otter_http_response_init(&pull->response, pull->line, sizeof(pull->line), &pull->url);
    return 1;
}

/* --- steps -------------------------------------------------------------------------------------- */

static const struct {
    int (*attempt)(struct otter_pull *pull);
    int error; /* enum otter_pull_error: of those who fail, or come too late */
} phases[] = {
    [OTTER_PULL_RESOLVING] = {resolve, OTTER_PULL_ERROR_CONNECTION_FAILED},
    [OTTER_PULL_CONNECTING] = {connect, OTTER_PULL_ERROR_CONNECTION_FAILED},
    [OTTER_PULL_SECURING] = {shake_hands, OTTER_PULL_ERROR_CONNECTION_FAILED},
    [OTTER_PULL_SENDING] = {send, OTTER_PULL_ERROR_SEND_FAILED},
};

uint32_t otter_pull_approaching(struct otter_pull *pull, uint32_t now_ms)
{
    const int error = phases[pull->state].error;
    const int done = phases[pull->state].attempt(pull);
    if (done == OTTER_ERROR_SECURE)
        otter_pull_fail(pull, error, otter_pull_secure_reason(pull));
    else if (done < 0 || (done == 0 && otter_pull_expired(pull, now_ms)))
        otter_pull_interrupt(pull, now_ms, error, NULL);
    else if (done > 0)
        otter_pull_enter(pull, (enum otter_pull_state)(pull->state + 1), now_ms, pull->settings.timeout_ms);
    else
        return otter_pull_left(pull, now_ms, true);
    return 0;
}
