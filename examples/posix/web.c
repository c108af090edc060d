/* Takes updates from browsers and curl, on a page of its own.
 *
 *     web flash.bin [PORT]
 *     curl -u admin:sesame -F firmware=@garden-2.bin http://127.0.0.1:8080/update */
#include <stdio.h>
#include <stdlib.h>

#include "examples/posix/board.h"
#include "otter/boot.h"
#include "otter/web.h"

static void update_error(void *context, enum otter_error error, const char *text)
{
    (void)context, (void)error;
    printf("no update: %s\n", text);
}

/* From one restart to the next. False if the network is not to be had. */
static bool run(struct board *board, uint16_t port)
{
    struct otter_updater updater;
    static struct otter_web web;
    otter_updater_init(&updater, &board->port, &(struct otter_updater_settings){.buffer = board->sector});
    if (otter_web_begin(&web, &board->port, &updater,
                        &(struct otter_web_settings){
                            .port = port,
                            .user = "admin",
                            .password = "sesame",
                            .auth = OTTER_WEB_DIGEST,
                            .error = update_error,
                        }) != OTTER_OK)
        return false;
    printf("http://127.0.0.1:%u/update\n", port);
    if (otter_boot_confirm(&board->port) != OTTER_OK)
        puts("flash fails");
    while (!board->restarting)
        board_wait(board, otter_web_step(&web, board_now()));
    otter_web_end(&web);
    return true;
}

int main(int argc, char *argv[])
{
    static struct board board;
    if (argc < 2) {
        fprintf(stderr, "usage: %s FLASH [PORT]\n", argv[0]);
        return 2;
    }
    board_open(&board, argv[1]);
    do
        board_start(&board);
    while (run(&board, argc > 2 ? (uint16_t)strtoul(argv[2], NULL, 10) : 8080));
    fprintf(stderr, "%s: the TCP port is taken\n", argv[0]);
    return 1;
}
