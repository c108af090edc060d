/* Datagrams from the device to the uploader. They are told apart as a whole, when the datagram has ended. */
#include <string.h>

#include "format/push.h"
#include "format/text.h"

static const char ok[] = "OK";
static const char denied[] = "Authentication Failed";
static const char auth[] = "AUTH ";
static const char error[] = "ERR: ";

void otter_push_answer_init(struct otter_push_answer_parser *parser)
{
    *parser = (struct otter_push_answer_parser){.error = OTTER_OK};
}

int otter_push_answer_feed(struct otter_push_answer_parser *parser, const void *bytes, size_t size)
{
    const char *c = bytes;
    for (size_t i = 0; i < size && parser->filled < OTTER_PUSH_DATAGRAM_MAX; i++) {
        bool line_end = c[i] == '\r' || c[i] == '\n';
        parser->kept[parser->filled++] = line_end ? ' ' : otter_text_printable(c[i]);
    }
    return parser->error;
}

static void drop_trailing_spaces(struct otter_push_answer_parser *parser)
{
    while (parser->filled > 0 && parser->kept[parser->filled - 1] == ' ')
        parser->filled--;
    parser->kept[parser->filled] = '\0';
}

/* What follows PREFIX, or NULL if TEXT does not begin with it. */
static const char *after(const char *text, const char *prefix)
{
    size_t length = strlen(prefix);
    return strncmp(text, prefix, length) == 0 ? text + length : NULL;
}

static int nonce_end(struct otter_push_answer *answer, const char *nonce)
{
    size_t digits = strlen(nonce);
    if (digits != OTTER_PUSH_MD5_DIGITS && digits != OTTER_PUSH_SHA256_DIGITS)
        return OTTER_ERROR_MALFORMED;
    if (!otter_hex_is(nonce, digits))
        return OTTER_ERROR_MALFORMED;
    answer->kind = OTTER_PUSH_ANSWER_AUTH;
    answer->digits = (uint8_t)digits;
    memcpy(answer->nonce, nonce, digits + 1);
    return OTTER_OK;
}

static int error_end(struct otter_push_answer *answer, const char *kept)
{
    const char *text = after(kept, error);
    struct otter_text out;
    otter_text_init(&out, answer->text, sizeof(answer->text));
    otter_text_add(&out, text != NULL ? text : kept);
    answer->kind = OTTER_PUSH_ANSWER_ERROR;
    return OTTER_OK;
}

static int classify(struct otter_push_answer *answer, const char *kept)
{
    const char *nonce = after(kept, auth);
    if (kept[0] == '\0')
        return OTTER_ERROR_MALFORMED;
    if (nonce != NULL)
        return nonce_end(answer, nonce);
    if (strcmp(kept, ok) == 0)
        answer->kind = OTTER_PUSH_ANSWER_OK;
    else if (strcmp(kept, denied) == 0)
        answer->kind = OTTER_PUSH_ANSWER_DENIED;
    else
        return error_end(answer, kept);
    return OTTER_OK;
}

int otter_push_answer_end(struct otter_push_answer_parser *parser)
{
    drop_trailing_spaces(parser);
    if (parser->error == OTTER_OK)
        parser->error = classify(&parser->answer, parser->kept);
    return parser->error;
}

int otter_push_answer_encode(char *out, size_t size, const struct otter_push_answer *answer)
{
    struct otter_text text;
    otter_text_init(&text, out, size);
    switch (answer->kind) {
    case OTTER_PUSH_ANSWER_OK:
        otter_text_add(&text, ok);
        break;
    case OTTER_PUSH_ANSWER_AUTH:
        otter_text_add(&text, auth);
        otter_text_add(&text, answer->nonce);
        break;
    case OTTER_PUSH_ANSWER_DENIED:
        otter_text_add(&text, denied);
        break;
    case OTTER_PUSH_ANSWER_ERROR:
        otter_text_add(&text, error);
        otter_text_add(&text, answer->text);
        otter_text_add(&text, "\n");
        break;
    }
    return otter_text_end(&text);
}
