/* The flash as users know it from the memory view: what lies where before an update, during it, and after the
 * restart. */
#ifndef OTTER_SIM_MAP_H
#define OTTER_SIM_MAP_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "format/layout.h"

enum map_phase { MAP_START, MAP_UPDATE, MAP_RESTART, MAP_PHASES };

struct map_sketch {
    char label[40]; /* "garden 1.0.0" */
    uint32_t size;  /* bytes; 0: there is none */
};

struct map {
    const struct otter_layout *layout;
    enum map_phase phase; /* the current one; earlier ones are shown as they were */
    struct map_sketch old;
    struct map_sketch new;
    bool filesystem;    /* the update is one of the filesystem */
    uint32_t announced; /* bytes of the update */
    uint32_t received;
};

enum map_kind {
    MAP_OLD_SKETCH,
    MAP_NEW_SKETCH,
    MAP_FREE,
    MAP_FILESYSTEM,
    MAP_SETTINGS, /* EEPROM, RF calibration, SDK settings */
};

struct map_area {
    const char *label;
    const char *brief; /* the label, where there is little room */
    enum map_kind kind;
    uint32_t start; /* bytes from flash 0 */
    uint32_t size;
    bool updating;     /* the update writes here, from its start: */
    uint32_t received; /* bytes so far */
    uint32_t expected; /* bytes in all */
};

#define MAP_AREAS_MAX 7

/* The areas of PHASE from low to high addresses; how many. */
unsigned map_areas(const struct map *map, enum map_phase phase, struct map_area areas[MAP_AREAS_MAX]);

/* "start", "update", "restart" */
const char *map_phase_name(enum map_phase phase);

/* Shares TOTAL units of width among COUNT areas, each followed by GAP units: roughly in proportion to their
 * size, none below its MINIMUM, and so that the filesystem begins at the same place in every phase. */
void map_share(const struct map_area *areas, const unsigned *minimum, unsigned *width, unsigned count,
               unsigned total, unsigned gap);

/* For a terminal of at least MAP_COLUMNS columns. How many lines it took. */
#define MAP_COLUMNS 80
int map_print(const struct map *map, FILE *out, bool color);

/* The same as a drawing of all three phases, readable on light and dark pages. */
void map_print_svg(const struct map *map, FILE *out);

#endif
