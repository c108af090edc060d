/* A form with files, on its way into the updater. */
#include <string.h>

#include "device/updater_flash.h"
#include "device/web_session.h"

#define FAREWELL_MS 100u /* for the client to hang up first, as existing devices give it */
#define CLOSING_MAX 256u /* bytes of a form behind its last file, at most */

/* --- how it ends -------------------------------------------------------------------------------- */

/* Nothing of the form is installed. The reason is put together where an answer's body goes: its length. */
static size_t give_up(struct otter_web_connection *connection, int error)
{
    struct otter_web *web = connection->web;
    const struct otter_web_settings *settings = &web->settings;
    struct otter_text text;
    otter_web_begin_body(connection, &text);
    otter_text_add(&text, "Update error: ");
    char *reason = text.out + text.length;
    const size_t room = text.size - text.length - 1;
    if (otter_updater_error(web->updater) == error)
        otter_updater_error_print(web->updater, reason, room);
    else
        otter_error_print(reason, room, (enum otter_error)error, NULL);
    if (web->updating)
        otter_updater_abort(web->updater);
    if (web->staged)
        otter_updater_drop_boot_command(web->updater);
    if (settings->error != NULL)
        settings->error(settings->context, (enum otter_error)error, reason);
    web->uploader = NULL;
    const size_t length = strlen(text.out);
    text.out[length] = '\n';
    return length + 1;
}

static void fail(struct otter_web_connection *connection, int error)
{
    otter_web_answer_body(connection, OTTER_WEB_ANSWER_FAILED, give_up(connection, error));
}

static void install(struct otter_web *web)
{
    const struct otter_web_settings *settings = &web->settings;
    web->uploader = NULL;
    if (settings->end != NULL)
        settings->end(settings->context);
    if (web->begun && !settings->stay)
        web->port->restart(web->port->context);
}

/* An update that is whole is installed even if the client is gone before it was told. */
void otter_web_forget(struct otter_web_connection *connection)
{
    struct otter_web *web = connection->web;
    if (web->uploader != connection)
        return;
    if (web->complete)
        install(web);
    else
        (void)give_up(connection, connection->input_end != 0 ? connection->input_end : OTTER_ERROR_ABORTED);
}

void otter_web_hang_up(struct otter_web_connection *connection)
{
    if (connection->web->uploader == connection && connection->input_end == 0)
        otter_web_enter(connection, OTTER_WEB_LINGERING, FAREWELL_MS);
    else
        otter_web_close(connection);
}

uint32_t otter_web_lingering(struct otter_web_connection *connection)
{
    const bool more = otter_web_drop(connection);
    const uint32_t left = otter_web_left(connection);
    if (connection->input_end != 0 || left == 0) {
        otter_web_close(connection);
        return 0;
    }
    return more ? 0 : left;
}

/* --- a file begins ------------------------------------------------------------------------------ */

/* Bytes that the file can have at most: it begins with the data that is at hand. */
static uint32_t most_bytes(const struct otter_web_connection *connection)
{
    return connection->body_left + connection->input_size - connection->input_at +
           (uint32_t)connection->web->multipart.size;
}

/* The size of the file is not known before its end. A filesystem is written in place, so one that is too
 * large must not get there; it has to be the last file of the form. */
static int begin_update(const struct otter_web_connection *connection)
{
    const struct otter_web *web = connection->web;
    const enum otter_update_command command = (enum otter_update_command)web->command;
    const uint32_t most = most_bytes(connection);
    const int room = otter_updater_room(web->updater, command);
    if (room < 0)
        return room;
    if (room == 0 || (command == OTTER_UPDATE_FILESYSTEM && most > (uint32_t)room + CLOSING_MAX))
        return OTTER_ERROR_SPACE;
    if (web->staged)
        otter_updater_release(web->updater);
    return otter_updater_begin(web->updater, most < (uint32_t)room ? most : (uint32_t)room, command);
}

static void begin_file(struct otter_web_connection *connection)
{
    struct otter_web *web = connection->web;
    const int error = begin_update(connection);
    if (error != OTTER_OK) {
        fail(connection, error);
        return;
    }
    web->updating = true;
    otter_web_enter(connection, OTTER_WEB_STARTING, web->settings.start_timeout_ms);
}

static void write_data(struct otter_web_connection *connection)
{
    const struct otter_web *web = connection->web;
    const int result = otter_updater_write(web->updater, web->multipart.data, web->multipart.size);
    if (result < 0)
        fail(connection, result == OTTER_ERROR_SIZE ? OTTER_ERROR_SPACE : result);
}

static enum otter_web_start ask_application(const struct otter_web_connection *connection)
{
    const struct otter_web *web = connection->web;
    if (web->settings.start == NULL)
        return OTTER_WEB_START_GO;
    return web->settings.start(web->settings.context, (enum otter_update_command)web->command,
                               most_bytes(connection));
}

uint32_t otter_web_starting(struct otter_web_connection *connection)
{
    struct otter_web *web = connection->web;
    const enum otter_web_start start = ask_application(connection);
    if (start == OTTER_WEB_START_WAIT && otter_web_left(connection) > 0)
        return otter_web_poll(connection);
    if (start == OTTER_WEB_START_GO) {
        web->started = true;
        otter_web_enter(connection, OTTER_WEB_RECEIVING, web->settings.body_timeout_ms);
        write_data(connection);
    } else {
        fail(connection, start == OTTER_WEB_START_WAIT ? OTTER_ERROR_TIMEOUT : OTTER_ERROR_REFUSED);
    }
    return 0;
}

/* --- what is in the form, one function per event -------------------------------------------------- */

