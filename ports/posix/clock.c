#include "ports/posix/clock.h"

#include <time.h>

uint64_t otter_posix_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t otter_posix_utc(void *context)
{
    (void)context;
    return (uint64_t)time(NULL);
}

uint32_t otter_posix_now_ms(void)
{
    return (uint32_t)(otter_posix_now_ns() / 1000000u);
}
