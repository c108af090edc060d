/* Monotonic time. */
#ifndef OTTER_POSIX_CLOCK_H
#define OTTER_POSIX_CLOCK_H

#include <stdint.h>

/* Milliseconds since some moment in the past; wraps around, as otter/port.h allows. */
uint32_t otter_posix_now_ms(void);

/* The same clock in nanoseconds. */
uint64_t otter_posix_now_ns(void);

/* As `utc` of struct otter_port; CONTEXT is not used. */
uint64_t otter_posix_utc(void *context);

#endif
