#include "otter/web.h"

#include <string.h>

#include "device/deadline.h"
#include "device/web_session.h"

#define STANDARD_PORT    80u
#define HEAD_TIMEOUT_MS  5000u
#define BODY_TIMEOUT_MS  20000u
#define START_TIMEOUT_MS 8000u
#define SILENCE_MS                                                                                           \
    250u /* for which a new connection keeps its place without a word: browsers open spare ones */
#define POLL_MS         2u
#define PATH_MAX_LENGTH 64u /* characters */

/* --- a connection ------------------------------------------------------------------------------- */

void otter_web_enter(struct otter_web_connection *connection, enum otter_web_state state, uint32_t wait)
{
    connection->state = (uint8_t)state;
    connection->since = connection->web->now_ms;
    connection->wait = wait;
}

uint32_t otter_web_left(const struct otter_web_connection *connection)
{
    return otter_deadline_left(connection->since, connection->wait, connection->web->now_ms);
}

uint32_t otter_web_poll(const struct otter_web_connection *connection)
{
    const uint32_t left = otter_web_left(connection);
    return left < POLL_MS ? left : POLL_MS;
}

int otter_web_read(struct otter_web_connection *connection, void *bytes, size_t size)
{
    const struct otter_port *port = connection->web->port;
    if (connection->input_end != 0)
        return connection->input_end;
    const int count = port->network.tcp_read(port->context, connection->tcp, bytes, size);
    if (count < 0)
        connection->input_end = (int8_t)count;
    return count;
}

void otter_web_close(struct otter_web_connection *connection)
{
    const struct otter_port *port = connection->web->port;
    port->network.close(port->context, connection->tcp);
    connection->tcp = -1;
    otter_web_forget(connection);
}

/* --- who comes in ------------------------------------------------------------------------------- */

static bool is_silent(const struct otter_web_connection *connection)
{
    return connection->state == OTTER_WEB_READING && connection->head.bytes == 0 &&
           connection->web->now_ms - connection->since >= SILENCE_MS;
}

/* A place for another connection, which may be that of one that has nothing to say; NULL: none. */
static struct otter_web_connection *find_place(struct otter_web *web)
{
    struct otter_web_connection *silent = NULL;
    for (unsigned i = 0; i < OTTER_WEB_CONNECTIONS; i++) {
        struct otter_web_connection *connection = &web->connections[i];
        if (connection->tcp < 0)
            return connection;
        if (is_silent(connection))
            silent = connection;
    }
    return silent;
}

/* True if somebody came in: there may be more. */
static bool take_connection(struct otter_web *web)
{
    const struct otter_port *port = web->port;
    struct otter_web_connection *connection = find_place(web);
    struct otter_address from;
    if (connection == NULL)
        return false;
    const int tcp = port->network.tcp_accept(port->context, web->listener, &from);
    if (tcp < 0)
        return false;
    if (connection->tcp >= 0)
        otter_web_close(connection);
    connection->tcp = tcp;
    connection->from = from;
    otter_web_expect(connection);
    otter_web_enter(connection, OTTER_WEB_READING, web->settings.head_timeout_ms);
    return true;
}

/* --- the server --------------------------------------------------------------------------------- */

static uint32_t (*const steps[OTTER_WEB_STATES])(struct otter_web_connection *connection) = {
    [OTTER_WEB_READING] = otter_web_reading,     [OTTER_WEB_HASHING] = otter_web_hashing,
    [OTTER_WEB_SENDING] = otter_web_sending,     [OTTER_WEB_DRAINING] = otter_web_draining,
    [OTTER_WEB_RECEIVING] = otter_web_receiving, [OTTER_WEB_STARTING] = otter_web_starting,
    [OTTER_WEB_FINISHING] = otter_web_finishing, [OTTER_WEB_LINGERING] = otter_web_lingering,
};

static void set_default(uint32_t *value, uint32_t standard)
{
    if (*value == 0)
        *value = standard;
}

static void set_defaults(struct otter_web_settings *settings)
{
    if (settings->port == 0)
        settings->port = STANDARD_PORT;
    if (settings->path == NULL)
        settings->path = "/update";
    set_default(&settings->head_timeout_ms, HEAD_TIMEOUT_MS);
    set_default(&settings->body_timeout_ms, BODY_TIMEOUT_MS);
    set_default(&settings->start_timeout_ms, START_TIMEOUT_MS);
}

static bool is_path(const char *path)
{
    return path[0] == '/' && strlen(path) <= PATH_MAX_LENGTH && strpbrk(path, " ?#") == NULL;
}

static void clear(struct otter_web *web)
{
    memset(web, 0, sizeof(*web));
    for (unsigned i = 0; i < OTTER_WEB_CONNECTIONS; i++)
        web->connections[i] = (struct otter_web_connection){.web = web, .tcp = -1};
}

int otter_web_begin(struct otter_web *web, const struct otter_port *port, struct otter_updater *updater,
                    const struct otter_web_settings *settings)
{
    if (web->begun)
        return OTTER_ERROR_RUNNING;
    clear(web);
    web->port = port;
    web->updater = updater;
    web->settings = *settings;
    set_defaults(&web->settings);
    if (!is_path(web->settings.path))
        return OTTER_ERROR_ARGUMENT;
    int error = otter_web_set_credentials(web, settings->user, settings->password);
    if (error == OTTER_OK)
        error = otter_web_make_secret(web);
    if (error != OTTER_OK)
        return error;
    web->listener = port->network.tcp_listen(port->context, web->settings.port);
    if (web->listener < 0)
        return OTTER_ERROR_TRANSPORT;
    web->begun = true;
    return OTTER_OK;
}

int otter_web_set_credentials(struct otter_web *web, const char *user, const char *password)
{
    user = user != NULL ? user : "";
    password = password != NULL ? password : "";
    if (strlen(user) > OTTER_WEB_USER_MAX || strlen(password) > OTTER_WEB_USER_MAX ||
        strchr(user, ':') != NULL)
        return OTTER_ERROR_ARGUMENT;
    web->settings.user = user;
    web->settings.password = password;
    return OTTER_OK;
}

uint32_t otter_web_step(struct otter_web *web, uint32_t now_ms)
{
    if (!web->begun)
        return OTTER_NEVER;
    web->now_ms = now_ms;
    if (!web->clocked)
        web->started_ms = now_ms;
    web->clocked = true;
    uint32_t shortest = take_connection(web) ? 0 : OTTER_NEVER;
    for (unsigned i = 0; i < OTTER_WEB_CONNECTIONS; i++) {
        struct otter_web_connection *connection = &web->connections[i];
        if (connection->tcp < 0)
            continue;
        const uint32_t wait = steps[connection->state](connection);
        shortest = wait < shortest ? wait : shortest;
    }
    return shortest;
}

bool otter_web_is_busy(const struct otter_web *web)
{
    return web->uploader != NULL;
}

const struct otter_address *otter_web_peer(const struct otter_web *web)
{
    return &web->uploader->from;
}

void otter_web_end(struct otter_web *web)
{
    const struct otter_port *port = web->port;
    if (!web->begun)
        return;
    web->begun = false;
    for (unsigned i = 0; i < OTTER_WEB_CONNECTIONS; i++) {
        struct otter_web_connection *connection = &web->connections[i];
        if (connection->tcp >= 0)
            otter_web_close(connection);
    }
    port->network.close(port->context, web->listener);
}
