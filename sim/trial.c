#include "sim/trial.h"

static void read_status(struct device *device)
{
    if (otter_boot_status(&device->port, &device->trial) != OTTER_OK)
        console_line(device->console, CONSOLE_BAD,
                     "(flash cannot be read: whether this is a trial is unknown)");
}

void trial_report(struct device *device)
{
    const struct otter_boot_status *trial = &device->trial;
    read_status(device);
    if (trial->on_trial)
        console_line(device->console, CONSOLE_PLAIN, "on trial: %u of %u starts left", trial->starts_left,
                     trial->starts);
    if (trial->taken_back)
        console_line(device->console, CONSOLE_BAD,
                     "taken back: the update with MD5 %s did not confirm itself in %u starts", trial->md5,
                     trial->starts);
}

void trial_confirm(struct device *device)
{
    const struct device_settings *settings = device->settings;
    if (!device->trial.on_trial || settings->no_confirm || settings->emulated != NULL)
        return;
    if (otter_boot_confirm(&device->port) == OTTER_OK)
        console_line(device->console, CONSOLE_GOOD, "confirmed: this firmware stays");
    read_status(device);
}
