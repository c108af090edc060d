/* Firmware for tests: small valid images made from a seed. */
#ifndef OTTER_TEST_SAMPLE_H
#define OTTER_TEST_SAMPLE_H

#include <stddef.h>
#include <stdint.h>

/* A whole image of SIZE bytes, a multiple of 16 from 48 on: one flash-mapped segment of random bytes. For 1
 * MiB chips and larger ones, DIO at 40 MHz. */
void sample_image(uint8_t *out, size_t size, uint64_t seed);

/* A whole Arduino-core file of SIZE bytes, a multiple of 16 from 8192 on, with the mark of otter's bootloader
 * VERSION and FLAGS behind it (format/bootloader.h); otherwise as above. */
void sample_firmware(uint8_t *out, size_t size, uint64_t seed, uint8_t version, uint32_t flags);

#endif
