#include "sim/firmware.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "format/image.h"
#include "ports/posix/address.h"

#define STEPS 4u /* of the progress that is told */

static const char *const error_stages[] = {
    [OTTER_PUSH_ERROR_AUTH] = "authentication", [OTTER_PUSH_ERROR_BEGIN] = "begin",
    [OTTER_PUSH_ERROR_CONNECT] = "connecting",  [OTTER_PUSH_ERROR_RECEIVE] = "receiving",
    [OTTER_PUSH_ERROR_END] = "finishing",
};

/* --- what is in flash ---------------------------------------------------------------------------- */

static uint8_t flash_mode(const struct device *device)
{
    const uint8_t *header = device->flash.bytes;
    if (device->settings->flash_mode >= 0)
        return (uint8_t)device->settings->flash_mode;
    if (header[0] == OTTER_IMAGE_MAGIC && header[OTTER_IMAGE_MODE_OFFSET] <= OTTER_FLASH_DOUT)
        return header[OTTER_IMAGE_MODE_OFFSET];
    return OTTER_FLASH_DIO;
}

static void read_sketch(struct device *device)
{
    struct device_sketch *sketch = &device->sketch;
    *sketch = (struct device_sketch){0};
    int size = otter_sketch_size(&device->port);
    if (size <= 0 || otter_sketch_md5(&device->port, sketch->md5) != OTTER_OK)
        return;
    sketch->size = (uint32_t)size;
    if (otter_sketch_firmware(&device->port, &sketch->firmware) != OTTER_OK)
        sketch->firmware = (struct otter_firmware){0};
}

static struct map_sketch label_sketch(const struct device_sketch *sketch)
{
    struct map_sketch label = {.size = sketch->size};
    if (sketch->firmware.name[0] != '\0')
        snprintf(label.label, sizeof label.label, "%.23s %.15s", sketch->firmware.name,
                 sketch->firmware.version);
    else
        snprintf(label.label, sizeof label.label, "sketch");
    return label;
}

static void report_sketch(struct device *device)
{
    const struct device_sketch *sketch = &device->sketch;
    int space = otter_sketch_free_space(&device->port);
    if (sketch->size == 0)
        console_line(device->console, CONSOLE_BAD, "no firmware in flash");
    else if (sketch->firmware.name[0] != '\0')
        console_line(device->console, CONSOLE_GOOD, "running %s %s: %u bytes, MD5 %s", sketch->firmware.name,
                     sketch->firmware.version, (unsigned)sketch->size, sketch->md5);
    else
        console_line(device->console, CONSOLE_GOOD, "running firmware of unknown version: %u bytes, MD5 %s",
                     (unsigned)sketch->size, sketch->md5);
    console_line(device->console, CONSOLE_PLAIN, "%d bytes free for an update", space > 0 ? space : 0);
}

/* --- map ----------------------------------------------------------------------------------------- */

static void map_started(struct device *device)
{
    struct map *map = &device->map;
    if (device->updated) {
        map->phase = MAP_RESTART;
        map->new = label_sketch(&device->sketch);
    } else {
        map->phase = MAP_START;
        map->old = label_sketch(&device->sketch);
    }
    console_redraw(device->console);
}

static void map_update(struct device *device, enum otter_update_command command, uint32_t size)
{
    struct map *map = &device->map;
    map->phase = MAP_UPDATE;
    map->old = label_sketch(&device->sketch);
    map->filesystem = command == OTTER_UPDATE_FILESYSTEM;
    map->announced = size;
    map->received = 0;
    console_redraw(device->console);
}

static void map_progress(struct device *device, uint32_t done)
{
    struct map *map = &device->map;
    bool visible = (uint64_t)done * 100 / map->announced != (uint64_t)map->received * 100 / map->announced;
    map->received = done;
    if (visible)
        console_redraw(device->console);
}

/* The update that may have begun came to nothing. */
static void map_back(struct device *device)
{
    if (device->map.phase == MAP_UPDATE)
        device->map.phase = MAP_START;
    console_redraw(device->console);
}

/* --- push ---------------------------------------------------------------------------------------- */

static bool has_password(const struct device_settings *settings)
{
    return (settings->password != NULL && settings->password[0] != '\0') || settings->password_hash != NULL;
}

