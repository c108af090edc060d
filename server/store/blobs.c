#include "server/store/blobs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ZLIB_CONST /* input is const */
#include <zlib.h>

#include "format/text.h"

#define FOLDER      "images"
#define PART_SUFFIX ".part"
#define NAME_SIZE   80    /* bytes of a file's name in the folder */
#define PORTION     65536 /* bytes read or written at once */
#define SETTLED_S   2
#define WINDOW_GZIP (15 + 16) /* zlib's way to say: 32 KiB window, gzip wrapping */

/* A file whose content was compared with its name, as it was then. */
struct checked {
    uint8_t sha256[OTTER_SHA256_SIZE];
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec changed;
};

struct otter_blobs {
    int folder; /* descriptor */
    char path[4096];
    pthread_mutex_t lock; /* of what follows */
    uint64_t uploads;     /* so many were begun */
    struct checked *checked;
    size_t checked_count;
    size_t checked_capacity;
};

/* --- what went wrong ---------------------------------------------------------------------------- */

static int fail(int error, const struct otter_blobs *blobs, const char *name, struct otter_reason *reason)
{
    otter_reason_set(reason, "%s/%s: %s", blobs->path, name, strerror(error));
    if (error == ENOENT)
        return OTTER_STORE_ABSENT;
    if (error == ENOSPC || error == EDQUOT)
        return OTTER_STORE_FULL;
    return error == EROFS || error == EACCES || error == EPERM ? OTTER_STORE_READ_ONLY : OTTER_STORE_FAILED;
}

static int corrupt(const struct otter_blobs *blobs, const char *name, struct otter_reason *reason)
{
    otter_reason_set(
        reason, "%s/%s is damaged: it is not what was uploaded; restore it from a backup, or upload it again",
        blobs->path, name);
    return OTTER_STORE_CORRUPT;
}

static void name_blob(char name[NAME_SIZE], const uint8_t sha256[OTTER_SHA256_SIZE])
{
    otter_hex_encode(name, sha256, OTTER_SHA256_SIZE);
}

static void name_part(char name[NAME_SIZE], uint64_t number)
{
    snprintf(name, NAME_SIZE, "%llu" PART_SUFFIX, (unsigned long long)number);
}

/* --- the folder --------------------------------------------------------------------------------- */

