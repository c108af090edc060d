#include "sim/console.h"

#include <stdarg.h>
#include <string.h>

#define COLOR_OFF "\033[0m"

static const char *const colors[] = {
    [CONSOLE_PLAIN] = "",
    [CONSOLE_ROM] = "\033[2m",
    [CONSOLE_GOOD] = "\033[32m",
    [CONSOLE_BAD] = "\033[31m",
};

static void erase_picture(struct console *console)
{
    if (console->height > 0)
        fprintf(console->out, "\033[%dA\r\033[J", console->height);
    console->height = 0;
}

void console_redraw(struct console *console)
{
    if (console->draw == NULL)
        return;
    erase_picture(console);
    console->height = console->draw(console->draw_context, console->out, console->color);
    fflush(console->out);
}

void console_line(struct console *console, enum console_tone tone, const char *format, ...)
{
    bool color = console->color && colors[tone][0] != '\0';
    va_list arguments;
    va_start(arguments, format);
    erase_picture(console);
    if (console->prefix != NULL)
        fprintf(console->out, "%s: ", console->prefix);
    if (color)
        fputs(colors[tone], console->out);
    vfprintf(console->out, format, arguments);
    va_end(arguments);
    fputs(color ? COLOR_OFF "\n" : "\n", console->out);
    fflush(console->out);
    console_redraw(console);
}

void console_text(struct console *console, enum console_tone tone, const char *text)
{
    while (*text != '\0') {
        int length = (int)strcspn(text, "\n");
        console_line(console, tone, "%.*s", length, text);
        text += length + (text[length] == '\n');
    }
}

void console_blank(struct console *console)
{
    console_line(console, CONSOLE_PLAIN, "%s", "");
}
