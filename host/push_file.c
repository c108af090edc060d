#include "host/push_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto/crypto.h"
#include "format/text.h"
#include "host/adopt.h"
#include "host/gzip.h"

enum otter_exit otter_push_file_check_settings(const struct otter_push_file_settings *settings)
{
    if (settings->filesystem && settings->compress)
        return otter_complain(OTTER_EXIT_USAGE,
                              "--compress is for sketches: a filesystem is written as it comes");
    if (settings->filesystem && settings->adopt)
        return otter_complain(OTTER_EXIT_USAGE, "--adopt is for sketches: a filesystem has no bootloader");
    return OTTER_EXIT_OK;
}

/* As espota does: what was signed beside the file is sent in its place. */
static bool choose_path(struct otter_push_file *file, const char *path)
{
    if (asprintf(&file->path, "%s.signed", path) < 0) {
        file->path = NULL;
        return false;
    }
    file->signed_instead = access(file->path, F_OK) == 0;
    if (!file->signed_instead)
        file->path[strlen(path)] = '\0';
    return true;
}

static enum otter_exit check_image(struct otter_push_file *file, enum otter_push_check check)
{
    char trouble[160];
    otter_inspect(&file->inspection, file->sent.bytes, file->sent.size);
    if (check == OTTER_PUSH_CHECK_NONE || file->inspection.esp32 || file->inspection.error == OTTER_OK)
        return OTTER_EXIT_OK;
    otter_inspection_trouble(&file->inspection, trouble, sizeof(trouble));
    otter_complain(OTTER_EXIT_FILE, "%s: %s", file->path, trouble);
    if (check == OTTER_PUSH_CHECK_WARN)
        return OTTER_EXIT_OK;
    return otter_complain(OTTER_EXIT_FILE,
                          "nothing was sent; --filesystem sends other data, --force sends anything");
}

/* A filesystem may be anything, but firmware is most likely a mistake. */
static void check_filesystem(const struct otter_push_file *file, enum otter_push_check check)
{
    struct otter_inspection inspection;
    otter_inspect(&inspection, file->sent.bytes, file->sent.size);
    if (check != OTTER_PUSH_CHECK_NONE && inspection.error == OTTER_OK)
        otter_complain(
            OTTER_EXIT_OK,
            "%s: a sketch's image, sent as a filesystem; without --filesystem it updates the sketch",
            file->path);
}

static enum otter_exit adopt(struct otter_push_file *file)
{
    enum otter_exit status = otter_adopt(&file->sent, &file->inspection, file->path);
    if (status == OTTER_EXIT_OK)
        otter_inspect(&file->inspection, file->sent.bytes, file->sent.size);
    file->size = file->sent.size;
    return status;
}

static enum otter_exit compress_for_sending(struct otter_push_file *file)
{
    struct otter_file compressed;
    if (file->inspection.signature_size > 0)
        return otter_complain(OTTER_EXIT_FILE, "%s: signed already; compress it first, then sign it",
                              file->path);
    if (otter_gzip_is(file->sent.bytes, file->sent.size))
        return OTTER_EXIT_OK;
    if (!otter_gzip_compress(&compressed, file->sent.bytes, file->sent.size))
        return otter_complain(OTTER_EXIT_FAILURE, "out of memory");
    otter_file_free(&file->sent);
    file->sent = compressed;
    return OTTER_EXIT_OK;
}

static void digest(struct otter_push_file *file)
{
    struct otter_md5 md5;
    uint8_t bytes[OTTER_MD5_SIZE];
    otter_md5_init(&md5);
    otter_md5_update(&md5, file->sent.bytes, file->sent.size);
    otter_md5_final(&md5, bytes);
    otter_hex_encode(file->md5, bytes, sizeof(bytes));
}

enum otter_exit otter_push_file_load(struct otter_push_file *file,
                                     const struct otter_push_file_settings *settings)
{
    *file = (struct otter_push_file){0};
    if (!choose_path(file, settings->path))
        return otter_complain(OTTER_EXIT_FAILURE, "out of memory");
    enum otter_exit status = otter_file_read(&file->sent, file->path, OTTER_FILE_MAX);
    if (status != OTTER_EXIT_OK)
        return status;
    file->size = file->sent.size;
    if (file->size == 0)
        return otter_complain(OTTER_EXIT_FILE, "%s: empty", file->path);
    if (settings->filesystem)
        check_filesystem(file, settings->check);
    else
        status = check_image(file, settings->check);
    if (status == OTTER_EXIT_OK && settings->adopt)
        status = adopt(file);
    if (status == OTTER_EXIT_OK && settings->compress)
        status = compress_for_sending(file);
    digest(file);
    return status;
}

void otter_push_file_free(struct otter_push_file *file)
{
    free(file->path);
    otter_file_free(&file->sent);
}
