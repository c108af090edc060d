/* `otter push` to virtual devices, for the end to end tests. */
#ifndef OTTER_TEST_PUSH_H
#define OTTER_TEST_PUSH_H

#include "tests/support/virtual_device.h"

#define PUSH_WAIT_MS 120000 /* for the end of an `otter push` */

/* Starts `otter push OPTIONS DEVICE FILE`; OPTIONS are ended by NULL. */
struct process *push_start_options(struct scene *scene, const struct virtual_device *device, const char *file,
                                   const char *const options[]);
#define push_start(scene, device, file, ...)                                                                 \
    push_start_options(scene, device, file, PROCESS_STRINGS(__VA_ARGS__))

/* The push succeeds, and the device has restarted. */
void push_succeeds(struct process *push, struct virtual_device *device);

/* What lies in the device's flash from ADDRESS on is BYTES; but where PATCHED is set, byte 2 may be another
 * flash mode. */
void push_expect_flash(const struct virtual_device *device, uint32_t address, const void *bytes, size_t size,
                       bool patched);

/* MD5 and size of what the device runs, as it says. */
struct push_firmware {
    char md5[33];
    uint64_t size;
    char version[33];
};
struct push_firmware push_running(struct virtual_device *device);

/* A file of the firmware folder; NULL where the machine has no such folder: the test should then be skipped.
 */
const char *push_firmware_path(char out[PATH_MAX], const char *name);
/* A garden image of this build. */
const char *push_garden_path(char out[PATH_MAX], const char *name);

#endif
