#include "otter/boot.h"

#include <stddef.h>
#include <string.h>

#include "device/boot_record.h"
#include "format/bytes.h"
#include "format/crc32.h"
#include "format/text.h"
#include "otter/sketch.h"

static bool is_whole(const struct otter_boot_record *record)
{
    return record->magic == OTTER_BOOT_RECORD_MAGIC &&
           record->check ==
               otter_crc32_update(OTTER_CRC32_INIT, record, offsetof(struct otter_boot_record, check));
}

int otter_boot_record_find(const struct otter_port *port, struct otter_boot_record *record)
{
    const int end = otter_sketch_size(port);
    if (end <= 0)
        return end;
    const uint32_t address = otter_round_up((uint32_t)end, OTTER_FLASH_SECTOR) - OTTER_BOOT_RECORD_SIZE;
    if (address < (uint32_t)end)
        return 0;
    if (port->flash.read(port->context, address, record, sizeof(*record)) != 0)
        return OTTER_ERROR_READ;
    return is_whole(record) ? (int)address : 0;
}

static bool is_on_trial(const struct otter_boot_record *record)
{
    return record->trial.kind == OTTER_BOOT_TRIAL_NEW && record->confirmed == UINT32_MAX;
}

int otter_boot_record_confirm(const struct otter_port *port)
{
    struct otter_boot_record record;
    const uint32_t confirmed = 0;
    const int address = otter_boot_record_find(port, &record);
    if (address <= 0 || !is_on_trial(&record))
        return address < 0 ? address : OTTER_OK;
    const uint32_t at = (uint32_t)address + (uint32_t)offsetof(struct otter_boot_record, confirmed);
    return port->flash.program(port->context, at, &confirmed, sizeof(confirmed)) == 0 ? OTTER_OK
                                                                                      : OTTER_ERROR_WRITE;
}

static uint8_t count_bits(uint32_t word)
{
    uint8_t count = 0;
    for (; word != 0; word &= word - 1)
        count++;
    return count;
}

int otter_boot_status(const struct otter_port *port, struct otter_boot_status *status)
{
    struct otter_boot_record record;
    memset(status, 0, sizeof(*status));
    const int address = otter_boot_record_find(port, &record);
    if (address <= 0)
        return address;
    status->on_trial = is_on_trial(&record);
    status->taken_back = record.trial.kind == OTTER_BOOT_TRIAL_RESTORED;
    status->starts = count_bits(record.trial.starts);
    status->starts_left = status->on_trial ? count_bits(record.left) : 0;
    otter_hex_encode(status->md5, record.trial.digest, sizeof(record.trial.digest));
    return OTTER_OK;
}