/* Shows every file of the folder whose name ends so. */
static int each_file(struct otter_blobs *blobs, bool parts, int (*visit)(void *context, const char *name),
                     void *context, struct otter_reason *reason)
{
    int file = openat(blobs->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = file >= 0 ? fdopendir(file) : NULL;
    int status = OTTER_STORE_OK;
    if (folder == NULL) {
        status = fail(errno, blobs, ".", reason);
        if (file >= 0)
            close(file);
        return status;
    }
    struct dirent *entry;
    while (status == OTTER_STORE_OK && (entry = readdir(folder)) != NULL) {
        size_t length = strlen(entry->d_name);
        bool is_part = length > strlen(PART_SUFFIX) &&
                       strcmp(entry->d_name + length - strlen(PART_SUFFIX), PART_SUFFIX) == 0;
        bool is_blob = length == 2 * OTTER_SHA256_SIZE && otter_hex_is(entry->d_name, length);
        if (parts ? is_part : is_blob)
            status = visit(context, entry->d_name);
    }
    closedir(folder);
    return status;
}

static int remove_part(void *context, const char *name)
{
    const struct otter_blobs *blobs = context;
    (void)unlinkat(blobs->folder, name, 0);
    return OTTER_STORE_OK;
}

int otter_blobs_open(struct otter_blobs **out, const char *folder, struct otter_reason *reason)
{
    struct otter_blobs *blobs = calloc(1, sizeof(*blobs));
    if (blobs == NULL) {
        otter_reason_set(reason, "out of memory");
        return OTTER_STORE_FAILED;
    }
    if ((size_t)snprintf(blobs->path, sizeof(blobs->path), "%s/" FOLDER, folder) >= sizeof(blobs->path)) {
        otter_reason_set(reason, "the data folder's path is too long");
        free(blobs);
        return OTTER_STORE_ARGUMENT;
    }
    if (mkdir(blobs->path, 0700) != 0 && errno != EEXIST)
        blobs->folder = -1;
    else
        blobs->folder = open(blobs->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (blobs->folder < 0) {
        int status = fail(errno, blobs, "", reason);
        free(blobs);
        return status;
    }
    pthread_mutex_init(&blobs->lock, NULL);
    *out = blobs;
    return OTTER_STORE_OK;
}

int otter_blobs_tidy(struct otter_blobs *blobs, struct otter_reason *reason)
{
    return each_file(blobs, true, remove_part, blobs, reason);
}

void otter_blobs_close(struct otter_blobs *blobs)
{
    if (blobs == NULL)
        return;
    close(blobs->folder);
    pthread_mutex_destroy(&blobs->lock);
    free(blobs->checked);
    free(blobs);
}

/* --- what is known to be sound ------------------------------------------------------------------ */

static struct checked *find_checked(struct otter_blobs *blobs, const uint8_t sha256[OTTER_SHA256_SIZE])
{
    for (size_t i = 0; i < blobs->checked_count; i++)
        if (memcmp(blobs->checked[i].sha256, sha256, OTTER_SHA256_SIZE) == 0)
            return &blobs->checked[i];
    return NULL;
}

static bool is_checked(struct otter_blobs *blobs, const uint8_t sha256[OTTER_SHA256_SIZE],
                       const struct stat *now)
{
    pthread_mutex_lock(&blobs->lock);
    const struct checked *then = find_checked(blobs, sha256);
    bool same = then != NULL && then->device == now->st_dev && then->inode == now->st_ino &&
                then->size == now->st_size && then->changed.tv_sec == now->st_ctim.tv_sec &&
                then->changed.tv_nsec == now->st_ctim.tv_nsec;
    pthread_mutex_unlock(&blobs->lock);
    return same;
}

/* File systems tell times by ticks: what changed a moment ago may change again, and have the same time. */
static bool is_settled(const struct stat *now)
{
    int64_t age = (int64_t)time(NULL) - now->st_ctim.tv_sec;
    return age > SETTLED_S || age < -SETTLED_S;
}

/* Without memory it is only compared again the next time. */
static void note_checked(struct otter_blobs *blobs, const uint8_t sha256[OTTER_SHA256_SIZE],
                         const struct stat *now)
{
    pthread_mutex_lock(&blobs->lock);
    struct checked *entry = find_checked(blobs, sha256);
    if (entry == NULL && blobs->checked_count == blobs->checked_capacity) {
        size_t capacity = blobs->checked_capacity * 2 + 16;
        struct checked *larger = realloc(blobs->checked, capacity * sizeof(*larger));
        if (larger != NULL) {
            blobs->checked = larger;
            blobs->checked_capacity = capacity;
        }
    }
    if (entry == NULL && blobs->checked_count < blobs->checked_capacity)
        entry = &blobs->checked[blobs->checked_count++];
    if (entry != NULL) {
        *entry = (struct checked){
            .device = now->st_dev, .inode = now->st_ino, .size = now->st_size, .changed = now->st_ctim};
        memcpy(entry->sha256, sha256, OTTER_SHA256_SIZE);
    }
    pthread_mutex_unlock(&blobs->lock);
}

static void forget_checked(struct otter_blobs *blobs, const uint8_t sha256[OTTER_SHA256_SIZE])
{
    pthread_mutex_lock(&blobs->lock);
    struct checked *entry = find_checked(blobs, sha256);
    if (entry != NULL)
        *entry = blobs->checked[--blobs->checked_count];
    pthread_mutex_unlock(&blobs->lock);
}

/* Reads FILE from its beginning: false with errno if it can't be read. */
static bool digest_file(int file, uint8_t sha256[OTTER_SHA256_SIZE])
{
    uint8_t portion[PORTION];
    struct otter_sha256 digest;
    off_t at = 0;
    ssize_t got;
    otter_sha256_init(&digest);
    while ((got = pread(file, portion, sizeof(portion), at)) > 0) {
        otter_sha256_update(&digest, portion, (size_t)got);
        at += got;
    }
    otter_sha256_final(&digest, sha256);
    return got == 0;
}

/* Compares the open FILE with its name, unless that was done already and it has not changed since. */
static int check_file(struct otter_blobs *blobs, int file, const uint8_t sha256[OTTER_SHA256_SIZE],
                      bool again, uint32_t *size, struct otter_reason *reason)
{
    char name[NAME_SIZE];
    uint8_t found[OTTER_SHA256_SIZE];
    struct stat now;
    name_blob(name, sha256);
    if (fstat(file, &now) != 0)
        return fail(errno, blobs, name, reason);
    if (now.st_size > OTTER_BLOB_MAX)
        return corrupt(blobs, name, reason);
    *size = (uint32_t)now.st_size;
    if (!again && is_checked(blobs, sha256, &now))
        return OTTER_STORE_OK;
    if (!digest_file(file, found))
        return fail(errno, blobs, name, reason);
    if (memcmp(found, sha256, sizeof(found)) != 0) {
        forget_checked(blobs, sha256);
        return corrupt(blobs, name, reason);
    }
    if (is_settled(&now))
        note_checked(blobs, sha256, &now);
    return OTTER_STORE_OK;
}

/* --- writing ------------------------------------------------------------------------------------ */

static uint64_t next_number(struct otter_blobs *blobs)
{
    pthread_mutex_lock(&blobs->lock);
    uint64_t number = blobs->uploads++;
    pthread_mutex_unlock(&blobs->lock);
    return number;
}

int otter_blob_begin(struct otter_blob_upload *upload, struct otter_blobs *blobs, struct otter_reason *reason)
{
    char name[NAME_SIZE];
    *upload = (struct otter_blob_upload){.blobs = blobs};
    otter_sha256_init(&upload->sha256);
    otter_md5_init(&upload->md5);
    do {
        upload->number = next_number(blobs);
        name_part(name, upload->number);
        upload->file = openat(blobs->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    } while (upload->file < 0 && errno == EEXIST);
    return upload->file >= 0 ? OTTER_STORE_OK : fail(errno, blobs, name, reason);
}

void otter_blob_cancel(struct otter_blob_upload *upload)
{
    char name[NAME_SIZE];
    if (upload->file < 0)
        return;
    close(upload->file);
    upload->file = -1;
    name_part(name, upload->number);
    (void)unlinkat(upload->blobs->folder, name, 0);
}

static int give_up(struct otter_blob_upload *upload, int error, struct otter_reason *reason)
{
    char name[NAME_SIZE];
    name_part(name, upload->number);
    int status = fail(error, upload->blobs, name, reason);
    otter_blob_cancel(upload);
    return status;
}

int otter_blob_write(struct otter_blob_upload *upload, const void *bytes, size_t size,
                     struct otter_reason *reason)
{
    const uint8_t *from = bytes;
    if (size > OTTER_BLOB_MAX - upload->size) {
        otter_reason_set(reason, "larger than %u bytes, which is more than any device has", OTTER_BLOB_MAX);
        otter_blob_cancel(upload);
        return OTTER_STORE_ARGUMENT;
    }
    otter_sha256_update(&upload->sha256, from, size);
    otter_md5_update(&upload->md5, from, size);
    upload->size += (uint32_t)size;
    while (size > 0) {
        ssize_t written = write(upload->file, from, size);
        if (written < 0)
            return give_up(upload, errno, reason);
        from += written;
        size -= (size_t)written;
    }
    return OTTER_STORE_OK;
}

/* True if the blob is there already, and whole. */
static bool is_there(struct otter_blobs *blobs, const uint8_t sha256[OTTER_SHA256_SIZE])
{
    uint32_t size;
    int file;
    if (otter_blob_open(blobs, sha256, &file, &size, NULL) != OTTER_STORE_OK)
        return false;
    close(file);
    return true;
}

int otter_blob_end(struct otter_blob_upload *upload, struct otter_blob_id *id, struct otter_reason *reason)
{
    struct otter_blobs *blobs = upload->blobs;
    char part[NAME_SIZE], name[NAME_SIZE];
    id->size = upload->size;
    otter_sha256_final(&upload->sha256, id->sha256);
    otter_md5_final(&upload->md5, id->md5);
    if (is_there(blobs, id->sha256)) {
        otter_blob_cancel(upload);
        return OTTER_STORE_OK;
    }
    name_part(part, upload->number);
    name_blob(name, id->sha256);
    if (fsync(upload->file) != 0 || renameat(blobs->folder, part, blobs->folder, name) != 0 ||
        fsync(blobs->folder) != 0)
        return give_up(upload, errno, reason);
    close(upload->file);
    upload->file = -1;
    return OTTER_STORE_OK;
}

/* --- gzip --------------------------------------------------------------------------------------- */

static int deflate_all(z_stream *stream, struct otter_blob_upload *upload, struct otter_reason *reason)
{
    uint8_t portion[PORTION];
    int outcome = Z_OK;
    while (outcome == Z_OK) {
        stream->next_out = portion;
        stream->avail_out = sizeof(portion);
        outcome = deflate(stream, Z_FINISH);
        int status = otter_blob_write(upload, portion, sizeof(portion) - stream->avail_out, reason);
        if (status != OTTER_STORE_OK)
            return status;
    }
    return OTTER_STORE_OK;
}

static int compress_to(struct otter_blob_upload *upload, const uint8_t *bytes, uint32_t size,
                       struct otter_reason *reason)
{
    z_stream stream = {.next_in = bytes, .avail_in = size};
    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, WINDOW_GZIP, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        return give_up(upload, ENOMEM, reason);
    int status = deflate_all(&stream, upload, reason);
    deflateEnd(&stream);
    return status;
}

int otter_blob_gzip(struct otter_blobs *blobs, const uint8_t sha256[OTTER_SHA256_SIZE],
                    struct otter_blob_id *id, struct otter_reason *reason)
{
    struct otter_blob_upload upload;
    uint8_t *bytes;
    uint32_t size;
    int status = otter_blob_read(blobs, sha256, &bytes, &size, reason);
    if (status != OTTER_STORE_OK)
        return status;
    status = otter_blob_begin(&upload, blobs, reason);
    if (status == OTTER_STORE_OK)
        status = compress_to(&upload, bytes, size, reason);
    if (status == OTTER_STORE_OK)
        status = otter_blob_end(&upload, id, reason);
    free(bytes);
    return status;
}

/* --- reading ------------------------------------------------------------------------------------ */

static int open_checked(struct otter_blobs *blobs, const uint8_t sha256[OTTER_SHA256_SIZE], bool again,
                        int *file, uint32_t *size, struct otter_reason *reason)
{
    char name[NAME_SIZE];
    name_blob(name, sha256);
    int opened = openat(blobs->folder, name, O_RDONLY | O_CLOEXEC);
    if (opened < 0)
        return fail(errno, blobs, name, reason);
    int status = check_file(blobs, opened, sha256, again, size, reason);
    if (status == OTTER_STORE_OK)
        *file = opened;
    else
        close(opened);
    return status;
}

int otter_blob_open(struct otter_blobs *blobs, const uint8_t sha256[OTTER_SHA256_SIZE], int *file,
                    uint32_t *size, struct otter_reason *reason)
{
    return open_checked(blobs, sha256, false, file, size, reason);
}

/* SIZE bytes from the beginning of FILE: false, with errno, if there are less. */
static bool read_all(int file, uint8_t *bytes, uint32_t size)
{
    uint32_t at = 0;
    while (at < size) {
        ssize_t got = pread(file, bytes + at, size - at, (off_t)at);
        if (got == 0)
            errno = EIO;
        if (got <= 0)
            return false;
        at += (uint32_t)got;
    }
    return true;
}

int otter_blob_read(struct otter_blobs *blobs, const uint8_t sha256[OTTER_SHA256_SIZE], uint8_t **bytes,
                    uint32_t *size, struct otter_reason *reason)
{
    char name[NAME_SIZE];
    int file = -1;
    *size = 0;
    int status = otter_blob_open(blobs, sha256, &file, size, reason);
    if (status != OTTER_STORE_OK)
        return status;
    name_blob(name, sha256);
    *bytes = malloc(*size + 1u);
    if (*bytes == NULL || !read_all(file, *bytes, *size)) {
        status = fail(*bytes == NULL ? ENOMEM : errno, blobs, name, reason);
        free(*bytes);
        *bytes = NULL;
    }
    close(file);
    return status;
}

struct walk {
    struct otter_blobs *blobs;
    struct otter_blobs *copy;
    struct otter_reason *reason;
};

static int check_one(void *context, const char *name)
{
    const struct walk *walk = context;
    uint8_t sha256[OTTER_SHA256_SIZE];
    uint32_t size;
    int file;
    if (!otter_hex_decode(sha256, sizeof(sha256), name))
        return OTTER_STORE_OK;
    int status = open_checked(walk->blobs, sha256, true, &file, &size, walk->reason);
    if (status == OTTER_STORE_OK)
        close(file);
    return status;
}

int otter_blobs_check(struct otter_blobs *blobs, struct otter_reason *reason)
{
    struct walk walk = {.blobs = blobs, .reason = reason};
    return each_file(blobs, false, check_one, &walk, reason);
}

int otter_blob_remove(struct otter_blobs *blobs, const uint8_t sha256[OTTER_SHA256_SIZE],
                      struct otter_reason *reason)
{
    char name[NAME_SIZE];
    name_blob(name, sha256);
    forget_checked(blobs, sha256);
    if (unlinkat(blobs->folder, name, 0) != 0)
        return fail(errno, blobs, name, reason);
    return OTTER_STORE_OK;
}

static int copy_one(void *context, const char *name)
{
    const struct walk *walk = context;
    struct otter_blob_upload upload;
    struct otter_blob_id id;
    uint8_t sha256[OTTER_SHA256_SIZE];
    uint8_t *bytes;
    uint32_t size;
    if (!otter_hex_decode(sha256, sizeof(sha256), name))
        return OTTER_STORE_OK;
    int status = otter_blob_read(walk->blobs, sha256, &bytes, &size, walk->reason);
    if (status != OTTER_STORE_OK)
        return status;
    status = otter_blob_begin(&upload, walk->copy, walk->reason);
    if (status == OTTER_STORE_OK)
        status = otter_blob_write(&upload, bytes, size, walk->reason);
    if (status == OTTER_STORE_OK)
        status = otter_blob_end(&upload, &id, walk->reason);
    free(bytes);
    if (status == OTTER_STORE_OK && memcmp(id.sha256, sha256, sizeof(sha256)) != 0)
        return corrupt(walk->blobs, name, walk->reason);
    return status;
}

int otter_blobs_copy(struct otter_blobs *blobs, const char *folder, struct otter_reason *reason)
{
    struct walk walk = {.blobs = blobs, .reason = reason};
    int status = otter_blobs_open(&walk.copy, folder, reason);
    if (status != OTTER_STORE_OK)
        return status;
    status = each_file(blobs, false, copy_one, &walk, reason);
    otter_blobs_close(walk.copy);
    return status;
}
