/* A device as the user names it: "kitchen.local", "192.168.1.40", "192.168.1.40:8267", "fe80::1%wlan0",
 * "[fe80::1%wlan0]:8267". */
#ifndef OTTER_HOST_DEVICE_H
#define OTTER_HOST_DEVICE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#define OTTER_DEVICE_HOST_SIZE 256

struct otter_device {
    const char *name;                  /* as the user gave it; the caller's */
    char host[OTTER_DEVICE_HOST_SIZE]; /* without the port */
    uint16_t port;                     /* UDP */
    struct sockaddr_storage address;
    const char *trouble; /* why there is no address; NULL: there is one. Static */
};

/* Splits NAME, taking PORT where it has none. False if it is no name with an optional port. */
bool otter_device_parse(struct otter_device *device, const char *name, uint16_t port);

#endif
