/* The clock that waiting is measured with. */
#ifndef OTTER_HOST_CLOCK_H
#define OTTER_HOST_CLOCK_H

#include <stdint.h>

/* ms of the monotonic clock. */
uint64_t otter_clock_ms(void);

#endif
