#include "host/trial.h"

#include "format/bootloader.h"
#include "format/bytes.h"

#define CONFIRMER_SIZE 8u

bool otter_trial_is_possible(const void *sketch, size_t size)
{
    const uint8_t *bytes = sketch;
    for (size_t at = 0; at + CONFIRMER_SIZE <= size; at += 4)
        if (otter_le32_get(bytes + at) == OTTER_BOOTLOADER_CONFIRMER_0 &&
            otter_le32_get(bytes + at + 4) == OTTER_BOOTLOADER_CONFIRMER_1)
            return true;
    return false;
}

void otter_trial_allow(uint8_t *bootloader, size_t end)
{
    uint8_t *flags = bootloader + OTTER_BOOTLOADER_FLAGS_OFFSET;
    if (end <= OTTER_BOOTLOADER_START || otter_bootloader_version(bootloader) < OTTER_BOOTLOADER_TRIALS ||
        otter_bootloader_confirms(bootloader))
        return;
    *flags ^= OTTER_BOOTLOADER_CONFIRMS;
    bootloader[end - 1] ^= OTTER_BOOTLOADER_CONFIRMS; /* a checksum is the XOR of all data */
}
