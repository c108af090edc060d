#include "boot/copy.h"

#include <string.h>

#include "boot/image.h"
#include "boot/note.h"
#include "format/bytes.h"
#include "format/image.h"

#define HEAD      OTTER_IMAGE_SKETCH /* where a sketch begins: void while it is being copied */
#define HEAD_SIZE 32u

/* --- checking ------------------------------------------------------------------------------------ */

/* True for what is started from HEAD; not for a filesystem, or a lone image within sector 0. */
static bool has_head(const struct otter_boot_note *note)
{
    return note->destination == 0 && note->length > HEAD;
}

static bool survey(void *context, uint32_t offset, const void *bytes, uint32_t length)
{
    struct otter_boot_note *note = &((struct boot *)context)->note;
    (void)length;
    if (offset == HEAD)
        note->head = *(const uint32_t *)bytes;
    return note->destination != 0 || offset != 0 || *(const uint8_t *)bytes == OTTER_IMAGE_MAGIC;
}

static bool survey_gzip(struct boot *boot)
{
    struct otter_boot_note *note = &boot->note;
    struct boot_inflate *inflate = &boot->inflate;
    if (!boot_inflate(inflate, note->source, note->size, survey, boot))
        return false;
    note->form = OTTER_BOOT_NOTE_GZIP;
    note->length = inflate->produced;
    return true;
}

static bool survey_raw(struct boot *boot)
{
    struct otter_boot_note *note = &boot->note;
    note->form = OTTER_BOOT_NOTE_RAW;
    note->length = note->size;
    if (note->destination != 0)
        return true;
    return boot_image_is_whole(boot->sector, note->source, note->size) &&
           boot_flash_read(note->source + HEAD, &note->head, sizeof(note->head)) == 0;
}

/* False for what can't be copied, or not so that it survives. */
static bool settle_overlap(struct otter_boot_note *note)
{
    uint32_t end = note->destination + otter_round_up(note->length, OTTER_FLASH_SECTOR);
    if (end > boot_flash_size())
        return false;
    if (end <= note->source || note->destination >= note->source + note->size)
        return true;
    note->form += OTTER_BOOT_NOTE_OVERLAP;
    return note->form == OTTER_BOOT_NOTE_OVERLAP && has_head(note) && note->source > HEAD &&
           end <= sizeof(note->progress) * 8 * OTTER_FLASH_SECTOR;
}

/* Behind the staged image, in its last sector; or at the end of the sector below it, if the running sketch
 * ends before and the copy does too. Leftovers of an earlier update are erased there. */
static bool place_note(struct boot *boot)
{
    struct otter_boot_note *note = &boot->note;
    uint32_t end = note->source + note->size, below = note->source - OTTER_FLASH_SECTOR;
    note->address = otter_round_up(end, OTTER_FLASH_SECTOR) - OTTER_BOOT_NOTE_SIZE;
    if (note->address >= end && boot_note_write(note))
        return true;
    note->address = note->source - OTTER_BOOT_NOTE_SIZE;
    end = boot_image_walk(HEAD, NULL, NULL);
    if (end == 0)
        end = boot_image_walk(0, NULL, NULL);
    if (end > note->address || note->length > below || (end <= below && boot_flash_erase_sector(below) != 0))
        return false;
    return boot_note_write(note);
}

bool boot_copy_begin(struct boot *boot)
{
    struct otter_boot_note *note = &boot->note;
    uint32_t first;
    if ((note->source | note->destination) % OTTER_FLASH_SECTOR != 0 || note->source >= boot_flash_size() ||
        note->size - 1 >= boot_flash_size() - note->source ||
        boot_flash_read(note->source, &first, sizeof(first)) != 0 ||
        boot_flash_read(0, &note->mode, sizeof(note->mode)) != 0)
        return false;
    note->mode = note->mode >> 8 * OTTER_IMAGE_MODE_OFFSET & 0xFF;
    bool gzip = (first & 0xFFFF) == (OTTER_GZIP_MAGIC_0 | OTTER_GZIP_MAGIC_1 << 8);
    boot->fresh = true;
    return (gzip ? survey_gzip(boot) : survey_raw(boot)) && settle_overlap(note) &&
           (!has_head(note) || place_note(boot));
}

/* --- copying ------------------------------------------------------------------------------------- */

static bool holds(struct boot *boot, uint32_t address, const void *bytes, uint32_t length)
{
    uint32_t *there = boot->sector;
    return boot_flash_read(address, there, length) == 0 && memcmp(there, bytes, length) == 0;
}

