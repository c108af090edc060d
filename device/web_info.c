/* What the page tells about the device, as JSON (docs/PROTOCOL.md). */
#include <string.h>

#include "device/web_session.h"
#include "otter/boot.h"

#define VALUE_MAX 32u /* characters of a text */

static const char *const flash_modes[] = {"qio", "qout", "dio", "dout"};

static void add_key(struct otter_text *text, const char *key)
{
    otter_text_add(text, text->length == 0 ? "{\"" : ",\"");
    otter_text_add(text, key);
    otter_text_add(text, "\":");
}

static void add_string(struct otter_text *text, const char *key, const char *value)
{
    if (value == NULL || value[0] == '\0')
        return;
    add_key(text, key);
    otter_text_add(text, "\"");
    for (size_t i = 0; i < VALUE_MAX && value[i] != '\0'; i++) {
        char c = otter_text_printable(value[i]);
        c = c == '"' || c == '\\' ? '?' : c;
        otter_text_add_bytes(text, &c, 1);
    }
    otter_text_add(text, "\"");
}

static void add_number(struct otter_text *text, const char *key, int value)
{
    add_key(text, key);
    otter_text_add_decimal(text, value > 0 ? (uint32_t)value : 0);
}

static bool is_on_trial(const struct otter_port *port)
{
    struct otter_boot_status status;
    return otter_boot_status(port, &status) == OTTER_OK && status.on_trial;
}

static void add_all(const struct otter_web *web, struct otter_text *text)
{
    const struct otter_port *port = web->port;
    const struct otter_layout *layout = port->layout;
    add_string(text, "name", web->settings.name);
    add_string(text, "version", web->settings.version);
    add_string(text, "board", web->settings.board);
    add_number(text, "sketch_size", otter_sketch_size(port));
    add_string(text, "sketch_md5", web->sketch_md5);
    add_number(text, "free_space", otter_sketch_free_space(port));
    add_number(text, "filesystem_size", (int)(layout->filesystem_end - layout->filesystem_start));
    add_number(text, "flash_size", (int)port->flash.size);
    add_string(text, "flash_mode", flash_modes[port->flash.mode & 3]);
    add_key(text, "uptime_ms");
    otter_text_add_decimal(text, web->now_ms - web->started_ms);
    add_key(text, "trial");
    otter_text_add(text, is_on_trial(port) ? "true}" : "false}");
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
