#include "boot/copy.h"

#include <string.h>

#include "boot/image.h"
#include "boot/note.h"
#include "boot/trial.h"
#include "format/bytes.h"
#include "format/image.h"

#define HEAD      OTTER_IMAGE_SKETCH /* where a sketch begins: void while it is being copied */
#define HEAD_SIZE 32u

/* True for what is started from HEAD; not for a filesystem, or a lone image within sector 0. */
static bool has_head(const struct otter_boot_note *note)
{
    return note->command.destination == 0 && note->length > HEAD;
}

static bool is_overlapping(const struct otter_boot_note *note)
{
    return note->form >= OTTER_BOOT_NOTE_OVERLAP;
}

/* --- checking ------------------------------------------------------------------------------------ */

static bool survey(void *context, uint32_t offset, const void *bytes)
{
    struct boot *boot = context;
    struct otter_boot_note *note = &boot->note;
    if (offset == HEAD)
        note->head = *(const uint32_t *)bytes;
    if (offset + OTTER_FLASH_SECTOR <= note->command.source)
        note->place = boot->inflate.place;
    return note->command.destination != 0 || offset != 0 || *(const uint8_t *)bytes == OTTER_IMAGE_MAGIC;
}

static bool survey_gzip(struct boot *boot)
{
    struct otter_boot_note *note = &boot->note;
    note->form = OTTER_BOOT_NOTE_GZIP;
    note->length = boot_inflate(&boot->inflate, note->command.source, note->command.size, NULL, survey, boot);
    return note->length != 0;
}

static bool survey_raw(struct boot *boot)
{
    struct otter_boot_note *note = &boot->note;
    note->form = OTTER_BOOT_NOTE_RAW;
    note->length = note->command.size;
    return note->command.destination != 0 ||
           (boot_image_is_whole(note->command.source, note->command.size) &&
            boot_flash_read(note->command.source + HEAD, &note->head, sizeof(note->head)));
}

/* True for a gzip that can be inflated on from the place in NOTE when all is overwritten up to END: its block
 * lies behind, and what was produced before stands in flash as it was produced, which sector 0 does not. */
static bool can_go_on(const struct otter_boot_note *note, uint32_t end)
{
    return note->place.block / 8 >= end && note->place.produced >= BOOT_INFLATE_REACH + HEAD;
}

/* False for what can't be copied, or not so that it survives. What was kept of the running firmware must not
 * be overwritten, or there is no trial. */
static bool settle_overlap(struct otter_boot_note *note)
{
    uint32_t end = note->command.destination + otter_round_up(note->length, OTTER_FLASH_SECTOR);
    if (end > boot_flash_size())
        return false;
    if (end > note->command.trial.backup)
        note->command.trial.kind = OTTER_BOOT_TRIAL_NONE;
    if (end <= note->command.source || note->command.destination >= note->command.source + note->command.size)
        return true;
    note->form += OTTER_BOOT_NOTE_OVERLAP;
    return has_head(note) && note->command.source > HEAD &&
           end <= sizeof(note->progress) * 8 * OTTER_FLASH_SECTOR &&
           (note->form == OTTER_BOOT_NOTE_OVERLAP || can_go_on(note, end));
}

/* Behind the staged image, in its last sector; or at the end of the sector below it, if the running sketch
 * ends before and the copy does too. Leftovers of an earlier update are erased there. */
static bool place_note(struct boot *boot)
{
    struct otter_boot_note *note = &boot->note;
    uint32_t end = note->command.source + note->command.size,
             below = note->command.source - OTTER_FLASH_SECTOR;
    note->address = otter_round_up(end, OTTER_FLASH_SECTOR) - OTTER_BOOT_NOTE_SIZE;
    if (note->address >= end && boot_note_write(note))
        return true;
    note->address = note->command.source - OTTER_BOOT_NOTE_SIZE;
    if (below - note->command.trial.backup < note->command.trial.backup_size)
        note->command.trial.kind = OTTER_BOOT_TRIAL_NONE;
    end = boot->running;
    if (end > note->address || note->length > below || (end <= below && !boot_flash_erase_sector(below)))
        return false;
    return boot_note_write(note);
}

bool boot_copy_begin(struct boot *boot)
{
    struct otter_boot_note *note = &boot->note;
    uint32_t first;
    if ((note->command.source | note->command.destination) % OTTER_FLASH_SECTOR != 0 ||
        (note->command.source | note->command.size) >= boot_flash_size() ||
        !boot_flash_read(note->command.source, &first, sizeof(first)) ||
        !boot_flash_read(0, &note->mode, sizeof(note->mode)))
        return false;
    note->magic = 0;
    bool gzip = (first & 0xFFFF) == (OTTER_GZIP_MAGIC_0 | OTTER_GZIP_MAGIC_1 << 8);
    boot->fresh = true;
    return (gzip ? survey_gzip(boot) : survey_raw(boot)) && settle_overlap(note) &&
           (!has_head(note) || place_note(boot));
}

