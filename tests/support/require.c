#include "tests/support/require.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/test.h"

void require_failed(const char *file, int line, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "%s:%d: ", file, line);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    _fail(file, line);
    abort();
}
