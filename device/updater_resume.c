#include "device/updater_resume.h"

#include <string.h>

#include "crypto/crypto.h"
#include "device/updater_flash.h"
#include "format/bytes.h"
#include "format/crc32.h"
#include "format/resume_record.h"
#include "otter/sketch.h"

#define NO_MARK UINT32_MAX

_Static_assert(sizeof(struct otter_resume_record) <= OTTER_RESUME_MARKS, "the marks come behind the record");

/* --- the record --------------------------------------------------------------------------------- */

/* Bytes of a record and its marks, for an update of SIZE bytes. */
static uint32_t length_of(uint32_t size)
{
    return otter_round_up(OTTER_RESUME_MARKS + size / OTTER_FLASH_SECTOR * 4, OTTER_FLASH_SECTOR);
}

static uint32_t check_of(const struct otter_resume_record *record)
{
    return otter_crc32_update(OTTER_CRC32_INIT, record, offsetof(struct otter_resume_record, check));
}

static void digest_source(uint8_t digest[OTTER_MD5_SIZE], const char *source)
{
    struct otter_md5 md5;
    otter_md5_init(&md5);
    otter_md5_update(&md5, source, strlen(source));
    otter_md5_final(&md5, digest);
}

/* Where the free space begins; 0 if there is none. */
static uint32_t free_start(const struct otter_port *port)
{
    const int space = otter_sketch_free_space(port);
    return space > 0 ? port->layout->filesystem_start - (uint32_t)space : 0;
}

/* Gives the record its place: where the free space begins, if it does not reach into the update. */
static void place_record(struct otter_updater *updater)
{
    const uint32_t address = free_start(updater->port);
    const uint32_t end = address + length_of(updater->size);
    const bool staged = otter_updater_is_staged(updater);
    if (address == 0 || end > (staged ? updater->start : updater->port->layout->filesystem_start))
        return;
    updater->record = address;
    if (staged)
        updater->erase_floor = end;
}

void otter_updater_remember(struct otter_updater *updater, const char *source, const char *etag)
{
    updater->source = source;
    updater->etag = etag;
    if (updater->running && strlen(etag) < OTTER_RESUME_ETAG_SIZE)
        place_record(updater);
}

static int erase_record(const struct otter_updater *updater)
{
    const struct otter_port *port = updater->port;
    const uint32_t end = updater->record + length_of(updater->size);
    for (uint32_t address = updater->record; address < end; address += OTTER_FLASH_SECTOR)
        if (port->flash.erase_sector(port->context, address) != 0)
            return OTTER_ERROR_ERASE;
    return OTTER_OK;
}

int otter_updater_record(struct otter_updater *updater)
{
    const struct otter_port *port = updater->port;
    const uint8_t *first = updater->settings.buffer;
    struct otter_resume_record record = {.magic = OTTER_RESUME_MAGIC,
                                         .command = (uint32_t)updater->command,
                                         .start = updater->start,
                                         .size = updater->size,
                                         .mode = first[OTTER_IMAGE_MODE_OFFSET]};
    if (updater->record == 0)
        return OTTER_OK;
    digest_source(record.source, updater->source);
    memcpy(record.etag, updater->etag, strlen(updater->etag));
    record.check = check_of(&record);
    if (erase_record(updater) != OTTER_OK)
        return OTTER_ERROR_ERASE;
    if (port->flash.program(port->context, updater->record, &record, sizeof(record)) != 0)
        return OTTER_ERROR_WRITE;
    updater->recorded = true;
    return OTTER_OK;
}

void otter_updater_forget(const struct otter_updater *updater)
{
    const struct otter_port *port = updater->port;
    const uint32_t nothing = 0;
    if (updater->recorded)
        (void)port->flash.program(port->context, updater->record, &nothing, sizeof(nothing));
}

/* --- marks -------------------------------------------------------------------------------------- */

static uint32_t mark_address(const struct otter_updater *updater, uint32_t offset)
{
    return updater->record + OTTER_RESUME_MARKS + offset / OTTER_FLASH_SECTOR * 4;
}

static const struct otter_md5 *md5_of(const struct otter_updater *updater)
{
    return (const struct otter_md5 *)(const void *)updater->md5;
}

static uint32_t mark_of(const struct otter_md5 *md5)
{
    uint8_t digest[OTTER_MD5_SIZE];
    otter_md5_final(md5, digest);
    return otter_le32_get(digest);
}

