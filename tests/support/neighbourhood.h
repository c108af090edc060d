/* A local network for multicast DNS: two network namespaces, a desk and a garden, joined by a cable. On the
 * desk an Avahi daemon may run, with a D-Bus of its own. Needs root or user namespaces, iproute2,
 * avahi-daemon, avahi-utils and dbus-daemon. */
#ifndef OTTER_TEST_NEIGHBOURHOOD_H
#define OTTER_TEST_NEIGHBOURHOOD_H

#include <stdbool.h>

#include "tests/support/scene.h"

#define DESK_IP           "10.53.0.1"
#define GARDEN_IP         "10.53.0.2" /* and these, for devices of their own: */
#define GARDEN_SECOND_IP  "10.53.0.3"
#define NEIGHBOUR_WAIT_MS 30000 /* for whatever takes a multicast or two */

struct neighbourhood {
    int desk, garden; /* network namespaces */
    char denied[128]; /* why neighbourhood_open() failed */
};

/* This process moves to the desk for good, in a mount namespace of its own, too; so it must have one thread.
 * False where the machine does not allow it. */
bool neighbourhood_open(struct neighbourhood *neighbourhood);
void neighbourhood_close(struct neighbourhood *neighbourhood);

/* Starts an Avahi daemon on the desk, known as HOSTNAME.local, and waits until it is. The environment leads
 * D-Bus programs that are started from now on to it. */
struct process *neighbourhood_start_avahi(struct scene *scene, const char *hostname);

#endif
