#include "format/base64.h"

#include <string.h>

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

/* The next byte of a group comes out as soon as its bits are there. */
int otter_base64_decode(void *bytes, const char *text)
{
    uint8_t *out = bytes;
    uint32_t bits = 0;
    size_t length = 0, count = 0;
    for (const char *at; *text != '\0' && (at = strchr(alphabet, *text)) != NULL; text++) {
        bits = bits << 6 | (uint32_t)(at - alphabet);
        if (length++ % 4 != 0)
            out[count++] = (uint8_t)(bits >> (6 - 2 * ((length - 1) % 4)));
    }
    const size_t padding = (4 - length % 4) % 4;
    if (padding == 3 || strspn(text, "=") != padding || text[padding] != '\0')
        return OTTER_ERROR_MALFORMED;
    return (int)count;
}
