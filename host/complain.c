#include "host/complain.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

#include "host/visible.h"

enum otter_exit otter_complain(enum otter_exit status, const char *format, ...)
{
    char text[PATH_MAX + 512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    fputs("otter: ", stderr);
    otter_visible_print(stderr, text);
    fputc('\n', stderr);
    return status;
}
