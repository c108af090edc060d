#include "boot/trial.h"

#include <stddef.h>

#include "boot/boot.h"
#include "format/bootloader.h"
#include "format/bytes.h"
#include "format/crc32.h"

static uint32_t check_of(const struct otter_boot_record *record)
{
    return otter_crc32_update(OTTER_CRC32_INIT, record, offsetof(struct otter_boot_record, check));
}

/* A start is a bit. */
static uint32_t one_less(uint32_t starts)
{
    return starts & (starts - 1);
}

void boot_trial_record(const struct otter_boot_trial *trial, void *sector, uint32_t used)
{
    const uint32_t place = OTTER_FLASH_SECTOR - OTTER_BOOT_RECORD_SIZE;
    struct otter_boot_record *record = (void *)((char *)sector + place);
    if (trial->kind == OTTER_BOOT_TRIAL_NONE || used > place)
        return;
    record->magic = OTTER_BOOT_RECORD_MAGIC;
    record->trial = *trial;
    record->check = check_of(record);
    record->left = one_less(trial->starts);
}

/* The sketch's bootloader says whether it can confirm itself. */
static bool is_on_trial(const struct otter_boot_record *record)
{
    uint32_t flags;
    return record->magic == OTTER_BOOT_RECORD_MAGIC && record->check == check_of(record) &&
           record->trial.kind == OTTER_BOOT_TRIAL_NEW && record->confirmed == UINT32_MAX &&
           boot_flash_read(OTTER_BOOTLOADER_FLAGS_OFFSET, &flags, sizeof(flags)) &&
           (flags & OTTER_BOOTLOADER_CONFIRMS) != 0;
}

bool boot_trial_is_over(struct otter_boot_command *command, uint32_t end)
{
    struct otter_boot_record record;
    uint32_t address = otter_round_up(end, OTTER_FLASH_SECTOR) - OTTER_BOOT_RECORD_SIZE;
    if (end == 0 || !boot_flash_read(address, &record, sizeof(record)) || !is_on_trial(&record))
        return false;
    if (record.left != 0) {
        boot_program_word(address + offsetof(struct otter_boot_record, left), one_less(record.left));
        return false;
    }
    command->action = OTTER_BOOT_COPY;
    command->source = record.trial.backup;
    command->destination = 0;
    command->size = record.trial.backup_size;
    command->trial = record.trial;
    command->trial.kind = OTTER_BOOT_TRIAL_RESTORED;
    return true;
}
