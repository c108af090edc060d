/* Takes updates from otter push, espota.py, the Arduino IDE and PlatformIO: a garden's watering controller.
 *
 *     push flash.bin [PORT]
 *     otter push 127.0.0.1 --password sesame garden-2.bin
 *
 * It closes its valve before flash is touched, and after a failed update it waters on. */
#include <stdio.h>
#include <stdlib.h>

#include "examples/posix/board.h"
#include "otter/boot.h"
#include "otter/push.h"

#define VALVE_MS 1000 /* its motor takes that long to open or close it */

struct garden {
    bool watering; /* what the garden needs */
    bool open;     /* what the valve is, or moves to */
    uint32_t moved_ms;
};

/* --- the valve ----------------------------------------------------------------------------------- */

static bool valve_rests(const struct garden *garden)
{
    return board_now() - garden->moved_ms >= VALVE_MS;
}

/* Moves the valve to where it is wanted. The ms after which it wants to be called again. */
static uint32_t valve_step(struct garden *garden)
{
    if (!valve_rests(garden))
        return VALVE_MS - (board_now() - garden->moved_ms);
    if (garden->open == garden->watering)
        return OTTER_NEVER;
    garden->open = garden->watering;
    garden->moved_ms = board_now();
    puts(garden->open ? "valve opens" : "valve closes");
    return VALVE_MS;
}

/* --- updates ------------------------------------------------------------------------------------- */

static enum otter_push_start update_start(void *context, enum otter_update_command command, uint32_t size)
{
    struct garden *garden = context;
    (void)command, (void)size;
    garden->watering = false;
    return !garden->open && valve_rests(garden) ? OTTER_PUSH_START_GO : OTTER_PUSH_START_WAIT;
}

static void update_error(void *context, enum otter_push_error error, const char *text)
{
    (void)error;
    printf("no update: %s\n", text);
    ((struct garden *)context)->watering = true;
}

/* --- the controller ------------------------------------------------------------------------------ */

/* From one restart to the next. False if the network is not to be had. */
static bool run(struct board *board, struct garden *garden, uint16_t port)
{
    struct otter_updater updater;
    struct otter_push push = {0};
    otter_updater_init(&updater, &board->port, &(struct otter_updater_settings){.buffer = board->sector});
    if (otter_push_begin(&push, &board->port, &updater,
                         &(struct otter_push_settings){
                             .port = port,
                             .hostname = "garden",
                             .password = "sesame",
                             .context = garden,
                             .start = update_start,
                             .error = update_error,
                         }) != OTTER_OK)
        return false;
    puts("watering; updates are welcome");
    garden->watering = true;
    /* It runs and can be reached: a new firmware stays. Were it not to, the one before would come back. */
    if (otter_boot_confirm(&board->port) != OTTER_OK)
        puts("flash fails");
    while (!board->restarting) {
        uint32_t valve_ms = valve_step(garden);
        uint32_t push_ms = otter_push_step(&push, board_now());
        board_wait(board, valve_ms < push_ms ? valve_ms : push_ms);
    }
    otter_push_end(&push);
    return true;
}

int main(int argc, char *argv[])
{
    static struct board board;
    struct garden garden = {0};
    if (argc < 2) {
        fprintf(stderr, "usage: %s FLASH [PORT]\n", argv[0]);
        return 2;
    }
    board_open(&board, argv[1]);
    do
        board_start(&board);
    while (run(&board, &garden, argc > 2 ? (uint16_t)strtoul(argv[2], NULL, 10) : 0));
    fprintf(stderr, "%s: the UDP port is taken\n", argv[0]);
    return 1;
}
