/* Random numbers that can be had again: splitmix64 from a seed that a test prints when it fails. */
#ifndef OTTER_TEST_SEED_H
#define OTTER_TEST_SEED_H

#include <stddef.h>
#include <stdint.h>

uint64_t seed_next(uint64_t *seed);
/* 0 to LIMIT - 1 */
uint32_t seed_below(uint64_t *seed, uint32_t limit);
void seed_fill(uint64_t *seed, void *bytes, size_t size);

#endif
