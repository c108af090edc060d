/* The commands of `otter`. */
#ifndef OTTER_HOST_COMMAND_H
#define OTTER_HOST_COMMAND_H

#include <stdint.h>

#include "host/complain.h"

struct otter_command {
    const char *name;    /* "push"; of two words: "image info" */
    const char *summary; /* one line */
    const char *help;    /* the whole page */
    /* ARGV[0] is the command's last word. Returns the program's exit status. */
    enum otter_exit (*run)(int argc, char **argv);
};

extern const struct otter_command otter_command_push;
extern const struct otter_command otter_command_upload;
extern const struct otter_command otter_command_espota;
extern const struct otter_command otter_command_discover;
extern const struct otter_command otter_command_image_info;
extern const struct otter_command otter_command_image_make;
extern const struct otter_command otter_command_image_adopt;
extern const struct otter_command otter_command_image_flash;

/* Complains of a wrong command line and points to COMMAND's help. */
enum otter_exit otter_command_misused(const struct otter_command *command);

/* Reads TEXT as a port, 0 included, or as seconds, 0.1 to 3600 with a fraction. Complains, naming OPTION, if
 * it is none. */
enum otter_exit otter_command_port(uint16_t *port, const char *option, const char *text);
enum otter_exit otter_command_seconds(uint32_t *ms, const char *option, const char *text);

#endif
