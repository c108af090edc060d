/* Waiting that ends: points in time on the monotonic clock. */
#ifndef OTTER_TEST_DEADLINE_H
#define OTTER_TEST_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

int64_t clock_ns(void);
/* Since START, of clock_ns(). */
int64_t clock_ms_since(int64_t start);
double clock_seconds_since(int64_t start);

/* The point in time MS from now. */
int64_t deadline_in(unsigned ms);
/* ms until then, rounded up; 0 once it has passed. */
int deadline_left(int64_t deadline);
/* True once FD has one of EVENTS (or an error or its end); false when the deadline has passed. */
bool deadline_poll(int fd, short events, int64_t deadline);

#endif
