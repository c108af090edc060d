/* The mDNS responder: makes a device known as "<hostname>.local", with the services that the Arduino IDE,
 * arduino-cli, PlatformIO and `otter discover` look for (spec/mdns.md; RFC 6762, RFC 6763; docs/PROTOCOL.md).
 *
 *     static const char *const texts[] = {"board=ESP8266_NODEMCU_ESP12E", "version=1.2", NULL};
 *     struct otter_mdns mdns = {0};
 *     otter_mdns_begin(&mdns, &port, &(struct otter_mdns_settings){
 *         .hostname = "kitchen", .push_port = 8266, .texts = texts});
 *     for (;;)
 *         wait at most otter_mdns_step(&mdns, now) milliseconds, or until the network has something;
 *
 * The port needs multicast_open, addresses and entropy beside its UDP functions. */
#ifndef OTTER_MDNS_H
#define OTTER_MDNS_H

#include <stdbool.h>
#include <stdint.h>

#include "format/text.h"
#include "otter/port.h"

#define OTTER_MDNS_PORT      5353u
#define OTTER_MDNS_TEXTS_MAX 200u /* bytes of the application's own texts, with one more for each */
#define OTTER_MDNS_ADDRESSES 3u   /* at most so many of the device's own are announced */
#define OTTER_MDNS_PACKET    480u /* bytes; longer answers take several messages */

/* Strings are the caller's, and must live as long as the responder. Zero means default. */
struct otter_mdns_settings {
    const char *hostname; /* letters, digits and hyphens; names host and services */
    uint16_t push_port;   /* of _arduino._tcp; 0: there is no such service */
    uint16_t http_port;   /* of _http._tcp, the update page; 0: there is no such service */
    bool password;        /* the push receiver wants one */
    /* Further TXT strings of _arduino._tcp, "key=value", and NULL behind the last one; NULL: none. Tools look
     * for "board=" and a board's id as in Arduino's FQBN; `otter discover` also shows "name=" and "version=",
     * those of the firmware. */
    const char *const *texts;

    /* May be NULL. Called inside otter_mdns_step() when the device is known as HOSTNAME, which is the wanted
     * one or, if others have that, one with a number behind it ("kitchen-2"). */
    void (*announced)(void *context, const char *hostname);
    void *context;
};

/* All fields are the responder's own. */
struct otter_mdns {
    const struct otter_port *port;
    struct otter_mdns_settings settings;
    int sockets[2]; /* of the IPv4 and the IPv6 group; negative: none */
    bool begun;
    uint8_t phase;
    uint8_t conflicts;  /* in a row */
    uint16_t number;    /* behind the hostname; 0: none */
    uint32_t records;   /* that there are: a set of bits, as the next two */
    uint32_t wanted;    /* to be multicast */
    uint32_t recent;    /* multicast at sent_at, or up to a second before */
    uint32_t due;       /* when the next phase begins, */
    uint32_t answer_at; /* what is wanted is multicast, */
    uint32_t sent_at;   /* that was done last */
    struct otter_address addresses[OTTER_MDNS_ADDRESSES];
    char hostname[OTTER_HOSTNAME_MAX + 1];
    uint8_t packet[OTTER_MDNS_PACKET];
};

/* Opens the sockets; settings are copied. The first steps make sure that nobody else has the name, which
 * takes a second, and announce it. OTTER_ERROR_RUNNING if MDNS is begun already; OTTER_ERROR_ARGUMENT for a
 * hostname that is none or texts that are too long; OTTER_ERROR_TRANSPORT if neither group can be joined.
 * Zero MDNS before its first use. */
OTTER_MUST_CHECK int otter_mdns_begin(struct otter_mdns *mdns, const struct otter_port *port,
                                      const struct otter_mdns_settings *settings);

/* Does what can be done now, in bounded time: at most one datagram of each group. Returns the ms after which
 * it wants to be called again even if the network brings nothing; 0: at once. That the port has other
 * addresses is noticed within two seconds. */
uint32_t otter_mdns_step(struct otter_mdns *mdns, uint32_t now_ms);

/* Says goodbye, so that the device vanishes from lists at once, and closes the sockets. May be begun again.
 */
void otter_mdns_end(struct otter_mdns *mdns);

#endif
