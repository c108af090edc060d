/* A link with mDNS responders on it, in virtual time: every multicast reaches every responder, its sender
 * too, and everything that is sent is kept for the test, which speaks for all other hosts. */
#ifndef OTTER_TEST_WIRE_H
#define OTTER_TEST_WIRE_H

#include "format/dns.h"
#include "otter/mdns.h"

#define WIRE_DEVICES  8u
#define WIRE_WAITING  32u
#define WIRE_SENT     1024u
#define WIRE_DATAGRAM 1500u

struct wire_datagram {
    struct otter_address peer; /* whom it is from; of what was sent, to */
    uint32_t at_ms;
    const struct wire_device *sender; /* NULL: the test */
    size_t size;
    uint8_t bytes[WIRE_DATAGRAM];
};

struct wire_device {
    struct wire *wire;
    struct otter_port port;
    struct otter_mdns mdns;
    struct otter_mdns_settings settings;
    struct otter_address own[OTTER_MDNS_ADDRESSES];
    int own_count;
    uint32_t next_ms; /* when it wants its next step */
    bool ipv4, ipv6;  /* the group can be joined */
    bool open[2];
    unsigned waiting_count;
    struct wire_datagram waiting[WIRE_WAITING];
    char announced[OTTER_HOSTNAME_MAX + 1]; /* empty: not yet */
    unsigned announcements;
};

struct wire {
    uint32_t now_ms;
    uint64_t seed; /* of the devices' entropy */
    unsigned device_count;
    struct wire_device devices[WIRE_DEVICES];
    unsigned sent_count;
    struct wire_datagram sent[WIRE_SENT];
};

/* On the heap, empty; the clock is close to its wrap-around. */
struct wire *wire_new(uint64_t seed);
void wire_free(struct wire *wire);

/* A device with 10.0.0.LAST, push on 8266 and no further service; wire_begin() starts it. */
struct wire_device *wire_add(struct wire *wire, const char *hostname, uint8_t last);
void wire_begin(struct wire_device *device);

/* Lets MS pass. */
void wire_run(struct wire *wire, uint32_t ms);
/* Forgets what was sent. */
void wire_clear(struct wire *wire);

/* A datagram for all devices from 10.0.0.LAST. */
void wire_say(struct wire *wire, uint8_t last, uint16_t port, const void *bytes, size_t size);

/* A message that was sent since wire_clear() and holds such a record, which is filled in, from the FROMth on:
 * its index in `sent`, or -1. TYPE 0: any. */
int wire_find(const struct wire *wire, unsigned from, enum otter_dns_section section, const char *name,
              uint32_t type, struct otter_dns_record *record);
/* True if there is such a one. */
bool wire_has(const struct wire *wire, enum otter_dns_section section, const char *name, uint32_t type);

#endif
