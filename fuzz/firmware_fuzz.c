/* Firmware records: any portions find the same one, and its strings are terminated. */
#include <stdlib.h>
#include <string.h>

#include "format/firmware.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct otter_firmware_finder whole = {0};
    struct otter_firmware_finder bytes = {0};
    struct otter_firmware firmware;
    otter_firmware_finder_feed(&whole, data, size);
    for (size_t i = 0; i < size; i++)
        otter_firmware_finder_feed(&bytes, data + i, 1);
    if (memcmp(&bytes, &whole, sizeof(whole)) != 0)
        abort();
    if (!otter_firmware_finder_end(&whole, &firmware))
        return 0;
    if (memchr(firmware.name, '\0', sizeof(firmware.name)) == NULL ||
        memchr(firmware.version, '\0', sizeof(firmware.version)) == NULL)
        abort();
    return 0;
}
