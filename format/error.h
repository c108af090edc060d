/* Error codes, shared by every room.
 *
 * Codes -1 to -16 are the updater errors that ESP8266 users know, negated (spec/image.md, section 3);
 * -17 to -19 continue their numbering for checks that the old updater lacks. The rest never leaves the
 * program that produced it. */
#ifndef OTTER_FORMAT_ERROR_H
#define OTTER_FORMAT_ERROR_H

#include <stddef.h>
#include <stdint.h>

#define OTTER_MUST_CHECK __attribute__((warn_unused_result))

enum otter_error {
    OTTER_OK = 0,

    OTTER_ERROR_WRITE = -1,            /* a flash program operation failed */
    OTTER_ERROR_ERASE = -2,            /* a flash erase operation failed */
    OTTER_ERROR_READ = -3,             /* a flash read failed */
    OTTER_ERROR_SPACE = -4,            /* the image does not fit the free space */
    OTTER_ERROR_SIZE = -5,             /* size 0, or more bytes than announced */
    OTTER_ERROR_STREAM = -6,           /* a stream brought nothing within its timeout */
    OTTER_ERROR_MD5 = -7,              /* MD5 differs from the announced one */
    OTTER_ERROR_FLASH_CONFIG = -8,     /* the running firmware was built for a larger flash */
    OTTER_ERROR_NEW_FLASH_CONFIG = -9, /* the new image was built for a larger flash than there is */
    OTTER_ERROR_MAGIC_BYTE = -10,      /* first byte is neither 0xE9 nor a gzip's */
    OTTER_ERROR_BOOTSTRAP = -11,       /* the chip was started in UART download mode */
    OTTER_ERROR_SIGN = -12,            /* signature missing or wrong */
    OTTER_ERROR_NO_DATA = -13,         /* end without a single byte */
    OTTER_ERROR_MEMORY = -14,          /* no buffer */
    OTTER_ERROR_RUNNING = -15,         /* an update is already running */
    OTTER_ERROR_COMMAND = -16,         /* unknown update command */
    OTTER_ERROR_IMAGE = -17,           /* header or segments of the image are damaged */
    OTTER_ERROR_CHECKSUM = -18,        /* checksum or CRC inside the image is wrong */
    OTTER_ERROR_BOOTLOADER = -19,      /* the image would put another bootloader in place of otter's */

    OTTER_ERROR_ARGUMENT = -32,  /* the call itself is wrong; nothing was done */
    OTTER_ERROR_IDLE = -33,      /* no update is running */
    OTTER_ERROR_REFUSED = -34,   /* the application refused the update */
    OTTER_ERROR_ABORTED = -35,   /* the application aborted the update */
    OTTER_ERROR_MALFORMED = -36, /* bytes that break their format */
    OTTER_ERROR_BUFFER = -37,    /* the caller's buffer is too small */
    OTTER_ERROR_TRANSPORT = -38, /* the network failed */
    OTTER_ERROR_CLOSED = -39,    /* the peer closed the connection: end of stream */
    OTTER_ERROR_TIMEOUT = -40,   /* a deadline passed */
    OTTER_ERROR_ENTROPY = -41,   /* no random numbers */
    OTTER_ERROR_SECURE = -42,    /* TLS: the server is not trusted, or breaks the protocol */
};

/* What an error text needs beside its code. Fields that the code does not use are ignored. */
struct otter_error_detail {
    const char *expected;   /* MD5: announced, 32 hex digits */
    const char *calculated; /* MD5: of the bytes that came */
    uint32_t real;          /* FLASH_CONFIG, NEW_FLASH_CONFIG: bytes of the chip */
    uint32_t configured;    /* FLASH_CONFIG: bytes the running firmware was built for */
};

/* The number that old tools print for ERROR, 0 to 19; -1 for an error that they do not know. */
int otter_error_number(enum otter_error error);

/* The text of ERROR without detail, as users know it ("Not Enough Space"); never NULL; static. */
const char *otter_error_text(enum otter_error error);

/* Writes "ERROR[n]: text" (spec/image.md, section 3), NUL-terminated and without a newline, into OUT of
 * SIZE bytes; errors without a number are written as "ERROR: text". DETAIL may be NULL.
 * Returns the length without NUL, or OTTER_ERROR_BUFFER (OUT then holds a truncated, terminated text). */
int otter_error_print(char *out, size_t size, enum otter_error error,
                      const struct otter_error_detail *detail);

#endif
