/* A NOR flash that is stricter than a real one, counts wear, fails on command, and keeps modelled time.
 *
 * Three things are violations, which a real chip would let pass or half do: programming a 0 back to 1,
 * misaligned addresses, lengths or memory, and leaving the chip. The first one is recorded in `violation`;
 * each is returned as a failure and leaves the flash as it was. Tests treat a violation as their failure. */
#ifndef OTTER_SIM_FLASH_H
#define OTTER_SIM_FLASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a power cut does to the operation that it meets (a page program or an erase). */
enum otter_sim_cut {
    OTTER_SIM_CUT_NOT_STARTED, /* the operation never happened */
    OTTER_SIM_CUT_LANDED,      /* it completed; power failed right after it */
    OTTER_SIM_CUT_TORN_PREFIX, /* only a part from its start took effect */
    OTTER_SIM_CUT_TORN_RANDOM, /* some bits took effect, in the legal direction only */
    OTTER_SIM_CUT_HALF_ERASED, /* erase: old and erased bits mixed, unstable when read; program: as
                                  TORN_RANDOM */
    OTTER_SIM_CUT_COUNT
};

/* Modelled durations, in nanoseconds. */
struct otter_sim_flash_timing {
    uint64_t sector_erase;
    uint64_t block_erase;
    uint64_t page_program;
    uint64_t byte_read;
};

/* W25Q32 data sheet, typical values: sector 45 ms, 64 KiB block 150 ms, page 0.7 ms; read at 20 MHz single
 * (400 ns per byte) or 40 MHz dual (100 ns per byte). */
extern const struct otter_sim_flash_timing otter_sim_w25q32_single;
extern const struct otter_sim_flash_timing otter_sim_w25q32_dual;

struct otter_sim_flash_counts {
    uint64_t reads, bytes_read;
    uint64_t programs; /* pages */
    uint64_t sector_erases, block_erases;
};

struct otter_sim_flash {
    uint8_t *bytes;
    uint32_t size;
    int file;       /* descriptor of the backing file, or -1: memory */
    uint32_t *wear; /* erases per sector */
    const struct otter_sim_flash_timing *timing;
    uint64_t time_ns; /* modelled time spent so far */
    /* Lets real time pass as well, or NULL. False: power failed meanwhile; a program or erase is then cut. */
    bool (*sleep)(void *context, uint64_t ns);
    void *sleep_context;
    struct otter_sim_flash_counts counts;

    /* Operations (page programs and erases, not reads) are numbered from 1. */
    uint64_t operation; /* the number of the last one; and what it was: */
    uint32_t operation_address;
    uint32_t operation_length; /* bytes */
    bool operation_is_erase;
    uint64_t fail_at;          /* this one fails without effect; 0: none */
    uint64_t fail_reads_after; /* this many reads succeed, then all fail; 0: none fails; UINT64_MAX: all */
    uint64_t cut_at;           /* power fails at this one; 0: never */
    enum otter_sim_cut cut;
    uint64_t seed; /* of torn and unstable bits */
    /* Called when power fails; must not return (longjmp). */
    void (*power_cut)(void *context);
    void *power_cut_context;

    uint32_t unstable_sector; /* half-erased: reads of it differ each time; UINT32_MAX: none */
    uint32_t unstable_length; /* bytes: a sector or a block */
    char violation[128];      /* the first one; empty: none */
};

/* In memory, erased. False if there is no memory. */
bool otter_sim_flash_open_memory(struct otter_sim_flash *flash, uint32_t size);
/* Backed by the file PATH, which is made (erased) or must have SIZE bytes. False with errno set; EINVAL for a
 * file of another size. */
bool otter_sim_flash_open_file(struct otter_sim_flash *flash, const char *path, uint32_t size);
void otter_sim_flash_close(struct otter_sim_flash *flash);

/* As the port contract has them; CONTEXT-free forms, 0 or -1. */
int otter_sim_flash_read(struct otter_sim_flash *flash, uint32_t address, void *bytes, uint32_t length);
int otter_sim_flash_program(struct otter_sim_flash *flash, uint32_t address, const void *bytes,
                            uint32_t length);
int otter_sim_flash_erase_sector(struct otter_sim_flash *flash, uint32_t address);
int otter_sim_flash_erase_block(struct otter_sim_flash *flash, uint32_t address);

/* Puts bytes in place as a serial programmer would: no counts, no time, no rules. */
void otter_sim_flash_load(struct otter_sim_flash *flash, uint32_t address, const void *bytes,
                          uint32_t length);

#endif
