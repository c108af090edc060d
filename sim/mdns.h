/* The mDNS responder of the virtual device. */
#ifndef OTTER_SIM_MDNS_H
#define OTTER_SIM_MDNS_H

#include "otter/mdns.h"

#define MDNS_TEXT_SIZE 80

struct device;

struct mdns {
    struct otter_mdns responder;
    char text[3][MDNS_TEXT_SIZE];
    const char *texts[4];
};

/* The device stops in good order, and says so. */
void mdns_stop(struct device *device);

#endif
