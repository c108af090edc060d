#include "host/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum otter_exit complain_errno(const char *path)
{
    return otter_complain(OTTER_EXIT_FILE, "%s: %s", path, strerror(errno));
}

static bool read_all(int fd, uint8_t *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t got = read(fd, bytes + done, size - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got == 0)
            errno = EIO; /* it was cut while being read */
        if (got <= 0)
            return false;
        done += (size_t)got;
    }
    return true;
}

static enum otter_exit read_open(struct otter_file *file, int fd, const char *path, size_t max)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return complain_errno(path);
    if (!S_ISREG(status.st_mode))
        return otter_complain(OTTER_EXIT_FILE, "%s: not a regular file", path);
    if ((uintmax_t)status.st_size > max)
        return otter_complain(OTTER_EXIT_FILE, "%s: %jd bytes; at most %zu are possible", path,
                              (intmax_t)status.st_size, max);
    file->size = (size_t)status.st_size;
    file->bytes = malloc(file->size ? file->size : 1);
    if (file->bytes == NULL || !read_all(fd, file->bytes, file->size))
        return complain_errno(path);
    return OTTER_EXIT_OK;
}

enum otter_exit otter_file_read(struct otter_file *file, const char *path, size_t max)
{
    *file = (struct otter_file){0};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return complain_errno(path);
    enum otter_exit status = read_open(file, fd, path, max);
    close(fd);
    if (status != OTTER_EXIT_OK)
        otter_file_free(file);
    return status;
}

void otter_file_free(struct otter_file *file)
{
    free(file->bytes);
    *file = (struct otter_file){0};
}

static bool write_all(int fd, const uint8_t *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t put = write(fd, bytes + done, size - done);
        if (put < 0 && errno != EINTR)
            return false;
        if (put > 0)
            done += (size_t)put;
    }
    return true;
}

static bool write_temporary(int fd, const void *bytes, size_t size)
{
    mode_t mask = umask(0);
    umask(mask);
    bool good = write_all(fd, bytes, size) && fchmod(fd, 0666 & ~mask) == 0;
    return close(fd) == 0 && good;
}

enum otter_exit otter_file_write(const char *path, const void *bytes, size_t size)
{
    char *temporary;
    if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
        return complain_errno(path);
    enum otter_exit status = OTTER_EXIT_OK;
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0) {
        status = complain_errno(path);
    } else if (!write_temporary(fd, bytes, size) || rename(temporary, path) != 0) {
        status = complain_errno(path);
        unlink(temporary);
    }
    free(temporary);
    return status;
}
