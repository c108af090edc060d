#include "host/units.h"

#include <inttypes.h>
#include <stdio.h>

#define KIB UINT64_C(1024)
#define MIB (KIB * 1024)

#define SHORTEST_MS 100 /* that are shown as a figure */

void otter_units_bytes(char out[OTTER_UNITS_SIZE], uint64_t bytes)
{
    if (bytes < KIB)
        snprintf(out, OTTER_UNITS_SIZE, "%" PRIu64 " byte%s", bytes, bytes == 1 ? "" : "s");
    else if (bytes < MIB)
        snprintf(out, OTTER_UNITS_SIZE, "%" PRIu64 " KiB", (bytes + KIB / 2) / KIB);
    else
        snprintf(out, OTTER_UNITS_SIZE, "%.1f MiB", (double)bytes / MIB);
}

void otter_units_time(char out[OTTER_UNITS_SIZE], uint64_t ms)
{
    if (ms < 9950)
        snprintf(out, OTTER_UNITS_SIZE, "%.1f s", (double)ms / 1000);
    else if (ms < 119500)
        snprintf(out, OTTER_UNITS_SIZE, "%" PRIu64 " s", (ms + 500) / 1000);
    else
        snprintf(out, OTTER_UNITS_SIZE, "%" PRIu64 " min %" PRIu64 " s", (ms + 500) / 60000,
                 (ms + 500) / 1000 % 60);
}

void otter_units_transfer(char *out, size_t size, uint64_t bytes, uint64_t ms)
{
    char amount[OTTER_UNITS_SIZE], time[OTTER_UNITS_SIZE], rate[OTTER_UNITS_SIZE];
    otter_units_bytes(amount, bytes);
    if (ms < SHORTEST_MS) {
        snprintf(out, size, "%s in less than 0.1 s", amount);
        return;
    }
    otter_units_time(time, ms);
    otter_units_bytes(rate, bytes * 1000 / ms);
    snprintf(out, size, "%s in %s, %s/s", amount, time, rate);
}
