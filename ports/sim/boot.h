/* The bootloader's logic over a simulated flash: what happens in the virtual device between reset and sketch.
 */
#ifndef OTTER_SIM_BOOT_H
#define OTTER_SIM_BOOT_H

#include "boot/boot.h"
#include "ports/sim/flash.h"
#include "ports/sim/rtc.h"

/* Lets this thread's boot_flash_* and boot_rtc_* work on FLASH and RTC from now on. */
void otter_sim_boot_bind(struct otter_sim_flash *flash, struct otter_sim_rtc *rtc);

/* Binds, and runs boot_prepare() over FLASH and RTC. */
enum boot_outcome otter_sim_boot(struct otter_sim_flash *flash, struct otter_sim_rtc *rtc);

#endif
