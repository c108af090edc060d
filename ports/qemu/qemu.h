/* Runs real ESP8266 machine code, bootloader and sketch, on the LX106 core that QEMU emulates, over the
 * replacement mask ROM in rom/. One run is one life of the device: from reset to the next restart, power cut
 * or rest. */
#ifndef OTTER_QEMU_H
#define OTTER_QEMU_H

#include <stdbool.h>
#include <stdint.h>

#include "ports/qemu/plan.h"

#define OTTER_QEMU_INSTRUCTIONS 25u /* an instruction takes 1 ns, and the processor counts at 40 MHz */

struct otter_qemu {
    const char *rom;    /* path of rom.elf */
    const char *folder; /* of OTTER_QEMU_FLASH and OTTER_QEMU_RTC; the other files are made there */
    struct otter_qemu_plan plan;
    uint32_t timeout_ms; /* 0: 10,000 */
    bool counted; /* time is instructions: report.cycles counts OTTER_QEMU_INSTRUCTIONS of them as one */
    /* Asked every few milliseconds while it runs. False: power fails in the flash operation that is going on
     * or comes next, as plan.cut says. NULL: power stays. */
    bool (*has_power)(void *context);
    void *context;

    /* Filled by a run. */
    struct otter_qemu_report report;
    char console[4096]; /* what was printed: terminated, cut to fit */
};

/* True if the emulator is installed. */
bool otter_qemu_is_there(void);

/* Runs once; blocks until the end, at most for the timeout, and less if the code never rests. */
enum otter_qemu_end otter_qemu_run(struct otter_qemu *qemu);

#endif
