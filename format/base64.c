#include "format/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int otter_base64_encode(char *out, size_t size, const void *bytes, size_t count)
{
    const uint8_t *in = bytes;
    const size_t length = (count + 2) / 3 * 4;
    if (size <= length)
        return OTTER_ERROR_BUFFER;
    for (size_t i = 0; i < count; i += 3) {
        const uint32_t second = i + 1 < count ? in[i + 1] : 0u;
        const uint32_t third = i + 2 < count ? in[i + 2] : 0u;
        const uint32_t group = (uint32_t)in[i] << 16 | second << 8 | third;
        *out++ = alphabet[group >> 18];
        *out++ = alphabet[group >> 12 & 63];
        *out++ = i + 1 < count ? alphabet[group >> 6 & 63] : '=';
        *out++ = i + 2 < count ? alphabet[group & 63] : '=';
    }
    *out = '\0';
    return (int)length;
}
