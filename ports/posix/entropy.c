#include "ports/posix/entropy.h"

#include <errno.h>
#include <sys/random.h>

int otter_posix_entropy(void *context, void *bytes, size_t size)
{
    (void)context;
    char *out = bytes;
    while (size > 0) {
        ssize_t got = getrandom(out, size, 0);
        if (got < 0 && errno != EINTR)
            return -1;
        if (got > 0) {
            out += got;
            size -= (size_t)got;
        }
    }
    return 0;
}
