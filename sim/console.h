/* The serial console of a virtual device: lines of text, and below them a picture that is redrawn in place.
 */
#ifndef OTTER_SIM_CONSOLE_H
#define OTTER_SIM_CONSOLE_H

#include <stdbool.h>
#include <stdio.h>

enum console_tone {
    CONSOLE_PLAIN,
    CONSOLE_ROM,  /* what mask ROM and bootloader say */
    CONSOLE_GOOD, /* what users wait for */
    CONSOLE_BAD,
};

struct console {
    FILE *out;
    const char *prefix; /* of every line; NULL: none */
    bool color;
    /* Draws the picture below the lines and returns its height in lines; NULL: none. */
    int (*draw)(void *context, FILE *out, bool color);
    void *draw_context;
    int height; /* of the picture that stands there now */
};

__attribute__((format(printf, 3, 4))) void console_line(struct console *console, enum console_tone tone,
                                                        const char *format, ...);
/* Each line of TEXT. */
void console_text(struct console *console, enum console_tone tone, const char *text);
void console_blank(struct console *console);
/* Draws the picture again, if there is one. */
void console_redraw(struct console *console);

#endif
