/* What else a file may be, or hold, that is offered as an image. */
#ifndef OTTER_FORMAT_IMAGE_KIND_H
#define OTTER_FORMAT_IMAGE_KIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that a signature at the end of a file would take, its length word included, if there is one
 * (spec/image.md, section 1): RSA-2048 to RSA-4096. 0: there can be none. */
uint32_t otter_image_signature(const void *bytes, size_t size);

/* True if it begins as an image for an ESP32 does, which has the same first byte. */
bool otter_image_is_esp32(const void *bytes, size_t size);

/* What a file that is no image seems to be, "a ZIP archive", or NULL. Static. */
const char *otter_image_looks_like(const void *bytes, size_t size);

#endif
