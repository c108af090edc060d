/* What the host tells the replacement mask ROM, and what it hears back: files in the folder where QEMU runs.
 */
#ifndef OTTER_QEMU_PLAN_H
#define OTTER_QEMU_PLAN_H

#include <stdint.h>

#define OTTER_QEMU_FLASH  "flash.bin"
#define OTTER_QEMU_RTC    "rtc.bin"    /* RTC user memory, 512 bytes; read at reset, written at the end */
#define OTTER_QEMU_PLAN   "plan.bin"   /* struct otter_qemu_plan */
#define OTTER_QEMU_REPORT "report.bin" /* struct otter_qemu_report */

#define OTTER_QEMU_RTC_SIZE 512u

struct otter_qemu_plan {
    uint32_t cut_at; /* power fails at this flash operation, from 1; 0: never */
    uint32_t cut;    /* enum otter_sim_cut */
    uint32_t calls;  /* 1: an operation is a call of the ROM; 0: a page program or an erase */
    uint32_t seed;   /* of torn bits */

    /* What operations take, in microseconds of real time; 0: none. */
    uint32_t page_us;
    uint32_t sector_us;
    uint32_t block_us;
    uint32_t read_us; /* 1024 bytes */

    uint32_t power_line; /* filled by otter_qemu_run(): once this file is readable, power fails */
};

/* How a run ended: QEMU's exit status, too. */
enum otter_qemu_end {
    OTTER_QEMU_SKETCH,    /* a sketch runs: it waited for time to pass */
    OTTER_QEMU_RESTART,   /* software reset */
    OTTER_QEMU_POWER_CUT, /* in an operation */
    OTTER_QEMU_NO_IMAGE,  /* nothing to start at flash 0 */
    OTTER_QEMU_VIOLATION, /* a flash operation that breaks the chip's rules */
    OTTER_QEMU_EXCEPTION, /* of the processor */
    OTTER_QEMU_FAULT,     /* the ROM found no flash file */
    OTTER_QEMU_LOST,      /* not of the ROM: QEMU did not end in time, or could not run */
};

struct otter_qemu_report {
    uint32_t operations; /* page programs and erases, with the one that was cut */
    uint32_t calls;      /* of ROM functions that write */
    uint32_t cycles;     /* processor cycles from reset to the end, as far as QEMU counts them */

    /* Completed by what the ROM has started. */
    uint32_t programs;
    uint32_t sector_erases;
    uint32_t block_erases;
    uint32_t reads;
    uint32_t bytes_read;
};

#endif
