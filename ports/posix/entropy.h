/* Unpredictable bytes. */
#ifndef OTTER_POSIX_ENTROPY_H
#define OTTER_POSIX_ENTROPY_H

#include <stddef.h>

/* As `entropy` of struct otter_port; CONTEXT is not used. */
int otter_posix_entropy(void *context, void *bytes, size_t size);

#endif
