/* DNS messages (RFC 1035, section 4) as multicast DNS uses them (RFC 6762): a reader of whole datagrams, and
 * a writer into a bounded buffer.
 *
 * Names are text here: labels with dots between them and none at the end, "kitchen.local". A backslash takes
 * the character behind it as it is, for labels that hold a dot. A name inside a message is the offset where
 * it begins. Upper and lower case are the same (RFC 6762, section 16), in ASCII. */
#ifndef OTTER_FORMAT_DNS_H
#define OTTER_FORMAT_DNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "format/error.h"

#define OTTER_DNS_HEADER_SIZE 12u  /* bytes */
#define OTTER_DNS_LABEL_MAX   63u  /* bytes (RFC 1035, section 2.3.4) */
#define OTTER_DNS_NAME_MAX    255u /* bytes of a whole name, length bytes included */

/* Flags of the header (RFC 1035, section 4.1.1). */
#define OTTER_DNS_RESPONSE      0x8000u
#define OTTER_DNS_AUTHORITATIVE 0x0400u
#define OTTER_DNS_TRUNCATED     0x0200u /* more known answers follow (RFC 6762, section 7.2) */
#define OTTER_DNS_STRANGE       0x780Fu /* operation and result: zero in multicast DNS, sections 18.3 and 18.11 */

#define OTTER_DNS_CLASS_IN  1u
#define OTTER_DNS_CLASS_ANY 255u

/* RFC 1035, section 3.2.2; RFC 3596, 2782, 4034. */
enum otter_dns_type {
    OTTER_DNS_A = 1,
    OTTER_DNS_PTR = 12,
    OTTER_DNS_TXT = 16,
    OTTER_DNS_AAAA = 28,
    OTTER_DNS_SRV = 33,
    OTTER_DNS_NSEC = 47,
    OTTER_DNS_ANY = 255, /* in questions */
};

enum otter_dns_section {
    OTTER_DNS_QUESTION,
    OTTER_DNS_ANSWER,
    OTTER_DNS_AUTHORITY,
    OTTER_DNS_ADDITIONAL,
    OTTER_DNS_SECTIONS
};

struct otter_dns_message {
    const uint8_t *bytes; /* the caller's, as long as the message is used */
    size_t size;
};

/* A resource record, or a question. Offsets are into the message. */
struct otter_dns_record {
    uint32_t section; /* enum otter_dns_section */
    uint32_t name;
    uint32_t type;
    uint32_t class_code; /* without its top bit */
    bool top; /* that bit: of a question, that it wants a unicast answer (RFC 6762, section 5.4); of a
                 record, that it replaces all others (section 10.2) */
    /* of records only */
    uint32_t ttl; /* seconds */
    uint32_t data;
    uint32_t size;   /* of the data */
    uint32_t target; /* the name in the data of PTR and SRV; 0 for other types */
};

/* --- reading --- */

struct otter_dns_reader {
    struct otter_dns_message message;
    uint32_t flags;
    uint32_t at;      /* how far it was read */
    uint32_t section; /* the next one */
    uint32_t left;    /* records of the one before */
    bool failed;
};

/* Begins with a datagram, which may be shorter than a header. */
void otter_dns_reader_init(struct otter_dns_reader *reader, const void *bytes, size_t size);

/* The next question or record, in the order of the message: 1; 0 after the last one; OTTER_ERROR_MALFORMED,
 * for ever, once something is wrong: a record cut off, a name that is too long, leaves the message, or points
 * forward or to itself, data of A, AAAA, PTR or SRV that are no such data, or bytes behind the last record.
 */
OTTER_MUST_CHECK int otter_dns_next(struct otter_dns_reader *reader, struct otter_dns_record *record);

/* Takes one label of the name at *AT, and moves *AT on: its length, 0 at the name's end, or
 * OTTER_ERROR_MALFORMED. A name that otter_dns_next() let pass ends. */
OTTER_MUST_CHECK int otter_dns_label(const struct otter_dns_message *message, uint32_t *at,
                                     const uint8_t **label);

/* True if the name at AT is NAME. */
bool otter_dns_name_is(const struct otter_dns_message *message, uint32_t at, const char *name);

/* --- writing --- */

/* `size` is the message's length so far. What does not fit is left out as a whole. */
struct otter_dns_writer {
    uint8_t *bytes; /* the caller's */
    size_t size;
    size_t capacity;
    size_t record; /* where the open question or record begins, */
    size_t data;   /* and its data; 0: it has none */
    uint32_t section;
    bool overflow; /* the open one does not fit */
};

/* A message with FLAGS and the id 0 into BYTES of CAPACITY, at least OTTER_DNS_HEADER_SIZE. KEPT is 0; or
 * BYTES holds a query, whose id, and questions up to there, stay: the message becomes its answer (RFC 6762,
 * section 6.7). */
void otter_dns_writer_init(struct otter_dns_writer *writer, uint8_t *bytes, size_t capacity, size_t kept,
                           uint32_t flags);

/* Opens a question (TTL is not used) or a record, whose data follow. CLASS_CODE includes the top bit.
 * Sections are written in their order. */
void otter_dns_open(struct otter_dns_writer *writer, enum otter_dns_section section, const char *name,
                    uint32_t type, uint32_t class_code, uint32_t ttl);
void otter_dns_write(struct otter_dns_writer *writer, const void *bytes, size_t size);
/* The low 16 bits of VALUE. */
void otter_dns_write_16(struct otter_dns_writer *writer, uint32_t value);
/* NAME, with a pointer instead of what stands in the message already. */
void otter_dns_write_name(struct otter_dns_writer *writer, const char *name);
/* False if what was opened does not fit: the message is then what it was before. */
bool otter_dns_close(struct otter_dns_writer *writer);

#endif
