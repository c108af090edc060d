/* otter image adopt: an image with otter's bootloader. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "host/adopt.h"
#include "host/command.h"
#include "host/visible.h"

static const char help[] =
    "Usage: otter image adopt SKETCH.bin -o FILE\n"
    "\n"
    "Replaces the bootloader in an image of the Arduino core by otter's, which\n"
    "survives power cuts. The sketch stays as it is; flash mode, size and frequency\n"
    "too. The device gets the bootloader with the next update: push FILE as any\n"
    "other. (`otter push --adopt` does both.) A compressed image stays compressed.\n"
    "\n"
    "A sketch that can confirm itself (otter_boot_confirm) will be on trial: where it\n"
    "does not, the device goes back to the firmware before. Other sketches will not.\n"
    "\n"
    "An image that has otter's bootloader is copied as it is. A signed one is\n"
    "refused, as the signature would break: adopt first, then sign.\n"
    "\n"
    "  -o, --output FILE   the image to write\n"
    "  -h, --help          this page\n"
    "\n"
    "Exit status: 0 done, 2 wrong command line, 3 unusable file.\n"
    "\n"
    "Example\n"
    "  otter image adopt firmware.bin -o firmware-otter.bin\n";

static void tell(const char *path, const struct otter_inspection *before, const struct otter_file *file)
{
    struct otter_inspection after;
    otter_inspect(&after, file->bytes, file->size);
    otter_visible_print(stdout, path);
    printf(": %s%s\n",
           strcmp(before->md5, after.md5) == 0 ? "copied as it is: it has otter's bootloader"
                                               : "has otter's bootloader now",
           after.on_trial ? ", and its sketch will be on trial" : "");
}

static enum otter_exit adopt(const char *path, const char *output)
{
    struct otter_file file;
    enum otter_exit status = otter_file_read(&file, path, OTTER_FILE_MAX);
    if (status != OTTER_EXIT_OK)
        return status;
    struct otter_inspection inspection;
    otter_inspect(&inspection, file.bytes, file.size);
    status = otter_adopt(&file, &inspection, path);
    if (status == OTTER_EXIT_OK)
        status = otter_file_write(output, file.bytes, file.size);
    if (status == OTTER_EXIT_OK)
        tell(output, &inspection, &file);
    otter_file_free(&file);
    return status;
}

static enum otter_exit run(int argc, char **argv)
{
    static const struct option options[] = {
        {"output", required_argument, NULL, 'o'}, {"help", no_argument, NULL, 'h'}, {0}};
    const char *output = NULL;
    for (int option; (option = getopt_long(argc, argv, "o:h", options, NULL)) != -1;) {
        if (option == 'h') {
            fputs(help, stdout);
            return OTTER_EXIT_OK;
        }
        if (option != 'o')
            return otter_command_misused(&otter_command_image_adopt);
        output = optarg;
    }
    if (output == NULL || argc - optind != 1)
        return otter_command_misused(&otter_command_image_adopt);
    return adopt(argv[optind], output);
}

const struct otter_command otter_command_image_adopt = {
    .name = "image adopt", .summary = "put otter's bootloader into an image", .help = help, .run = run};
