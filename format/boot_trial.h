/* A firmware on trial: what the bootloader is told of it, and what it writes down. An otter format;
 * docs/FORMATS.md describes it.
 *
 * An updater that kept the running firmware appends a struct otter_boot_trial to the boot command. Once the
 * new sketch has been copied, the bootloader writes a struct otter_boot_record in the last
 * OTTER_BOOT_RECORD_SIZE bytes of the sector that the sketch ends in, where every start finds it and no
 * checksum of the sketch covers it. A sketch that leaves no room there is not put on trial. The record's
 * state only ever loses bits. */
#ifndef OTTER_FORMAT_BOOT_TRIAL_H
#define OTTER_FORMAT_BOOT_TRIAL_H

#include <stdint.h>

#define OTTER_BOOT_RECORD_SIZE      64u
#define OTTER_BOOT_RECORD_MAGIC     0x7972746Fu /* "otry" */
#define OTTER_BOOT_TRIAL_STARTS     3u          /* unless the updater says otherwise */
#define OTTER_BOOT_TRIAL_STARTS_MAX 32u

/* Numbers that are not met by chance: the updaters of unmodified sketches leave whatever was in memory where
 * a boot command holds the kind. Any other number is NONE, too. */
enum otter_boot_trial_kind {
    OTTER_BOOT_TRIAL_NONE = 0, /* no record is written */
    /* "new\1": a firmware that has to confirm itself, or else the kept one comes back. */
    OTTER_BOOT_TRIAL_NEW = 0x0177656E,
    OTTER_BOOT_TRIAL_RESTORED, /* the kept firmware, brought back */
};

struct otter_boot_trial {
    uint32_t kind; /* enum otter_boot_trial_kind */
    uint32_t
        backup; /* NEW: flash offset of the kept firmware, a multiple of the sector size, and its bytes */
    uint32_t backup_size;
    uint32_t digest[4]; /* MD5 of the file as it was sent: NEW: of this firmware; RESTORED: of the one taken
                           back */
    uint32_t starts;    /* the N lowest bits set: so many starts it has to confirm itself */
};

struct otter_boot_record {
    uint32_t magic;
    struct otter_boot_trial trial;
    uint32_t check;     /* CRC-32 (format/crc32.h) of the words before */
    uint32_t left;      /* trial.starts at first; each start clears the lowest bit that is set, the one
                           right after the copy beforehand */
    uint32_t confirmed; /* all ones; any other value: confirmed */
    uint32_t blank[4];  /* all ones */
};

#endif
