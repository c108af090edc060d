#include "tests/powercut/judge.h"

#include <string.h>

#include "format/boot_trial.h"
#include "format/bytes.h"

const char *verdict_text(enum verdict verdict)
{
    static const char *const texts[VERDICT_COUNT] = {
        [VERDICT_OLD] = "runs the old firmware",
        [VERDICT_NEW] = "runs the new firmware",
        [VERDICT_NO_BOOTLOADER] = "bricked: no bootloader in sector 0",
        [VERDICT_DEAD] = "bricked: nothing to start",
        [VERDICT_DAMAGED] = "bricked: starts a damaged firmware",
        [VERDICT_LOST] = "runs the old firmware, although the update was committed",
        [VERDICT_FICKLE] = "runs another firmware at the next start",
        [VERDICT_RESTLESS] = "still writes flash at the next start",
        [VERDICT_SPOILT] = "filesystem, EEPROM, RF or SDK sectors have changed",
        [VERDICT_VIOLATION] = "violates the rules of flash",
        [VERDICT_STUCK] = "cannot be updated any more",
        [VERDICT_OVERDUE] = "has had more starts than a firmware on trial may have",
    };
    return texts[verdict];
}

/* --- firmware ------------------------------------------------------------------------------------- */

static bool holds(struct device *device, const struct file *file, uint32_t size)
{
    for (uint32_t at = 0, part; at < size; at += part) {
        uint32_t there[OTTER_FLASH_SECTOR / 4] = {0};
        uint8_t *bytes = (uint8_t *)there;
        part = size - at < OTTER_FLASH_SECTOR ? size - at : OTTER_FLASH_SECTOR;
        device_read(device, at, there, otter_round_up(part, 4));
        if (at == 0 && bytes[OTTER_IMAGE_MODE_OFFSET] == device->rig.port.flash.mode)
            bytes[OTTER_IMAGE_MODE_OFFSET] = file->bytes[OTTER_IMAGE_MODE_OFFSET];
        if (memcmp(there, file->bytes + at, part) != 0)
            return false;
    }
    return true;
}

bool judge_rom_starts(struct device *device)
{
    return holds(device, device->old, OTTER_FLASH_SECTOR) || holds(device, device->new, OTTER_FLASH_SECTOR);
}

bool judge_runs(struct device *device, const struct file *file)
{
    return holds(device, file, (uint32_t)file->size);
}

static enum verdict judge_firmware(struct device *device)
{
    if (!judge_rom_starts(device))
        return VERDICT_NO_BOOTLOADER;
    if (!device->started)
        return VERDICT_DEAD;
    if (device->spoilt)
        return VERDICT_DAMAGED;
    if (scenario_is_taken_back(device->update->scenario) && device->tried > OTTER_BOOT_TRIAL_STARTS)
        return VERDICT_OVERDUE;
    if (judge_runs(device, device->new))
        return VERDICT_NEW;
    return judge_runs(device, device->old) ? VERDICT_OLD : VERDICT_DAMAGED;
}

/* --- the rest ------------------------------------------------------------------------------------- */

static bool is_untouched(const struct device *device, uint32_t start, uint32_t end)
{
    return memcmp(device->rig.flash.bytes + start, device->before.bytes + start, end - start) == 0;
}

static enum verdict judge_surroundings(const struct device *device, enum verdict verdict)
{
    const struct otter_layout *layout = device->update->layout;
    if (device->rig.flash.violation[0] != '\0')
        return VERDICT_VIOLATION;
    if (!is_untouched(device, layout->filesystem_start, layout->filesystem_end) ||
        !is_untouched(device, layout->eeprom, layout->flash_size))
        return VERDICT_SPOILT;
    return verdict;
}

/* A start with nothing left to do comes to the same, and leaves flash alone. */
static enum verdict judge_next_start(struct device *device, enum verdict verdict)
{
    device_power_on(device, device->rig.flash.seed + 1, false);
    (void)device_start(device);
    if (judge_firmware(device) != verdict)
        return VERDICT_FICKLE;
    return device->rig.flash.operation != 0 ? VERDICT_RESTLESS : verdict;
}

enum verdict judge(struct device *device, bool committed)
{
    enum verdict verdict = judge_firmware(device);
    if (verdict_is_bricked(verdict))
        return verdict;
    verdict = judge_next_start(device, verdict);
    if (verdict == VERDICT_OLD && committed)
        return VERDICT_LOST;
    return judge_surroundings(device, verdict);
}

static bool fits(const struct update *update, const struct file *running, const struct file *sent)
{
    return otter_round_up((uint32_t)running->size, OTTER_FLASH_SECTOR) +
               otter_round_up((uint32_t)sent->size, OTTER_FLASH_SECTOR) <=
           update->layout->filesystem_start;
}

const struct file *judge_next_file(struct device *device, enum verdict verdict, bool small)
{
    const struct update *update = device->update;
    const struct file *running = verdict == VERDICT_NEW ? device->new : device->old;
    const struct file *sent = &update->old;
    device->tried = 0;
    device->new = sent;
    if (small) {
        device->new = sent = &update->first;
    } else if (verdict == VERDICT_OLD) {
        device->new = &update->new;
        sent = &update->staged;
    }
    device->old = running;
    if (scenario_is(update->scenario, SCENARIO_MAY_REFUSE) || scenario_is_taken_back(update->scenario) ||
        !fits(update, running, sent))
        return NULL;
    return sent;
}
