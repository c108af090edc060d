/* A garden watering controller that is updated over the air.
 *
 *     garden flash.bin [PORT]
 *     otter push 127.0.0.1 --password sesame garden-2.bin
 *
 * It closes its valve before flash is touched, and after a failed update it waters on. Sockets and clock are
 * those of the computer, flash and RTC memory are simulated. */
#include <stdio.h>
#include <stdlib.h>

#include "otter/push.h"
#include "ports/posix/clock.h"
#include "ports/posix/entropy.h"
#include "ports/posix/network.h"
#include "ports/sim/boot.h"
#include "ports/sim/flash.h"
#include "ports/sim/rtc.h"

#define VALVE_MS 1000 /* its motor takes that long to open or close it */

struct garden {
    struct otter_posix_network network; /* first: the context of otter_posix_network_port */
    struct otter_sim_flash flash;
    struct otter_sim_rtc rtc;
    uint32_t sector[OTTER_FLASH_SECTOR / 4];
    uint16_t port; /* 0: the usual one */
    bool watering; /* what the garden needs */
    bool open;     /* what the valve is, or moves to */
    uint32_t moved_ms;
    bool restarting;
};

/* --- the valve ----------------------------------------------------------------------------------- */

static bool valve_rests(const struct garden *garden)
{
    return otter_posix_now_ms() - garden->moved_ms >= VALVE_MS;
}

/* Moves the valve to where it is wanted. The ms after which it wants to be called again. */
static uint32_t valve_step(struct garden *garden)
{
    if (!valve_rests(garden))
        return VALVE_MS - (otter_posix_now_ms() - garden->moved_ms);
    if (garden->open == garden->watering)
        return OTTER_NEVER;
    garden->open = garden->watering;
    garden->moved_ms = otter_posix_now_ms();
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

/* --- the port ------------------------------------------------------------------------------------ */

static int flash_read(void *context, uint32_t address, void *bytes, uint32_t length)
{
    return otter_sim_flash_read(&((struct garden *)context)->flash, address, bytes, length);
}

static int flash_program(void *context, uint32_t address, const void *bytes, uint32_t length)
{
    return otter_sim_flash_program(&((struct garden *)context)->flash, address, bytes, length);
}

static int flash_erase_sector(void *context, uint32_t address)
{
    return otter_sim_flash_erase_sector(&((struct garden *)context)->flash, address);
}

static void rtc_read(void *context, uint32_t index, uint32_t *words, uint32_t count)
{
    otter_sim_rtc_read(&((struct garden *)context)->rtc, index, words, count);
}

static void rtc_write(void *context, uint32_t index, const uint32_t *words, uint32_t count)
{
    otter_sim_rtc_write(&((struct garden *)context)->rtc, index, words, count);
}

static void restart(void *context)
{
    ((struct garden *)context)->restarting = true;
}

static struct otter_port make_port(struct garden *garden)
{
    return (struct otter_port){
        .context = garden,
        .layout = otter_layout_find("4m1m"),
        .flash = {.size = garden->flash.size,
                  .read = flash_read,
                  .program = flash_program,
                  .erase_sector = flash_erase_sector},
        .rtc = {.read = rtc_read, .write = rtc_write},
        .network = otter_posix_network_port,
        .entropy = otter_posix_entropy,
        .restart = restart,
    };
}

/* --- the controller ------------------------------------------------------------------------------ */

/* From one restart to the next. False if the network is not to be had. */
static bool run(struct garden *garden)
{
    struct otter_port port = make_port(garden);
    struct otter_updater updater;
    struct otter_push push = {0};
    otter_updater_init(&updater, &port, &(struct otter_updater_settings){.buffer = garden->sector});
    if (otter_push_begin(&push, &port, &updater,
                         &(struct otter_push_settings){
                             .port = garden->port,
                             .hostname = "garden",
                             .password = "sesame",
                             .context = garden,
                             .start = update_start,
                             .error = update_error,
                         }) != OTTER_OK)
        return false;
    puts("watering; updates are welcome");
    garden->watering = true;
    garden->restarting = false;
    while (!garden->restarting) {
        uint32_t valve_ms = valve_step(garden);
        uint32_t push_ms = otter_push_step(&push, otter_posix_now_ms());
        otter_posix_network_wait(&garden->network, valve_ms < push_ms ? valve_ms : push_ms, NULL, 0);
    }
    otter_push_end(&push);
    return true;
}

int main(int argc, char *argv[])
{
    static struct garden garden;
    uint32_t flash_size = otter_layout_find("4m1m")->flash_size;
    if (argc < 2 || !otter_sim_flash_open_file(&garden.flash, argv[1], flash_size)) {
        fprintf(stderr, "usage: %s FLASH [PORT]; FLASH is a file of 4 MiB, or a new one\n", argv[0]);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    garden.port = argc > 2 ? (uint16_t)strtoul(argv[2], NULL, 10) : 0;
    otter_posix_network_init(&garden.network);
    while (run(&garden))
        if (otter_sim_boot(&garden.flash, &garden.rtc) == BOOT_COPIED)
            puts("new firmware in place");
    fprintf(stderr, "%s: the UDP port is taken\n", argv[0]);
    return 1;
}
