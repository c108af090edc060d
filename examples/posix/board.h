/* A computer in place of an ESP8266 board, which the examples share: the computer's sockets, clock and
 * randomness, and a simulated flash of 4 MiB that lives in a file. A real board has this in its core. */
#ifndef OTTER_EXAMPLE_BOARD_H
#define OTTER_EXAMPLE_BOARD_H

#include "otter/port.h"
#include "ports/posix/network.h"
#include "ports/sim/flash.h"
#include "ports/sim/rtc.h"

struct board {
    struct otter_posix_network network; /* first: the context of otter_posix_network_port */
    struct otter_sim_flash flash;
    struct otter_sim_rtc rtc;
    struct otter_port port;
    uint32_t sector[OTTER_FLASH_SECTOR / 4]; /* for the updater */
    bool restarting;                         /* the port was asked to restart */
};

/* Opens the flash PATH, which is made if it does not exist. Ends the program if that fails. */
void board_open(struct board *board, const char *path);

/* What happens between a restart and the sketch: the bootloader runs. */
void board_start(struct board *board);

/* Milliseconds, as otter's functions want them. */
uint32_t board_now(void);

/* Waits until the network has something, at most MS (OTTER_NEVER: for ever). */
void board_wait(struct board *board, uint32_t ms);

#endif
