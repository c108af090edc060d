/* Words at any alignment: little-endian as in flash, big-endian as in network messages. */
#ifndef OTTER_FORMAT_BYTES_H
#define OTTER_FORMAT_BYTES_H

#include <stdint.h>

static inline uint32_t otter_le32_get(const void *from)
{
    const uint8_t *bytes = (const uint8_t *)from;
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static inline void otter_le32_put(void *to, uint32_t value)
{
    uint8_t *bytes = (uint8_t *)to;
    bytes[0] = (uint8_t)value;
    bytes[1] = (uint8_t)(value >> 8);
    bytes[2] = (uint8_t)(value >> 16);
    bytes[3] = (uint8_t)(value >> 24);
}

static inline uint16_t otter_be16_get(const void *from)
{
    const uint8_t *bytes = (const uint8_t *)from;
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static inline void otter_be16_put(void *to, uint16_t value)
{
    uint8_t *bytes = (uint8_t *)to;
    bytes[0] = (uint8_t)(value >> 8);
    bytes[1] = (uint8_t)value;
}

/* VALUE rounded up to a multiple of UNIT, a power of two. VALUE + UNIT must not exceed 32 bits. */
static inline uint32_t otter_round_up(uint32_t value, uint32_t unit)
{
    return (value + unit - 1) & ~(unit - 1);
}

static inline uint32_t otter_round_down(uint32_t value, uint32_t unit)
{
    return value & ~(unit - 1);
}

#endif
