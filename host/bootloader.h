/* otter's bootloader for the ESP8266, which the build puts into this program. */
#ifndef OTTER_HOST_BOOTLOADER_H
#define OTTER_HOST_BOOTLOADER_H

#include "format/image.h"
#include "host/file.h"

/* Makes its image, of at most OTTER_IMAGE_SKETCH bytes, for the flash that HEADER describes. IMAGE is to be
 * freed either way. */
enum otter_exit otter_bootloader_make(struct otter_file *image, const struct otter_image_header *header);

#endif
