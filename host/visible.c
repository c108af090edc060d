#include "host/visible.h"

#include <stdbool.h>

/* Those of ASCII, and in UTF-8 U+0080 to U+009F, of which U+009B begins a command to the terminal. */
static bool is_control(const unsigned char *at)
{
    return at[0] < 0x20 || at[0] == 0x7F || (at[0] == 0xC2 && at[1] >= 0x80 && at[1] < 0xA0);
}

void otter_visible_print(FILE *out, const char *text)
{
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++) {
        bool control = is_control(at);
        fputc(control ? '?' : *at, out);
        if (control && *at == 0xC2)
            at++; /* its second byte */
    }
}
