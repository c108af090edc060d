#include "tests/support/namespace.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool namespace_set(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    if (fd >= 0)
        close(fd);
    return written;
}

bool namespace_become_root(void)
{
    char map[32];
    unsigned user = geteuid();
    if (user == 0)
        return true;
    snprintf(map, sizeof(map), "0 %u 1", user);
    return unshare(CLONE_NEWUSER) == 0 && namespace_set("/proc/self/uid_map", map);
}

bool namespace_new_network(int *netns)
{
    if (unshare(CLONE_NEWNET) < 0)
        return false;
    *netns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    return *netns >= 0;
}
