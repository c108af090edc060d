#include "tests/support/sample.h"

#include <string.h>

#include "format/bytes.h"
#include "tests/support/seed.h"

void sample_image(uint8_t *out, size_t size, uint64_t seed)
{
    static const uint8_t header[8] = {0xE9, 1, 2, 0x20, 0x00, 0x00, 0x10, 0x40};
    size_t data = size - 16 - 4;
    memcpy(out, header, sizeof(header));
    otter_le32_put(out + 8, 0x40210000);
    otter_le32_put(out + 12, (uint32_t)data);
    seed_fill(&seed, out + 16, data);
    memset(out + size - 4, 0, 4);
    uint8_t checksum = 0xEF;
    for (size_t i = 0; i < data; i++)
        checksum ^= out[16 + i];
    out[size - 1] = checksum;
}
