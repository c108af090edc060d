#include "format/pull.h"

#include <stdbool.h>
#include <string.h>

/* One after the other, each ended by a NUL: from 0 down, and from -100 down. */
static const char transport[] = "No Error\0connection failed\0send header failed\0send payload failed\0"
                                "not connected\0connection lost\0no stream\0no HTTP server\0too less RAM\0"
                                "Transfer-Encoding not supported\0Stream write error\0read Timeout\0";
static const char update[] =
    "Not Enough space\0Server Did Not Report Size\0File Not Found (404)\0Forbidden (403)\0Wrong HTTP Code\0"
    "Wrong MD5\0Verify Bin Header Failed\0New Binary Does Not Fit Flash Size\0Unauthorized (401)\0"
    "Server Did Not Report Version\0";

const char *otter_pull_error_text(int error)
{
    const bool is_update = error <= OTTER_PULL_ERROR_SPACE;
    const char *text = is_update ? update : transport;
    for (int at = is_update ? OTTER_PULL_ERROR_SPACE : 0; at != error && *text != '\0'; at--)
        text += strlen(text) + 1;
    return text;
}
