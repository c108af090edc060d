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
    char users[32], groups[32];
    unsigned user = geteuid(), group = getegid();
    if (user == 0)
        return true;
    snprintf(users, sizeof(users), "0 %u 1", user);
    snprintf(groups, sizeof(groups), "0 %u 1", group);
    return unshare(CLONE_NEWUSER) == 0 && namespace_set("/proc/self/uid_map", users) &&
           namespace_set("/proc/self/setgroups", "deny") && namespace_set("/proc/self/gid_map", groups);
}

bool namespace_new_network(int *netns)
{
    if (unshare(CLONE_NEWNET) < 0)
        return false;
    *netns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    return *netns >= 0;
}
