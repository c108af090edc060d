/* What to do when something went wrong, as lines of text. */
#ifndef OTTER_HOST_ADVICE_H
#define OTTER_HOST_ADVICE_H

#include <stdio.h>

struct otter_advice {
    FILE *out;
    const char *indent; /* every line begins with it; empty: long lines are not broken */
};

/* Prints one paragraph, broken at spaces, its last line ended. */
void otter_advice_say(const struct otter_advice *advice, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
