/* The command line of otter-sim. */
#ifndef OTTER_SIM_OPTIONS_H
#define OTTER_SIM_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/device.h"
#include "sim/tls.h"

/* Exit codes of otter-sim. */
enum exit_code {
    EXIT_STOPPED = 0, /* stopped as asked */
    EXIT_BROKEN = 1,  /* otter broke a rule of the flash: a bug to report */
    EXIT_USAGE = 2,   /* the command line is wrong */
    EXIT_FILE = 3,    /* a file can't be read, written or does not fit */
    EXIT_NETWORK = 4, /* an address, port or socket is not to be had */
    EXIT_QEMU = 5,    /* there is no QEMU */
};

enum color_choice { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

struct options {
    struct device_settings device;
    const char *flash;
    const char *image;
    const char *filesystem;
    const char *control;
    const char *name;
    const char *map_svg;
    uint64_t exit_after; /* updates; 0: never */
    uint16_t port;
    int era;  /* enum otter_push_era; -1: not given */
    bool mac; /* was given */
    bool map;
    bool qemu;
    int color;          /* enum color_choice */
    struct tls tls;     /* what device.secure points to */
    int trusts;         /* how often it was said whom to trust */
    char hostname[64];  /* what device.hostname points to by default */
    char password[256]; /* of --password-file */
};

/* Reads the command line; what is wrong is said on stderr. -1: go on; otherwise the exit code. */
int options_read(struct options *options, int argc, char *argv[]);

#endif
