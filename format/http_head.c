#include "format/http_head.h"

#include <string.h>

#include "format/text.h"

enum { FIRST, LINE, END };

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* tchar of RFC 9110, section 5.6.2 */
static bool is_token(char c)
{
    const char lower = (char)(c | 0x20);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

/* --- a whole line ------------------------------------------------------------------------------- */

static char *trim(char *text)
{
    size_t length;
    while (is_blank(*text))
        text++;
    for (length = strlen(text); length > 0 && is_blank(text[length - 1]); length--)
        text[length - 1] = '\0';
    return text;
}

static int take_start(struct otter_http_head *head)
{
    return head->cut ? OTTER_ERROR_BUFFER : head->take(head->context, NULL, trim(head->line), false);
}

static int take_field(struct otter_http_head *head)
{
    char *colon = head->line;
    while (is_token(*colon))
        colon++;
    if (*colon != ':' || colon == head->line)
        return OTTER_ERROR_MALFORMED;
    *colon = '\0';
    return head->take(head->context, head->line, trim(colon + 1), head->cut);
}

/* An empty line ends the head, unless nothing came before it. */
static int take_line(struct otter_http_head *head)
{
    const bool is_start = head->state == FIRST;
    head->line[head->filled] = '\0';
    head->carriage_return = false;
    if (head->filled == 0) {
        head->state = is_start ? FIRST : END;
        return OTTER_OK;
    }
    if (++head->lines > OTTER_HTTP_LINES_MAX)
        return OTTER_ERROR_BUFFER;
    const int error = is_start ? take_start(head) : take_field(head);
    head->state = LINE;
    head->filled = 0;
    head->cut = false;
    return error;
}

/* --- bytes -------------------------------------------------------------------------------------- */

static bool is_control(char c)
{
    return ((uint8_t)c < ' ' && c != '\t') || c == '\x7F';
}

static int take_character(struct otter_http_head *head, char c)
{
    if (++head->bytes > OTTER_HTTP_HEAD_MAX)
        return OTTER_ERROR_BUFFER;
    if (c == '\n')
        return take_line(head);
    if (c == '\r' && !head->carriage_return) {
        head->carriage_return = true;
        return OTTER_OK;
    }
    if (head->carriage_return || is_control(c) || (head->filled == 0 && is_blank(c)))
        return OTTER_ERROR_MALFORMED;
    if (head->filled + 1u < head->size)
        head->line[head->filled++] = c;
    else
        head->cut = true;
    return OTTER_OK;
}

void otter_http_head_init(struct otter_http_head *head, char *line, uint16_t size, bool fields_only,
                          otter_http_line *take, void *context)
{
    *head = (struct otter_http_head){
        .take = take, .context = context, .line = line, .size = size, .state = fields_only ? LINE : FIRST};
}

int otter_http_head_feed(struct otter_http_head *head, const void *bytes, size_t size)
{
    const char *c = bytes;
    size_t count;
    for (count = 0; count < size && head->error == OTTER_OK && head->state != END; count++)
        head->error = take_character(head, c[count]);
    return head->error != OTTER_OK ? head->error : (int)count;
}

bool otter_http_head_is_complete(const struct otter_http_head *head)
{
    return head->state == END;
}

char *otter_http_head_keep(struct otter_http_head *head, char *value, uint16_t room)
{
    char *kept = head->line;
    const size_t size = strlen(value) + 1;
    if (head->size < size + room)
        return NULL;
    memmove(kept, value, size);
    head->line += size;
    head->size = (uint16_t)(head->size - size);
    return kept;
}

int otter_http_length_take(struct otter_http_length *length, const char *value)
{
    uint32_t bytes;
    if (!otter_decimal_decode(&bytes, value) || (length->known && bytes != length->bytes))
        return OTTER_ERROR_MALFORMED;
    *length = (struct otter_http_length){.known = true, .bytes = bytes};
    return OTTER_OK;
}
