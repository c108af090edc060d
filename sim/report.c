#include "sim/report.h"

#include <stdio.h>

#include "ports/posix/address.h"

#define STEPS 4u /* of the progress that is told */

/* --- map ----------------------------------------------------------------------------------------- */

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

void report_started(struct device *device)
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

/* --- console ------------------------------------------------------------------------------------- */

void report_update(struct device *device, const char *how, const struct otter_address *from,
                   bool authenticated, enum otter_update_command command, uint32_t size)
{
    char peer[OTTER_POSIX_ADDRESS_TEXT];
    console_line(device->console, CONSOLE_PLAIN, "update %s%s%s%s: %s of %u bytes", how,
                 from != NULL ? " " : "", from != NULL ? otter_posix_address_print(peer, from) : "",
                 authenticated ? ", authenticated" : "",
                 command == OTTER_UPDATE_FILESYSTEM ? "filesystem" : "sketch", (unsigned)size);
    device->logged_step = 0;
    map_update(device, command, size);
}

void report_progress(struct device *device, uint32_t done, uint32_t total)
{
    uint32_t step = (uint32_t)((uint64_t)done * STEPS / total);
    map_progress(device, done);
    if (step == device->logged_step)
        return;
    device->logged_step = step;
    console_line(device->console, CONSOLE_PLAIN, "progress %3u%%  %u of %u bytes",
                 (unsigned)(step * 100 / STEPS), (unsigned)done, (unsigned)total);
}

void report_complete(struct device *device, const char *text)
{
    device->updated = device->map.filesystem; /* of a sketch the bootloader decides */
    console_line(device->console, CONSOLE_GOOD, "update complete, %s", text);
}

void report_failure(struct device *device, const char *stage, const char *text)
{
    console_line(device->console, CONSOLE_BAD, "update failed (%s): %s", stage, text);
    map_back(device);
}
