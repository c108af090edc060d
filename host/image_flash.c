/* otter image flash: what is in the whole flash of a new device. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/layout.h"
#include "host/command.h"
#include "host/gzip.h"
#include "host/inspection.h"
#include "host/units.h"

static const char help[] = "Usage: otter image flash --layout LAYOUT [OPTION...] FIRMWARE.bin -o FILE\n"
                           "\n"
                           "Makes the contents of a whole flash chip: the firmware at 0, the filesystem in\n"
                           "its place, everything else erased (0xFF). This is what a new device gets by\n"
                           "cable, and what otter-sim can start from.\n"
                           "\n"
                           "  -l, --layout LAYOUT    how the flash is divided: 4m1m, 1m64, ...\n"
                           "  -s, --filesystem FILE  the filesystem's image\n"
                           "  -o, --output FILE      the flash to write, as large as the chip\n"
                           "  -h, --help             this page\n"
                           "\n"
                           "Exit status: 0 done, 2 wrong command line, 3 unusable file, or it does not fit.\n"
                           "\n"
                           "Examples\n"
                           "  otter image flash -l 4m1m -s littlefs.bin firmware.bin -o flash.bin\n"
                           "  esptool.py --port /dev/ttyUSB0 write_flash 0 flash.bin\n"
                           "  otter-sim --flash flash.bin --layout 4m1m\n";

struct flash {
    const struct otter_layout *layout;
    const char *filesystem; /* path; NULL: none */
    const char *output;
    uint8_t *bytes; /* of the whole chip */
};

static enum otter_exit take_layout(struct flash *flash, const char *name)
{
    flash->layout = otter_layout_find(name);
    if (flash->layout != NULL)
        return OTTER_EXIT_OK;
    fprintf(stderr, "otter: no layout `%s`; there are", name);
    for (size_t i = 0; i < OTTER_LAYOUT_COUNT; i++)
        fprintf(stderr, " %s", otter_layout_get(i)->name);
    fputc('\n', stderr);
    return OTTER_EXIT_USAGE;
}

/* --- firmware -------------------------------------------------------------------------------------- */

static enum otter_exit check_firmware(const struct flash *flash, const char *path,
                                      const struct otter_inspection *inspection)
{
    char trouble[160];
    otter_inspection_trouble(inspection, trouble, sizeof(trouble));
    if (trouble[0] != '\0')
        return otter_complain(OTTER_EXIT_FILE, "%s: %s", path, trouble);
    if (inspection->image_size > flash->layout->filesystem_start)
        return otter_complain(OTTER_EXIT_FILE, "%s: %" PRIu32 " bytes; layout %s has room for %" PRIu32, path,
                              inspection->image_size, flash->layout->name, flash->layout->filesystem_start);
    return OTTER_EXIT_OK;
}

/* A device of the wrong size takes no updates. */
static void warn_of_flash_size(const struct flash *flash, const char *path,
                               const struct otter_inspection *inspection)
{
    char made[OTTER_UNITS_SIZE], chip[OTTER_UNITS_SIZE];
    uint32_t size = otter_image_flash_bytes(inspection->image.parts[0].header.flash_size);
    if (size == flash->layout->flash_size)
        return;
    otter_units_bytes(made, size);
    otter_units_bytes(chip, flash->layout->flash_size);
    otter_complain(OTTER_EXIT_OK, "warning: %s is made for a chip of %s, layout %s for one of %s", path, made,
                   flash->layout->name, chip);
}

/* Without what only travels with it: compression and signature. */
static enum otter_exit place_firmware(struct flash *flash, const struct otter_file *file,
                                      const struct otter_inspection *inspection)
{
    struct otter_file inflated;
    size_t used;
    if (!inspection->compressed) {
        memcpy(flash->bytes, file->bytes, inspection->image_size);
        return OTTER_EXIT_OK;
    }
    if (!otter_gzip_inflate(&inflated, file->bytes, file->size, &used))
        return otter_complain(OTTER_EXIT_FAILURE, "out of memory");
    memcpy(flash->bytes, inflated.bytes, inflated.size);
    otter_file_free(&inflated);
    return OTTER_EXIT_OK;
}

