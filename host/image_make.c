/* otter image make: executables to an image. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/bytes.h"
#include "format/image.h"
#include "host/bootloader.h"
#include "host/command.h"
#include "host/executable.h"
#include "host/file.h"
#include "host/trial.h"

#define BOOTLOADER_MAX OTTER_IMAGE_SKETCH
#define EXECUTABLE_MAX (64u << 20) /* debug information is large */

static const char help[] =
    "Usage: otter image make [OPTION...] SKETCH.elf -o FILE\n"
    "       otter image make [OPTION...] BOOT.elf SKETCH.elf -o FILE\n"
    "\n"
    "Makes an ESP8266 image of the loadable segments of executables. A sketch (its\n"
    "code is mapped at 0x40201010) gets a bootloader, BOOT.elf or otter's own, in the\n"
    "first 4096 bytes, and a CRC over the whole. Where the sketch can confirm itself\n"
    "(otter_boot_confirm), the image says so, and a device puts it on trial. Any\n"
    "other executable becomes an image by itself. The same input gives the same\n"
    "bytes.\n"
    "\n"
    "  -o, --output FILE      the image to write\n"
    "  -m, --mode MODE        how flash is wired: qio, qout, dio, dout (dout)\n"
    "  -s, --flash-size SIZE  256K, 512K, 1M, 2M, 4M, 8M, 16M (1M)\n"
    "  -f, --frequency FREQ   of the flash chip: 20m, 26m, 40m, 80m (40m)\n"
    "  -h, --help             this page\n"
    "\n"
    "Examples\n"
    "  otter image make blink.elf -o blink.bin\n"
    "  otter image make -m dio -s 4M -f 80m boot.elf blink.elf -o blink.bin\n";

/* A word of the command line, and the code that stands for it in the header. */
struct choice {
    const char *word;
    uint8_t code;
};

static const struct choice modes[] = {{"qio", OTTER_FLASH_QIO},
                                      {"qout", OTTER_FLASH_QOUT},
                                      {"dio", OTTER_FLASH_DIO},
                                      {"dout", OTTER_FLASH_DOUT},
                                      {0}};

static const struct choice frequencies[] = {{"20m", OTTER_FLASH_20MHZ},
                                            {"26m", OTTER_FLASH_26MHZ},
                                            {"40m", OTTER_FLASH_40MHZ},
                                            {"80m", OTTER_FLASH_80MHZ},
                                            {0}};

struct make {
    struct otter_image_header header; /* entry and segment count are the executables' */
    const char *output;
};

static bool choose(uint8_t *code, const struct choice *choices, const char *word)
{
    for (; choices->word != NULL; choices++) {
        if (strcasecmp(choices->word, word) == 0) {
            *code = choices->code;
            return true;
        }
    }
    return false;
}

static bool choose_flash_size(uint8_t *code, const char *word)
{
    char *unit;
    unsigned long number = strtoul(word, &unit, 10);
    uint32_t factor = strcasecmp(unit, "k") == 0 ? 1u << 10 : strcasecmp(unit, "m") == 0 ? 1u << 20 : 0;
    int found = number <= 1024 ? otter_image_flash_code((uint32_t)number * factor) : -1;
    *code = (uint8_t)found;
    return found >= 0;
}

/* One executable to one image. */
static enum otter_exit convert(struct otter_file *image, const char *path,
                               const struct otter_image_header *header)
{
    struct otter_file executable;
    enum otter_exit status = otter_file_read(&executable, path, EXECUTABLE_MAX);
    if (status != OTTER_EXIT_OK)
        return status;
    status = otter_executable_convert(image, path, executable.bytes, executable.size, header);
    otter_file_free(&executable);
    return status;
}

