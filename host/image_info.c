/* otter image info: what is in an image. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "format/bytes.h"
#include "format/layout.h"
#include "host/command.h"
#include "host/fit.h"
#include "host/inspection.h"
#include "host/json.h"
#include "host/units.h"
#include "host/visible.h"

#define LINE_WIDTH 78

static const char help[] = "Usage: otter image info [--json] FILE\n"
                           "\n"
                           "Shows what is in an image, also a compressed or signed one, and whether it is\n"
                           "sound.\n"
                           "\n"
                           "  -j, --json   one line of JSON instead\n"
                           "  -h, --help   this page\n"
                           "\n"
                           "Exit status: 0 sound, 2 wrong command line, 3 unreadable or not sound.\n"
                           "\n"
                           "Example\n"
                           "  otter image info firmware.bin\n";

static const char *const fit_words[] = {
    [OTTER_FIT_AIR] = "over the air", [OTTER_FIT_CABLE] = "by cable only", [OTTER_FIT_NONE] = "not at all"};

static bool is_sound(const struct otter_inspection *inspection)
{
    return inspection->error == OTTER_OK;
}

static bool has_image(const struct otter_inspection *inspection)
{
    return inspection->image.form != OTTER_IMAGE_FORM_UNKNOWN;
}

static const char *kind(const struct otter_inspection *inspection)
{
    switch (inspection->image.form) {
    case OTTER_IMAGE_FORM_ARDUINO:
        return "Arduino-core image: bootloader and sketch";
    case OTTER_IMAGE_FORM_SINGLE:
        return "single image, no Arduino-core bootloader";
    default:
        return inspection->esp32 ? "ESP32 image" : inspection->compressed ? "gzip" : "unknown";
    }
}

static unsigned frequency_mhz(uint8_t frequency)
{
    switch (frequency) {
    case OTTER_FLASH_26MHZ:
        return 26;
    case OTTER_FLASH_20MHZ:
        return 20;
    case OTTER_FLASH_80MHZ:
        return 80;
    default:
        return 40;
    }
}

/* --- for people ------------------------------------------------------------------------------------ */

static void label(const char *name)
{
    printf("  %-12s", name);
}

static void print_bytes(const char *name, uint32_t bytes, const char *more)
{
    char size[OTTER_UNITS_SIZE];
    otter_units_bytes(size, bytes);
    label(name);
    if (bytes < 1024)
        printf("%s%s\n", size, more);
    else
        printf("%" PRIu32 " bytes (%s)%s\n", bytes, size, more);
}

static void print_file(const struct otter_inspection *inspection)
{
    label("Kind");
    puts(kind(inspection));
    if (inspection->has_firmware) {
        label("Firmware");
        printf("%s %s\n", inspection->firmware.name, inspection->firmware.version);
    }
    print_bytes("Size", inspection->size, "");
    label("MD5");
    puts(inspection->md5);
    if (inspection->inflated)
        print_bytes("Compressed", inspection->image_size, " when inflated (gzip)");
    if (inspection->signature_size > 0)
        print_bytes("Signed", inspection->signature_size, " of signature (not verified)");
}

static void print_bootloader(const struct otter_inspection *inspection)
{
    const char *owner = inspection->otter_bootloader > 0 ? ", otter's: power cuts do it no harm"
                        : inspection->boot_command       ? ", another's: installs updates, if power lasts"
                                                         : ", another's: takes no commands from sketches";
    if (inspection->image.form == OTTER_IMAGE_FORM_ARDUINO) {
        print_bytes("Bootloader", inspection->image.parts[0].end, owner);
    } else {
        label("Bootloader");
        puts("none");
    }
}

static void print_trial(const struct otter_inspection *inspection)
{
    if (!inspection->can_confirm && inspection->otter_bootloader == 0)
        return;
    label("Trial");
    if (inspection->on_trial)
        puts("yes: unless it confirms itself, the device goes back to the firmware before");
    else if (inspection->can_confirm)
        puts("no, but it could confirm itself: `otter image adopt` makes it ready");
    else
        puts("no: it can't confirm itself");
}

static void print_header(const struct otter_inspection *inspection)
{
    const struct otter_image_header *header = &otter_inspection_main_part(inspection)->header;
    char size[OTTER_UNITS_SIZE];
    otter_units_bytes(size, otter_image_flash_bytes(header->flash_size));
    label("Flash");
    printf("%s, %u MHz, made for a chip of %s\n", otter_image_mode_name(header->flash_mode),
           frequency_mhz(header->flash_frequency), size);
    label("Entry");
    printf("0x%08" PRIx32 "\n", header->entry);
}

