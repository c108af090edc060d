/* Takes an update from anything that can be read; here a file, as if from an SD card.
 *
 *     file flash.bin garden-2.bin */
#include <stdio.h>
#include <sys/stat.h>

#include "examples/posix/board.h"
#include "otter/updater.h"

/* struct otter_stream; a serial line would say 0 while it has nothing. */
static int read_file(void *context, void *bytes, size_t size)
{
    size_t count = fread(bytes, 1, size, context);
    return count > 0 ? (int)count : OTTER_ERROR_CLOSED;
}

/* OTTER_OK once the update is staged: the device is to restart then. */
static int update(struct otter_updater *updater, FILE *file, uint32_t size)
{
    const struct otter_stream stream = {.context = file, .read = read_file};
    int result = otter_updater_begin(updater, size, OTTER_UPDATE_SKETCH);
    while (result >= 0 && otter_updater_remaining(updater) > 0)
        result = otter_updater_write_stream(updater, &stream, board_now());
    if (result >= 0)
        while ((result = otter_updater_end(updater, false)) > 0)
            ; /* a sketch does its other work here */
    return result;
}

int main(int argc, char *argv[])
{
    static struct board board;
    struct otter_updater updater;
    struct stat status;
    FILE *file = argc == 3 ? fopen(argv[2], "rb") : NULL;
    if (file == NULL || fstat(fileno(file), &status) != 0) {
        fprintf(stderr, "usage: %s FLASH FILE\n", argv[0]);
        return 2;
    }
    board_open(&board, argv[1]);
    board_start(&board);
    otter_updater_init(&updater, &board.port, &(struct otter_updater_settings){.buffer = board.sector});
    int result = update(&updater, file, (uint32_t)status.st_size);
    fclose(file);
    if (result != OTTER_OK) {
        char text[160];
        otter_updater_error_print(&updater, text, sizeof(text));
        printf("no update: %s\n", text);
        return 1;
    }
    board_start(&board);
    return 0;
}
