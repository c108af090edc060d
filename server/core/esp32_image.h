/* ESP32 application images, as far as a server looks into them: esptool's documentation, "Firmware Image
 * Format". */
#ifndef OTTER_CORE_ESP32_IMAGE_H
#define OTTER_CORE_ESP32_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/crypto.h"
#include "format/error.h"
#include "server/store/reason.h"

struct otter_esp32_image {
    uint32_t size;       /* bytes up to the end of its digest, if it has one */
    uint32_t flash_size; /* bytes of the chip that it is made for */
    uint32_t flash_mode;
    uint8_t sha256[OTTER_SHA256_SIZE]; /* what the chip says that it runs */
};

/* Walks the segments of SIZE bytes, and compares checksum and digest. False, with the reason, if it is no
 * whole image, or bytes follow it. */
OTTER_MUST_CHECK bool otter_esp32_image_decode(struct otter_esp32_image *image, const uint8_t *bytes,
                                               uint32_t size, struct otter_reason *reason);

#endif
