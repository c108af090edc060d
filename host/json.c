#include "host/json.h"

#include <inttypes.h>
#include <string.h>

/* Bytes of the UTF-8 sequence (RFC 3629) at TEXT; 0 if there is none. */
static size_t utf8_length(const unsigned char *text)
{
    size_t length = text[0] < 0x80   ? 1
                    : text[0] < 0xC2 ? 0
                    : text[0] < 0xE0 ? 2
                    : text[0] < 0xF0 ? 3
                    : text[0] < 0xF5 ? 4
                                     : 0;
    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xC0) != 0x80)
            return 0;
    }
    return length;
}

static void write_quoted(FILE *out, const char *value)
{
    const unsigned char *text = (const unsigned char *)value;
    fputc('"', out);
    while (*text != '\0') {
        size_t length = utf8_length(text);
        if (length == 0)
            fputs("\\ufffd", out);
        else if (*text < 0x20 || *text == 0x7F)
            fprintf(out, "\\u%04x", *text);
        else
            fprintf(out, "%s%.*s", *text == '"' || *text == '\\' ? "\\" : "", (int)length,
                    (const char *)text);
        text += length > 0 ? length : 1;
    }
    fputc('"', out);
}

static void begin_value(struct otter_json *json, const char *key)
{
    if (json->comma)
        fputc(',', json->out);
    json->comma = true;
    if (key == NULL)
        return;
    write_quoted(json->out, key);
    fputc(':', json->out);
}

static void open_bracket(struct otter_json *json, const char *key, char bracket)
{
    begin_value(json, key);
    fputc(bracket, json->out);
    json->comma = false;
}

static void close_bracket(struct otter_json *json, char bracket)
{
    fputc(bracket, json->out);
    json->comma = true;
}

void otter_json_open_object(struct otter_json *json, const char *key)
{
    open_bracket(json, key, '{');
}

void otter_json_close_object(struct otter_json *json)
{
    close_bracket(json, '}');
}

void otter_json_open_array(struct otter_json *json, const char *key)
{
    open_bracket(json, key, '[');
}

void otter_json_close_array(struct otter_json *json)
{
    close_bracket(json, ']');
}

void otter_json_string(struct otter_json *json, const char *key, const char *value)
{
    begin_value(json, key);
    write_quoted(json->out, value);
}

void otter_json_number(struct otter_json *json, const char *key, int64_t value)
{
    begin_value(json, key);
    fprintf(json->out, "%" PRId64, value);
}

void otter_json_bool(struct otter_json *json, const char *key, bool value)
{
    begin_value(json, key);
    fputs(value ? "true" : "false", json->out);
}

void otter_json_end(struct otter_json *json)
{
    fputc('\n', json->out);
    fflush(json->out);
    json->comma = false;
}
