/* The address of a device's update page as the user names it: "kitchen.local", "192.168.1.40:8080",
 * "http://kitchen.local/update", "https://[fe80::1%wlan0]/firmware". */
#ifndef OTTER_HOST_UPLOAD_URL_H
#define OTTER_HOST_UPLOAD_URL_H

#include <stdbool.h>

#include "host/device.h"

#define OTTER_UPLOAD_URL_SIZE         1024
#define OTTER_UPLOAD_CREDENTIALS_SIZE 256

struct otter_upload_url {
    char page[OTTER_UPLOAD_URL_SIZE];             /* without user and password */
    char info[OTTER_UPLOAD_URL_SIZE];             /* where otter's devices tell what they run */
    char name[OTTER_DEVICE_HOST_SIZE + 8];        /* host, with the port if that is not the usual one */
    struct otter_device device;                   /* not resolved yet */
    bool named;                                   /* the host is a name, not an address */
    char user[OTTER_UPLOAD_CREDENTIALS_SIZE];     /* empty: none given */
    char password[OTTER_UPLOAD_CREDENTIALS_SIZE]; /* empty: none given */
};

/* Without a scheme it is http, without a path /update. False if TEXT is no such address; URL must stay where
 * it is. */
bool otter_upload_url_parse(struct otter_upload_url *url, const char *text);

#endif
