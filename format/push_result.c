/* Counts and the result, which the device sends on TCP without framing. An E is looked for before an O, since
 * both "OK" and "ERROR" hold an O (spec/push.md, section 4). */
#include "format/push.h"
#include "format/text.h"

enum { COUNTING, SEEN_O, TEXT, TEXT_LINE_END };

static void text_add(struct otter_push_result_parser *parser, char c)
{
    if (parser->filled < sizeof(parser->text) - 1)
        parser->text[parser->filled++] = c;
}

/* Line ends inside the text become one space; at its end they never come out. */
static void text_take(struct otter_push_result_parser *parser, char c)
{
    if (c == '\r' || c == '\n') {
        parser->state = TEXT_LINE_END;
        return;
    }
    if (parser->state == TEXT_LINE_END)
        text_add(parser, ' ');
    text_add(parser, otter_text_printable(c));
    parser->state = TEXT;
}

static void count_take(struct otter_push_result_parser *parser, char c)
{
    if (c == 'E') {
        parser->result = OTTER_PUSH_RESULT_ERROR;
        text_take(parser, c);
    } else if (c == 'K' && parser->state == SEEN_O) {
        parser->result = OTTER_PUSH_RESULT_OK;
    } else if (c >= '0' && c <= '9') {
        parser->digits++;
        parser->state = COUNTING;
    } else {
        parser->state = c == 'O' ? SEEN_O : COUNTING;
    }
}

void otter_push_result_feed(struct otter_push_result_parser *parser, const void *bytes, size_t size)
{
    const char *c = bytes;
    for (size_t i = 0; i < size && parser->result != OTTER_PUSH_RESULT_OK; i++) {
        if (parser->result == OTTER_PUSH_RESULT_ERROR)
            text_take(parser, c[i]);
        else
            count_take(parser, c[i]);
    }
}
