#include "device/updater_trial.h"

#include "device/updater_flash.h"
#include "format/bootloader.h"
#include "format/bytes.h"
#include "format/crc32.h"
#include "otter/sketch.h"

/* Below whatever the bootloader is to copy, in case that leaves no room for its note (format/boot_note.h). */
#define NOTE_ROOM OTTER_FLASH_SECTOR

/* --- planning ----------------------------------------------------------------------------------- */

static uint32_t sectors_of(uint32_t size)
{
    return otter_round_up(size, OTTER_FLASH_SECTOR);
}

/* Bytes of the sketch once it runs. */
static uint32_t length_of(const struct otter_updater *updater)
{
    return updater->gzip ? otter_le32_get(updater->tail) : updater->received;
}

/* One that knows nothing of trials would start the new sketch without. */
bool otter_updater_has_bootloader(const struct otter_port *port)
{
    uint32_t start[OTTER_BOOTLOADER_START / 4];
    return port->flash.read(port->context, 0, start, sizeof(start)) == 0 &&
           otter_bootloader_version((const uint8_t *)start) >= OTTER_BOOTLOADER_TRIALS;
}

static uint32_t starts_of(const struct otter_updater_settings *settings)
{
    uint32_t starts = settings->trial_starts == 0 ? OTTER_BOOT_TRIAL_STARTS : settings->trial_starts;
    if (starts > OTTER_BOOT_TRIAL_STARTS_MAX)
        starts = OTTER_BOOT_TRIAL_STARTS_MAX;
    return UINT32_MAX >> (32 - starts);
}

/* As high as possible between FLOOR and END. False if there is no room. */
static bool place(struct otter_updater *updater, uint32_t floor, uint32_t end)
{
    struct otter_boot_trial *trial = &updater->trial;
    const uint32_t size = sectors_of(trial->backup_size);
    if (end < floor + NOTE_ROOM + size)
        return false;
    trial->backup = end - size;
    otter_updater_go_to(updater, trial->backup, floor, end);
    return true;
}

/* Below what is staged, or above it, where an update of unknown length leaves room; but not where the new
 * sketch goes. */
static bool find_room(struct otter_updater *updater, uint32_t running)
{
    const uint32_t length = sectors_of(length_of(updater)), used = sectors_of(running);
    const uint32_t floor = length > used ? length : used;
    const uint32_t staged_end = updater->start + sectors_of(updater->received);
    updater->trial.backup_size = running;
    return place(updater, floor, updater->start - NOTE_ROOM) ||
           place(updater, floor > staged_end ? floor : staged_end, updater->port->layout->filesystem_start);
}

void otter_updater_plan_trial(struct otter_updater *updater)
{
    const struct otter_updater_settings *settings = &updater->settings;
    const uint32_t length = length_of(updater);
    if (settings->trial_starts == OTTER_UPDATER_NO_TRIAL || !updater->confirms ||
        sectors_of(length) - length < OTTER_BOOT_RECORD_SIZE || !otter_updater_has_bootloader(updater->port))
        return;
    const int running = otter_sketch_size(updater->port);
    if (running <= (int)OTTER_IMAGE_SKETCH || !find_room(updater, (uint32_t)running))
        return;
    updater->trial.kind = OTTER_BOOT_TRIAL_NEW;
    updater->trial.starts = starts_of(settings);
}

/* --- copying ------------------------------------------------------------------------------------ */

/* The CRC of LENGTH bytes of flash, which are then in the buffer. False if they can't be read. */
static bool read_sector(const struct otter_updater *updater, uint32_t address, uint32_t length, uint32_t *crc)
{
    const struct otter_port *port = updater->port;
    void *buffer = updater->settings.buffer;
    if (port->flash.read(port->context, address, buffer, length) != 0)
        return false;
    *crc = otter_crc32_update(OTTER_CRC32_INIT, buffer, length);
    return true;
}

static bool keep_sector(struct otter_updater *updater, uint32_t length)
{
    const uint32_t address = updater->trial.backup + updater->kept;
    uint32_t before, after;
    return read_sector(updater, updater->kept, length, &before) &&
           otter_updater_store(updater, address, length) == OTTER_OK &&
           read_sector(updater, address, length, &after) && before == after;
}

void otter_updater_keep(struct otter_updater *updater)
{
    const uint32_t left = updater->trial.backup_size - updater->kept;
    const uint32_t length = left < OTTER_FLASH_SECTOR ? left : OTTER_FLASH_SECTOR;
    if (keep_sector(updater, length))
        updater->kept += length;
    else
        updater->trial.kind = OTTER_BOOT_TRIAL_NONE;
}

int otter_updater_unkept(const struct otter_updater *updater)
{
    if (updater->trial.kind != OTTER_BOOT_TRIAL_NEW)
        return 0;
    return (int)(sectors_of(updater->trial.backup_size - updater->kept) / OTTER_FLASH_SECTOR);
}
