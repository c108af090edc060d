/* Figures as people like to read them. */
#ifndef OTTER_HOST_UNITS_H
#define OTTER_HOST_UNITS_H

#include <stddef.h>
#include <stdint.h>

#define OTTER_UNITS_SIZE 32 /* bytes of a text, NUL included */

/* "812 bytes", "452 KiB", "1.2 MiB" */
void otter_units_bytes(char out[OTTER_UNITS_SIZE], uint64_t bytes);

/* "0.3 s", "12 s", "3 min 20 s" */
void otter_units_time(char out[OTTER_UNITS_SIZE], uint64_t ms);

/* What a transfer came to: "452 KiB in 4.1 s, 110 KiB/s"; or "20 KiB in less than 0.1 s". */
void otter_units_transfer(char *out, size_t size, uint64_t bytes, uint64_t ms);

#endif
