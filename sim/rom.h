/* The mask ROM of an ESP8266: what it says at reset, and the image at flash 0 that it loads. */
#ifndef OTTER_SIM_ROM_H
#define OTTER_SIM_ROM_H

#include "ports/sim/flash.h"
#include "sim/console.h"

/* As the ROM prints them. */
enum rom_cause { ROM_POWER_ON = 1, ROM_RESTART = 2 };

enum rom_image {
    ROM_NO_IMAGE,
    ROM_BOOTLOADER,  /* an Arduino bootloader: it runs from the IRAM that sketches leave free */
    ROM_APPLICATION, /* anything else, which the ROM starts itself */
};

enum rom_image rom_load(struct console *console, struct otter_sim_flash *flash, enum rom_cause cause);

#endif