static enum otter_push_start on_start(void *context, enum otter_update_command command, uint32_t size)
{
    struct device *device = context;
    char peer[OTTER_POSIX_ADDRESS_TEXT];
    console_line(device->console, CONSOLE_PLAIN, "update invited by %s%s: %s of %u bytes",
                 otter_posix_address_print(peer, otter_push_peer(&device->push)),
                 has_password(device->settings) ? ", authenticated" : "",
                 command == OTTER_UPDATE_FILESYSTEM ? "filesystem" : "sketch", (unsigned)size);
    device->logged_step = 0;
    map_update(device, command, size);
    return OTTER_PUSH_START_GO;
}

static void on_progress(void *context, uint32_t done, uint32_t total)
{
    struct device *device = context;
    uint32_t step = (uint32_t)((uint64_t)done * STEPS / total);
    map_progress(device, done);
    if (step == device->logged_step)
        return;
    device->logged_step = step;
    console_line(device->console, CONSOLE_PLAIN, "progress %3u%%  %u of %u bytes",
                 (unsigned)(step * 100 / STEPS), (unsigned)done, (unsigned)total);
}

static void on_end(void *context)
{
    struct device *device = context;
    device->updated = device->map.filesystem; /* of a sketch the bootloader decides */
    console_line(device->console, CONSOLE_GOOD, "update complete, MD5 right; restarting");
}

static void on_error(void *context, enum otter_push_error error, const char *text)
{
    struct device *device = context;
    console_line(device->console, CONSOLE_BAD, "update failed (%s): %s", error_stages[error], text);
    map_back(device);
}

static int begin_push(struct device *device)
{
    const struct device_settings *settings = device->settings;
    return otter_push_begin(&device->push, &device->port, &device->updater,
                            &(struct otter_push_settings){
                                .port = settings->local.port,
                                .hostname = settings->hostname,
                                .password = settings->password,
                                .password_hash = settings->password_hash,
                                .era = settings->era,
                                .context = device,
                                .start = on_start,
                                .progress = on_progress,
                                .end = on_end,
                                .error = on_error,
                            });
}

static void report_listening(struct device *device)
{
    const struct device_settings *settings = device->settings;
    const uint8_t *mac = settings->mac;
    char where[OTTER_POSIX_ADDRESS_TEXT];
    struct otter_address address = settings->local;
    address.port = device->udp_port;
    console_line(device->console, CONSOLE_PLAIN, "%s, MAC %02X:%02X:%02X:%02X:%02X:%02X, %s",
                 settings->hostname, mac[0], mac[1], mac[2], mac[3], mac[4], mac[5],
                 !has_password(settings)                  ? "no password"
                 : settings->era == OTTER_PUSH_ERA_SHA256 ? "password required (SHA-256)"
                                                          : "password required (MD5)");
    console_line(device->console, CONSOLE_PLAIN, "listening on UDP %s",
                 otter_posix_address_print(where, &address));
}

static void report_deaf(struct device *device, int system_error)
{
    char where[OTTER_POSIX_ADDRESS_TEXT];
    otter_posix_address_print(where, &device->settings->local);
    if (device->error == OTTER_ERROR_TRANSPORT)
        console_line(device->console, CONSOLE_BAD,
                     "cannot listen on UDP %s: %s; --port 0 takes any free port", where,
                     strerror(system_error));
    else
        console_line(device->console, CONSOLE_BAD,
                     "the password hash or the hostname is not valid: a hash has 32 hex digits (MD5) or 64 "
                     "(SHA-256), a hostname at most 63 letters, digits and hyphens");
}

void firmware_start(struct device *device)
{
    device->port.flash.mode = flash_mode(device);
    struct device_sketch before = device->sketch;
    read_sketch(device);
    if (before.size != 0 && strcmp(before.md5, device->sketch.md5) != 0)
        device->updated = true; /* by a bootloader that says nothing, or whose last word was cut off */
    report_sketch(device);
    otter_updater_init(&device->updater, &device->port,
                       &(struct otter_updater_settings){.buffer = device->sector,
                                                        .any_bootloader = device->settings->any_bootloader});
    device->error = begin_push(device);
    if (device->error != OTTER_OK) {
        report_deaf(device, errno);
        device->state = DEVICE_FAILED;
        return;
    }
    map_started(device);
    device->updates += device->updated;
    device->updated = false;
    device->state = DEVICE_RUNNING;
    report_listening(device);
}
