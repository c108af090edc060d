/* Rows of figures beside their reference, each with the ratio and what it ought to be. */
#ifndef OTTER_BENCH_TABLE_H
#define OTTER_BENCH_TABLE_H

#include <stdbool.h>
#include <stdio.h>

enum table_goal { TABLE_NONE, TABLE_AT_LEAST, TABLE_AT_MOST };

struct table_row {
    const char *name;
    double reference;
    double measured;
    double ratio;
    enum table_goal goal;
    double target;
};

static inline void table_head(const char *title, const char *reference, const char *measured,
                              const char *ratio)
{
    printf("\n%s\n%-34s %14s %14s %10s  %s\n", title, "", reference, measured, ratio, "target");
}

/* True if the target, if any, is met. */
static inline bool table_print(const struct table_row *row)
{
    bool met = row->goal == TABLE_NONE || (row->goal == TABLE_AT_LEAST) == (row->ratio >= row->target);
    printf("%-34s %14.3f %14.3f %10.2f", row->name, row->reference, row->measured, row->ratio);
    if (row->goal != TABLE_NONE)
        printf("  %s %.2f: %s", row->goal == TABLE_AT_LEAST ? ">=" : "<=", row->target,
               met ? "met" : "MISSED");
    putchar('\n');
    fflush(stdout);
    return met;
}

#endif
