/* An otter-sim under test. */
#ifndef OTTER_TEST_VIRTUAL_DEVICE_H
#define OTTER_TEST_VIRTUAL_DEVICE_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "tests/support/file.h"
#include "tests/support/scene.h"

#define VIRTUAL_DEVICE_WAIT_MS 20000 /* for whatever a device does by itself */

struct virtual_device {
    struct process *process;
    uint16_t port;    /* UDP, where it hears invitations */
    char address[40]; /* "127.0.0.1:PORT" */
    char flash[PATH_MAX];
    char control[PATH_MAX];
    char status[1024]; /* the last one asked for */
};

/* Starts NAME with a flash of its own, bound to IP without flash timing, and OPTIONS (ended by NULL) behind
 * these; waits until it listens. */
void virtual_device_start_at(struct virtual_device *device, struct scene *scene, const char *name,
                             const char *ip, const char *const options[]);
/* The same at 127.0.0.1; the options are its further arguments. */
#define virtual_device_start(device, scene, name, ...)                                                       \
    virtual_device_start_at(device, scene, name, "127.0.0.1", PROCESS_STRINGS(__VA_ARGS__))
/* Waits until it listens again after a restart. */
void virtual_device_wait_restart(struct virtual_device *device);

/* Sends a command to the control socket; its one-line answer in OUT. */
void virtual_device_command(const struct virtual_device *device, const char *command, char *out, size_t size);
/* Asks for the status; a member of it, as a string or a number. Fails the test if there is no such member. */
void virtual_device_ask(struct virtual_device *device);
const char *virtual_device_string(const struct virtual_device *device, const char *member, char *out,
                                  size_t size);
uint64_t virtual_device_number(const struct virtual_device *device, const char *member);

/* Programs and erases since it was started. */
uint64_t virtual_device_flash_operations(struct virtual_device *device);

#endif
