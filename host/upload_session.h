/* One upload of a file to a device's update page (spec/web.md; docs/PROTOCOL.md): what it is, how far it is,
 * and what came of it. */
#ifndef OTTER_HOST_UPLOAD_SESSION_H
#define OTTER_HOST_UPLOAD_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "host/push_file.h"
#include "host/upload_info.h"
#include "host/upload_url.h"

/* Of HTTP (RFC 9110, section 15), as far as they count here. */
enum otter_upload_status {
    OTTER_UPLOAD_STATUS_OK = 200,
    OTTER_UPLOAD_STATUS_REDIRECTED = 300, /* and above: no page */
    OTTER_UPLOAD_STATUS_UNAUTHORIZED = 401,
    OTTER_UPLOAD_STATUS_FORBIDDEN = 403,
};

enum otter_upload_state {
    OTTER_UPLOAD_STATE_ASKING, /* what the device runs, and whether it wants a password */
    OTTER_UPLOAD_STATE_SENDING,
    OTTER_UPLOAD_STATE_VERIFYING,  /* the device has every byte, the result is to come */
    OTTER_UPLOAD_STATE_RESTARTING, /* it took the update */
    OTTER_UPLOAD_STATE_ENDED,
};

enum otter_upload_failure {
    OTTER_UPLOAD_FAILURE_NONE,
    OTTER_UPLOAD_FAILURE_NAME,      /* cannot be resolved; text: why */
    OTTER_UPLOAD_FAILURE_LOCAL,     /* this computer failed; text: why */
    OTTER_UPLOAD_FAILURE_NO_ANSWER, /* text: why */
    OTTER_UPLOAD_FAILURE_UNTRUSTED, /* its certificate; text: why */
    OTTER_UPLOAD_FAILURE_NO_PAGE,   /* something answers there, but has no update page */
    OTTER_UPLOAD_FAILURE_PASSWORD_MISSING,
    OTTER_UPLOAD_FAILURE_PASSWORD_WRONG,
    OTTER_UPLOAD_FAILURE_UNFIT,   /* the device told that the file does not fit; text: as a device says it */
    OTTER_UPLOAD_FAILURE_REFUSED, /* by an answer of HTTP; text: what it says */
    OTTER_UPLOAD_FAILURE_BROKEN,  /* the connection ended before everything was sent; text: why */
    OTTER_UPLOAD_FAILURE_STALLED, /* the device stopped taking bytes */
    OTTER_UPLOAD_FAILURE_NO_RESULT, /* everything was sent, and no result that makes sense came */
    OTTER_UPLOAD_FAILURE_REJECTED,  /* text: the device's */
    OTTER_UPLOAD_FAILURE_NOT_BACK,  /* it took the update, and was not seen again */
    OTTER_UPLOAD_FAILURE_UNCHANGED, /* it took the update, and runs what it ran before */
    OTTER_UPLOAD_FAILURE_INTERRUPTED,
};

#define OTTER_UPLOAD_TEXT_SIZE 256 /* what libcurl may say fits, too */

/* Read its fields; only the run writes them. */
struct otter_upload_session {
    const struct otter_push_file *file;
    bool filesystem;
    struct otter_upload_url url;
    enum otter_upload_state state;
    enum otter_upload_failure failure;
    char text[OTTER_UPLOAD_TEXT_SIZE]; /* what the device or this computer said about the failure */
    int status;                        /* of HTTP, the last one; 0: none */
    struct otter_upload_info before;   /* what the device told before, */
    struct otter_upload_info after;    /* and after it came back; not told: old firmware, or not waited for */
    bool back;                         /* it was waited for, and is back */
    uint32_t acknowledged;             /* bytes that the device has */
    uint64_t sending_since;            /* ms; 0: not begun */
    uint64_t sent;                     /* ms: when the result came */
    uint64_t returned;                 /* ms: when it was back; 0: it was not seen */
    uint64_t ended;                    /* ms */
};

/* Judges what a device says to an upload, BODY of HTTP status STATUS. NONE: it took the update. TEXT of SIZE
 * bytes gets what it says in one line, without HTML. */
enum otter_upload_failure otter_upload_judge(char *text, size_t size, int status, const char *body);

/* Compares the file with what the device told. False if it can't fit; TEXT of SIZE bytes gets the error that
 * the device would name. */
bool otter_upload_fits(char *text, size_t size, const struct otter_push_file *file, bool filesystem,
                       const struct otter_upload_info *info);

/* True if the device came back with firmware that is not the one in the file. */
bool otter_upload_is_unchanged(const struct otter_upload_session *session);

#endif
