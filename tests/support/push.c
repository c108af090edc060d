#include "tests/support/push.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/require.h"

struct process *push_start_options(struct scene *scene, const struct virtual_device *device, const char *file,
                                   const char *const options[])
{
    const char *argv[PROCESS_ARGUMENTS_MAX] = {OTTER_PROGRAM, "push"};
    size_t count = 2;
    for (; *options; options++) {
        REQUIRE(count + 3 < PROCESS_ARGUMENTS_MAX, "too many options");
        argv[count++] = *options;
    }
    argv[count++] = device->address;
    argv[count] = file;
    return scene_start_arguments(scene, argv);
}

void push_succeeds(struct process *push, struct virtual_device *device)
{
    bool ended = process_ends(push, 0, PUSH_WAIT_MS, PROCESS_STRINGS(NULL));
    REQUIRE(ended, "the device said:\n%s", device->process->text);
    virtual_device_wait_restart(device);
}

void push_expect_flash(const struct virtual_device *device, uint32_t address, const void *bytes, size_t size,
                       bool patched)
{
    struct file flash = file_read(device->flash);
    const uint8_t *expected = bytes, *found = flash.bytes + address;
    REQUIRE(flash.size >= address + size, "a flash of %zu bytes", flash.size);
    for (size_t i = 0; i < size; i++)
        REQUIRE(found[i] == expected[i] || (patched && i == 2 && found[i] <= 3),
                "flash 0x%06zx is 0x%02X instead of 0x%02X", address + i, found[i], expected[i]);
    free(flash.bytes);
}

struct push_firmware push_running(struct virtual_device *device)
{
    struct push_firmware firmware;
    virtual_device_ask(device);
    firmware.size = virtual_device_number(device, "size");
    virtual_device_string(device, "md5", firmware.md5, sizeof(firmware.md5));
    virtual_device_string(device, "version", firmware.version, sizeof(firmware.version));
    return firmware;
}

const char *push_firmware_path(char out[PATH_MAX], const char *name)
{
    snprintf(out, PATH_MAX, "%s/%s", OTTER_FIRMWARE_DIR, name);
    return file_exists(out) ? out : NULL;
}

const char *push_garden_path(char out[PATH_MAX], const char *name)
{
    snprintf(out, PATH_MAX, "%s/%s", OTTER_IMAGES_DIR, name);
    return out;
}
