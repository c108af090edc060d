/* Whole files: read into memory, and written so that no half file ever stands under its name. */
#ifndef OTTER_HOST_FILE_H
#define OTTER_HOST_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "host/complain.h"

/* The largest flash that ESP8266 tools know is 16 MiB; nothing that is sent to a device is larger. */
#define OTTER_FILE_MAX (16u << 20)

/* Bytes on the heap. Zero the struct to start; otter_file_free() is always allowed. */
struct otter_file {
    uint8_t *bytes;
    size_t size;
};

/* Reads the regular file at PATH, of at most MAX bytes. Complains, naming PATH, when it can't. */
enum otter_exit otter_file_read(struct otter_file *file, const char *path, size_t max);

void otter_file_free(struct otter_file *file);

/* Writes SIZE bytes beside PATH and renames that over PATH. Complains when it can't; PATH is then as it was.
 */
enum otter_exit otter_file_write(const char *path, const void *bytes, size_t size);

#endif
