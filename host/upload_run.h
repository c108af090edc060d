/* An upload of one file to one device, from the first look at the file to the exit status. */
#ifndef OTTER_HOST_UPLOAD_RUN_H
#define OTTER_HOST_UPLOAD_RUN_H

#include "host/push_file.h"
#include "host/upload_report.h"

struct otter_upload_settings {
    const char *url;
    struct otter_push_file_settings file;
    const char *user;     /* NULL: that of the URL, or the usual one */
    const char *password; /* NULL: that of the URL, or none; asked for, where there is a terminal */
    const char *cacert;   /* NULL: the system's */
    uint32_t timeout_ms;  /* to connect */
    bool no_wait;         /* for the device to come back */
    enum otter_upload_style style;
};

enum otter_exit otter_upload_run(const struct otter_upload_settings *settings);

#endif
