#include "format/error.h"

#include "format/text.h"

#define LAST_NUMBER 19

/* The texts up to 16 are those that users of the ESP8266 know (spec/image.md, section 3). */
static const char *const numbered[LAST_NUMBER + 1] = {
    [-OTTER_OK] = "No Error",
    [-OTTER_ERROR_WRITE] = "Flash Write Failed",
    [-OTTER_ERROR_ERASE] = "Flash Erase Failed",
    [-OTTER_ERROR_READ] = "Flash Read Failed",
    [-OTTER_ERROR_SPACE] = "Not Enough Space",
    [-OTTER_ERROR_SIZE] = "Bad Size Given",
    [-OTTER_ERROR_STREAM] = "Stream Read Timeout",
    [-OTTER_ERROR_MD5] = "MD5 verification failed",
    [-OTTER_ERROR_FLASH_CONFIG] = "Flash config wrong",
    [-OTTER_ERROR_NEW_FLASH_CONFIG] = "new Flash config wrong",
    [-OTTER_ERROR_MAGIC_BYTE] = "Magic byte is not 0xE9",
    [-OTTER_ERROR_BOOTSTRAP] = "Invalid bootstrapping state, reset ESP8266 before updating",
    [-OTTER_ERROR_SIGN] = "Signature verification failed",
    [-OTTER_ERROR_NO_DATA] = "No data supplied",
    [-OTTER_ERROR_MEMORY] = "Out of memory",
    [-OTTER_ERROR_RUNNING] = "Update already running",
    [-OTTER_ERROR_COMMAND] = "Unknown update command",
    [-OTTER_ERROR_IMAGE] = "Image is damaged",
    [-OTTER_ERROR_CHECKSUM] = "Image checksum is wrong",
    [-OTTER_ERROR_BOOTLOADER] = "Image would replace otter's bootloader",
};

int otter_error_number(enum otter_error error)
{
    return error <= 0 && error >= -LAST_NUMBER ? -(int)error : -1;
}

const char *otter_error_text(enum otter_error error)
{
    int number = otter_error_number(error);
    if (number >= 0)
        return numbered[number];
    switch (error) {
    case OTTER_ERROR_ARGUMENT:
        return "Wrong argument";
    case OTTER_ERROR_IDLE:
        return "No update is running";
    case OTTER_ERROR_REFUSED:
        return "Refused by the application";
    case OTTER_ERROR_ABORTED:
        return "Aborted by the application";
    case OTTER_ERROR_MALFORMED:
        return "Malformed message";
    case OTTER_ERROR_BUFFER:
        return "Buffer too small";
    case OTTER_ERROR_TRANSPORT:
        return "Network failed";
    case OTTER_ERROR_CLOSED:
        return "Connection closed";
    case OTTER_ERROR_TIMEOUT:
        return "Timeout";
    case OTTER_ERROR_ENTROPY:
        return "No random numbers";
    case OTTER_ERROR_SECURE:
        return "TLS failed";
    default:
        return "Unknown error";
    }
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
