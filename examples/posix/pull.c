/* Asks a web server for an update, once, as a device does that sleeps in between; otter/pull_schedule.h helps
 * those that do not.
 *
 *     pull flash.bin http://127.0.0.1:8000/garden-2.bin */
#include <stdio.h>

#include "examples/posix/board.h"
#include "otter/boot.h"
#include "otter/pull.h"

static void pull_end(void *context, enum otter_pull_result result, int error, const char *text)
{
    (void)error;
    printf("%s\n", result == OTTER_PULL_FAILED ? text
                   : result == OTTER_PULL_OK   ? "an update came"
                                               : "no update");
    *(bool *)context = true;
}

int main(int argc, char *argv[])
{
    static struct board board;
    static struct otter_pull pull;
    struct otter_updater updater;
    bool over = false;
    if (argc != 3) {
        fprintf(stderr, "usage: %s FLASH URL\n", argv[0]);
        return 2;
    }
    board_open(&board, argv[1]);
    board_start(&board);
    otter_updater_init(&updater, &board.port, &(struct otter_updater_settings){.buffer = board.sector});
    if (otter_pull_begin(&pull, &board.port, &updater,
                         &(struct otter_pull_settings){
                             .mac = {0x5C, 0xCF, 0x7F, 0x01, 0x02, 0x03},
                             .follow_redirects = true,
                             .context = &over,
                             .end = pull_end,
                         }) != OTTER_OK ||
        otter_pull_start(&pull, argv[2], OTTER_PULL_SKETCH) != OTTER_OK) {
        fprintf(stderr, "%s: %s is no URL for this\n", argv[0], argv[2]);
        return 2;
    }
    while (!over)
        board_wait(&board, otter_pull_step(&pull, board_now()));
    if (otter_pull_result(&pull) == OTTER_PULL_FAILED)
        return 1;
    /* The server was reached: a new firmware stays. */
    if (!board.restarting)
        return otter_boot_confirm(&board.port) == OTTER_OK ? 0 : 1;
    board_start(&board);
    return 0;
}
