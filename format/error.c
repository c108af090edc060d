#include "format/error.h"

#include <string.h>

#include "format/text.h"

#define LAST_NUMBER 19

/* One text behind the other in the order of the codes, since pointers would take 124 bytes more. Those up to
 * 16 are those that users of the ESP8266 know (spec/image.md, section 3). */
static const char numbered[] = "No Error\0"
                               "Flash Write Failed\0"
                               "Flash Erase Failed\0"
                               "Flash Read Failed\0"
                               "Not Enough Space\0"
                               "Bad Size Given\0"
                               "Stream Read Timeout\0"
                               "MD5 verification failed\0"
                               "Flash config wrong\0"
                               "new Flash config wrong\0"
                               "Magic byte is not 0xE9\0"
                               "Invalid bootstrapping state, reset ESP8266 before updating\0"
                               "Signature verification failed\0"
                               "No data supplied\0"
                               "Out of memory\0"
                               "Update already running\0"
                               "Unknown update command\0"
                               "Image is damaged\0"
                               "Image checksum is wrong\0"
                               "Image would replace otter's bootloader";

static const char unnumbered[] = "Wrong argument\0"
                                 "No update is running\0"
                                 "Refused by the application\0"
                                 "Aborted by the application\0"
                                 "Malformed message\0"
                                 "Buffer too small\0"
                                 "Network failed\0"
                                 "Connection closed\0"
                                 "Timeout\0"
                                 "No random numbers\0"
                                 "TLS failed";

static const char *text_of(const char *texts, int index)
{
    for (; index > 0; index--)
        texts += strlen(texts) + 1;
    return texts;
}

int otter_error_number(enum otter_error error)
{
    return error <= 0 && error >= -LAST_NUMBER ? -(int)error : -1;
}

const char *otter_error_text(enum otter_error error)
{
    const int number = otter_error_number(error);
    if (number >= 0)
        return text_of(numbered, number);
    if (error <= OTTER_ERROR_ARGUMENT && error >= OTTER_ERROR_SECURE)
        return text_of(unnumbered, OTTER_ERROR_ARGUMENT - (int)error);
    return "Unknown error";
}

static void add_detail(struct otter_text *text, enum otter_error error,
                       const struct otter_error_detail *detail)
{
    switch (error) {
    case OTTER_ERROR_MD5:
        otter_text_add(text, ": expected: ");
        otter_text_add(text, detail->expected);
        otter_text_add(text, ", calculated: ");
        otter_text_add(text, detail->calculated);
        break;
    case OTTER_ERROR_FLASH_CONFIG:
        otter_text_add(text, ": real: ");
        otter_text_add_decimal(text, detail->real);
        otter_text_add(text, ", SDK: ");
        otter_text_add_decimal(text, detail->configured);
        break;
    case OTTER_ERROR_NEW_FLASH_CONFIG:
        otter_text_add(text, ", real size: ");
        otter_text_add_decimal(text, detail->real);
        break;
    default:
        break;
    }
}

int otter_error_print(char *out, size_t size, enum otter_error error, const struct otter_error_detail *detail)
{
    struct otter_text text;
    int number = otter_error_number(error);
    otter_text_init(&text, out, size);
    otter_text_add(&text, "ERROR");
    if (number >= 0) {
        otter_text_add(&text, "[");
        otter_text_add_decimal(&text, (uint32_t)number);
        otter_text_add(&text, "]");
    }
    otter_text_add(&text, ": ");
    otter_text_add(&text, otter_error_text(error));
    if (detail != NULL)
        add_detail(&text, error, detail);
    return otter_text_end(&text);
}
