/* Updates from a serial line, or from a file as if it were on an SD card: the updater's stream interface.
 *
 * The serial line is a pseudo-terminal. Like a UART it has no end, so the size comes first: a line with the
 * bytes of the image in decimal and, if wanted, a space and its MD5; then the image. The answer is a line,
 * too: OK, or ERROR[n] and its text. */
#ifndef OTTER_SIM_SERIAL_H
#define OTTER_SIM_SERIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SERIAL_LINE 64u /* bytes of the longest first line */

/* Kept across restarts; all fields are its own. */
struct serial {
    int file; /* -1: closed */
    bool open;
    bool taken; /* the file was installed, and is not taken again */
    uint8_t state;
    uint32_t heard; /* when the last byte came */
    size_t length;  /* bytes of line[] */
    char line[SERIAL_LINE];
};

#endif
