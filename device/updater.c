#include "otter/updater.h"

#include <string.h>

#include "crypto/crypto.h"
#include "device/boot_record.h"
#include "device/updater_flash.h"
#include "device/updater_resume.h"
#include "device/updater_trial.h"
#include "format/bootloader.h"
#include "format/bytes.h"
#include "format/text.h"

#define STREAM_TIMEOUT_MS 60000u
#define ERROR_TEXT_SIZE   144u /* the longest names two MD5s */
#define GZIP_MIN          18u  /* bytes: header, trailer, and nothing between (RFC 1952) */

_Static_assert(sizeof(struct otter_md5) <= sizeof(((struct otter_updater *)0)->md5), "md5[] is too small");

static struct otter_md5 *md5_of(struct otter_updater *updater)
{
    return (struct otter_md5 *)(void *)updater->md5;
}

static uint8_t *buffer_of(const struct otter_updater *updater)
{
    return updater->settings.buffer;
}

void otter_updater_init(struct otter_updater *updater, const struct otter_port *port,
                        const struct otter_updater_settings *settings)
{
    memset(updater, 0, sizeof(*updater));
    updater->port = port;
    updater->settings = *settings;
    if (updater->settings.stream_timeout_ms == 0)
        updater->settings.stream_timeout_ms = STREAM_TIMEOUT_MS;
}

/* --- how an update ends ------------------------------------------------------------------------- */

static void report_error(const struct otter_updater *updater)
{
    char text[ERROR_TEXT_SIZE];
    otter_updater_error_print(updater, text, sizeof(text));
    updater->settings.error(updater->settings.context, updater->error, text);
}

/* Ends the update with ERROR, unless a callback has ended it already. */
static int fail(struct otter_updater *updater, int error)
{
    if (!updater->running)
        return updater->error;
    updater->running = false;
    updater->error = (enum otter_error)error;
    if (error != OTTER_ERROR_STREAM)
        otter_updater_forget(updater);
    if (updater->settings.error != NULL)
        report_error(updater);
    return error;
}

void otter_updater_abort(struct otter_updater *updater)
{
    if (!updater->running)
        return;
    updater->running = false;
    updater->error = OTTER_ERROR_ABORTED;
}

/* --- begin -------------------------------------------------------------------------------------- */

/* Bytes of flash that the running firmware counts on. A larger chip does no harm. */
static uint32_t configured_flash(const struct otter_port *port)
{
    const uint32_t layout = port->layout->flash_size;
    return port->flash.configured_size > layout ? port->flash.configured_size : layout;
}

static int check_begin(const struct otter_updater *updater)
{
    const struct otter_port *port = updater->port;
    if (updater->size == 0)
        return OTTER_ERROR_SIZE;
    if (port->flash.download_mode)
        return OTTER_ERROR_BOOTSTRAP;
    if (configured_flash(port) > port->flash.size)
        return OTTER_ERROR_FLASH_CONFIG;
    if (updater->command != OTTER_UPDATE_SKETCH && updater->command != OTTER_UPDATE_FILESYSTEM)
        return OTTER_ERROR_COMMAND;
    if (updater->settings.buffer == NULL)
        return OTTER_ERROR_MEMORY;
    return OTTER_OK;
}

/* Forgets the update before, but for whether it is staged, and what init was given. */
static void restart(struct otter_updater *updater, uint32_t size, enum otter_update_command command)
{
    const size_t kept = offsetof(struct otter_updater, command);
    const bool staged = updater->staged;
    memset((char *)updater + kept, 0, sizeof(*updater) - kept);
    updater->staged = staged;
    updater->running = true;
    updater->size = size;
    updater->command = command;
    otter_md5_init(md5_of(updater));
    otter_image_parser_init(&updater->image, size, NULL, NULL);
}

