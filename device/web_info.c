/* What the page tells about the device, as JSON (docs/PROTOCOL.md). */
#include <string.h>

#include "device/web_session.h"
#include "otter/boot.h"

#define BOARD_MAX 20u /* characters */

static void add_key(struct otter_text *text, const char *key)
{
    otter_text_add(text, text->length == 0 ? "{\"" : ",\"");
    otter_text_add(text, key);
    otter_text_add(text, "\":");
}

static void add_string(struct otter_text *text, const char *key, const char *value, size_t most)
{
    if (value == NULL || value[0] == '\0')
        return;
    add_key(text, key);
    otter_text_add(text, "\"");
    for (size_t i = 0; i < most && value[i] != '\0'; i++) {
        char c = otter_text_printable(value[i]);
        c = c == '"' || c == '\\' ? '?' : c;
        otter_text_add_bytes(text, &c, 1);
    }
    otter_text_add(text, "\"");
}

static bool is_on_trial(const struct otter_port *port)
{
    struct otter_boot_status status;
    return otter_boot_status(port, &status) == OTTER_OK && status.on_trial;
}

static void add_numbers(const struct otter_web *web, struct otter_text *text)
{
    static const char *const keys[] = {"sketch_size", "free_space", "filesystem_size", "flash_size",
                                       "uptime_ms"};
    const struct otter_port *port = web->port;
    const int size = otter_sketch_size(port), space = otter_sketch_free_space(port);
    const uint32_t values[] = {
        size > 0 ? (uint32_t)size : 0,
        space > 0 ? (uint32_t)space : 0,
        port->layout->filesystem_end - port->layout->filesystem_start,
        port->flash.size,
        web->now_ms - web->started_ms,
    };
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        add_key(text, keys[i]);
        otter_text_add_decimal(text, values[i]);
    }
}

static void add_all(const struct otter_web *web, struct otter_text *text)
{
    add_string(text, "name", web->settings.name, OTTER_FIRMWARE_NAME_SIZE - 1);
    add_string(text, "version", web->settings.version, OTTER_FIRMWARE_VERSION_SIZE - 1);
    add_string(text, "board", web->settings.board, BOARD_MAX);
    add_string(text, "sketch_md5", web->sketch_md5, sizeof(web->sketch_md5) - 1);
    add_numbers(web, text);
    add_key(text, "trial");
    otter_text_add(text, is_on_trial(web->port) ? "true}" : "false}");
}

static void answer(struct otter_web_connection *connection)
{
    struct otter_text text;
    otter_web_begin_body(connection, &text);
    add_all(connection->web, &text);
    otter_web_answer_body(connection, OTTER_WEB_ANSWER_INFO, text.length);
}

/* The MD5 is computed once; the sketch does not change before the next start. */
void otter_web_tell(struct otter_web_connection *connection)
{
    struct otter_web *web = connection->web;
    if (web->sketch_md5[0] == '\0' && otter_sketch_hash_begin(&connection->hash, web->port) == OTTER_OK)
        otter_web_enter(connection, OTTER_WEB_HASHING, 0);
    else
        answer(connection);
}

uint32_t otter_web_hashing(struct otter_web_connection *connection)
{
    struct otter_web *web = connection->web;
    const int result = otter_sketch_hash_step(&connection->hash, web->port, web->sketch_md5);
    if (result != 0)
        answer(connection);
    return 0;
}
