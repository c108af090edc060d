/* Hexadecimal and decimal digits, and a bounded text writer: what printf would do, freestanding. */
#ifndef OTTER_FORMAT_TEXT_H
#define OTTER_FORMAT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Writes 2 * SIZE lower-case hex digits and a NUL into OUT (2 * SIZE + 1 bytes). */
void otter_hex_encode(char *out, const void *bytes, size_t size);

/* Decodes exactly 2 * SIZE hex digits of either case. False if TEXT holds anything else; BYTES are then
 * undefined. */
bool otter_hex_decode(void *bytes, size_t size, const char *text);

/* True if the first DIGITS characters of TEXT are hex digits of either case. */
bool otter_hex_is(const char *text, size_t digits);

/* The value of one hex digit of either case, or -1. */
int otter_hex_value(char digit);

/* Reads a decimal number of digits alone, at least one. False if TEXT holds anything else, or if it is beyond
 * 32 bits; VALUE is then left as it was. */
bool otter_decimal_decode(uint32_t *value, const char *text);

/* C in lower case, if it is an ASCII letter. */
char otter_text_lower(char c);

/* True if LEFT and RIGHT differ at most in the case of ASCII letters, as names in HTTP and DNS do. */
bool otter_text_is_same(const char *left, const char *right);

/* True if NAME is a hostname of one label: 1 to 63 letters, digits and hyphens, these not at an end (RFC 952;
 * RFC 1123, section 2.1; RFC 1035, section 2.3.4). */
#define OTTER_HOSTNAME_MAX 63u
bool otter_hostname_is(const char *name);

/* C, or '?' if it is not printable ASCII. */
char otter_text_printable(char c);

/* A writer that never overruns: SIZE includes the NUL, which is always there (SIZE >= 1). */
struct otter_text {
    char *out;
    size_t size;
    size_t length; /* written so far, without the NUL */
    bool overflow; /* something did not fit; OUT holds what did */
};

void otter_text_init(struct otter_text *text, char *out, size_t size);
void otter_text_add(struct otter_text *text, const char *string);
void otter_text_add_bytes(struct otter_text *text, const char *bytes, size_t size);
void otter_text_add_decimal(struct otter_text *text, uint32_t value);

/* The length without NUL, or OTTER_ERROR_BUFFER after an overflow. */
int otter_text_end(const struct otter_text *text);

#endif
