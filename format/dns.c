#include "format/dns.h"

#include "format/bytes.h"
#include "format/text.h"

#define POINTER    0xC0u
#define TOP        0x8000u /* of a class */
#define FLAGS      2u      /* offsets in the header */
#define COUNTS     4u
#define QUESTION   4u  /* bytes of a question behind its name */
#define RECORD     10u /* bytes of a record between its name and its data */
#define SRV_TARGET 6u  /* offset in the data */

/* --- names ---------------------------------------------------------------------------------------- */

int otter_dns_label(const struct otter_dns_message *message, uint32_t *at, const uint8_t **label)
{
    for (uint32_t from = *at; from + 1 <= message->size;) {
        const uint8_t *byte = message->bytes + from;
        const uint32_t length = *byte, left = (uint32_t)message->size - from;
        if (length <= OTTER_DNS_LABEL_MAX && length < left) {
            *label = byte + 1;
            *at = from + 1 + length;
            return (int)length;
        }
        if (length < POINTER || left < 2)
            break;
        const uint32_t target = otter_be16_get(byte) & 0x3FFFu;
        if (target < OTTER_DNS_HEADER_SIZE || target >= from)
            break;
        from = target;
    }
    return OTTER_ERROR_MALFORMED;
}

bool otter_dns_name_is(const struct otter_dns_message *message, uint32_t at, const char *name)
{
    const uint8_t *label;
    int length;
    while ((length = otter_dns_label(message, &at, &label)) > 0) {
        for (; length > 0; length--, name++, label++) {
            if (*name == '.' || *name == '\0')
                return false;
            if (*name == '\\' && name[1] != '\0')
                name++;
            if (otter_text_lower(*name) != otter_text_lower((char)*label))
                return false;
        }
        if (*name == '.')
            name++;
        else if (*name != '\0')
            return false;
    }
    return length == 0 && *name == '\0';
}

/* --- reading -------------------------------------------------------------------------------------- */

void otter_dns_reader_init(struct otter_dns_reader *reader, const void *bytes, size_t size)
{
    reader->message.bytes = bytes;
    reader->message.size = size;
    reader->at = OTTER_DNS_HEADER_SIZE;
    reader->section = 0;
    reader->left = 0;
    reader->failed = size < OTTER_DNS_HEADER_SIZE;
    reader->flags = reader->failed ? 0 : otter_be16_get(reader->message.bytes + FLAGS);
}

/* Checks the name at *AT, whole, and moves *AT behind it. */
static bool pass_name(const struct otter_dns_message *message, uint32_t *at)
{
    const uint8_t *label;
    uint32_t walk = *at, total = 0, end = 0;
    int length;
    do {
        const uint32_t before = walk;
        length = otter_dns_label(message, &walk, &label);
        total += 1u + (uint32_t)length;
        if (length < 0 || total > OTTER_DNS_NAME_MAX) /* a loop gets here, too */
            return false;
        if (end == 0 && walk != before + 1 + (uint32_t)length) /* by a pointer */
            end = before + 2;
    } while (length > 0);
    *at = end > 0 ? end : walk;
    return true;
}

/* Whether data are what their type wants. */
static bool data_fit(const struct otter_dns_message *message, struct otter_dns_record *record)
{
    uint32_t at = record->data;
    const uint32_t end = at + record->size;
    switch (record->type) {
    case OTTER_DNS_A:
        return record->size == 4;
    case OTTER_DNS_AAAA:
        return record->size == 16;
    case OTTER_DNS_SRV:
        at += SRV_TARGET;
        break;
    case OTTER_DNS_PTR:
        break;
    default:
        return true;
    }
    record->target = at;
    return at < end && pass_name(message, &at) && at == end;
}

static bool take_record(struct otter_dns_reader *reader, struct otter_dns_record *record)
{
    const struct otter_dns_message *message = &reader->message;
    record->name = reader->at;
    record->target = 0;
    if (!pass_name(message, &reader->at))
        return false;
    const uint8_t *byte = message->bytes + reader->at;
    const uint32_t left = (uint32_t)message->size - reader->at;
    const uint32_t fixed = record->section == OTTER_DNS_QUESTION ? QUESTION : RECORD;
    if (left < fixed)
        return false;
    reader->at += fixed;
    record->type = otter_be16_get(byte);
    record->class_code = otter_be16_get(byte + 2) & (TOP - 1);
    record->top = byte[2] >= TOP >> 8;
    if (fixed == QUESTION)
        return true;
    record->ttl = (uint32_t)otter_be16_get(byte + 4) << 16 | otter_be16_get(byte + 6);
    record->size = otter_be16_get(byte + 8);
    record->data = reader->at;
    reader->at += record->size;
    return left - fixed >= record->size && data_fit(message, record);
}

int otter_dns_next(struct otter_dns_reader *reader, struct otter_dns_record *record)
{
    const struct otter_dns_message *message = &reader->message;
    if (reader->failed)
        return OTTER_ERROR_MALFORMED;
    while (reader->left == 0 && reader->section < OTTER_DNS_SECTIONS)
        reader->left = otter_be16_get(message->bytes + COUNTS + 2u * reader->section++);
    if (reader->left == 0 && reader->at == message->size)
        return 0;
    record->section = reader->section - 1;
    if (reader->left-- > 0 && take_record(reader, record))
        return 1;
    reader->failed = true;
    return OTTER_ERROR_MALFORMED;
}
