/* What an otter device tells of itself at /update/info (docs/PROTOCOL.md). */
#ifndef OTTER_HOST_UPLOAD_INFO_H
#define OTTER_HOST_UPLOAD_INFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Figures are -1, and texts empty, where the device does not tell. */
struct otter_upload_info {
    bool told;        /* there was an answer of that form */
    char name[64];    /* of the firmware that runs */
    char version[64]; /* of it */
    char board[64];
    char md5[33];        /* of the sketch that runs */
    int64_t sketch_size; /* bytes, as the others */
    int64_t free_space;  /* for a sketch that is sent */
    int64_t filesystem_size;
    int64_t flash_size;
    int64_t uptime_ms;
    bool trial; /* the firmware has not confirmed itself yet: otter/boot.h */
};

/* TEXT of SIZE bytes is what came, of whatever kind. */
void otter_upload_info_read(struct otter_upload_info *info, const char *text, size_t size);

/* Writes "garden 2.0.0", "firmware c160b08c" or "firmware of unknown version". */
#define OTTER_UPLOAD_INFO_LABEL 136
void otter_upload_info_label(char out[OTTER_UPLOAD_INFO_LABEL], const struct otter_upload_info *info);

#endif
