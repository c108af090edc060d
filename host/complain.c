#include "host/complain.h"

#include <stdarg.h>
#include <stdio.h>

enum otter_exit otter_complain(enum otter_exit status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("otter: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    return status;
}
