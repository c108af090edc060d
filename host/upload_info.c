#include "host/upload_info.h"

#include <jansson.h>
#include <stdio.h>

static void take_text(char *out, size_t size, const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    snprintf(out, size, "%s", text != NULL ? text : "");
}

static int64_t take_figure(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    json_int_t figure = json_is_integer(value) ? json_integer_value(value) : -1;
    return figure <= UINT32_MAX && figure >= 0 ? figure : -1;
}

void otter_upload_info_read(struct otter_upload_info *info, const char *text, size_t size)
{
    json_t *object = json_loadb(text, size, 0, NULL);
    *info = (struct otter_upload_info){.told = json_is_object(object)};
    take_text(info->name, sizeof(info->name), object, "name");
    take_text(info->version, sizeof(info->version), object, "version");
    take_text(info->board, sizeof(info->board), object, "board");
    take_text(info->md5, sizeof(info->md5), object, "sketch_md5");
    info->sketch_size = take_figure(object, "sketch_size");
    info->free_space = take_figure(object, "free_space");
    info->filesystem_size = take_figure(object, "filesystem_size");
    info->flash_size = take_figure(object, "flash_size");
    info->uptime_ms = take_figure(object, "uptime_ms");
    info->trial = json_is_true(json_object_get(object, "trial"));
    json_decref(object);
}

void otter_upload_info_label(char out[OTTER_UPLOAD_INFO_LABEL], const struct otter_upload_info *info)
{
    if (info->version[0] != '\0')
        snprintf(out, OTTER_UPLOAD_INFO_LABEL, "%s %s", info->name[0] != '\0' ? info->name : "version",
                 info->version);
    else if (info->md5[0] != '\0')
        snprintf(out, OTTER_UPLOAD_INFO_LABEL, "firmware %.8s", info->md5);
    else
        snprintf(out, OTTER_UPLOAD_INFO_LABEL, "firmware of unknown version");
}
