#include "tests/support/virtual_device.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/support/deadline.h"
#include "tests/support/require.h"

static void wait_listening(struct virtual_device *device)
{
    const char *line = process_wait_line(device->process, "listening on UDP ", VIRTUAL_DEVICE_WAIT_MS);
    char where[64] = "";
    REQUIRE(line && sscanf(line, "listening on UDP %63s", where) == 1, "the device does not listen:\n%s",
            device->process->text);
    char *port = strrchr(where, ':');
    REQUIRE(port, "no port: %s", where);
    device->port = (uint16_t)strtoul(port + 1, NULL, 10);
}

void virtual_device_start_at(struct virtual_device *device, struct scene *scene, const char *name,
                             const char *ip, const char *const options[])
{
    char file[64];
    snprintf(file, sizeof(file), "%s.flash", name);
    scene_path(scene, device->flash, file);
    snprintf(file, sizeof(file), "%s.control", name);
    scene_path(scene, device->control, file);
    const char *argv[PROCESS_ARGUMENTS_MAX] = {
        OTTER_SIM_PROGRAM, "--flash", device->flash, "--control", device->control, "--bind", ip,
        "--port",          "0",       "--timing",    "none"};
    for (size_t i = 11; *options; options++, i++) {
        REQUIRE(i + 1 < PROCESS_ARGUMENTS_MAX, "too many options");
        argv[i] = *options;
    }
    device->process = scene_start_arguments(scene, argv);
    wait_listening(device);
    snprintf(device->address, sizeof(device->address), "%s:%u", ip, device->port);
}

void virtual_device_wait_restart(struct virtual_device *device)
{
    uint16_t port = device->port;
    wait_listening(device);
    REQUIRE(device->port == port, "listens on port %u after a restart, on %u before", device->port, port);
}

void virtual_device_command(const struct virtual_device *device, const char *command, char *out, size_t size)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    REQUIRE(strlen(device->control) < sizeof(address.sun_path), "%s: too long", device->control);
    memcpy(address.sun_path, device->control, strlen(device->control));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    REQUIRE(fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0, "%s: %s",
            device->control, strerror(errno));
    dprintf(fd, "%s\n", command);
    size_t length = 0;
    int64_t deadline = deadline_in(VIRTUAL_DEVICE_WAIT_MS);
    while (!memchr(out, '\n', length) && length + 1 < size && deadline_poll(fd, POLLIN, deadline)) {
        ssize_t count = read(fd, out + length, size - 1 - length);
        if (count <= 0)
            break;
        length += (size_t)count;
    }
    out[length] = '\0';
    close(fd);
}

void virtual_device_ask(struct virtual_device *device)
{
    virtual_device_command(device, "status", device->status, sizeof(device->status));
    REQUIRE(device->status[0] == '{', "no status: \"%s\"", device->status);
}

static const char *find_member(const struct virtual_device *device, const char *member)
{
    char key[64];
    int length = snprintf(key, sizeof(key), "\"%s\":", member);
    const char *found = strstr(device->status, key);
    REQUIRE(found, "no %s in %s", member, device->status);
    return found + length + strspn(found + length, " ");
}

const char *virtual_device_string(const struct virtual_device *device, const char *member, char *out,
                                  size_t size)
{
    const char *value = find_member(device, member);
    REQUIRE(*value == '"', "%s is no string in %s", member, device->status);
    snprintf(out, size, "%.*s", (int)strcspn(value + 1, "\""), value + 1);
    return out;
}

uint64_t virtual_device_number(const struct virtual_device *device, const char *member)
{
    return strtoull(find_member(device, member), NULL, 10);
}

uint64_t virtual_device_flash_operations(struct virtual_device *device)
{
    virtual_device_ask(device);
    return virtual_device_number(device, "programs") + virtual_device_number(device, "sector_erases") +
           virtual_device_number(device, "block_erases");
}
