#include "host/command.h"

#include <stdlib.h>

#define SECONDS_MIN 0.1
#define SECONDS_MAX 3600.0

enum otter_exit otter_command_misused(const struct otter_command *command)
{
    return otter_complain(OTTER_EXIT_USAGE, "see `otter help %s`", command->name);
}

enum otter_exit otter_command_port(uint16_t *port, const char *option, const char *text)
{
    char *end;
    unsigned long number = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || number > UINT16_MAX)
        return otter_complain(OTTER_EXIT_USAGE, "%s can't be `%s`: a port is a number up to 65535", option,
                              text);
    *port = (uint16_t)number;
    return OTTER_EXIT_OK;
}

enum otter_exit otter_command_seconds(uint32_t *ms, const char *option, const char *text)
{
    char *end;
    double seconds = strtod(text, &end);
    if (end == text || *end != '\0' || !(seconds >= SECONDS_MIN && seconds <= SECONDS_MAX))
        return otter_complain(OTTER_EXIT_USAGE, "%s can't be `%s`: seconds from 0.1 to 3600", option, text);
    *ms = (uint32_t)(seconds * 1000);
    return OTTER_EXIT_OK;
}
