/* The CRC of format/crc32.h bit by bit: slower than there, and 80 bytes less. */
#include "format/crc32.h"

uint32_t otter_crc32_update(uint32_t crc, const void *bytes, size_t size)
{
    const uint8_t *byte = bytes;
    while (size-- > 0) {
        crc ^= (uint32_t)*byte++ << 24;
        for (int bit = 0; bit < 8; bit++)
            crc = crc << 1 ^ (0x04C11DB7 & -(crc >> 31));
    }
    return crc;
}
