/* The control socket: a UNIX stream socket that takes commands, one per line, and answers each with a line.
 */
#ifndef OTTER_SIM_CONTROL_H
#define OTTER_SIM_CONTROL_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#define CONTROL_CLIENTS 4
#define CONTROL_FILES   (1 + CONTROL_CLIENTS) /* the listening socket comes first */
#define CONTROL_LINE    320                   /* bytes of the longest command */
#define CONTROL_ANSWER  1024

/* Does what LINE says and writes the answer, without a newline, into ANSWER. */
typedef void control_command(void *context, char *line, char answer[CONTROL_ANSWER]);

struct control {
    const char *path; /* NULL: no control socket */
    int file;
    struct control_client {
        int file; /* -1: free */
        size_t length;
        char line[CONTROL_LINE];
    } clients[CONTROL_CLIENTS];
    control_command *command;
    void *context;
};

/* Listens at PATH (NULL: nowhere). A socket that an earlier device left there is replaced, one that somebody
 * listens at is not. False with errno set. */
bool control_open(struct control *control, const char *path, control_command *command, void *context);
void control_close(struct control *control);

/* What to wait for, and what to do when one of them is ready. */
void control_files(const struct control *control, struct pollfd files[CONTROL_FILES]);
void control_serve(struct control *control, const struct pollfd files[CONTROL_FILES]);

#endif
