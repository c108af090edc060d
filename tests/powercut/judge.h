/* What has become of the device. */
#ifndef OTTER_POWERCUT_JUDGE_H
#define OTTER_POWERCUT_JUDGE_H

#include "tests/powercut/device.h"

enum verdict {
    VERDICT_OLD, /* it runs the old firmware, whole */
    VERDICT_NEW,
    VERDICT_NO_BOOTLOADER, /* sector 0 holds none: the mask ROM starts nothing */
    VERDICT_DEAD,          /* the bootloader starts nothing */
    VERDICT_DAMAGED,       /* what it starts is neither firmware */
    VERDICT_LOST,          /* it runs the old firmware, although the update was committed */
    VERDICT_FICKLE,        /* the next start gives something else */
    VERDICT_RESTLESS,      /* the next start still writes flash */
    VERDICT_SPOILT,        /* filesystem, EEPROM, RF or SDK sectors have changed */
    VERDICT_VIOLATION,     /* flash was treated badly */
    VERDICT_STUCK,         /* the next update fails */
    VERDICT_OVERDUE,       /* it was not taken back after its starts */
    VERDICT_COUNT
};

const char *verdict_text(enum verdict verdict);

/* The device is without anything that works. */
static inline bool verdict_is_bricked(enum verdict verdict)
{
    return verdict == VERDICT_NO_BOOTLOADER || verdict == VERDICT_DEAD || verdict == VERDICT_DAMAGED;
}

/* True if a whole bootloader is in sector 0. */
bool judge_rom_starts(struct device *device);

/* True if flash holds FILE, whole and stable; the flash mode may be the file's or the device's. */
bool judge_runs(struct device *device, const struct file *file);

/* Judges the device after device_start(), and starts it once more. COMMITTED: only the new firmware will do.
 */
enum verdict judge(struct device *device, bool committed);

/* Begins another update of the device, which VERDICT says is well: back to the old firmware, from that to the
 * new one again, or to a SMALL one, staged elsewhere. The file to send; NULL if it would not fit, might be
 * refused, or would be taken back. The next judge() takes the running firmware for the old one. */
const struct file *judge_next_file(struct device *device, enum verdict verdict, bool small);

#endif