static void print_segments(const struct otter_inspection *inspection)
{
    static const char *const owners[] = {"bootloader", "sketch"};
    bool two = inspection->image.form == OTTER_IMAGE_FORM_ARDUINO;
    int width = two ? 12 : 0;
    label("Segments");
    printf("%-*s%8s  %-10s  %7s  %s\n", width, two ? "part" : "", "offset", "address", "bytes", "region");
    for (size_t i = 0; i < inspection->segment_count; i++) {
        const struct otter_inspected_segment *seen = &inspection->segments[i];
        label("");
        printf("%-*s0x%06" PRIx32 "  0x%08" PRIx32 "  %7" PRIu32 "  %s\n", width,
               two ? owners[seen->part & 1] : "", seen->offset, seen->segment.address, seen->segment.size,
               otter_image_region_name(seen->segment.address));
    }
}

static void print_checksums(const struct otter_inspection *inspection)
{
    const struct otter_image_parser *image = &inspection->image;
    for (unsigned i = 0; i < 2; i++) {
        const struct otter_image_part *part = &image->parts[i];
        if (!part->whole)
            continue;
        label(i == 0 ? "Checksum" : "");
        printf("0x%02x %s", part->checksum_stored,
               part->checksum_stored == part->checksum_computed ? "right" : "wrong");
        if (part->checksum_stored != part->checksum_computed)
            printf(", the content gives 0x%02x", part->checksum_computed);
        printf("%s\n", image->form != OTTER_IMAGE_FORM_ARDUINO ? "" : i == 0 ? " (bootloader)" : " (sketch)");
    }
    label("CRC");
    if (image->crc_length == 0)
        puts("none");
    else if (image->crc_stored == image->crc_computed)
        printf("0x%08" PRIx32 " right\n", image->crc_stored);
    else
        printf("0x%08" PRIx32 " wrong, the content gives 0x%08" PRIx32 "\n", image->crc_stored,
               image->crc_computed);
}

static size_t count_fitting(const struct otter_inspection *inspection, enum otter_fit fit)
{
    size_t count = 0;
    for (size_t i = 0; i < OTTER_LAYOUT_COUNT; i++)
        count += otter_fit(inspection, otter_layout_get(i)) == fit;
    return count;
}

static void print_layouts(const struct otter_inspection *inspection)
{
    const char *name = "Layouts";
    for (enum otter_fit fit = OTTER_FIT_AIR; fit <= OTTER_FIT_NONE; fit++) {
        if (count_fitting(inspection, fit) == 0)
            continue;
        label(name);
        int column = 14 + printf("%-14s", fit_words[fit]);
        name = "";
        for (size_t i = 0; i < OTTER_LAYOUT_COUNT; i++) {
            const struct otter_layout *layout = otter_layout_get(i);
            if (otter_fit(inspection, layout) != fit)
                continue;
            if (column + (int)strlen(layout->name) + 1 > LINE_WIDTH)
                column = printf("\n%28s", "") - 1;
            column += printf(" %s", layout->name);
        }
        putchar('\n');
    }
}

static void print_info(const struct otter_inspection *inspection, const char *path)
{
    char trouble[160];
    otter_inspection_trouble(inspection, trouble, sizeof(trouble));
    otter_visible_print(stdout, path);
    putchar('\n');
    print_file(inspection);
    if (has_image(inspection)) {
        print_bootloader(inspection);
        print_trial(inspection);
        print_header(inspection);
        print_segments(inspection);
        print_checksums(inspection);
    }
    if (is_sound(inspection))
        print_layouts(inspection);
    label("Verdict");
    puts(is_sound(inspection) ? "sound" : trouble);
}

/* --- for programs ---------------------------------------------------------------------------------- */

static void json_segments(struct otter_json *json, const struct otter_inspection *inspection)
{
    otter_json_open_array(json, "segments");
    for (size_t i = 0; i < inspection->segment_count; i++) {
        const struct otter_inspected_segment *seen = &inspection->segments[i];
        otter_json_open_object(json, NULL);
        otter_json_number(json, "part", seen->part);
        otter_json_number(json, "offset", seen->offset);
        otter_json_number(json, "address", seen->segment.address);
        otter_json_number(json, "size", seen->segment.size);
        otter_json_string(json, "region", otter_image_region_name(seen->segment.address));
        otter_json_close_object(json);
    }
    otter_json_close_array(json);
}

