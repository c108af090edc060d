#include "sim/pem.h"

#include <stdint.h>
#include <string.h>

#define BEGIN "-----BEGIN CERTIFICATE-----"
#define END   "-----END CERTIFICATE-----"

/* The value of a digit of Base64 (RFC 4648, section 4), or -1. */
static int value_of(char digit)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = digit != '\0' ? strchr(digits, digit) : NULL;
    return found != NULL ? (int)(found - digits) : -1;
}

/* Decodes what lies between FROM and END in place: how many bytes that were. Other characters are passed
 * over. */
static size_t decode(char *from, const char *end)
{
    unsigned char *out = (unsigned char *)from;
    uint32_t bits = 0;
    unsigned count = 0;
    for (const char *at = from; at < end; at++) {
        const int value = value_of(*at);
        if (value < 0)
            continue;
        bits = bits << 6 | (uint32_t)value;
        count += 6;
        if (count >= 8) {
            count -= 8;
            *out++ = (unsigned char)(bits >> count);
        }
    }
    return (size_t)(out - (unsigned char *)from);
}

unsigned char *pem_next_certificate(char **text, size_t *size)
{
    char *begin = strstr(*text, BEGIN);
    char *end = begin != NULL ? strstr(begin, END) : NULL;
    if (end == NULL)
        return NULL;
    begin += strlen(BEGIN);
    *text = end + strlen(END);
    *size = decode(begin, end);
    return (unsigned char *)begin;
}
