/* Whole files in memory. */
#ifndef OTTER_TEST_FILE_H
#define OTTER_TEST_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct file {
    uint8_t *bytes; /* to be freed */
    size_t size;
};

bool file_exists(const char *path);
/* Fails the test if it can't be read, or written. */
struct file file_read(const char *path);
void file_write(const char *path, const void *bytes, size_t size);
/* A plain gzip of it, as `gzip -9` makes it. */
struct file file_gzip(const void *bytes, size_t size);

#endif
