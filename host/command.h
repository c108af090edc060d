/* The commands of `otter`. */
#ifndef OTTER_HOST_COMMAND_H
#define OTTER_HOST_COMMAND_H

#include "host/complain.h"

struct otter_command {
    const char *name;    /* "push"; of two words: "image info" */
    const char *summary; /* one line */
    const char *help;    /* the whole page */
    /* ARGV[0] is the command's last word. Returns the program's exit status. */
    enum otter_exit (*run)(int argc, char **argv);
};

extern const struct otter_command otter_command_image_info;
extern const struct otter_command otter_command_image_make;

/* Complains of a wrong command line and points to COMMAND's help. */
enum otter_exit otter_command_misused(const struct otter_command *command);

#endif