static enum otter_exit join(const char *output, const struct otter_file *bootloader,
                            const struct otter_file *sketch)
{
    if (bootloader->size > BOOTLOADER_MAX)
        return otter_complain(OTTER_EXIT_FILE, "the bootloader takes %zu bytes; there is room for %u",
                              bootloader->size, BOOTLOADER_MAX);
    size_t size = BOOTLOADER_MAX + sketch->size;
    uint8_t *joined = malloc(size);
    if (joined == NULL)
        return otter_complain(OTTER_EXIT_FAILURE, "out of memory");
    int length =
        otter_image_join(joined, size, bootloader->bytes, bootloader->size, sketch->bytes, sketch->size);
    enum otter_exit status =
        length < 0 ? otter_complain(OTTER_EXIT_FILE, "the sketch has no flash-mapped code at 0x40201010, "
                                                     "which must begin with 8 bytes for length and CRC")
                   : otter_file_write(output, joined, (size_t)length);
    free(joined);
    return status;
}

/* True for what runs behind a bootloader only: flash-mapped code stands at 0x1010 then. */
static bool is_sketch(const struct otter_file *image)
{
    return otter_le32_get(image->bytes + OTTER_IMAGE_HEADER_SIZE) == OTTER_IMAGE_SKETCH_ADDRESS;
}

/* The executable is the last one of COUNT paths; a bootloader may stand before it. */
static enum otter_exit make_image(const struct make *make, char **paths, int count)
{
    struct otter_file bootloader = {0}, image = {0};
    enum otter_exit status = convert(&image, paths[count - 1], &make->header);
    if (status == OTTER_EXIT_OK && count > 1)
        status = convert(&bootloader, paths[0], &make->header);
    else if (status == OTTER_EXIT_OK && is_sketch(&image))
        status = otter_bootloader_make(&bootloader, &make->header);
    if (bootloader.size > 0 && otter_trial_is_possible(image.bytes, image.size))
        otter_trial_allow(bootloader.bytes, bootloader.size);
    if (status == OTTER_EXIT_OK && bootloader.size > 0)
        status = join(make->output, &bootloader, &image);
    else if (status == OTTER_EXIT_OK)
        status = otter_file_write(make->output, image.bytes, image.size);
    otter_file_free(&bootloader);
    otter_file_free(&image);
    return status;
}

static bool take_option(struct make *make, int option)
{
    switch (option) {
    case 'o':
        make->output = optarg;
        return true;
    case 'm':
        return choose(&make->header.flash_mode, modes, optarg);
    case 's':
        return choose_flash_size(&make->header.flash_size, optarg);
    case 'f':
        return choose(&make->header.flash_frequency, frequencies, optarg);
    default:
        return false;
    }
}

static enum otter_exit run(int argc, char **argv)
{
    static const struct option options[] = {{"output", required_argument, NULL, 'o'},
                                            {"mode", required_argument, NULL, 'm'},
                                            {"flash-size", required_argument, NULL, 's'},
                                            {"frequency", required_argument, NULL, 'f'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    struct make make = {.header = {.flash_mode = OTTER_FLASH_DOUT,
                                   .flash_size = (uint8_t)otter_image_flash_code(1u << 20),
                                   .flash_frequency = OTTER_FLASH_40MHZ}};
    for (int option; (option = getopt_long(argc, argv, "o:m:s:f:h", options, NULL)) != -1;) {
        if (option == 'h') {
            fputs(help, stdout);
            return OTTER_EXIT_OK;
        }
        if (!take_option(&make, option)) {
            if (option != '?')
                otter_complain(OTTER_EXIT_USAGE, "-%c can't be `%s`", option, optarg);
            return otter_command_misused(&otter_command_image_make);
        }
    }
    int paths = argc - optind;
    if (make.output == NULL || paths < 1 || paths > 2)
        return otter_command_misused(&otter_command_image_make);
    return make_image(&make, argv + optind, paths);
}

const struct otter_command otter_command_image_make = {
    .name = "image make", .summary = "make an image of executables", .help = help, .run = run};