/* --- copying ------------------------------------------------------------------------------------- */

static bool holds(struct boot *boot, uint32_t address, const uint32_t *sector)
{
    return boot_flash_read(address, boot->sector, OTTER_FLASH_SECTOR) &&
           memcmp(boot->sector, sector, OTTER_FLASH_SECTOR) == 0;
}

/* A whole block where all of it belongs to the destination and none to the source. */
static bool erase(struct boot *boot, uint32_t address)
{
    if (address == 0 || address % OTTER_FLASH_BLOCK != 0 || address + OTTER_FLASH_BLOCK > boot->limit)
        return boot_flash_erase_sector(address);
    boot->erased = address + OTTER_FLASH_BLOCK;
    return boot_flash_erase_block(address);
}

/* A sector that was being written when power failed may read as if it stood, and not last: after a cold start
 * all are written anew. But sector 0, which the bootloader itself is in. */
static bool store(struct boot *boot, uint32_t address, const uint32_t *sector)
{
    if (address >= boot->erased || address == 0) {
        if ((boot->fresh || address == 0) && holds(boot, address, sector))
            return true;
        if (!erase(boot, address))
            return false;
    }
    return boot_flash_program(address, sector, OTTER_FLASH_SECTOR) && holds(boot, address, sector);
}

static void keep_mode(const struct otter_boot_note *note, uint32_t *sector)
{
    uint8_t mode = ((const uint8_t *)&note->mode)[OTTER_IMAGE_MODE_OFFSET];
    if (mode <= OTTER_FLASH_DOUT)
        ((uint8_t *)sector)[OTTER_IMAGE_MODE_OFFSET] = mode;
}

/* Sector 0 comes last: until then, the bootloader that finds the note is in place. Where the source will have
 * been overwritten by then, it comes first. */
static bool take_sector(void *context, uint32_t offset, const void *bytes)
{
    struct boot *boot = context;
    struct otter_boot_note *note = &boot->note;
    uint32_t address = note->command.destination + offset, left = note->length - offset;
    uint32_t *sector = offset == 0 ? boot->first : boot->next;
    if (offset < boot->done)
        return true;
    memcpy(sector, bytes, OTTER_FLASH_SECTOR);
    if (left < OTTER_FLASH_SECTOR) {
        memset((char *)sector + left, 0xFF, OTTER_FLASH_SECTOR - left);
        boot_trial_record(&note->command.trial, sector, left);
    }
    if (address == HEAD)
        sector[0] = UINT32_MAX;
    if (offset == 0 && note->magic != 0) {
        keep_mode(note, sector);
        if (!is_overlapping(note))
            return true;
    }
    return store(boot, address, sector) &&
           (!is_overlapping(note) || boot_note_mark(note, offset / OTTER_FLASH_SECTOR));
}

static bool stream_raw(struct boot *boot)
{
    const struct otter_boot_note *note = &boot->note;
    uint32_t *buffer = boot->inflate.window;
    for (uint32_t offset = 0; offset < note->command.size; offset += OTTER_FLASH_SECTOR)
        if (!boot_flash_read(note->command.source + offset, buffer, OTTER_FLASH_SECTOR) ||
            !take_sector(boot, offset, buffer))
            return false;
    return true;
}

static bool stream(struct boot *boot)
{
    const struct otter_boot_note *note = &boot->note;
    if (note->form % OTTER_BOOT_NOTE_OVERLAP == OTTER_BOOT_NOTE_RAW)
        return stream_raw(boot);
    return boot_inflate(&boot->inflate, note->command.source, note->command.size,
                        boot->done > note->place.produced ? &note->place : NULL, take_sector, boot);
}

/* From the first bit of its first byte on that is cleared, the old sketch is none any more; only then the
 * rest may go. */
static bool void_head(void)
{
    uint32_t nothing[HEAD_SIZE / 4] = {0}, first;
    return boot_flash_read(HEAD, &first, sizeof(first)) && boot_program_word(HEAD, first & ~0xFFu) &&
           boot_flash_program(HEAD, nothing, sizeof(nothing));
}

/* With its last bit the new sketch is there: three bits of one byte, so that half of it is nothing. */
static bool make_head(struct boot *boot)
{
    const struct otter_boot_note *note = &boot->note;
    uint32_t rest;
    return (is_overlapping(note) || store(boot, 0, boot->first)) &&
           boot_flash_read(HEAD, &rest, sizeof(rest)) &&
           boot_program_word(HEAD, (rest & 0xFF) | (note->head & ~0xFFu)) &&
           boot_program_word(HEAD, note->head);
}

bool boot_copy_run(struct boot *boot)
{
    const struct otter_boot_note *note = &boot->note;
    boot->erased = 0;
    boot->done = boot_note_progress(note) * OTTER_FLASH_SECTOR;
    boot->limit = is_overlapping(note) ? note->command.source : note->command.destination + note->length;
    if (note->magic == 0)
        return stream(boot);
    return (!boot->fresh || void_head()) && stream(boot) && make_head(boot);
}
