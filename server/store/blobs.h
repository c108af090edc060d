/* The image store: files by their SHA-256, in the folder "images" of the data folder. A file that stands
 * there under its name is whole: it is written under another one, synced, and renamed.
 *
 * Functions block on the disk. One struct otter_blobs serves all threads. Statuses are those of store.h. */
#ifndef OTTER_STORE_BLOBS_H
#define OTTER_STORE_BLOBS_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/crypto.h"
#include "server/store/store.h"

#define OTTER_BLOB_MAX (16u << 20) /* bytes: the largest flash of an ESP8266 or ESP32 in tools' layouts */

struct otter_blobs;

/* Opens, and makes if need be, FOLDER/images. */
OTTER_MUST_CHECK int otter_blobs_open(struct otter_blobs **blobs, const char *folder,
                                      struct otter_reason *reason);
void otter_blobs_close(struct otter_blobs *blobs);

/* Removes what uploads left behind that never ended: for the server, as it starts. */
OTTER_MUST_CHECK int otter_blobs_tidy(struct otter_blobs *blobs, struct otter_reason *reason);

/* --- writing ------------------------------------------------------------------------------------- */

struct otter_blob_id {
    uint8_t sha256[OTTER_SHA256_SIZE];
    uint8_t md5[OTTER_MD5_SIZE];
    uint32_t size; /* bytes */
};

/* An upload on its way. All fields are its own; the bytes are not kept in memory. */
struct otter_blob_upload {
    struct otter_blobs *blobs;
    int file; /* -1: over */
    uint32_t size;
    uint64_t number;
    struct otter_sha256 sha256;
    struct otter_md5 md5;
};

OTTER_MUST_CHECK int otter_blob_begin(struct otter_blob_upload *upload, struct otter_blobs *blobs,
                                      struct otter_reason *reason);
/* After an error the upload is over. More than OTTER_BLOB_MAX bytes: ARGUMENT. */
OTTER_MUST_CHECK int otter_blob_write(struct otter_blob_upload *upload, const void *bytes, size_t size,
                                      struct otter_reason *reason);
/* Makes it durable and tells its ID. The same bytes that are there already, and are sound, stay as they are.
 */
OTTER_MUST_CHECK int otter_blob_end(struct otter_blob_upload *upload, struct otter_blob_id *id,
                                    struct otter_reason *reason);
/* Gives it up; allowed at any time, and after the end. */
void otter_blob_cancel(struct otter_blob_upload *upload);

/* Stores the gzip of the blob SHA256, made as small as zlib can. The same bytes give the same gzip. */
OTTER_MUST_CHECK int otter_blob_gzip(struct otter_blobs *blobs, const uint8_t sha256[OTTER_SHA256_SIZE],
                                     struct otter_blob_id *id, struct otter_reason *reason);

/* --- reading ------------------------------------------------------------------------------------- */

/* Opens the blob for reading: a file descriptor, the caller's, and its SIZE. The content is compared with its
 * name when it is first opened (and for two seconds after it was written), and again whenever size, time or
 * number of the file are not those of then: what was read from the disk is what was uploaded. ABSENT;
 * CORRUPT, naming the file. */
OTTER_MUST_CHECK int otter_blob_open(struct otter_blobs *blobs, const uint8_t sha256[OTTER_SHA256_SIZE],
                                     int *file, uint32_t *size, struct otter_reason *reason);

/* Reads a whole blob into *BYTES, on the heap, the caller's. */
OTTER_MUST_CHECK int otter_blob_read(struct otter_blobs *blobs, const uint8_t sha256[OTTER_SHA256_SIZE],
                                     uint8_t **bytes, uint32_t *size, struct otter_reason *reason);

/* Reads every blob again, whatever is known of it. OK, or CORRUPT with the first damaged file. */
OTTER_MUST_CHECK int otter_blobs_check(struct otter_blobs *blobs, struct otter_reason *reason);

/* Removes the blob; no release may refer to it any more. Downloads of it that run go on. */
OTTER_MUST_CHECK int otter_blob_remove(struct otter_blobs *blobs, const uint8_t sha256[OTTER_SHA256_SIZE],
                                       struct otter_reason *reason);

/* Copies every blob into FOLDER/images, which is made if need be: sound ones only, each compared with its
 * name as it is copied; those that are there already stay. */
OTTER_MUST_CHECK int otter_blobs_copy(struct otter_blobs *blobs, const char *folder,
                                      struct otter_reason *reason);

#endif
