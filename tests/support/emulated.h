/* A device on the emulated LX106: a 1m64 chip with version 1 of the garden sketch, in a temporary folder. */
#ifndef OTTER_TEST_EMULATED_H
#define OTTER_TEST_EMULATED_H

#include <stdbool.h>
#include <stdint.h>

#include "ports/qemu/qemu.h"
#include "tests/support/file.h"

#define EMULATED_FLASH     (1u << 20)
#define EMULATED_STAGE_END 0xEB000u /* where the filesystem begins */

struct emulated {
    bool there; /* false: no emulator, and the test is to be skipped */
    char folder[64];
    char flash_path[96];
    char rtc_path[96];
    struct otter_qemu qemu;
    struct file old; /* garden 1.0.0, which runs */
    struct file new; /* garden 2.0.0, which confirms itself */
    struct file bad; /* garden 3.0.0, which does not */
    uint8_t flash[EMULATED_FLASH];
    uint32_t rtc[OTTER_QEMU_RTC_SIZE / 4];
};

/* cmocka's setup and teardown. */
int emulated_open(void **state);
int emulated_close(void **state);

/* The device, or the test is skipped. */
struct emulated *emulated_begin(void **state);

/* Erases what an earlier update left, and puts FILE and the boot command for it in place; its flash offset.
 */
uint32_t emulated_stage(struct emulated *device, const struct file *file);

/* The same as an updater does it that has kept what runs: FILE is on trial for three starts. Where it is
 * kept. */
uint32_t emulated_stage_on_trial(struct emulated *device, const struct file *file);

/* One life, from flash[] and rtc[] to flash[] and rtc[]. */
enum otter_qemu_end emulated_run(struct emulated *device);

/* Runs, and FILE stands in flash and its sketch has said VERSION. */
bool emulated_runs(struct emulated *device, const struct file *file, const char *version);

#endif
