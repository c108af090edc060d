/* The inspection of whatever a user takes for firmware: plain, compressed or signed. */
#include <stdlib.h>
#include <string.h>

#include "format/layout.h"
#include "host/fit.h"
#include "host/inspection.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct otter_inspection inspection;
    char trouble[160];
    otter_inspect(&inspection, data, size);
    otter_inspection_trouble(&inspection, trouble, sizeof(trouble));
    if ((inspection.error == OTTER_OK) != (trouble[0] == '\0'))
        abort();
    if (inspection.size != size || inspection.signature_size > size)
        abort();
    if (inspection.error != OTTER_OK)
        return 0;
    if (inspection.segment_count == 0 || otter_inspection_main_part(&inspection)->end > inspection.image_size)
        abort();
    for (size_t i = 0; i < OTTER_LAYOUT_COUNT; i++)
        (void)otter_fit(&inspection, otter_layout_get(i));
    return 0;
}
