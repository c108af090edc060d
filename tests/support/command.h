/* A command of `otter`, run inside the test. */
#ifndef OTTER_TEST_COMMAND_H
#define OTTER_TEST_COMMAND_H

#include "host/command.h"
#include "tests/support/process.h"

/* Runs COMMAND with ARGUMENTS, which NULL ends. */
enum otter_exit command_run(const struct otter_command *command, const char *const arguments[]);
#define COMMAND_RUN(command, ...) command_run(&(command), PROCESS_STRINGS(__VA_ARGS__, NULL))

#endif
