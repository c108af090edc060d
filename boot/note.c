#include "boot/note.h"

#include <stddef.h>

#include "boot/boot.h"
#include "format/crc32.h"

#define WORDS   (sizeof(struct otter_boot_note) / 4)
#define SECTORS (8u * 32u)

static uint32_t check_of(const struct otter_boot_note *note)
{
    return otter_crc32_update(OTTER_CRC32_INIT, note, offsetof(struct otter_boot_note, check));
}

bool boot_note_find(struct otter_boot_note *note)
{
    for (uint32_t end = OTTER_FLASH_SECTOR; end <= boot_flash_size(); end += OTTER_FLASH_SECTOR) {
        uint32_t address = end - OTTER_BOOT_NOTE_SIZE;
        if (!boot_flash_read(address, note, sizeof(*note)))
            return false;
        if (note->magic == OTTER_BOOT_NOTE_MAGIC && note->address == address && note->check == check_of(note))
            return true;
    }
    return false;
}

/* True if programming NOTE only clears bits: on erased flash, or over the same note that lost its power. */
static bool fits_over(const struct otter_boot_note *note)
{
    uint32_t there[WORDS];
    const uint32_t *words = &note->magic;
    if (!boot_flash_read(note->address, there, sizeof(there)))
        return false;
    for (uint32_t i = 0; i < WORDS; i++)
        if (words[i] & ~there[i])
            return false;
    return true;
}

bool boot_note_write(struct otter_boot_note *note)
{
    struct otter_boot_note found;
    note->magic = OTTER_BOOT_NOTE_MAGIC;
    note->check = check_of(note);
    if (!fits_over(note) || !boot_flash_program(note->address, note, sizeof(*note)))
        return false;
    while (boot_note_find(&found)) {
        if (found.address == note->address)
            return true;
        if (!boot_note_void(&found))
            return false;
    }
    return false;
}

bool boot_note_mark(struct otter_boot_note *note, uint32_t sector)
{
    uint32_t *word = &note->progress[sector / 32];
    *word = ~1u << sector % 32;
    return boot_program_word(note->address + (uint32_t)((const char *)word - (const char *)note), *word);
}

/* The highest mark counts: a lower one may have been lost with the power. */
uint32_t boot_note_progress(const struct otter_boot_note *note)
{
    uint32_t sector = SECTORS;
    while (sector > 0 && (note->progress[(sector - 1) / 32] >> (sector - 1) % 32 & 1) != 0)
        sector--;
    return sector;
}

bool boot_note_void(const struct otter_boot_note *note)
{
    return note->magic == 0 || boot_program_word(note->address, 0);
}
