/* The inspection of whatever a user takes for firmware: plain, compressed or signed. Then it gets otter's
 * bootloader, if it can have it. */
#include <stdlib.h>
#include <string.h>

#include "format/layout.h"
#include "host/adopt.h"
#include "host/fit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void adopt(const struct otter_inspection *inspection, const uint8_t *data, size_t size)
{
    if (inspection->image.form != OTTER_IMAGE_FORM_ARDUINO || inspection->signature_size > 0)
        return; /* nothing but complaints */
    struct otter_inspection adopted;
    struct otter_file file = {.bytes = malloc(size), .size = size};
    if (file.bytes == NULL)
        abort();
    memcpy(file.bytes, data, size);
    bool done = otter_adopt(&file, inspection, "input") == OTTER_EXIT_OK;
    otter_inspect(&adopted, file.bytes, file.size);
    if (done && (adopted.error != OTTER_OK || adopted.otter_bootloader == 0))
        abort();
    otter_file_free(&file);
}

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
    adopt(&inspection, data, size);
    return 0;
}
