#include "host/fit.h"

#include <string.h>

#include "format/bytes.h"

static uint32_t mapped_size(const struct otter_inspection *inspection)
{
    uint32_t size = 0;
    for (size_t i = 0; i < inspection->segment_count; i++) {
        const struct otter_image_segment *segment = &inspection->segments[i].segment;
        if (strcmp(otter_image_region_name(segment->address), "flash") == 0)
            size += segment->size;
    }
    return size;
}

enum otter_fit otter_fit(const struct otter_inspection *inspection, const struct otter_layout *layout)
{
    uint32_t running = otter_round_up(inspection->image_size, OTTER_FLASH_SECTOR);
    uint32_t staged = otter_round_up(inspection->size, OTTER_FLASH_SECTOR);
    uint32_t flash = otter_image_flash_bytes(otter_inspection_main_part(inspection)->header.flash_size);
    if (flash > layout->flash_size || running > layout->filesystem_start ||
        mapped_size(inspection) > layout->sketch_max)
        return OTTER_FIT_NONE;
    return running + staged <= layout->filesystem_start ? OTTER_FIT_AIR : OTTER_FIT_CABLE;
}
