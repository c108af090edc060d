#include "host/advice.h"

#include <stdarg.h>
#include <string.h>

#define LINE_WIDTH 78

static void print_wrapped(const struct otter_advice *advice, const char *text)
{
    size_t room = *advice->indent != '\0' ? LINE_WIDTH - strlen(advice->indent) : strlen(text);
    while (*text != '\0') {
        size_t length = strlen(text);
        if (length > room) {
            length = room;
            while (length > 0 && text[length] != ' ')
                length--;
            length = length > 0 ? length : room;
        }
        fprintf(advice->out, "%s%.*s\n", advice->indent, (int)length, text);
        text += length;
        text += strspn(text, " ");
    }
}

void otter_advice_say(const struct otter_advice *advice, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    print_wrapped(advice, text);
}