static int ask_application(struct otter_updater *updater)
{
    const struct otter_updater_settings *settings = &updater->settings;
    if (settings->start != NULL && settings->start(settings->context, updater->command, updater->size) != 0)
        return OTTER_ERROR_REFUSED;
    return updater->error;
}

int otter_updater_begin(struct otter_updater *updater, uint32_t size, enum otter_update_command command)
{
    if (updater->running || (updater->staged && !updater->released))
        return OTTER_ERROR_RUNNING;
    restart(updater, size, command);
    int error = check_begin(updater);
    if (error == OTTER_OK)
        error = otter_updater_place(updater);
    if (error == OTTER_OK)
        error = ask_application(updater);
    if (error != OTTER_OK)
        return fail(updater, error);
    if (otter_updater_is_staged(updater)) /* over what was staged before */
        otter_updater_drop_boot_command(updater);
    return OTTER_OK;
}

int otter_updater_expect_md5(struct otter_updater *updater, const char *md5)
{
    uint8_t digest[OTTER_MD5_SIZE];
    if (!updater->running)
        return OTTER_ERROR_IDLE;
    if (!otter_hex_decode(digest, sizeof(digest), md5))
        return OTTER_ERROR_ARGUMENT;
    otter_hex_encode(updater->md5_expected, digest, sizeof(digest));
    updater->md5_expected_set = true;
    return OTTER_OK;
}

/* --- write -------------------------------------------------------------------------------------- */

/* The bootloader goes where the image goes: what is in flash is the file. So an image must bring otter's
 * along where that one is. */
static int check_bootloader(const struct otter_updater *updater)
{
    const struct otter_port *port = updater->port;
    uint32_t start[OTTER_BOOTLOADER_START / 4];
    if (updater->settings.any_bootloader || otter_bootloader_version(buffer_of(updater)) != 0)
        return OTTER_OK;
    if (port->flash.read(port->context, 0, start, sizeof(start)) != 0)
        return OTTER_ERROR_READ;
    return otter_bootloader_version((const uint8_t *)start) != 0 ? OTTER_ERROR_BOOTLOADER : OTTER_OK;
}

/* Looks at the first sector, before flash is touched. */
static int examine_start(struct otter_updater *updater)
{
    const uint8_t *bytes = buffer_of(updater);
    struct otter_image_header header;
    updater->gzip = bytes[0] == OTTER_GZIP_MAGIC_0 && bytes[1] == OTTER_GZIP_MAGIC_1;
    updater->confirms = updater->gzip || otter_bootloader_confirms(bytes);
    if (updater->gzip || updater->command != OTTER_UPDATE_SKETCH)
        return OTTER_OK;
    updater->raw = true;
    const int error = otter_image_header_decode(&header, bytes);
    if (error != OTTER_OK)
        return error;
    if (otter_image_flash_bytes(header.flash_size) > updater->port->flash.size)
        return OTTER_ERROR_NEW_FLASH_CONFIG;
    return check_bootloader(updater);
}

/* Remembers the last four bytes of the stream. */
static void keep_tail(struct otter_updater *updater)
{
    const uint32_t size = sizeof(updater->tail);
    const uint32_t fresh = updater->buffered < size ? updater->buffered : size;
    memmove(updater->tail, updater->tail + fresh, size - fresh);
    memcpy(updater->tail + size - fresh, buffer_of(updater) + updater->buffered - fresh, fresh);
}

int otter_updater_examine(struct otter_updater *updater)
{
    int error = OTTER_OK;
    if (updater->received == updater->buffered)
        error = examine_start(updater);
    if (error == OTTER_OK && updater->raw)
        error = otter_image_parser_feed(&updater->image, buffer_of(updater), updater->buffered);
    otter_md5_update(md5_of(updater), buffer_of(updater), updater->buffered);
    keep_tail(updater);
    return error;
}

/* The first sector is about to be stored. It may be the kept firmware's that the running one, on trial, would
 * be taken back to; and who takes an update has shown what matters. */