int otter_updater_mark(const struct otter_updater *updater, uint32_t offset, uint32_t length)
{
    const struct otter_port *port = updater->port;
    if (updater->record == 0 || length < OTTER_FLASH_SECTOR)
        return OTTER_OK;
    const uint32_t mark = mark_of(md5_of(updater));
    const int failed = port->flash.program(port->context, mark_address(updater, offset), &mark, sizeof(mark));
    return failed ? OTTER_ERROR_WRITE : OTTER_OK;
}

/* --- taking it up ------------------------------------------------------------------------------- */

/* The record at ADDRESS, in the updater's buffer; NULL if there is none. */
static const struct otter_resume_record *read_record(const struct otter_updater *updater, uint32_t address)
{
    const struct otter_port *port = updater->port;
    struct otter_resume_record *record = updater->settings.buffer;
    if (record != NULL && port->flash.read(port->context, address, record, sizeof(*record)) == 0 &&
        record->magic == OTTER_RESUME_MAGIC && record->check == check_of(record) &&
        record->etag[sizeof(record->etag) - 1] == '\0')
        return record;
    return NULL;
}

/* The same, if it is that of COMMAND and SOURCE. */
static const struct otter_resume_record *find_record(const struct otter_updater *updater,
                                                     enum otter_update_command command, const char *source)
{
    const struct otter_resume_record *record = read_record(updater, free_start(updater->port));
    uint8_t digest[OTTER_MD5_SIZE];
    digest_source(digest, source);
    return record != NULL && record->command == (uint32_t)command &&
                   memcmp(record->source, digest, sizeof(digest)) == 0
               ? record
               : NULL;
}

int otter_updater_recall(struct otter_updater *updater, enum otter_update_command command, const char *source,
                         char etag[OTTER_RESUME_ETAG_SIZE])
{
    if (updater->running)
        return OTTER_ERROR_RUNNING;
    const struct otter_resume_record *record = find_record(updater, command, source);
    const int error =
        record != NULL ? otter_updater_begin(updater, record->size, command) : OTTER_ERROR_NO_DATA;
    if (error != OTTER_OK)
        return error;
    memcpy(etag, record->etag, sizeof(record->etag));
    otter_updater_remember(updater, source, etag);
    updater->recorded = updater->record != 0 && updater->start == record->start;
    if (updater->recorded)
        return OTTER_OK;
    otter_updater_abort(updater);
    return OTTER_ERROR_NO_DATA;
}

/* Reads the next sector into the buffer, as it was sent. False if it cannot be read. */
static bool read_sector(const struct otter_updater *updater)
{
    const struct otter_port *port = updater->port;
    const bool is_first = updater->received == 0;
    const struct otter_resume_record *record = is_first ? read_record(updater, updater->record) : NULL;
    const uint8_t mode = record != NULL ? (uint8_t)record->mode : 0;
    uint8_t *buffer = updater->settings.buffer;
    if (port->flash.read(port->context, updater->start + updater->received, buffer, OTTER_FLASH_SECTOR) != 0)
        return false;
    if (is_first)
        buffer[OTTER_IMAGE_MODE_OFFSET] = mode;
    return true;
}

/* True if the buffer holds what was stored and marked. */
static bool is_marked(const struct otter_updater *updater)
{
    const struct otter_port *port = updater->port;
    const uint32_t address = mark_address(updater, updater->received);
    struct otter_md5 md5 = *md5_of(updater);
    uint32_t mark = NO_MARK;
    otter_md5_update(&md5, updater->settings.buffer, OTTER_FLASH_SECTOR);
    return port->flash.read(port->context, address, &mark, sizeof(mark)) == 0 && mark != NO_MARK &&
           mark == mark_of(&md5);
}

/* What comes next is stored behind what is there. */
static int go_on(struct otter_updater *updater)
{
    const uint32_t address = updater->start + updater->received;
    otter_updater_go_to(updater, address, address, updater->erase_end);
    if (updater->received > 0)
        return 0;
    otter_updater_abort(updater);
    return OTTER_ERROR_NO_DATA;
}

int otter_updater_recall_step(struct otter_updater *updater)
{
    if (!updater->running)
        return OTTER_ERROR_IDLE;
    if (otter_updater_remaining(updater) <= OTTER_FLASH_SECTOR || !read_sector(updater) ||
        !is_marked(updater))
        return go_on(updater);
    updater->buffered = OTTER_FLASH_SECTOR;
    updater->received += OTTER_FLASH_SECTOR;
    const int error = otter_updater_examine(updater);
    updater->buffered = 0;
    if (error == OTTER_OK)
        return 1;
    otter_updater_abort(updater);
    return error;
}
