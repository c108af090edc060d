/* Functions that gcc calls, and that are in an ESP8266's mask ROM: Debian's library for this processor has
 * none. Written to be short. */
#include <stdint.h>

uint64_t __muldi3(uint64_t left, uint64_t right);
uint64_t __ashldi3(uint64_t value, int count);
uint64_t __lshrdi3(uint64_t value, int count);
uint64_t __udivdi3(uint64_t dividend, uint64_t divisor);
uint64_t __umoddi3(uint64_t dividend, uint64_t divisor);
uint32_t __udivsi3(uint32_t dividend, uint32_t divisor);
uint32_t __umodsi3(uint32_t dividend, uint32_t divisor);
int32_t __divsi3(int32_t dividend, int32_t divisor);
int32_t __modsi3(int32_t dividend, int32_t divisor);

union halves {
    uint64_t whole;
    uint32_t part[2]; /* the lower one first */
};

uint64_t __ashldi3(uint64_t value, int count)
{
    union halves v = {.whole = value};
    if (count >= 32)
        return (union halves){.part = {0, v.part[0] << (count - 32)}}.whole;
    if (count > 0)
        v.part[1] = v.part[1] << count | v.part[0] >> (32 - count);
    v.part[0] <<= count;
    return v.whole;
}

uint64_t __lshrdi3(uint64_t value, int count)
{
    union halves v = {.whole = value};
    if (count >= 32)
        return (union halves){.part = {v.part[1] >> (count - 32), 0}}.whole;
    if (count > 0)
        v.part[0] = v.part[0] >> count | v.part[1] << (32 - count);
    v.part[1] >>= count;
    return v.whole;
}

static uint64_t multiply(uint32_t left, uint32_t right)
{
    const uint32_t low = (left & 0xFFFF) * (right & 0xFFFF), high = (left >> 16) * (right >> 16);
    const uint32_t first = (left >> 16) * (right & 0xFFFF), second = (left & 0xFFFF) * (right >> 16);
    const uint32_t middle = (low >> 16) + (first & 0xFFFF) + (second & 0xFFFF);
    return (union halves){
        .part = {(low & 0xFFFF) | middle << 16, high + (first >> 16) + (second >> 16) + (middle >> 16)}}
        .whole;
}

uint64_t __muldi3(uint64_t left, uint64_t right)
{
    const union halves l = {.whole = left}, r = {.whole = right};
    union halves product = {.whole = multiply(l.part[0], r.part[0])};
    product.part[1] += l.part[0] * r.part[1] + l.part[1] * r.part[0];
    return product.whole;
}

static uint64_t divide(uint64_t dividend, uint64_t divisor, uint64_t *rest)
{
    uint64_t quotient = 0;
    *rest = 0;
    for (int bit = 63; bit >= 0; bit--) {
        *rest = *rest << 1 | (dividend >> bit & 1);
        quotient <<= 1;
        if (*rest >= divisor) {
            *rest -= divisor;
            quotient |= 1;
        }
    }
    return quotient;
}

uint64_t __udivdi3(uint64_t dividend, uint64_t divisor)
{
    uint64_t rest;
    return divide(dividend, divisor, &rest);
}

uint64_t __umoddi3(uint64_t dividend, uint64_t divisor)
{
    uint64_t rest;
    (void)divide(dividend, divisor, &rest);
    return rest;
}

uint32_t __udivsi3(uint32_t dividend, uint32_t divisor)
{
    return (uint32_t)__udivdi3(dividend, divisor);
}

uint32_t __umodsi3(uint32_t dividend, uint32_t divisor)
{
    return (uint32_t)__umoddi3(dividend, divisor);
}

static uint32_t magnitude(int32_t number)
{
    return number < 0 ? -(uint32_t)number : (uint32_t)number;
}

int32_t __divsi3(int32_t dividend, int32_t divisor)
{
    const uint32_t quotient = __udivsi3(magnitude(dividend), magnitude(divisor));
    return (int32_t)((dividend < 0) != (divisor < 0) ? -quotient : quotient);
}

int32_t __modsi3(int32_t dividend, int32_t divisor)
{
    const uint32_t rest = __umodsi3(magnitude(dividend), magnitude(divisor));
    return (int32_t)(dividend < 0 ? -rest : rest);
}
