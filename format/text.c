#include "format/text.h"

#include <string.h>

#include "format/error.h"

void otter_hex_encode(char *out, const void *bytes, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *byte = bytes;
    for (size_t i = 0; i < size; i++) {
        *out++ = digits[byte[i] >> 4];
        *out++ = digits[byte[i] & 15];
    }
    *out = '\0';
}

int otter_hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

bool otter_hex_is(const char *text, size_t digits)
{
    for (size_t i = 0; i < digits; i++)
        if (otter_hex_value(text[i]) < 0)
            return false;
    return true;
}

bool otter_hex_decode(void *bytes, size_t size, const char *text)
{
    uint8_t *byte = bytes;
    for (size_t i = 0; i < size; i++) {
        int high = otter_hex_value(text[2 * i]);
        int low = high < 0 ? -1 : otter_hex_value(text[2 * i + 1]);
        if (low < 0)
            return false;
        byte[i] = (uint8_t)(high * 16 + low);
    }
    return text[2 * size] == '\0';
}

bool otter_decimal_decode(uint32_t *value, const char *text)
{
    uint32_t sum = 0;
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        const uint32_t digit = (uint32_t)(*text - '0');
        if (digit > 9 || sum > (UINT32_MAX - digit) / 10)
            return false;
        sum = sum * 10 + digit;
    }
    *value = sum;
    return true;
}

char otter_text_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

bool otter_text_is_same(const char *left, const char *right)
{
    for (; otter_text_lower(*left) == otter_text_lower(*right); left++, right++)
        if (*left == '\0')
            return true;
    return false;
}

bool otter_hostname_is(const char *name)
{
    const size_t length = strlen(name);
    if (length == 0 || length > OTTER_HOSTNAME_MAX || name[0] == '-' || name[length - 1] == '-')
        return false;
    for (size_t i = 0; i < length; i++) {
        const char c = otter_text_lower(name[i]);
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-')
            return false;
    }
    return true;
}

char otter_text_printable(char c)
{
    return c >= ' ' && c <= '~' ? c : '?';
}

void otter_text_init(struct otter_text *text, char *out, size_t size)
{
    *text = (struct otter_text){.out = out, .size = size};
    out[0] = '\0';
}

void otter_text_add_bytes(struct otter_text *text, const char *bytes, size_t size)
{
    size_t room = text->size - text->length - 1;
    if (size > room) {
        text->overflow = true;
        size = room;
    }
    memcpy(text->out + text->length, bytes, size);
    text->length += size;
    text->out[text->length] = '\0';
}

void otter_text_add(struct otter_text *text, const char *string)
{
    otter_text_add_bytes(text, string, strlen(string));
}

void otter_text_add_decimal(struct otter_text *text, uint32_t value)
{
    char digits[10];
    size_t first = sizeof(digits);
    do {
        digits[--first] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    otter_text_add_bytes(text, digits + first, sizeof(digits) - first);
}

int otter_text_end(const struct otter_text *text)
{
    return text->overflow ? OTTER_ERROR_BUFFER : (int)text->length;
}
