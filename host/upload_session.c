#include "host/upload_session.h"

#include <stdio.h>
#include <string.h>

#include "format/bytes.h"
#include "format/error.h"
#include "format/layout.h"
#include "host/gzip.h"

/* Copies BODY in one line: tags go, blanks and control characters become single blanks. */
static void flatten(char *out, size_t size, const char *body)
{
    size_t length = 0;
    bool tag = false;
    for (; *body != '\0' && length + 1 < size; body++) {
        char byte = (unsigned char)*body <= ' ' ? ' ' : *body;
        tag = tag || byte == '<';
        if (!tag && (byte != ' ' || (length > 0 && out[length - 1] != ' ')))
            out[length++] = byte;
        tag = tag && byte != '>';
    }
    while (length > 0 && out[length - 1] == ' ')
        length--;
    out[length] = '\0';
}

enum otter_upload_failure otter_upload_judge(char *text, size_t size, int status, const char *body)
{
    flatten(text, size, body);
    if (status == OTTER_UPLOAD_STATUS_UNAUTHORIZED)
        return OTTER_UPLOAD_FAILURE_PASSWORD_WRONG;
    const char *error = strstr(text, "ERROR[");
    if (error == NULL)
        error = strcasestr(text, "update error"); /* ESP32 */
    if (error != NULL) {
        memmove(text, error, strlen(error) + 1);
        return OTTER_UPLOAD_FAILURE_REJECTED;
    }
    if (status == OTTER_UPLOAD_STATUS_OK &&
        (strstr(text, "Update Success") != NULL || strcmp(text, "OK") == 0))
        return OTTER_UPLOAD_FAILURE_NONE;
    if (status == OTTER_UPLOAD_STATUS_OK)
        return strstr(text, "FAIL") != NULL ? OTTER_UPLOAD_FAILURE_REJECTED : OTTER_UPLOAD_FAILURE_NO_RESULT;
    return OTTER_UPLOAD_FAILURE_REFUSED;
}

/* A gzip stays above the sketch that it is unpacked to, from the start of the one that runs. */
static bool fits_unpacked(const struct otter_push_file *file, const struct otter_upload_info *info)
{
    const struct otter_inspection *inspection = &file->inspection;
    if (!otter_gzip_is(file->sent.bytes, file->sent.size) || inspection->image_size == 0 ||
        info->sketch_size < 0 || info->free_space < 0)
        return true;
    int64_t room = otter_round_up((uint32_t)info->sketch_size, OTTER_FLASH_SECTOR) + info->free_space;
    int64_t needed = (int64_t)otter_round_up(inspection->image_size, OTTER_FLASH_SECTOR) +
                     otter_round_up((uint32_t)file->sent.size, OTTER_FLASH_SECTOR);
    return needed <= room;
}

static bool fits_chip(const struct otter_push_file *file, const struct otter_upload_info *info)
{
    const struct otter_inspection *inspection = &file->inspection;
    if (inspection->error != OTTER_OK || info->flash_size < 0)
        return true;
    uint8_t code = otter_inspection_main_part(inspection)->header.flash_size;
    return (int64_t)otter_image_flash_bytes(code) <= info->flash_size;
}

bool otter_upload_fits(char *text, size_t size, const struct otter_push_file *file, bool filesystem,
                       const struct otter_upload_info *info)
{
    int64_t room = filesystem ? info->filesystem_size : info->free_space;
    const struct otter_error_detail chip = {.real = (uint32_t)info->flash_size};
    int error = OTTER_OK;
    if ((room >= 0 && (int64_t)file->sent.size > room) || (!filesystem && !fits_unpacked(file, info)))
        error = OTTER_ERROR_SPACE;
    else if (!filesystem && !fits_chip(file, info))
        error = OTTER_ERROR_NEW_FLASH_CONFIG;
    if (error != OTTER_OK)
        (void)otter_error_print(text, size, error, &chip);
    return error == OTTER_OK;
}

bool otter_upload_is_unchanged(const struct otter_upload_session *session)
{
    const struct otter_inspection *inspection = &session->file->inspection;
    return !session->filesystem && inspection->has_firmware && session->after.version[0] != '\0' &&
           (strcmp(session->after.version, inspection->firmware.version) != 0 ||
            strcmp(session->after.name, inspection->firmware.name) != 0);
}
