#include "crypto/crypto.h"

bool otter_equal_constant_time(const void *left, const void *right, size_t size)
{
    /* volatile keeps a compiler from leaving the loop early. */
    const volatile uint8_t *l = left;
    const volatile uint8_t *r = right;
    uint8_t difference = 0;
    for (size_t i = 0; i < size; i++)
        difference |= l[i] ^ r[i];
    return difference == 0;
}
