#include "server/store/reason.h"

#include <stdarg.h>
#include <stdio.h>

#include "format/text.h"

void otter_reason_set(struct otter_reason *reason, const char *format, ...)
{
    if (reason == NULL)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason->text, sizeof(reason->text), format, arguments);
    va_end(arguments);
}

void otter_reason_wrap(struct otter_reason *reason, const char *format, ...)
{
    if (reason == NULL)
        return;
    struct otter_reason inner = *reason;
    char context[OTTER_REASON_SIZE];
    struct otter_text text;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(context, sizeof(context), format, arguments);
    va_end(arguments);
    otter_text_init(&text, reason->text, sizeof(reason->text));
    otter_text_add(&text, context);
    otter_text_add(&text, ": ");
    otter_text_add(&text, inner.text);
}
