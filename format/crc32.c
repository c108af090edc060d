#include "format/crc32.h"

/* The CRC of each nibble in the register's top four bits: 64 bytes instead of a byte table's 1024, in a
 * bootloader of 4096. */
static const uint32_t nibbles[16] = {
    0x00000000, 0x04C11DB7, 0x09823B6E, 0x0D4326D9, 0x130476DC, 0x17C56B6B, 0x1A864DB2, 0x1E475005,
    0x2608EDB8, 0x22C9F00F, 0x2F8AD6D6, 0x2B4BCB61, 0x350C9B64, 0x31CD86D3, 0x3C8EA00A, 0x384FBDBD,
};

uint32_t otter_crc32_update(uint32_t crc, const void *bytes, size_t size)
{
    const uint8_t *byte = bytes;
    for (size_t i = 0; i < size; i++) {
        crc = crc << 4 ^ nibbles[crc >> 28 ^ byte[i] >> 4];
        crc = crc << 4 ^ nibbles[crc >> 28 ^ (byte[i] & 15)];
    }
    return crc;
}
