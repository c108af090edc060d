/* Counts and results: any portions give the same, and the text is terminated and printable. */
#include <stdlib.h>
#include <string.h>

#include "format/push.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct otter_push_result_parser whole = {0};
    struct otter_push_result_parser bytes = {0};
    otter_push_result_feed(&whole, data, size);
    for (size_t i = 0; i < size; i++)
        otter_push_result_feed(&bytes, data + i, 1);
    if (bytes.result != whole.result || bytes.digits != whole.digits || strcmp(bytes.text, whole.text) != 0)
        abort();
    for (const char *c = whole.text; *c != '\0'; c++)
        if (*c < ' ' || *c > '~')
            abort();
    return 0;
}