static void json_parts(struct otter_json *json, const struct otter_inspection *inspection)
{
    otter_json_open_array(json, "parts");
    for (unsigned i = 0; i < 2; i++) {
        const struct otter_image_part *part = &inspection->image.parts[i];
        if (!part->whole)
            continue;
        otter_json_open_object(json, NULL);
        otter_json_number(json, "offset", part->offset);
        otter_json_number(json, "end", part->end);
        otter_json_number(json, "entry", part->header.entry);
        otter_json_string(json, "flash_mode", otter_image_mode_name(part->header.flash_mode));
        otter_json_number(json, "flash_size", otter_image_flash_bytes(part->header.flash_size));
        otter_json_number(json, "flash_mhz", frequency_mhz(part->header.flash_frequency));
        otter_json_number(json, "checksum", part->checksum_stored);
        otter_json_number(json, "checksum_computed", part->checksum_computed);
        otter_json_close_object(json);
    }
    otter_json_close_array(json);
}

static void json_layouts(struct otter_json *json, const struct otter_inspection *inspection)
{
    otter_json_open_object(json, "layouts");
    for (size_t i = 0; i < OTTER_LAYOUT_COUNT; i++) {
        const struct otter_layout *layout = otter_layout_get(i);
        otter_json_string(json, layout->name, fit_words[otter_fit(inspection, layout)]);
    }
    otter_json_close_object(json);
}

static void print_json(const struct otter_inspection *inspection, const char *path)
{
    struct otter_json json = {.out = stdout};
    char trouble[160];
    otter_inspection_trouble(inspection, trouble, sizeof(trouble));
    otter_json_open_object(&json, NULL);
    otter_json_string(&json, "file", path);
    otter_json_bool(&json, "sound", is_sound(inspection));
    otter_json_string(&json, "trouble", trouble);
    otter_json_string(&json, "kind", kind(inspection));
    if (inspection->has_firmware) {
        otter_json_string(&json, "name", inspection->firmware.name);
        otter_json_string(&json, "version", inspection->firmware.version);
    }
    otter_json_number(&json, "size", inspection->size);
    otter_json_string(&json, "md5", inspection->md5);
    otter_json_bool(&json, "compressed", inspection->compressed);
    otter_json_number(&json, "image_size", inspection->image_size);
    otter_json_number(&json, "signature_size", inspection->signature_size);
    otter_json_bool(&json, "bootloader", inspection->image.form == OTTER_IMAGE_FORM_ARDUINO);
    otter_json_bool(&json, "boot_command", inspection->boot_command);
    otter_json_number(&json, "otter_bootloader", inspection->otter_bootloader);
    otter_json_bool(&json, "can_confirm", inspection->can_confirm);
    otter_json_bool(&json, "on_trial", inspection->on_trial);
    if (inspection->image.crc_length > 0) {
        otter_json_number(&json, "crc", inspection->image.crc_stored);
        otter_json_number(&json, "crc_computed", inspection->image.crc_computed);
    }
    json_parts(&json, inspection);
    json_segments(&json, inspection);
    if (is_sound(inspection))
        json_layouts(&json, inspection);
    otter_json_close_object(&json);
    otter_json_end(&json);
}

static enum otter_exit show(const char *path, bool as_json)
{
    struct otter_file file;
    enum otter_exit status = otter_file_read(&file, path, OTTER_FILE_MAX);
    if (status != OTTER_EXIT_OK)
        return status;
    struct otter_inspection inspection;
    otter_inspect(&inspection, file.bytes, file.size);
    otter_file_free(&file);
    if (as_json)
        print_json(&inspection, path);
    else
        print_info(&inspection, path);
    return is_sound(&inspection) ? OTTER_EXIT_OK : OTTER_EXIT_FILE;
}

static enum otter_exit run(int argc, char **argv)
{
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {0}};
    bool as_json = false;
    for (int option; (option = getopt_long(argc, argv, "jh", options, NULL)) != -1;) {
        if (option == 'h') {
            fputs(help, stdout);
            return OTTER_EXIT_OK;
        }
        if (option != 'j')
            return otter_command_misused(&otter_command_image_info);
        as_json = true;
    }
    if (argc - optind != 1)
        return otter_command_misused(&otter_command_image_info);
    return show(argv[optind], as_json);
}

const struct otter_command otter_command_image_info = {
    .name = "image info",
    .summary = "show what is in an image, and whether it is sound",
    .help = help,
    .run = run};
