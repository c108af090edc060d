/* The file that a push sends: found, checked and compressed before any device hears of it. */
#ifndef OTTER_HOST_PUSH_FILE_H
#define OTTER_HOST_PUSH_FILE_H

#include <stdbool.h>

#include "host/file.h"
#include "host/inspection.h"

enum otter_push_check {
    OTTER_PUSH_CHECK_REFUSE, /* what is not sound is not sent */
    OTTER_PUSH_CHECK_WARN,   /* it is sent, with a warning */
    OTTER_PUSH_CHECK_NONE,
};

struct otter_push_file {
    char *path;                         /* of the file that is sent */
    bool signed_instead;                /* it is the ".signed" beside the one that was named */
    struct otter_file sent;             /* its bytes as they are sent */
    size_t size;                        /* bytes before it was compressed for sending */
    char md5[33];                       /* of the bytes sent */
    struct otter_inspection inspection; /* before it was compressed for sending; empty for a filesystem */
};

struct otter_push_file_settings {
    const char *path;
    bool filesystem; /* opaque bytes, not an image */
    bool compress;
    bool adopt; /* with otter's bootloader */
    enum otter_push_check check;
};

/* Complains of settings that contradict each other. */
enum otter_exit otter_push_file_check_settings(const struct otter_push_file_settings *settings);

/* Complains when there is nothing that could be sent. FILE is freed by otter_push_file_free() either way. */
enum otter_exit otter_push_file_load(struct otter_push_file *file,
                                     const struct otter_push_file_settings *settings);
void otter_push_file_free(struct otter_push_file *file);

#endif