/* A whole block where all of it belongs to the destination and none to the source. */
static bool erase(struct boot *boot, uint32_t address)
{
    if (address == 0 || address % OTTER_FLASH_BLOCK != 0 || address + OTTER_FLASH_BLOCK > boot->limit)
        return boot_flash_erase_sector(address) == 0;
    boot->erased = address + OTTER_FLASH_BLOCK;
    return boot_flash_erase_block(address) == 0;
}

/* A sector that was being written when power failed may read as if it stood, and not last: after a cold start
 * all are written anew. But sector 0, which the bootloader itself is in. */
static bool store(struct boot *boot, uint32_t offset, const void *bytes, uint32_t length)
{
    const struct otter_boot_note *note = &boot->note;
    uint32_t address = note->destination + offset;
    if (address >= boot->erased || address == 0) {
        if ((boot->fresh || address == 0) && holds(boot, address, bytes, length))
            return true;
        if (!erase(boot, address))
            return false;
    }
    if (address == HEAD) {
        address += 4;
        bytes = (const uint32_t *)bytes + 1;
        length -= 4;
    }
    return boot_flash_program(address, bytes, length) == 0 && holds(boot, address, bytes, length);
}

/* Sector 0 comes last: until then, the bootloader that finds the note is in place. Where the source will have
 * been overwritten by then, it comes first. */
static bool take_sector(void *context, uint32_t offset, const void *bytes, uint32_t length)
{
    struct boot *boot = context;
    struct otter_boot_note *note = &boot->note;
    length = otter_round_up(length, 4);
    if (offset == 0 && note->magic != 0 && note->form != OTTER_BOOT_NOTE_OVERLAP) {
        memcpy(boot->first, bytes, OTTER_FLASH_SECTOR);
        if (note->mode <= OTTER_FLASH_DOUT)
            ((uint8_t *)boot->first)[OTTER_IMAGE_MODE_OFFSET] = (uint8_t)note->mode;
        return true;
    }
    return store(boot, offset, bytes, length) &&
           (note->form != OTTER_BOOT_NOTE_OVERLAP || boot_note_mark(note, offset / OTTER_FLASH_SECTOR));
}

static bool stream_raw(struct boot *boot)
{
    const struct otter_boot_note *note = &boot->note;
    uint32_t *buffer = boot->inflate.window;
    uint32_t done = note->form == OTTER_BOOT_NOTE_OVERLAP ? boot_note_progress(note) : 0;
    for (uint32_t offset = done * OTTER_FLASH_SECTOR; offset < note->size; offset += OTTER_FLASH_SECTOR) {
        uint32_t length = note->size - offset;
        if (length > OTTER_FLASH_SECTOR)
            length = OTTER_FLASH_SECTOR;
        if (boot_flash_read(note->source + offset, buffer, OTTER_FLASH_SECTOR) != 0 ||
            !take_sector(boot, offset, buffer, length))
            return false;
    }
    return true;
}

static bool stream(struct boot *boot)
{
    const struct otter_boot_note *note = &boot->note;
    if (note->form != OTTER_BOOT_NOTE_GZIP)
        return stream_raw(boot);
    return boot_inflate(&boot->inflate, note->source, note->size, take_sector, boot);
}

/* From the first bit of its first byte on that is cleared, the old sketch is none any more; only then the
 * rest may go. */
static bool void_head(void)
{
    uint32_t nothing[HEAD_SIZE / 4] = {0}, first;
    if (boot_flash_read(HEAD, &first, sizeof(first)) != 0)
        return false;
    first &= ~0xFFu;
    return boot_flash_program(HEAD, &first, sizeof(first)) == 0 &&
           boot_flash_program(HEAD, nothing, sizeof(nothing)) == 0;
}

/* With its last bit the new sketch is there: three bits of one byte, so that half of it is nothing. */
static bool make_head(struct boot *boot)
{
    const struct otter_boot_note *note = &boot->note;
    uint32_t rest;
    if (note->form != OTTER_BOOT_NOTE_OVERLAP && !store(boot, 0, boot->first, OTTER_FLASH_SECTOR))
        return false;
    if (boot_flash_read(HEAD, &rest, sizeof(rest)) != 0)
        return false;
    rest = (rest & 0xFF) | (note->head & ~0xFFu);
    return boot_flash_program(HEAD, &rest, sizeof(rest)) == 0 &&
           boot_flash_program(HEAD, &note->head, sizeof(note->head)) == 0 && boot_note_void(note);
}

bool boot_copy_run(struct boot *boot)
{
    const struct otter_boot_note *note = &boot->note;
    boot->erased = 0;
    boot->limit = note->form == OTTER_BOOT_NOTE_OVERLAP ? note->source : note->destination + note->length;
    if (note->magic == 0)
        return stream(boot);
    return (!boot->fresh || void_head()) && stream(boot) && make_head(boot);
}