static int prepare_start(struct otter_updater *updater)
{
    if (otter_updater_is_staged(updater) || updater->record != 0)
        (void)!otter_boot_record_confirm(updater->port);
    const int error = otter_updater_record(updater);
    if (updater->raw)
        buffer_of(updater)[OTTER_IMAGE_MODE_OFFSET] = updater->port->flash.mode;
    return error;
}

/* Takes the sector in the buffer, or what there is of the last one. */
static int take_sector(struct otter_updater *updater)
{
    const uint32_t offset = updater->received - updater->buffered;
    memset(buffer_of(updater) + updater->buffered, 0xFF, OTTER_FLASH_SECTOR - updater->buffered);
    int error = otter_updater_examine(updater);
    if (error == OTTER_OK && offset == 0)
        error = prepare_start(updater);
    if (error == OTTER_OK)
        error = otter_updater_store(updater, updater->start + offset, updater->buffered);
    if (error == OTTER_OK)
        error = otter_updater_mark(updater, offset, updater->buffered);
    if (error != OTTER_OK)
        return error;
    updater->buffered = 0;
    if (updater->settings.progress != NULL)
        updater->settings.progress(updater->settings.context, updater->received, updater->size);
    return updater->error;
}

/* SIZE more bytes are in the buffer. */
static int advance(struct otter_updater *updater, uint32_t size)
{
    updater->buffered += size;
    updater->received += size;
    if (updater->buffered == OTTER_FLASH_SECTOR || updater->received == updater->size)
        return take_sector(updater);
    return OTTER_OK;
}

/* Bytes that the buffer can take now. */
static uint32_t buffer_room(const struct otter_updater *updater)
{
    const uint32_t room = OTTER_FLASH_SECTOR - updater->buffered;
    const uint32_t remaining = otter_updater_remaining(updater);
    return room < remaining ? room : remaining;
}

int otter_updater_write(struct otter_updater *updater, const void *bytes, size_t size)
{
    if (!updater->running)
        return OTTER_ERROR_IDLE;
    if (size > otter_updater_remaining(updater))
        return fail(updater, OTTER_ERROR_SIZE);
    const uint8_t *from = bytes;
    for (size_t left = size, part; left > 0; from += part, left -= part) {
        const uint32_t room = buffer_room(updater);
        part = left < room ? left : room;
        memcpy(buffer_of(updater) + updater->buffered, from, part);
        const int error = advance(updater, (uint32_t)part);
        if (error != OTTER_OK)
            return fail(updater, error);
    }
    return (int)size;
}

/* The stream has nothing now. */
static int wait_for_stream(struct otter_updater *updater, uint32_t now_ms)
{
    if (!updater->stream_waiting) {
        updater->stream_waiting = true;
        updater->stream_since = now_ms;
    }
    if (now_ms - updater->stream_since >= updater->settings.stream_timeout_ms)
        return fail(updater, OTTER_ERROR_STREAM);
    return 0;
}

int otter_updater_write_stream(struct otter_updater *updater, const struct otter_stream *stream,
                               uint32_t now_ms)
{
    if (!updater->running)
        return OTTER_ERROR_IDLE;
    const uint32_t room = buffer_room(updater);
    if (room == 0)
        return 0;
    const int count = stream->read(stream->context, buffer_of(updater) + updater->buffered, room);
    if (count < 0)
        return fail(updater, OTTER_ERROR_STREAM);
    if (count == 0)
        return wait_for_stream(updater, now_ms);
    updater->stream_waiting = false;
    const int error = advance(updater, (uint32_t)count);
    return error != OTTER_OK ? fail(updater, error) : count;
}

/* --- end ---------------------------------------------------------------------------------------- */

static int complete(struct otter_updater *updater, bool even_if_remaining)
{
    if (updater->received == 0)
        return OTTER_ERROR_NO_DATA;
    if (updater->received < updater->size && !even_if_remaining)
        return OTTER_ERROR_SIZE;
    return updater->buffered > 0 ? take_sector(updater) : OTTER_OK;
}

