/* A push of one file to any number of devices at once, from the first look at the file to the exit status. */
#ifndef OTTER_HOST_PUSH_RUN_H
#define OTTER_HOST_PUSH_RUN_H

#include "host/push_file.h"
#include "host/push_report.h"

struct otter_push_settings {
    char **devices; /* names and addresses, */
    size_t device_count;
    bool all;            /* or all devices of the local network, */
    const char *pattern; /* whose name matches it as in a shell; NULL: all names */
    bool yes;            /* without a question */
    struct otter_push_file_settings file;
    uint16_t port;        /* of devices that are named without one */
    uint16_t host_port;   /* the first device connects there, the next one to the next port; 0: any */
    const char *host_ip;  /* NULL: any */
    const char *password; /* NULL: none; asked for, where there is a terminal */
    bool md5_target;
    uint32_t timeout_ms;
    enum otter_push_style style;
    bool verbose;
};

enum otter_exit otter_push_run(const struct otter_push_settings *settings);

#endif
