#include "format/mac.h"

#include <stddef.h>

#include "format/text.h"

#define MAC_BYTES 6u

void otter_mac_encode(char out[OTTER_MAC_TEXT], uint64_t mac)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < MAC_BYTES; i++) {
        uint8_t byte = (uint8_t)(mac >> 8 * (MAC_BYTES - 1 - i));
        out[3 * i] = digits[byte >> 4];
        out[3 * i + 1] = digits[byte & 15];
        out[3 * i + 2] = ':';
    }
    out[OTTER_MAC_TEXT - 1] = '\0';
}

bool otter_mac_decode(uint64_t *mac, const char *text)
{
    uint64_t value = 0;
    char separator = '\0';
    for (size_t i = 0; i < MAC_BYTES; i++) {
        if (i == 1 && (*text == ':' || *text == '-'))
            separator = *text;
        if (i > 0 && separator != '\0' && *text++ != separator)
            return false;
        if (!otter_hex_is(text, 2))
            return false;
        value = value << 8 | (uint64_t)(otter_hex_value(text[0]) << 4 | otter_hex_value(text[1]));
        text += 2;
    }
    if (*text != '\0' || value == 0)
        return false;
    *mac = value;
    return true;
}
