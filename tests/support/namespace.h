/* Namespaces of Linux, for tests that make a network of their own. */
#ifndef OTTER_TEST_NAMESPACE_H
#define OTTER_TEST_NAMESPACE_H

#include <stdbool.h>

/* Makes this process root: without it already, in a user namespace of its own for good, so it must have one
 * thread. False where the machine does not allow it. */
bool namespace_become_root(void);

/* Moves this process into a new network with nothing in it; NETNS is then a descriptor of that. */
bool namespace_new_network(int *netns);

/* Writes TEXT into a file of /proc. */
bool namespace_set(const char *path, const char *text);

#endif
