#include "host/adopt.h"

#include <string.h>

#include "format/bootloader.h"
#include "host/bootloader.h"
#include "host/gzip.h"
#include "host/trial.h"

/* What otter's bootloader asks of a sketch that it starts: an entry in IRAM, and segments of whole words. */
#define ENTRY_MASK 0xFFF00003u
#define ENTRY      0x40100000u

static bool is_startable(const struct otter_inspection *inspection)
{
    bool startable = (inspection->image.parts[1].header.entry & ENTRY_MASK) == ENTRY;
    for (size_t i = 0; i < inspection->segment_count; i++)
        startable = startable && inspection->segments[i].segment.size % 4 == 0;
    return startable;
}

/* Why a sound image can't be changed; NULL if it can. */
static const char *find_obstacle(const struct otter_inspection *inspection)
{
    if (inspection->image.form != OTTER_IMAGE_FORM_ARDUINO)
        return "it is a single image, which starts without a bootloader: there is none to replace";
    if (inspection->signature_size > 0)
        return "it is signed, and the signature would break: adopt first, then sign";
    return is_startable(inspection) ? NULL : "otter's bootloader does not start a sketch like this one";
}

static bool has_bootloader(const struct otter_inspection *inspection)
{
    return inspection->otter_bootloader >= OTTER_BOOTLOADER_VERSION;
}

static enum otter_exit replace_bootloader(struct otter_file *file, const struct otter_inspection *inspection)
{
    struct otter_file bootloader;
    enum otter_exit status = otter_bootloader_make(&bootloader, &inspection->image.parts[0].header);
    if (status == OTTER_EXIT_OK) {
        if (inspection->can_confirm)
            otter_trial_allow(bootloader.bytes, bootloader.size);
        memset(file->bytes, OTTER_IMAGE_PADDING, OTTER_IMAGE_SKETCH);
        memcpy(file->bytes, bootloader.bytes, bootloader.size);
    }
    otter_file_free(&bootloader);
    return status;
}

static enum otter_exit adopt_plain(struct otter_file *file, const struct otter_inspection *inspection)
{
    enum otter_exit status = OTTER_EXIT_OK;
    if (has_bootloader(inspection))
        otter_trial_allow(file->bytes, inspection->image.parts[0].end);
    else
        status = replace_bootloader(file, inspection);
    if (status == OTTER_EXIT_OK && inspection->image.crc_length > 0 &&
        otter_image_seal(file->bytes, file->size) < 0)
        status = otter_complain(OTTER_EXIT_FILE, "the CRC in it is none of the Arduino core's");
    return status;
}

static enum otter_exit adopt_compressed(struct otter_file *file, const struct otter_inspection *inspection)
{
    struct otter_file plain, compressed = {0};
    size_t used;
    if (!otter_gzip_inflate(&plain, file->bytes, file->size, &used))
        return otter_complain(OTTER_EXIT_FAILURE, "out of memory");
    enum otter_exit status = adopt_plain(&plain, inspection);
    if (status == OTTER_EXIT_OK && !otter_gzip_compress(&compressed, plain.bytes, plain.size))
        status = otter_complain(OTTER_EXIT_FAILURE, "out of memory");
    otter_file_free(&plain);
    if (status != OTTER_EXIT_OK)
        return status;
    otter_file_free(file);
    *file = compressed;
    return OTTER_EXIT_OK;
}

enum otter_exit otter_adopt(struct otter_file *file, const struct otter_inspection *inspection,
                            const char *path)
{
    char trouble[160];
    otter_inspection_trouble(inspection, trouble, sizeof(trouble));
    const char *obstacle = inspection->error != OTTER_OK ? trouble : find_obstacle(inspection);
    const bool complete = inspection->on_trial || !inspection->can_confirm || obstacle != NULL;
    if (inspection->error == OTTER_OK && has_bootloader(inspection) && complete)
        return OTTER_EXIT_OK;
    if (obstacle != NULL)
        return otter_complain(OTTER_EXIT_FILE, "%s can't get otter's bootloader: %s", path, obstacle);
    return inspection->compressed ? adopt_compressed(file, inspection) : adopt_plain(file, inspection);
}
