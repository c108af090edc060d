/* CRC-32 of images and of the boot command: polynomial 0x04C11DB7, MSB first, initial 0xFFFFFFFF, no
 * final XOR (spec/image.md, sections 1 and 4). The CRC of "123456789" is 0x0376E6E7. */
#ifndef OTTER_FORMAT_CRC32_H
#define OTTER_FORMAT_CRC32_H

#include <stddef.h>
#include <stdint.h>

#define OTTER_CRC32_INIT 0xFFFFFFFFu

/* The CRC after SIZE more bytes; start with OTTER_CRC32_INIT. */
uint32_t otter_crc32_update(uint32_t crc, const void *bytes, size_t size);

#endif