static int verify_md5(struct otter_updater *updater)
{
    uint8_t digest[OTTER_MD5_SIZE];
    otter_md5_final(md5_of(updater), digest);
    memcpy(updater->trial.digest, digest, sizeof(digest));
    otter_hex_encode(updater->md5_calculated, digest, sizeof(digest));
    if (updater->md5_expected_set && strcmp(updater->md5_expected, updater->md5_calculated) != 0)
        return OTTER_ERROR_MD5;
    return OTTER_OK;
}

/* Bytes that a gzip may inflate to. A sketch may reach over the beginning of the gzip itself, which has been
 * used by then, if the bootloader is one that survives a cut meanwhile; with a quarter of it there is room
 * for error, since it is not known how far the gzip is used when (docs/BOOT.md). */
static uint32_t inflated_max(const struct otter_updater *updater)
{
    const struct otter_layout *layout = updater->port->layout;
    if (updater->command != OTTER_UPDATE_SKETCH)
        return layout->filesystem_end - layout->filesystem_start;
    return updater->start + (otter_updater_has_bootloader(updater->port) ? updater->received / 4 : 0);
}

/* A gzip ends with the length of what it holds. */
static int verify_gzip(const struct otter_updater *updater)
{
    if (updater->received < GZIP_MIN)
        return OTTER_ERROR_IMAGE;
    return otter_le32_get(updater->tail) > inflated_max(updater) ? OTTER_ERROR_SPACE : OTTER_OK;
}

static int verify(struct otter_updater *updater)
{
    const int error = verify_md5(updater);
    if (error != OTTER_OK)
        return error;
    if (updater->raw)
        return otter_image_parser_end(&updater->image);
    if (updater->gzip && otter_updater_is_staged(updater))
        return verify_gzip(updater);
    return OTTER_OK;
}

/* What there is to do in the first call. */
static int settle(struct otter_updater *updater, bool even_if_remaining)
{
    int error = complete(updater, even_if_remaining);
    if (error == OTTER_OK)
        error = verify(updater);
    if (error != OTTER_OK)
        return error;
    updater->verified = true;
    updater->size = updater->received;
    if (updater->command == OTTER_UPDATE_SKETCH)
        otter_updater_plan_trial(updater);
    return OTTER_OK;
}

int otter_updater_end(struct otter_updater *updater, bool even_if_remaining)
{
    int error = OTTER_OK;
    if (!updater->running)
        return OTTER_ERROR_IDLE;
    if (updater->verified)
        otter_updater_keep(updater);
    else
        error = settle(updater, even_if_remaining);
    if (error != OTTER_OK)
        return fail(updater, error);
    if (otter_updater_unkept(updater) > 0)
        return otter_updater_unkept(updater);
    if (otter_updater_is_staged(updater))
        otter_updater_leave_boot_command(updater);
    updater->running = false;
    if (updater->settings.end != NULL)
        updater->settings.end(updater->settings.context);
    return OTTER_OK;
}

void otter_updater_release(struct otter_updater *updater)
{
    updater->released = true;
}

/* --- state -------------------------------------------------------------------------------------- */

bool otter_updater_is_running(const struct otter_updater *updater)
{
    return updater->running;
}

uint32_t otter_updater_received(const struct otter_updater *updater)
{
    return updater->received;
}

uint32_t otter_updater_remaining(const struct otter_updater *updater)
{
    return updater->size - updater->received;
}

enum otter_error otter_updater_error(const struct otter_updater *updater)
{
    return updater->error;
}

int otter_updater_error_print(const struct otter_updater *updater, char *out, size_t size)
{
    const struct otter_error_detail detail = {
        .expected = updater->md5_expected,
        .calculated = updater->md5_calculated,
        .real = updater->port->flash.size,
        .configured = configured_flash(updater->port),
    };
    return otter_error_print(out, size, updater->error, &detail);
}
