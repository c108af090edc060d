#include "sim/control.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static bool is_abandoned(const struct sockaddr_un *name)
{
    int file = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (file < 0)
        return false;
    bool refused = connect(file, (const struct sockaddr *)name, sizeof *name) != 0 && errno == ECONNREFUSED;
    close(file);
    return refused;
}

static bool bind_path(int file, const struct sockaddr_un *name)
{
    if (bind(file, (const struct sockaddr *)name, sizeof *name) == 0)
        return true;
    if (errno != EADDRINUSE)
        return false;
    if (is_abandoned(name) && unlink(name->sun_path) == 0)
        return bind(file, (const struct sockaddr *)name, sizeof *name) == 0;
    errno = EADDRINUSE;
    return false;
}

bool control_open(struct control *control, const char *path, control_command *command, void *context)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    *control = (struct control){.file = -1, .command = command, .context = context};
    for (size_t i = 0; i < CONTROL_CLIENTS; i++)
        control->clients[i].file = -1;
    if (path == NULL)
        return true;
    size_t length = strlen(path);
    if (length >= sizeof name.sun_path) {
        errno = ENAMETOOLONG;
        return false;
    }
    memcpy(name.sun_path, path, length);
    control->file = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (control->file < 0 || !bind_path(control->file, &name) || listen(control->file, CONTROL_CLIENTS) != 0)
        return false;
    control->path = path;
    return true;
}

static void drop_client(struct control_client *client)
{
    close(client->file);
    client->file = -1;
}

void control_close(struct control *control)
{
    if (control->path == NULL)
        return;
    for (size_t i = 0; i < CONTROL_CLIENTS; i++)
        if (control->clients[i].file >= 0)
            drop_client(&control->clients[i]);
    close(control->file);
    unlink(control->path);
}

void control_files(const struct control *control, struct pollfd files[CONTROL_FILES])
{
    files[0] = (struct pollfd){.fd = control->file, .events = POLLIN};
    for (size_t i = 0; i < CONTROL_CLIENTS; i++)
        files[1 + i] = (struct pollfd){.fd = control->clients[i].file, .events = POLLIN};
}

static void accept_client(struct control *control)
{
    int file = accept4(control->file, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (file < 0)
        return;
    for (size_t i = 0; i < CONTROL_CLIENTS; i++) {
        if (control->clients[i].file < 0) {
            control->clients[i] = (struct control_client){.file = file};
            return;
        }
    }
    close(file);
}

/* False if the client does not take its answer. */
static bool obey_line(struct control *control, struct control_client *client)
{
    char answer[CONTROL_ANSWER + 1] = "";
    control->command(control->context, client->line, answer);
    size_t length = strlen(answer);
    answer[length++] = '\n';
    return send(client->file, answer, length, MSG_NOSIGNAL) == (ssize_t)length;
}

/* False once the line ended and the client is gone or has misbehaved. */
static bool take_byte(struct control *control, struct control_client *client, char byte)
{
    if (byte != '\n') {
        client->line[client->length++] = byte;
        return client->length < CONTROL_LINE;
    }
    client->line[client->length] = '\0';
    client->length = 0;
    return obey_line(control, client);
}

static void serve_client(struct control *control, struct control_client *client)
{
    char bytes[CONTROL_LINE];
    ssize_t got = recv(client->file, bytes, sizeof bytes, 0);
    bool stays = got > 0 || (got < 0 && errno == EAGAIN);
    for (ssize_t i = 0; stays && i < got; i++)
        stays = take_byte(control, client, bytes[i]);
    if (!stays)
        drop_client(client);
}

void control_serve(struct control *control, const struct pollfd files[CONTROL_FILES])
{
    for (size_t i = 0; i < CONTROL_CLIENTS; i++)
        if (files[1 + i].revents && control->clients[i].file == files[1 + i].fd)
            serve_client(control, &control->clients[i]);
    if (files[0].revents)
        accept_client(control);
}
