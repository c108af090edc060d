#include <string.h>

#include "format/bytes.h"
#include "format/dns.h"

#define POINTER     0xC000u
#define POINTER_END 0x4000u /* offsets from here on cannot be pointed to */
#define FLAGS       2u      /* offsets in the header */
#define COUNTS      4u

void otter_dns_writer_init(struct otter_dns_writer *writer, uint8_t *bytes, size_t capacity, size_t kept,
                           uint32_t flags)
{
    writer->bytes = bytes;
    writer->capacity = capacity;
    writer->size = kept;
    if (kept == 0) {
        writer->size = OTTER_DNS_HEADER_SIZE;
        memset(bytes, 0, COUNTS + 2);
    }
    memset(bytes + COUNTS + 2, 0, OTTER_DNS_HEADER_SIZE - COUNTS - 2);
    otter_be16_put(bytes + FLAGS, (uint16_t)flags);
}

void otter_dns_write(struct otter_dns_writer *writer, const void *bytes, size_t size)
{
    if (writer->capacity - writer->size < size)
        writer->overflow = true;
    if (writer->overflow)
        return;
    memcpy(writer->bytes + writer->size, bytes, size);
    writer->size += size;
}

void otter_dns_write_16(struct otter_dns_writer *writer, uint32_t value)
{
    uint8_t bytes[2];
    otter_be16_put(bytes, (uint16_t)value);
    otter_dns_write(writer, bytes, sizeof(bytes));
}

/* Where NAME stands in the message; 0: nowhere. */
static uint32_t find_name(const struct otter_dns_writer *writer, const char *name)
{
    const struct otter_dns_message message = {writer->bytes, writer->size};
    const size_t length = strcspn(name, ".");
    for (uint32_t at = OTTER_DNS_HEADER_SIZE; at < writer->size && at < POINTER_END; at++)
        if (writer->bytes[at] == length && otter_dns_name_is(&message, at, name))
            return at;
    return 0;
}

void otter_dns_write_name(struct otter_dns_writer *writer, const char *name)
{
    while (*name != '\0' && !writer->overflow) {
        const uint32_t found = find_name(writer, name);
        if (found > 0) {
            otter_dns_write_16(writer, POINTER | found);
            return;
        }
        const size_t start = writer->size;
        otter_dns_write(writer, "", 1);
        for (; *name != '.' && *name != '\0'; name++) {
            if (*name == '\\' && name[1] != '\0')
                name++;
            otter_dns_write(writer, name, 1);
        }
        const size_t length = writer->size - start - 1;
        if (length == 0 || length > OTTER_DNS_LABEL_MAX)
            writer->overflow = true;
        else
            writer->bytes[start] = (uint8_t)length;
        name += *name == '.';
    }
    otter_dns_write(writer, "", 1);
}

void otter_dns_open(struct otter_dns_writer *writer, enum otter_dns_section section, const char *name,
                    uint32_t type, uint32_t class_code, uint32_t ttl)
{
    writer->record = writer->size;
    writer->section = section;
    writer->overflow = false;
    writer->data = 0;
    otter_dns_write_name(writer, name);
    otter_dns_write_16(writer, type);
    otter_dns_write_16(writer, class_code);
    if (section == OTTER_DNS_QUESTION)
        return;
    otter_dns_write_16(writer, ttl >> 16);
    otter_dns_write_16(writer, ttl);
    otter_dns_write_16(writer, 0); /* the length comes with the end */
    writer->data = writer->size;
}

bool otter_dns_close(struct otter_dns_writer *writer)
{
    uint8_t *count = writer->bytes + COUNTS + 2u * writer->section;
    if (writer->overflow) {
        writer->size = writer->record;
        return false;
    }
    if (writer->data > 0)
        otter_be16_put(writer->bytes + writer->data - 2, (uint16_t)(writer->size - writer->data));
    otter_be16_put(count, (uint16_t)(otter_be16_get(count) + 1));
    return true;
}
