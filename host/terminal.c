#include "host/terminal.h"

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "host/units.h"

#define WIDTH_DEFAULT 80 /* of a terminal that does not know its size */
#define ROWS_DEFAULT  24
#define BAR_MAX       30 /* columns */
#define BAR_MIN       8

bool otter_terminal_has_room(size_t lines)
{
    struct winsize window;
    const char *kind = getenv("TERM");
    if (kind == NULL || strcmp(kind, "dumb") == 0 || ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) != 0)
        return false;
    return lines < (window.ws_row > 0 ? window.ws_row : ROWS_DEFAULT);
}

int otter_terminal_width(void)
{
    struct winsize window;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0 ? window.ws_col
                                                                               : WIDTH_DEFAULT;
}

void otter_terminal_find(struct otter_terminal *terminal)
{
    const char *no = getenv("NO_COLOR"); /* no-color.org */
    setlocale(LC_CTYPE, "");
    terminal->colour = isatty(STDOUT_FILENO) && (no == NULL || *no == '\0');
    terminal->unicode = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

const char *otter_terminal_paint(const struct otter_terminal *terminal, const char *code)
{
    return terminal->colour ? code : "";
}

static void print_bar(const struct otter_terminal *terminal, unsigned percent, int columns)
{
    static const char *const lines[] = {"\xE2\x94\x81", "\xE2\x94\x80"}; /* U+2501, heavy; U+2500, light */
    static const char *const ascii[] = {"=", "-"};
    const char *const *glyphs = terminal->unicode ? lines : ascii;
    int full = (int)percent * columns / 100;
    fputs(otter_terminal_paint(terminal, OTTER_TERMINAL_GREEN), stdout);
    for (int i = 0; i < columns; i++) {
        if (i == full)
            fputs(otter_terminal_paint(terminal, OTTER_TERMINAL_PLAIN OTTER_TERMINAL_DIM), stdout);
        fputs(i < full ? glyphs[0] : glyphs[1], stdout);
    }
    printf("%s  ", otter_terminal_paint(terminal, OTTER_TERMINAL_PLAIN));
}

static void write_figures(char *out, size_t size, uint64_t done, uint64_t total, uint64_t rate)
{
    char bytes[OTTER_UNITS_SIZE], rate_text[OTTER_UNITS_SIZE], left[OTTER_UNITS_SIZE];
    otter_units_bytes(bytes, done);
    otter_units_bytes(rate_text, rate);
    otter_units_time(left, (total - done) * 1000 / rate);
    snprintf(out, size, "%8s  %8s/s  %s left", bytes, rate_text, left);
}

void otter_terminal_print_progress(const struct otter_terminal *terminal, int width, uint64_t done,
                                   uint64_t total, uint64_t rate, const char *note)
{
    char figures[4 * OTTER_UNITS_SIZE] = "", text[8 * OTTER_UNITS_SIZE];
    unsigned percent = (unsigned)(done * 100 / total);
    int room = width - (int)strlen("100%  1023 KiB  1023 KiB/s  59 min 59 s left  ");
    if (room >= BAR_MIN)
        print_bar(terminal, percent, room < BAR_MAX ? room : BAR_MAX);
    if (note == NULL && rate > 0)
        write_figures(figures, sizeof(figures), done, total, rate);
    const char *behind = note != NULL ? note : figures;
    snprintf(text, sizeof(text), "%3u%%%s%s", percent, *behind != '\0' ? "  " : "", behind);
    printf("%.*s", width, text);
}
