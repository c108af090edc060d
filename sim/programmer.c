#include "sim/programmer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static bool write_file(struct otter_sim_flash *flash, const char *path, uint32_t start, uint32_t end)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fprintf(stderr, "otter-sim: cannot read %s: %s\n", path, strerror(errno));
        return false;
    }
    size_t got = fread(flash->bytes + start, 1, end - start, file);
    bool too_long = fgetc(file) != EOF, broken = ferror(file) || got == 0;
    fclose(file);
    if (too_long)
        fprintf(stderr, "otter-sim: %s does not fit: there is room for %u bytes at 0x%06X\n", path,
                (unsigned)(end - start), (unsigned)start);
    else if (broken)
        fprintf(stderr, "otter-sim: %s is empty or cannot be read\n", path);
    return !too_long && !broken;
}

static bool write_files(struct otter_sim_flash *flash, const struct options *options)
{
    const struct otter_layout *layout = options->device.layout;
    if (options->image != NULL && !write_file(flash, options->image, 0, layout->filesystem_start))
        return false;
    return options->filesystem == NULL ||
           write_file(flash, options->filesystem, layout->filesystem_start, layout->filesystem_end);
}

static void explain(const struct options *options, int error)
{
    const struct otter_layout *layout = options->device.layout;
    if (error == EINVAL)
        fprintf(stderr,
                "otter-sim: %s is no flash of layout %s, which has %u bytes; name another file or layout\n",
                options->flash, layout->name, (unsigned)layout->flash_size);
    else
        fprintf(stderr, "otter-sim: cannot open the flash file %s: %s\n", options->flash, strerror(error));
}

bool programmer_open(struct otter_sim_flash *flash, const struct options *options)
{
    bool new = access(options->flash, F_OK) != 0;
    if (!otter_sim_flash_open_file(flash, options->flash, options->device.layout->flash_size)) {
        explain(options, errno);
        return false;
    }
    if (flock(flash->file, LOCK_EX | LOCK_NB) != 0) {
        fprintf(stderr, "otter-sim: %s is the flash of another device that runs now\n", options->flash);
        otter_sim_flash_close(flash);
        return false;
    }
    if (new && !write_files(flash, options)) {
        unlink(options->flash);
        otter_sim_flash_close(flash);
        return false;
    }
    if (!new && (options->image != NULL || options->filesystem != NULL))
        fprintf(stderr, "otter-sim: %s exists, and stays as it is: nothing is written to it\n",
                options->flash);
    return true;
}
