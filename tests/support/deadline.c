#include "tests/support/deadline.h"

#include <poll.h>
#include <time.h>

int64_t clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t clock_ms_since(int64_t start)
{
    return (clock_ns() - start) / 1000000;
}

double clock_seconds_since(int64_t start)
{
    return (double)(clock_ns() - start) / 1e9;
}

int64_t deadline_in(unsigned ms)
{
    return clock_ns() + (int64_t)ms * 1000000;
}

int deadline_left(int64_t deadline)
{
    int64_t left = deadline - clock_ns();
    return left > 0 ? (int)((left + 999999) / 1000000) : 0;
}

bool deadline_poll(int fd, short events, int64_t deadline)
{
    struct pollfd waited = {.fd = fd, .events = events};
    int ready;
    do
        ready = poll(&waited, 1, deadline_left(deadline));
    while (ready < 0 || (ready == 0 && deadline_left(deadline) > 0));
    return ready > 0;
}
