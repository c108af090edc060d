/* How long it is until something is due, on a clock that wraps around (otter/port.h). */
#ifndef OTTER_DEVICE_DEADLINE_H
#define OTTER_DEVICE_DEADLINE_H

#include <stdint.h>

/* Milliseconds until WAIT ms after SINCE; 0 once that is over. */
static inline uint32_t otter_deadline_left(uint32_t since, uint32_t wait, uint32_t now_ms)
{
    const uint32_t elapsed = now_ms - since;
    return elapsed < wait ? wait - elapsed : 0;
}

#endif