static void take_part(struct otter_web_connection *connection)
{
    struct otter_web *web = connection->web;
    const bool filesystem = strcmp(web->multipart.name, "filesystem") == 0;
    web->command = filesystem ? OTTER_UPDATE_FILESYSTEM : OTTER_UPDATE_SKETCH;
}

/* An update begins with a file's first byte: browsers send a part for a file that nobody chose, too. */
static void take_data(struct otter_web_connection *connection)
{
    const struct otter_web *web = connection->web;
    if (!web->multipart.is_file)
        return;
    if (web->updating)
        write_data(connection);
    else
        begin_file(connection);
}

static void take_done(struct otter_web_connection *connection)
{
    if (connection->web->updating)
        otter_web_enter(connection, OTTER_WEB_FINISHING, 0);
}

static void take_end(struct otter_web_connection *connection)
{
    if (!connection->web->staged) {
        fail(connection, OTTER_ERROR_NO_DATA);
        return;
    }
    connection->web->complete = true;
    otter_web_answer(connection, OTTER_WEB_ANSWER_UPDATED);
}

uint32_t otter_web_finishing(struct otter_web_connection *connection)
{
    struct otter_web *web = connection->web;
    const int result = otter_updater_end(web->updater, true);
    if (result > 0)
        return 0;
    web->updating = false;
    if (result < 0) {
        fail(connection, result);
        return 0;
    }
    web->staged = true;
    otter_web_enter(connection, OTTER_WEB_RECEIVING, web->settings.body_timeout_ms);
    return 0;
}

/* --- the form ----------------------------------------------------------------------------------- */

static char *input_of(const struct otter_web_connection *connection)
{
    const struct otter_web_settings *settings = &connection->web->settings;
    return settings->input_size > 0 ? settings->input : connection->head.line + OTTER_WEB_PART_LINE;
}

static size_t input_room(const struct otter_web_connection *connection)
{
    const uint16_t size = connection->web->settings.input_size;
    return size > 0 ? size : connection->head.size - OTTER_WEB_PART_LINE;
}

void otter_web_upload(struct otter_web_connection *connection)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    struct otter_web *web = connection->web;
    web->uploader = connection;
    web->started = web->updating = web->staged = web->complete = false;
    otter_multipart_init(&web->multipart, connection->delimiter, connection->head.line, OTTER_WEB_PART_LINE);
    if (connection->request.expects_continue && connection->request.minor > 0)
        otter_web_send(connection, go_on, sizeof(go_on) - 1, OTTER_WEB_RECEIVING);
    else
        otter_web_enter(connection, OTTER_WEB_RECEIVING, web->settings.body_timeout_ms);
}

/* False if there is nothing now. The deadline moves by sectors, so that a client which trickles does not keep
 * others out. */
static bool refill(struct otter_web_connection *connection)
{
    const size_t room = input_room(connection);
    const uint32_t left = connection->body_left;
    const int count =
        left > 0 ? otter_web_read(connection, input_of(connection), left < room ? left : room) : 0;
    if (count <= 0)
        return false;
    connection->body_left -= (uint32_t)count;
    connection->input_at = 0;
    connection->input_size = (uint16_t)count;
    if (connection->body_left / OTTER_FLASH_SECTOR != left / OTTER_FLASH_SECTOR)
        connection->since = connection->web->now_ms;
    return true;
}

/* The form is not at its end, and nothing more comes for now. */
static uint32_t wait_for_more(struct otter_web_connection *connection)
{
    const uint32_t left = otter_web_left(connection);
    if (connection->body_left == 0) {
        fail(connection, OTTER_ERROR_MALFORMED);
        return 0;
    }
    if (connection->input_end != 0) {
        otter_web_close(connection);
        return 0;
    }
    if (left == 0) {
        (void)give_up(connection, OTTER_ERROR_TIMEOUT);
        otter_web_answer(connection, OTTER_WEB_ANSWER_TIMEOUT);
    }
    return left;
}

static void show_progress(const struct otter_web_connection *connection)
{
    const struct otter_web_settings *settings = &connection->web->settings;
    const uint32_t total = connection->request.length.bytes;
    if (connection->web->started && settings->progress != NULL)
        settings->progress(settings->context, total - connection->body_left, total);
}

/* Takes what is at hand, up to the next event: how many bytes. */
static uint32_t take_input(struct otter_web_connection *connection)
{
    static void (*const events[])(struct otter_web_connection * connection) = {
        [OTTER_MULTIPART_PART] = take_part,
        [OTTER_MULTIPART_DATA] = take_data,
        [OTTER_MULTIPART_DONE] = take_done,
        [OTTER_MULTIPART_END] = take_end,
    };
    struct otter_multipart *multipart = &connection->web->multipart;
    const int count = otter_multipart_feed(multipart, input_of(connection) + connection->input_at,
                                           (size_t)connection->input_size - connection->input_at);
    if (count < 0) {
        fail(connection, OTTER_ERROR_MALFORMED);
        return 0;
    }
    connection->input_at = (uint16_t)(connection->input_at + count);
    if (multipart->event != OTTER_MULTIPART_MORE)
        events[multipart->event](connection);
    return (uint32_t)count;
}

uint32_t otter_web_receiving(struct otter_web_connection *connection)
{
    uint32_t taken = 0;
    bool more = true;
    while (more && taken < OTTER_FLASH_SECTOR && connection->state == OTTER_WEB_RECEIVING) {
        more = connection->input_at < connection->input_size || refill(connection);
        taken += more ? take_input(connection) : 0;
    }
    if (taken > 0)
        show_progress(connection);
    return more ? 0 : wait_for_more(connection);
}
