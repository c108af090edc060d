#include "format/image_kind.h"

#include <string.h>

#include "format/bytes.h"
#include "format/image.h"

#define ESP32_HEADER_SIZE 24u  /* bytes; its first 8 are those of an ESP8266's */
#define ESP32_PIN_NONE    0xEE /* its byte 8, "no write-protect pin", where an ESP8266 image has an address */

#define SIGNATURE_MIN 256u /* bytes: RSA-2048 */
#define SIGNATURE_MAX 512u /* bytes: RSA-4096 */

uint32_t otter_image_signature(const void *bytes, size_t size)
{
    if (size < SIGNATURE_MIN + 4)
        return 0;
    uint32_t length = otter_le32_get((const uint8_t *)bytes + size - 4);
    return length >= SIGNATURE_MIN && length <= SIGNATURE_MAX && length + 4 < size ? length + 4 : 0;
}

bool otter_image_is_esp32(const void *bytes, size_t size)
{
    const uint8_t *header = bytes;
    return size >= ESP32_HEADER_SIZE && header[0] == OTTER_IMAGE_MAGIC && header[8] == ESP32_PIN_NONE;
}

const char *otter_image_looks_like(const void *bytes, size_t size)
{
    static const struct {
        const char *magic, *meaning;
    } known[] = {
        {"\x7F"
         "ELF",
         "an ELF executable: `otter image make` makes an image of it"},
        {":02000004", "an Intel HEX file"},
        {"PK\x03\x04", "a ZIP archive"},
        {"UF2\n", "a UF2 file"},
        {"<!DOCTYPE", "a web page"},
        {"<html", "a web page"},
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        size_t length = strlen(known[i].magic);
        if (size >= length && memcmp(bytes, known[i].magic, length) == 0)
            return known[i].meaning;
    }
    return NULL;
}