static enum otter_exit add_firmware(struct flash *flash, const char *path)
{
    struct otter_file file;
    struct otter_inspection inspection;
    enum otter_exit status = otter_file_read(&file, path, OTTER_FILE_MAX);
    if (status != OTTER_EXIT_OK)
        return status;
    otter_inspect(&inspection, file.bytes, file.size);
    status = check_firmware(flash, path, &inspection);
    if (status == OTTER_EXIT_OK) {
        warn_of_flash_size(flash, path, &inspection);
        status = place_firmware(flash, &file, &inspection);
    }
    otter_file_free(&file);
    return status;
}

/* --- filesystem ------------------------------------------------------------------------------------ */

static enum otter_exit add_filesystem(struct flash *flash, const char *path)
{
    struct otter_file file;
    const struct otter_layout *layout = flash->layout;
    uint32_t room = layout->filesystem_end - layout->filesystem_start;
    if (room == 0)
        return otter_complain(OTTER_EXIT_FILE, "layout %s has no filesystem", layout->name);
    enum otter_exit status = otter_file_read(&file, path, room);
    if (status != OTTER_EXIT_OK)
        return status;
    if (file.size < room)
        otter_complain(OTTER_EXIT_OK, "warning: %s: %zu bytes; the filesystem of layout %s has %" PRIu32,
                       path, file.size, layout->name, room);
    memcpy(flash->bytes + layout->filesystem_start, file.bytes, file.size);
    otter_file_free(&file);
    return OTTER_EXIT_OK;
}

/* --- all together ---------------------------------------------------------------------------------- */

static enum otter_exit make(struct flash *flash, const char *firmware)
{
    flash->bytes = malloc(flash->layout->flash_size);
    if (flash->bytes == NULL)
        return otter_complain(OTTER_EXIT_FAILURE, "out of memory");
    memset(flash->bytes, 0xFF, flash->layout->flash_size);
    enum otter_exit status = add_firmware(flash, firmware);
    if (status == OTTER_EXIT_OK && flash->filesystem != NULL)
        status = add_filesystem(flash, flash->filesystem);
    if (status == OTTER_EXIT_OK)
        status = otter_file_write(flash->output, flash->bytes, flash->layout->flash_size);
    free(flash->bytes);
    return status;
}

static enum otter_exit take_option(struct flash *flash, int option)
{
    switch (option) {
    case 'l':
        return take_layout(flash, optarg);
    case 's':
        flash->filesystem = optarg;
        return OTTER_EXIT_OK;
    case 'o':
        flash->output = optarg;
        return OTTER_EXIT_OK;
    default:
        return otter_command_misused(&otter_command_image_flash);
    }
}

static enum otter_exit run(int argc, char **argv)
{
    static const struct option options[] = {{"layout", required_argument, NULL, 'l'},
                                            {"filesystem", required_argument, NULL, 's'},
                                            {"output", required_argument, NULL, 'o'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    struct flash flash = {0};
    for (int option; (option = getopt_long(argc, argv, "l:s:o:h", options, NULL)) != -1;) {
        if (option == 'h') {
            fputs(help, stdout);
            return OTTER_EXIT_OK;
        }
        enum otter_exit status = take_option(&flash, option);
        if (status != OTTER_EXIT_OK)
            return status;
    }
    if (flash.layout == NULL || flash.output == NULL || argc - optind != 1)
        return otter_command_misused(&otter_command_image_flash);
    return make(&flash, argv[optind]);
}

const struct otter_command otter_command_image_flash = {
    .name = "image flash", .summary = "make the contents of a whole flash chip", .help = help, .run = run};
