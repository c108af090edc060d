/* Text from outside on a terminal: file names may hold anything, also what moves the cursor. */
#ifndef OTTER_HOST_VISIBLE_H
#define OTTER_HOST_VISIBLE_H

#include <stdio.h>

/* Prints TEXT, of UTF-8 or another extension of ASCII, with a '?' for every control character. */
void otter_visible_print(FILE *out, const char *text);

#endif
