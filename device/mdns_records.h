/* The names and records of the mDNS responder, and how they are sent. */
#ifndef OTTER_DEVICE_MDNS_RECORDS_H
#define OTTER_DEVICE_MDNS_RECORDS_H

#include "format/dns.h"
#include "otter/mdns.h"

/* The records that a device may have are numbered; a set of them has a bit for each. Those of one name stand
 * in the order of their types. */
#define MDNS_RECORDS   12u
#define MDNS_ADDRESSES 0x007u
#define MDNS_NSEC      0x008u /* that the host has no IPv6 address */
#define MDNS_PUSH      0x0F0u /* four for each service: */
#define MDNS_HTTP      0xF00u
#define MDNS_KINDS     0x110u /* that there is such a service: other devices have the same record */
#define MDNS_INSTANCES 0x220u /* what this one is called */
#define MDNS_SRV       0x880u
#define MDNS_SHARED    (MDNS_KINDS | MDNS_INSTANCES) /* the others are the device's alone */
#define MDNS_PROBED    (MDNS_ADDRESSES | MDNS_SRV)

/* The records whose name is the one at AT. */
uint32_t otter_mdns_named(const struct otter_mdns *mdns, const struct otter_dns_message *message,
                          uint32_t at);

/* Those of RECORDS that have TYPE, which may be OTTER_DNS_ANY. */
uint32_t otter_mdns_typed(const struct otter_mdns *mdns, uint32_t records, uint32_t type);

/* The first of RECORDS that is the same as OTHER, which has their name. */
uint32_t otter_mdns_same(const struct otter_mdns *mdns, uint32_t records,
                         const struct otter_dns_message *message, const struct otter_dns_record *other);

/* Compares the first of RECORDS with OTHER, which has its name, by type and data (RFC 6762, section 8.2):
 * less than 0, 0, or more. Data of TXT and NSEC count as equal: what tells two devices apart comes along with
 * them. */
int otter_mdns_compare(const struct otter_mdns *mdns, uint32_t records,
                       const struct otter_dns_message *message, const struct otter_dns_record *other);

/* Seconds that records of TYPE may be remembered (RFC 6762, section 10). */
uint32_t otter_mdns_ttl(uint32_t type);

/* Of IPv4 and IPv6 (RFC 6762, section 3). */
extern const struct otter_address otter_mdns_groups[2];

/* How records are sent. */
struct mdns_letter {
    enum otter_dns_section section; /* ANSWER, or AUTHORITY to ask for the names that nobody else may have */
    const struct otter_address *to; /* NULL: everybody */
    uint32_t group;                 /* index of the socket for TO */
    uint32_t kept;                  /* bytes of a legacy query in the packet that stay; 0: none */
    uint32_t ttl_max;               /* seconds */
};

/* Sends RECORDS, and with answers what is going to be asked for next (RFC 6763, section 12), in as many
 * messages as that takes. */
void otter_mdns_send(struct otter_mdns *mdns, const struct mdns_letter *letter, uint32_t records);

#endif
