#include "examples/posix/board.h"

#include <stdio.h>
#include <stdlib.h>

#include "ports/posix/clock.h"
#include "ports/posix/entropy.h"
#include "ports/sim/boot.h"

static int flash_read(void *context, uint32_t address, void *bytes, uint32_t length)
{
    return otter_sim_flash_read(&((struct board *)context)->flash, address, bytes, length);
}

static int flash_program(void *context, uint32_t address, const void *bytes, uint32_t length)
{
    return otter_sim_flash_program(&((struct board *)context)->flash, address, bytes, length);
}

static int flash_erase_sector(void *context, uint32_t address)
{
    return otter_sim_flash_erase_sector(&((struct board *)context)->flash, address);
}

static int flash_erase_block(void *context, uint32_t address)
{
    return otter_sim_flash_erase_block(&((struct board *)context)->flash, address);
}

static void rtc_read(void *context, uint32_t index, uint32_t *words, uint32_t count)
{
    otter_sim_rtc_read(&((struct board *)context)->rtc, index, words, count);
}

static void rtc_write(void *context, uint32_t index, const uint32_t *words, uint32_t count)
{
    otter_sim_rtc_write(&((struct board *)context)->rtc, index, words, count);
}

static void restart(void *context)
{
    ((struct board *)context)->restarting = true;
}

void board_open(struct board *board, const char *path)
{
    const struct otter_layout *layout = otter_layout_find("4m1m");
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!otter_sim_flash_open_file(&board->flash, path, layout->flash_size)) {
        fprintf(stderr, "%s: can't be opened, or is no flash of 4 MiB\n", path);
        exit(2);
    }
    otter_posix_network_init(&board->network);
    board->port = (struct otter_port){
        .context = board,
        .layout = layout,
        .flash = {.size = board->flash.size,
                  .read = flash_read,
                  .program = flash_program,
                  .erase_sector = flash_erase_sector,
                  .erase_block = flash_erase_block},
        .rtc = {.read = rtc_read, .write = rtc_write},
        .network = otter_posix_network_port,
        .entropy = otter_posix_entropy,
        .restart = restart,
    };
}

void board_start(struct board *board)
{
    board->restarting = false;
    if (otter_sim_boot(&board->flash, &board->rtc) == BOOT_COPIED)
        puts("new firmware in place");
}

uint32_t board_now(void)
{
    return otter_posix_now_ms();
}

void board_wait(struct board *board, uint32_t ms)
{
    otter_posix_network_wait(&board->network, ms, NULL, 0);
}
