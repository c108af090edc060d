/* What is shown on a terminal, and on one alone: colour, a bar, and the figures beside it. */
#ifndef OTTER_HOST_TERMINAL_H
#define OTTER_HOST_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OTTER_TERMINAL_GREEN "\033[32m"
#define OTTER_TERMINAL_RED   "\033[31m"
#define OTTER_TERMINAL_DIM   "\033[2m"
#define OTTER_TERMINAL_PLAIN "\033[0m"

/* True if stdout is a terminal on which LINES can be redrawn in place. */
bool otter_terminal_has_room(size_t lines);

/* Columns of the terminal; 80 where it does not tell. */
int otter_terminal_width(void);

/* What stdout can show. */
struct otter_terminal {
    bool colour;
    bool unicode;
};
void otter_terminal_find(struct otter_terminal *terminal);

/* CODE, one of the above, where there are colours; otherwise "". */
const char *otter_terminal_paint(const struct otter_terminal *terminal, const char *code);

/* Prints, in at most WIDTH columns, a bar where there is room for it, and behind it how far a transfer is:
 * " 42%   210 KiB    61 KiB/s  4.0 s left". RATE: bytes a second; 0: not known. NOTE replaces what stands
 * behind the percentage; NULL: nothing does. */
void otter_terminal_print_progress(const struct otter_terminal *terminal, int width, uint64_t done,
                                   uint64_t total, uint64_t rate, const char *note);

#endif
