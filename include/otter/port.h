/* The port contract: everything that a platform supplies to otter, as one const struct.
 *
 * The struct and what CONTEXT points to are the port's, and must outlive every object that was given the
 * port. otter calls from one thread only, never from an interrupt, and never re-enters. Time is not part of
 * the contract: it is an argument of every function that needs it, in milliseconds of a monotonic clock that
 * may wrap around. docs/PORTING.md walks through an implementation. */
#ifndef OTTER_PORT_H
#define OTTER_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "format/error.h"
#include "format/layout.h"

/* What a step returns if it has no deadline: only the network can bring something. */
#define OTTER_NEVER UINT32_MAX

/* An address and port of the other party. */
struct otter_address {
    uint8_t family; /* 4 or 6; 0: none */
    uint8_t ip[16]; /* network order; the first 4 bytes for family 4, the rest zero */
    uint16_t port;  /* host order */
    uint32_t scope; /* IPv6 zone of a link-local address, as the platform numbers it; otherwise 0 */
};

/* Flash. Addresses and lengths are bytes from the start of the chip; otter passes multiples of 4 and
 * word-aligned memory. These calls may block for as long as the chip takes (W25Q32: page 0.7 ms, sector 45
 * ms, block 150 ms typical). Each returns 0, or anything else on failure. */
struct otter_flash_port {
    uint32_t size;            /* bytes of the real chip */
    uint32_t configured_size; /* bytes the running firmware was built for; 0: the same */
    uint8_t mode;             /* enum otter_flash_mode of the running firmware */
    bool download_mode;       /* the chip was started in UART download mode: updates are refused */

    int (*read)(void *context, uint32_t address, void *bytes, uint32_t length);
    /* Programs erased flash; may span pages, LENGTH is at most a sector. */
    int (*program)(void *context, uint32_t address, const void *bytes, uint32_t length);
    /* Erases OTTER_FLASH_SECTOR bytes at ADDRESS, a multiple of it. */
    int (*erase_sector)(void *context, uint32_t address);
    /* Erases OTTER_FLASH_BLOCK bytes at ADDRESS, a multiple of it. NULL: only sectors are erased. */
    int (*erase_block)(void *context, uint32_t address);
};

/* Memory that survives a restart but no power cut, at least 32 words (ESP8266: RTC user memory at
 * 0x60001200). INDEX and COUNT are in words. */
struct otter_rtc_port {
    void (*read)(void *context, uint32_t index, uint32_t *words, uint32_t count);
    void (*write)(void *context, uint32_t index, const uint32_t *words, uint32_t count);
};

/* Sockets, none of which may block. A handle is a number >= 0 of the port's choosing.
 * Failures are enum otter_error values. */
struct otter_network_port {
    /* Opens a UDP socket on local PORT, on every interface that the port serves. A handle, or
     * OTTER_ERROR_TRANSPORT. */
    int (*udp_open)(void *context, uint16_t port);
    /* The next datagram: its length, cut to SIZE, and FROM filled; 0 if there is none (empty datagrams are
     * dropped by the port). */
    int (*udp_receive)(void *context, int handle, void *bytes, size_t size, struct otter_address *from);
    /* Sends a datagram. 0 or OTTER_ERROR_TRANSPORT; a datagram may be lost without notice. */
    int (*udp_send)(void *context, int handle, const void *bytes, size_t size,
                    const struct otter_address *to);

    /* Starts a connection and returns its handle at once, or OTTER_ERROR_TRANSPORT. */
    int (*tcp_connect)(void *context, const struct otter_address *to);
    /* 1 once connected, 0 while connecting, OTTER_ERROR_TRANSPORT when it failed. */
    int (*tcp_connected)(void *context, int handle);
    /* Up to SIZE received bytes; 0 if there is none yet; OTTER_ERROR_CLOSED at the end of the stream;
     * OTTER_ERROR_TRANSPORT after a reset. */
    int (*tcp_read)(void *context, int handle, void *bytes, size_t size);
    /* Takes up to SIZE bytes for sending at once (no coalescing delay): how many were taken, 0 if there is no
     * room now, OTTER_ERROR_TRANSPORT. */
    int (*tcp_write)(void *context, int handle, const void *bytes, size_t size);
    /* 1 once everything taken was acknowledged by the peer, 0 before, OTTER_ERROR_TRANSPORT. */
    int (*tcp_flushed)(void *context, int handle);

    /* Listens on local TCP PORT. A handle, or OTTER_ERROR_TRANSPORT. Needed by the web server only. */
    int (*tcp_listen)(void *context, uint16_t port);
    /* The next connection that came in on HANDLE, and FROM filled: a handle of its own; OTTER_ERROR_NO_DATA
     * if there is none; OTTER_ERROR_TRANSPORT. */
    int (*tcp_accept)(void *context, int handle, struct otter_address *from);

    /* Opens a UDP socket on GROUP's port, shared with other programs, that belongs to multicast GROUP on
     * every interface the port serves, and sends to it with TTL 255 (RFC 6762, section 11). A handle, or
     * OTTER_ERROR_TRANSPORT. Needed by mDNS only. */
    int (*multicast_open)(void *context, const struct otter_address *group);
    /* The device's own addresses, at most COUNT of them, those of IPv4 first, without loopback unless it is
     * all that is served: how many. Needed by mDNS only. */
    int (*addresses)(void *context, struct otter_address *addresses, size_t count);
    /* Looks up host NAME, or a literal address; the port number of ADDRESS is left alone. 1 when ADDRESS is
     * filled; 0 while looking (call again with the same name); OTTER_ERROR_TRANSPORT if there is none. One
     * name at a time: another name drops the first, NULL drops it too. Needed by the pull client only. */
    int (*resolve)(void *context, const char *name, struct otter_address *address);

    /* Closes either kind. What was taken for sending still goes out. */
    void (*close)(void *context, int handle);
};

struct otter_port {
    void *context;                     /* passed to every function below */
    const struct otter_layout *layout; /* how the flash is divided */
    struct otter_flash_port flash;
    struct otter_rtc_port rtc;
    struct otter_network_port network; /* not needed by the updater alone */
    /* Fills BYTES with SIZE unpredictable bytes. 0, or anything else on failure. */
    int (*entropy)(void *context, void *bytes, size_t size);
    /* Seconds since 1970-01-01 00:00 UTC; 0: not known. NULL: never known. Certificates are judged by it. */
    uint64_t (*utc)(void *context);
    /* Restarts the device. May return (a simulator), in which case otter does nothing further. */
    void (*restart)(void *context);
};

#endif
