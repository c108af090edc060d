#include "host/units.h"

#include <inttypes.h>
#include <stdio.h>

#define KIB UINT64_C(1024)
#define MIB (KIB * 1024)

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
