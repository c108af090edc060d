#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "server/store/sqlite/session.h"

/* The process whose number stands in the lock file, in words. */
static void name_holder(int file, char *out, size_t size)
{
    char number[16] = "";
    ssize_t length = pread(file, number, sizeof(number) - 1, 0);
    size_t digits = length > 0 ? strspn(number, "0123456789") : 0;
    if (digits > 0)
        snprintf(out, size, ", process %.*s,", (int)digits, number);
    else
        snprintf(out, size, "%s", "");
}

static int refuse(int error, const char *folder, int file, struct otter_reason *reason)
{
    char holder[32];
    if (error == EWOULDBLOCK) {
        name_holder(file, holder, sizeof(holder));
        otter_reason_set(reason, "another otterd%s works on %s: stop it, or choose another data folder",
                         holder, folder);
        return OTTER_STORE_LOCKED;
    }
    otter_reason_set(reason, "%s/%s: %s", folder, OTTER_SQLITE_LOCK, strerror(error));
    if (error == EACCES || error == EROFS || error == EPERM)
        return OTTER_STORE_READ_ONLY;
    return error == ENOSPC || error == EDQUOT ? OTTER_STORE_FULL : OTTER_STORE_FAILED;
}

/* The lock is the open file description's: it goes with the process, however that ends. The number in the
 * file only serves the message. */
int session_lock(int *lock, const char *folder, struct otter_reason *reason)
{
    char path[4096 + sizeof(OTTER_SQLITE_LOCK) + 1], number[16];
    snprintf(path, sizeof(path), "%s/%s", folder, OTTER_SQLITE_LOCK);
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0)
        return refuse(errno, folder, -1, reason);
    if (flock(file, LOCK_EX | LOCK_NB) != 0) {
        int status = refuse(errno, folder, file, reason);
        close(file);
        return status;
    }
    int length = snprintf(number, sizeof(number), "%d\n", (int)getpid());
    if (ftruncate(file, 0) != 0 || pwrite(file, number, (size_t)length, 0) != length) {
        int status = refuse(errno, folder, file, reason);
        close(file);
        return status;
    }
    *lock = file;
    return OTTER_STORE_OK;
}

void session_make_file(const char *path)
{
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file >= 0)
        close(file);
}
