/* The reader of executables: whatever it accepts lies inside the file. */
#include <stdlib.h>

#include "host/elf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct otter_elf elf;
    if (otter_elf_read(&elf, data, size) < 0)
        return 0;
    if (elf.count == 0 || elf.count > OTTER_ELF_SEGMENTS_MAX)
        abort();
    for (size_t i = 0; i < elf.count; i++) {
        const struct otter_elf_segment *segment = &elf.segments[i];
        if (segment->size == 0 || segment->bytes < data || segment->size > size ||
            (size_t)(segment->bytes - data) > size - segment->size)
            abort();
    }
    return 0;
}
