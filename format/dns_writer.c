#include <string.h>

#include "format/bytes.h"
#include "format/dns.h"

#define POINTER     0xC000u
#define POINTER_END 0x4000u /* offsets from here on cannot be pointed to */
#define FLAGS       2u      /* offsets in the header */
#define COUNTS      4u

static void put_16(struct otter_dns_writer *writer, size_t at, uint16_t value)
{
    otter_be16_put(writer->bytes + at, value);
}

void otter_dns_writer_init(struct otter_dns_writer *writer, void *bytes, size_t capacity, uint16_t id,
                           uint16_t flags)
{
    *writer = (struct otter_dns_writer){.bytes = bytes, .size = OTTER_DNS_HEADER_SIZE, .capacity = capacity};
    memset(bytes, 0, OTTER_DNS_HEADER_SIZE);
    put_16(writer, 0, id);
    put_16(writer, FLAGS, flags);
}

void otter_dns_writer_answer(struct otter_dns_writer *writer, void *bytes, size_t size, size_t capacity)
{
    *writer = (struct otter_dns_writer){.bytes = bytes, .size = size, .capacity = capacity};
    put_16(writer, FLAGS, OTTER_DNS_RESPONSE | OTTER_DNS_AUTHORITATIVE);
    memset(writer->bytes + COUNTS + 2, 0, OTTER_DNS_HEADER_SIZE - COUNTS - 2);
}

void otter_dns_write_bytes(struct otter_dns_writer *writer, const void *bytes, size_t size)
{
    if (writer->overflow || writer->capacity - writer->size < size) {
        writer->overflow = true;
        return;
    }
    memcpy(writer->bytes + writer->size, bytes, size);
    writer->size += size;
}

void otter_dns_write_16(struct otter_dns_writer *writer, uint16_t value)
{
    uint8_t bytes[2];
    otter_be16_put(bytes, value);
    otter_dns_write_bytes(writer, bytes, sizeof(bytes));
}

/* Where NAME stands in the message; 0: nowhere. */
static size_t find_name(const struct otter_dns_writer *writer, const char *name)
{
    const struct otter_dns_message message = {writer->bytes, writer->size};
    const size_t end = writer->size < POINTER_END ? writer->size : POINTER_END;
    const size_t length = strcspn(name, ".");
    for (size_t at = OTTER_DNS_HEADER_SIZE; at < end; at++)
        if (writer->bytes[at] == length && otter_dns_name_is(&message, at, name))
            return at;
    return 0;
}

/* Writes NAME's first label; what follows it. */
static const char *write_label(struct otter_dns_writer *writer, const char *name)
{
    const size_t start = writer->size;
    otter_dns_write_bytes(writer, "", 1);
    for (; *name != '.' && *name != '\0'; name++) {
        if (*name == '\\' && name[1] != '\0')
            name++;
        otter_dns_write_bytes(writer, name, 1);
    }
    const size_t length = writer->size - start - 1;
    if (length == 0 || length > OTTER_DNS_LABEL_MAX)
        writer->overflow = true;
    if (!writer->overflow)
        writer->bytes[start] = (uint8_t)length;
    return *name == '.' ? name + 1 : name;
}

void otter_dns_write_name(struct otter_dns_writer *writer, const char *name)
{
    while (*name != '\0' && !writer->overflow) {
        const size_t found = find_name(writer, name);
        if (found > 0) {
            otter_dns_write_16(writer, (uint16_t)(POINTER | found));
            return;
        }
        name = write_label(writer, name);
    }
    otter_dns_write_bytes(writer, "", 1);
}

/* What questions and records have in common. */
static void open_entry(struct otter_dns_writer *writer, const char *name, uint16_t type, uint16_t class_code)
{
    writer->record = writer->size;
    writer->overflow = false;
    otter_dns_write_name(writer, name);
    otter_dns_write_16(writer, type);
    otter_dns_write_16(writer, class_code);
}

static bool close_entry(struct otter_dns_writer *writer, enum otter_dns_section section)
{
    const size_t count = COUNTS + 2 * (size_t)section;
    if (writer->overflow) {
        writer->size = writer->record;
        return false;
    }
    put_16(writer, count, (uint16_t)(otter_be16_get(writer->bytes + count) + 1));
    return true;
}

bool otter_dns_write_question(struct otter_dns_writer *writer, const char *name, uint16_t type,
                              uint16_t class_code)
{
    open_entry(writer, name, type, class_code);
    return close_entry(writer, OTTER_DNS_QUESTION);
}

void otter_dns_record_open(struct otter_dns_writer *writer, const char *name, uint16_t type,
                           uint16_t class_code, uint32_t ttl)
{
    open_entry(writer, name, type, class_code);
    otter_dns_write_16(writer, (uint16_t)(ttl >> 16));
    otter_dns_write_16(writer, (uint16_t)ttl);
    otter_dns_write_16(writer, 0); /* the length comes with the end */
    writer->data = writer->size;
}

bool otter_dns_record_close(struct otter_dns_writer *writer, enum otter_dns_section section)
{
    if (!writer->overflow)
        put_16(writer, writer->data - 2, (uint16_t)(writer->size - writer->data));
    return close_entry(writer, section);
}
