#include "boot/boot.h"

#include <string.h>

#include "boot/image.h"
#include "format/boot_command.h"
#include "format/bytes.h"
#include "format/image.h"

struct job {
    struct boot_scratch *scratch;
    uint32_t source;
    uint32_t destination;
    uint32_t size;
    bool gzip;
};

/* --- boot command -------------------------------------------------------------------------------- */

static bool read_command(struct otter_boot_command *command)
{
    uint32_t words[OTTER_BOOT_COMMAND_WORDS];
    for (uint32_t i = 0; i < OTTER_BOOT_COMMAND_WORDS; i++)
        words[i] = boot_rtc_read(i);
    return otter_boot_command_decode(command, words) == OTTER_OK;
}

static void clear_command(void)
{
    boot_rtc_write(0, 0);
    boot_rtc_write(OTTER_BOOT_COMMAND_WORDS - 1, 0);
}

/* --- checking ------------------------------------------------------------------------------------ */

/* A gzip is read ahead of what it inflates to: it may not be overwritten before. */
static bool check_sector(void *context, uint32_t offset, const void *bytes, uint32_t length)
{
    const struct job *job = context;
    uint32_t end = job->destination + offset + length;
    if (end > job->source && otter_round_up(end, OTTER_FLASH_SECTOR) > job->scratch->inflate.next)
        return false;
    return job->destination != 0 || offset != 0 || *(const uint8_t *)bytes == OTTER_IMAGE_MAGIC;
}

static bool is_sound(struct job *job)
{
    struct boot_scratch *scratch = job->scratch;
    if (job->size == 0 || job->source % OTTER_FLASH_SECTOR != 0 || job->destination % OTTER_FLASH_SECTOR != 0)
        return false;
    if (boot_flash_read(job->source, scratch->sector, 4) != 0)
        return false;
    job->gzip = (scratch->sector[0] & 0xFFFF) == (OTTER_GZIP_MAGIC_0 | OTTER_GZIP_MAGIC_1 << 8);
    if (job->gzip)
        return boot_inflate(&scratch->inflate, job->source, job->size, check_sector, job);
    return job->destination != 0 || boot_image_is_whole(scratch->sector, job->source, job->size);
}

/* --- copying ------------------------------------------------------------------------------------- */

static bool write_sector(void *context, uint32_t offset, const void *bytes, uint32_t length)
{
    struct job *job = context;
    uint32_t address = job->destination + offset;
    uint32_t padded = otter_round_up(length, 4);
    if (boot_flash_read(address, job->scratch->sector, padded) == 0 &&
        memcmp(job->scratch->sector, bytes, padded) == 0)
        return true;
    return boot_flash_erase_sector(address) == 0 && boot_flash_program(address, bytes, padded) == 0;
}

static bool copy_raw(struct job *job)
{
    uint32_t *buffer = job->scratch->inflate.window;
    for (uint32_t offset = 0; offset < job->size; offset += OTTER_FLASH_SECTOR) {
        uint32_t length = job->size - offset < OTTER_FLASH_SECTOR ? job->size - offset : OTTER_FLASH_SECTOR;
        if (boot_flash_read(job->source + offset, buffer, otter_round_up(length, 4)) != 0 ||
            !write_sector(job, offset, buffer, length))
            return false;
    }
    return true;
}

static bool copy(struct job *job)
{
    if (!job->gzip)
        return copy_raw(job);
    return boot_inflate(&job->scratch->inflate, job->source, job->size, write_sector, job);
}

enum boot_outcome boot_prepare(struct boot_scratch *scratch)
{
    struct otter_boot_command command;
    if (!read_command(&command))
        return BOOT_IDLE;
    struct job job = {
        .scratch = scratch,
        .source = command.source,
        .destination = command.destination,
        .size = command.size,
    };
    enum boot_outcome outcome = BOOT_IDLE;
    if (command.action == OTTER_BOOT_COPY) {
        outcome = !is_sound(&job) ? BOOT_REFUSED : BOOT_COPIED;
        if (outcome == BOOT_COPIED && !copy(&job))
            return BOOT_FAILED;
    }
    clear_command();
    return outcome;
}
