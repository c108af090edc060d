/* An executable made into an image. */
#ifndef OTTER_HOST_EXECUTABLE_H
#define OTTER_HOST_EXECUTABLE_H

#include "format/image.h"
#include "host/file.h"

/* Makes IMAGE of the ELF executable that SIZE bytes are. Entry and segments are the executable's, the rest is
 * HEADER's. Complains, naming NAME, when it can't. IMAGE is to be freed either way. */
enum otter_exit otter_executable_convert(struct otter_file *image, const char *name, const void *bytes,
                                         size_t size, const struct otter_image_header *header);

#endif
