/* Datagrams from the uploader to the device: an invitation, "<command> <port> <size> <md5>\n", or an
 * authentication answer, "200 <cnonce> <response>\n". */
#include "format/push.h"
#include "format/text.h"

enum { COMMAND, PORT, SIZE, MD5, CNONCE, RESPONSE, BLANK, END };

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static int enter(struct otter_push_request_parser *parser, uint8_t state)
{
    parser->state = state;
    parser->digits = 0;
    parser->value = 0;
    return OTTER_OK;
}

/* A decimal number up to a space: true once VALUE is whole. */
static bool take_number(struct otter_push_request_parser *parser, char c)
{
    uint32_t digit = (uint32_t)(c - '0');
    if (c == ' ' && parser->digits > 0)
        return true;
    if (c < '0' || c > '9' || parser->value > (UINT32_MAX - digit) / 10) {
        parser->error = OTTER_ERROR_MALFORMED;
        return false;
    }
    parser->value = parser->value * 10 + digit;
    parser->digits = 1;
    return false;
}

/* A hex digit of a field with room for MAX of them. */
static int take_hex(struct otter_push_request_parser *parser, char *field, size_t max, char c)
{
    if (otter_hex_value(c) < 0 || parser->digits == max)
        return OTTER_ERROR_MALFORMED;
    field[parser->digits++] = c;
    return OTTER_OK;
}

static int command_take(struct otter_push_request_parser *parser, char c)
{
    if (!take_number(parser, c))
        return parser->error;
    switch (parser->value) {
    case OTTER_PUSH_SKETCH:
        parser->request.command = OTTER_PUSH_SKETCH;
        return enter(parser, PORT);
    case OTTER_PUSH_FILESYSTEM:
        parser->request.command = OTTER_PUSH_FILESYSTEM;
        return enter(parser, PORT);
    case OTTER_PUSH_AUTHENTICATE:
        parser->request.command = OTTER_PUSH_AUTHENTICATE;
        return enter(parser, CNONCE);
    default:
        return OTTER_ERROR_MALFORMED;
    }
}

static int port_take(struct otter_push_request_parser *parser, char c)
{
    if (!take_number(parser, c))
        return parser->error;
    if (parser->value == 0 || parser->value > UINT16_MAX)
        return OTTER_ERROR_MALFORMED;
    parser->request.port = (uint16_t)parser->value;
    return enter(parser, SIZE);
}

static int size_take(struct otter_push_request_parser *parser, char c)
{
    if (!take_number(parser, c))
        return parser->error;
    parser->request.size = parser->value;
    return enter(parser, MD5);
}

static int blank_take(struct otter_push_request_parser *parser, char c)
{
    if (!is_blank(c))
        return OTTER_ERROR_MALFORMED;
    if (c == '\t' && parser->request.command != OTTER_PUSH_AUTHENTICATE)
        parser->request.prompt = true;
    if (c == '\n')
        parser->state = END;
    return OTTER_OK;
}

static int md5_take(struct otter_push_request_parser *parser, char c)
{
    if (parser->digits < OTTER_PUSH_MD5_DIGITS)
        return take_hex(parser, parser->request.md5, OTTER_PUSH_MD5_DIGITS, c);
    parser->state = BLANK;
    return blank_take(parser, c);
}

static int cnonce_take(struct otter_push_request_parser *parser, char c)
{
    if (c != ' ')
        return take_hex(parser, parser->request.cnonce, OTTER_PUSH_SHA256_DIGITS, c);
    if (parser->digits != OTTER_PUSH_MD5_DIGITS && parser->digits != OTTER_PUSH_SHA256_DIGITS)
        return OTTER_ERROR_MALFORMED;
    parser->request.digits = parser->digits;
    return enter(parser, RESPONSE);
}

static int response_take(struct otter_push_request_parser *parser, char c)
{
    if (parser->digits < parser->request.digits)
        return take_hex(parser, parser->request.response, parser->request.digits, c);
    parser->state = BLANK;
    return blank_take(parser, c);
}

static int end_take(struct otter_push_request_parser *parser, char c)
{
    (void)parser;
    return is_blank(c) ? OTTER_OK : OTTER_ERROR_MALFORMED;
}

static int (*const states[])(struct otter_push_request_parser *parser, char c) = {
    [COMMAND] = command_take, [PORT] = port_take,         [SIZE] = size_take,   [MD5] = md5_take,
    [CNONCE] = cnonce_take,   [RESPONSE] = response_take, [BLANK] = blank_take, [END] = end_take,
};

void otter_push_request_init(struct otter_push_request_parser *parser)
{
    *parser = (struct otter_push_request_parser){.state = COMMAND};
}

int otter_push_request_feed(struct otter_push_request_parser *parser, const void *bytes, size_t size)
{
    const char *c = bytes;
    for (size_t i = 0; i < size && parser->error == OTTER_OK; i++)
        parser->error = states[parser->state](parser, c[i]);
    return parser->error;
}

int otter_push_request_end(struct otter_push_request_parser *parser)
{
    bool whole = parser->state == BLANK || parser->state == END ||
                 (parser->state == MD5 && parser->digits == OTTER_PUSH_MD5_DIGITS) ||
                 (parser->state == RESPONSE && parser->digits == parser->request.digits);
    if (!whole)
        parser->error = OTTER_ERROR_MALFORMED;
    return parser->error;
}

int otter_push_request_encode(char *out, size_t size, const struct otter_push_request *request)
{
    struct otter_text text;
    otter_text_init(&text, out, size);
    otter_text_add_decimal(&text, (uint32_t)request->command);
    otter_text_add(&text, " ");
    if (request->command == OTTER_PUSH_AUTHENTICATE) {
        otter_text_add(&text, request->cnonce);
        otter_text_add(&text, " ");
        otter_text_add(&text, request->response);
    } else {
        otter_text_add_decimal(&text, request->port);
        otter_text_add(&text, " ");
        otter_text_add_decimal(&text, request->size);
        otter_text_add(&text, " ");
        otter_text_add(&text, request->md5);
        otter_text_add(&text, request->prompt ? "\t" : "");
    }
    otter_text_add(&text, "\n");
    return otter_text_end(&text);
}
