#include "sim/firmware.h"

#include <string.h>

#include "format/image.h"
#include "sim/report.h"
#include "sim/service.h"
#include "sim/trial.h"

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

void firmware_start(struct device *device)
{
    device->port.flash.mode = flash_mode(device);
    struct device_sketch before = device->sketch;
    read_sketch(device);
    report_sketch(device);
    trial_report(device);
    if (before.size != 0 && strcmp(before.md5, device->sketch.md5) != 0)
        device->updated = !device->trial.taken_back; /* whatever the bootloader said, if it could */
    otter_updater_init(
        &device->updater, &device->port,
        &(struct otter_updater_settings){.buffer = device->sector,
                                         .stream_timeout_ms = device->settings->read_timeout_ms,
                                         .any_bootloader = device->settings->any_bootloader});
    if (!services_begin(device)) {
        device->state = DEVICE_FAILED;
        return;
    }
    report_started(device);
    device->updates += device->updated;
    device->updated = false;
    device->state = DEVICE_RUNNING;
    trial_confirm(device);
}
