#include "tests/support/command.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>

#include "tests/support/require.h"

#define ARGUMENTS_MAX 12

enum otter_exit command_run(const struct otter_command *command, const char *const arguments[])
{
    char words[ARGUMENTS_MAX][PATH_MAX] = {"otter"}, *argv[ARGUMENTS_MAX + 1] = {words[0]};
    int argc = 1;
    for (; arguments[argc - 1] != NULL; argc++) {
        REQUIRE(argc < ARGUMENTS_MAX, "too many arguments");
        snprintf(words[argc], PATH_MAX, "%s", arguments[argc - 1]);
        argv[argc] = words[argc];
    }
    optind = 0; /* getopt forgets the last command line */
    return command->run(argc, argv);
}
