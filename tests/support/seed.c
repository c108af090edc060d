#include "tests/support/seed.h"

uint64_t seed_next(uint64_t *seed)
{
    uint64_t z = (*seed += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

uint32_t seed_below(uint64_t *seed, uint32_t limit)
{
    return (uint32_t)(seed_next(seed) % limit);
}

void seed_fill(uint64_t *seed, void *bytes, size_t size)
{
    uint8_t *out = bytes;
    for (size_t i = 0; i < size; i++)
        out[i] = (uint8_t)seed_next(seed);
}
