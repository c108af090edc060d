/* What can be asked of a device through the control socket. */
#ifndef OTTER_SIM_COMMANDS_H
#define OTTER_SIM_COMMANDS_H

#include <stdbool.h>

#include "sim/control.h"
#include "sim/device.h"

struct commands {
    struct device *device;
    bool quit;
};

/* Obeys LINE; CONTEXT is a struct commands. The answer is "ok", "error: ..." or a line of JSON. */
void commands_obey(void *context, char *line, char answer[CONTROL_ANSWER]);

#endif
