#include "host/command.h"

enum otter_exit otter_command_misused(const struct otter_command *command)
{
    return otter_complain(OTTER_EXIT_USAGE, "see `otter help %s`", command->name);
}
