#include "format/http_field.h"

#include <stdbool.h>
#include <string.h>

static const char separators[] = " \t,;";

/* Ends a word at END, which is a separator or the end of all: what follows it, or NULL. */
static char *terminate(char *end)
{
    if (*end == '\0')
        return end;
    if (strchr(separators, *end) == NULL)
        return NULL;
    *end = '\0';
    return end + 1;
}

/* Takes the quotes and escapes off the string at TEXT, in place: what follows it, or NULL. */
static char *unquote(char *text)
{
    char *out = text;
    for (text++; *text != '"'; text++) {
        if (*text == '\\')
            text++;
        if (*text == '\0')
            return NULL;
        *out++ = *text;
    }
    char *after = terminate(text + 1);
    *out = '\0';
    return after;
}

int otter_http_parameter_next(char **cursor, struct otter_http_parameter *parameter)
{
    char *c = *cursor + strspn(*cursor, separators);
    parameter->name = c;
    c += strcspn(c, " \t,;=\"");
    parameter->value = c;
    if (c == parameter->name)
        return *c == '\0' ? 0 : OTTER_ERROR_MALFORMED;
    if (*c != '=') {
        c = terminate(c);
    } else {
        *c++ = '\0';
        parameter->value = c;
        c = *c == '"' ? unquote(c) : terminate(c + strcspn(c, " \t,;\""));
    }
    if (c == NULL)
        return OTTER_ERROR_MALFORMED;
    *cursor = c;
    return 1;
}
