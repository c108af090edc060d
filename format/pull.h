/* Errors of the pull client, by the numbers and texts that ESP8266 users know (spec/pull.md, section 3). */
#ifndef OTTER_FORMAT_PULL_H
#define OTTER_FORMAT_PULL_H

/* A positive number is an updater's error, negated (format/error.h). */
enum otter_pull_error {
    OTTER_PULL_ERROR_NONE = 0,

    OTTER_PULL_ERROR_CONNECTION_FAILED = -1, /* no such host, refused, timed out, or not trusted */
    OTTER_PULL_ERROR_SEND_FAILED = -2,       /* the request could not be sent */
    OTTER_PULL_ERROR_CONNECTION_LOST = -5,   /* closed before the answer was whole */
    OTTER_PULL_ERROR_NO_HTTP_SERVER = -7,    /* what came is no HTTP */
    OTTER_PULL_ERROR_TOO_LESS_RAM = -8,      /* headers without end, or a line that is too long */
    OTTER_PULL_ERROR_ENCODING = -9,          /* a transfer coding other than chunked */
    OTTER_PULL_ERROR_READ_TIMEOUT = -11,     /* no answer in time */

    OTTER_PULL_ERROR_SPACE = -100,         /* more bytes than there is room for */
    OTTER_PULL_ERROR_NO_SIZE = -101,       /* chunked, or no or no sound Content-Length, or 0 */
    OTTER_PULL_ERROR_NOT_FOUND = -102,     /* 404 */
    OTTER_PULL_ERROR_FORBIDDEN = -103,     /* 403 */
    OTTER_PULL_ERROR_WRONG_CODE = -104,    /* any other status; a redirection that is not followed */
    OTTER_PULL_ERROR_WRONG_MD5 = -105,     /* x-MD5 is no MD5, or there twice */
    OTTER_PULL_ERROR_VERIFY_HEADER = -106, /* neither an image nor a gzip */
    OTTER_PULL_ERROR_FLASH_SIZE = -107,    /* the image is for a larger flash */
    OTTER_PULL_ERROR_UNAUTHORIZED = -108,  /* 401 */
    OTTER_PULL_ERROR_NO_VERSION = -109,    /* a check was answered without x-version */
};

/* "Wrong HTTP Code", "read Timeout"; static. For updater errors, which format/error.h names, and for numbers
 * that nobody knows: an empty string. */
const char *otter_pull_error_text(int error);

#endif
