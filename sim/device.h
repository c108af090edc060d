/* One virtual ESP8266: flash, RTC memory, sockets, and the firmware that otter runs on them. */
#ifndef OTTER_SIM_DEVICE_H
#define OTTER_SIM_DEVICE_H

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>

#include "otter/boot.h"
#include "otter/push.h"
#include "otter/sketch.h"
#include "otter/web.h"
#include "ports/posix/network.h"
#include "ports/sim/flash.h"
#include "ports/sim/rtc.h"
#include "sim/console.h"
#include "sim/map.h"
#include "sim/mdns.h"
#include "sim/pull.h"
#include "sim/rom.h"
#include "sim/serial.h"

/* Strings are the caller's and live as long as the device. */
struct device_settings {
    const struct otter_layout *layout;
    const char *hostname;
    const char *password; /* NULL: none */
    const char *password_hash;
    enum otter_push_era era;
    uint8_t mac[6];
    struct otter_address local; /* where it listens; port 0: any */
    bool web;                   /* serves the update page, */
    bool web_digest;            /* with Digest instead of Basic, */
    uint16_t web_port;          /* on this TCP port; 0: any */
    const char *web_user;
    const char *web_password; /* NULL: none */
    bool mdns;                /* announces itself, */
    const char *board;        /* as a board of this id */
    uint32_t window;          /* TCP receive window, bytes; 0: the system's */
    int flash_mode;           /* enum otter_flash_mode; -1: that of the image in flash */
    bool real_time;           /* flash operations take their time */
    bool any_bootloader;      /* otter/updater.h */
    bool no_confirm;          /* a firmware on trial does not confirm itself */
    bool serial;              /* takes updates from a pseudo-terminal, */
    const char *update_file;  /* or one from a file instead; NULL: none */
    const char *pull_url;     /* where it pulls from; NULL: nowhere, unless it is told to, */
    uint32_t pull_every_s;    /* at intervals; 0: at starts that follow no update, */
    bool pull_follow;         /* and follows redirections */
    /* TLS of the pull client; NULL: none */
    const struct otter_secure *secure;
    uint32_t read_timeout_ms; /* otter/updater.h, stream_timeout_ms */
    uint64_t seed;            /* of what a power cut leaves behind */
    const char *emulated; /* path of the flash file: its machine code runs on QEMU; NULL: it does not run */
};

/* Lets up to NS nanoseconds pass (0: none), and serves meanwhile whoever commands the device. */
typedef void device_idle(void *context, uint64_t ns);

enum device_state { DEVICE_OFF, DEVICE_RESET, DEVICE_RUNNING, DEVICE_FAILED };

enum device_request { DEVICE_GO_ON, DEVICE_CUT, DEVICE_SWITCH_OFF, DEVICE_SWITCH_ON, DEVICE_DO_RESET };

/* What runs, as found in flash at start. */
struct device_sketch {
    uint32_t size; /* 0: nothing */
    char md5[33];
    struct otter_firmware firmware; /* empty strings where it has no firmware record */
};

/* Read only for others. The network comes first: it is the context of otter_posix_network_port. */
struct device {
    struct otter_posix_network network;
    struct otter_sim_flash flash;
    struct otter_sim_rtc rtc;
    struct otter_port port;
    struct otter_updater updater;
    struct otter_push push;
    struct otter_web web;
    struct serial serial;
    struct mdns mdns;
    struct pull pull;
    const struct device_settings *settings;
    struct console *console;
    device_idle *idle;
    void *idle_context;
    struct map map;
    struct device_sketch sketch;
    struct otter_boot_status trial;
    enum device_state state;
    int error; /* DEVICE_FAILED: why the firmware could not start, enum otter_error */
    enum device_request request;
    enum rom_cause cause;
    jmp_buf power_lost;
    uint64_t looked;     /* ns: when it was last asked whether power stays */
    uint64_t busy_until; /* ns: when the flash operations so far are over */
    int udp;             /* handle, kept across restarts; -1: none yet */
    uint16_t udp_port;
    uint16_t web_port; /* 0: none yet */
    bool restarting;   /* the firmware asked for a restart */
    bool updated;      /* an update was put in its place since the firmware last started */
    uint32_t boots;
    uint32_t updates;     /* put in their place, and restarted into */
    uint32_t logged_step; /* of the running transfer */
    uint32_t sector[OTTER_FLASH_SECTOR / 4];
    char web_input[4096];
};

/* The flash is opened before and closed after. Power is off. */
void device_init(struct device *device, const struct device_settings *settings, struct console *console,
                 device_idle *idle, void *idle_context);

/* Asks for a power cut, a reset and so on; it takes place in the next step, or in the flash operation that is
 * going on. */
void device_ask(struct device *device, enum device_request request);

/* Power fails at the COUNTth flash operation from now, 1 being the next. */
void device_cut_at(struct device *device, uint64_t count, enum otter_sim_cut cut);

/* Serves whoever commands the device; false if they want power to fail. CONTEXT is the device. */
bool device_has_power(void *context);

/* Does what there is to do now. Returns the ms after which it wants to be called again: port.h, push.h. */
uint32_t device_step(struct device *device);

/* True if pushes need one. */
bool device_has_password(const struct device_settings *settings);

/* "off", "booting", "listening", "updating", "failed" */
const char *device_state_name(const struct device *device);

#endif
