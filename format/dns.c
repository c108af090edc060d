#include "format/dns.h"

#include "format/bytes.h"

#define POINTER   0xC0u
#define TOP       0x8000u
#define RECORD    10u /* bytes of a record between its name and its data */
#define SRV_NAME  6   /* bytes before the target */
#define QUESTIONS 4u  /* offset in the header */

/* --- names ---------------------------------------------------------------------------------------- */

int otter_dns_label(const struct otter_dns_message *message, size_t *at, const uint8_t **label)
{
    for (;;) {
        if (*at >= message->size)
            return OTTER_ERROR_MALFORMED;
        const uint8_t *byte = message->bytes + *at;
        const size_t left = message->size - *at;
        if (*byte <= OTTER_DNS_LABEL_MAX) {
            if (left <= *byte)
                return OTTER_ERROR_MALFORMED;
            *label = byte + 1;
            *at += 1u + *byte;
            return *byte;
        }
        if (*byte < POINTER || left < 2)
            return OTTER_ERROR_MALFORMED;
        const size_t target = otter_be16_get(byte) & 0x3FFFu;
        if (target < OTTER_DNS_HEADER_SIZE || target >= *at)
            return OTTER_ERROR_MALFORMED;
        *at = target;
    }
}

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

/* The next character of a label of text; -1 at its end. */
static int take_character(const char **name)
{
    if (**name == '\\' && (*name)[1] != '\0')
        ++*name;
    else if (**name == '.' || **name == '\0')
        return -1;
    return (uint8_t) * (*name)++;
}

bool otter_dns_name_is(const struct otter_dns_message *message, size_t at, const char *name)
{
    const uint8_t *label = NULL;
    int length;
    while ((length = otter_dns_label(message, &at, &label)) > 0) {
        for (int i = 0; i < length; i++) {
            const int c = take_character(&name);
            if (c < 0 || lower((uint8_t)c) != lower(label[i]))
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

static int fail(struct otter_dns_reader *reader)
{
    return reader->error = OTTER_ERROR_MALFORMED;
}

int otter_dns_reader_init(struct otter_dns_reader *reader, const void *bytes, size_t size)
{
    const uint8_t *header = bytes;
    *reader = (struct otter_dns_reader){.message = {bytes, size}, .at = OTTER_DNS_HEADER_SIZE};
    if (size < OTTER_DNS_HEADER_SIZE || size > UINT16_MAX)
        return fail(reader);
    reader->id = otter_be16_get(header);
    reader->flags = otter_be16_get(header + 2);
    for (size_t i = 0; i < OTTER_DNS_SECTIONS; i++)
        reader->left[i] = otter_be16_get(header + QUESTIONS + 2 * i);
    return OTTER_OK;
}

/* Checks the name at *AT, whole, and moves *AT behind it. */
static bool pass_name(const struct otter_dns_message *message, size_t *at)
{
    const uint8_t *label, *byte = message->bytes + *at;
    size_t walk = *at, total = 1;
    int length;
    while ((length = otter_dns_label(message, &walk, &label)) > 0) {
        total += 1u + (unsigned)length;
        if (total > OTTER_DNS_NAME_MAX) /* a loop gets here, too */
            return false;
    }
    if (length < 0)
        return false;
    while (*byte != 0 && *byte < POINTER)
        byte += 1 + *byte;
    *at = (size_t)(byte - message->bytes) + (*byte != 0 ? 2 : 1);
    return true;
}

int otter_dns_name_offset(uint16_t type)
{
    if (type == OTTER_DNS_PTR)
        return 0;
    return type == OTTER_DNS_SRV ? SRV_NAME : -1;
}

static bool are_strings(const uint8_t *bytes, size_t size)
{
    size_t at = 0;
    while (at < size)
        at += 1u + bytes[at];
    return at == size;
}

/* Whether data are what their type wants. */
static bool data_fit(const struct otter_dns_message *message, const struct otter_dns_record *record)
{
    const int offset = otter_dns_name_offset(record->type);
    if (offset >= 0) {
        size_t at = (size_t)record->data + (size_t)offset;
        const size_t end = (size_t)record->data + record->size;
        return at < end && pass_name(message, &at) && at == end;
    }
    switch (record->type) {
    case OTTER_DNS_A:
        return record->size == 4;
    case OTTER_DNS_AAAA:
        return record->size == 16;
    case OTTER_DNS_TXT:
        return are_strings(message->bytes + record->data, record->size);
    default:
        return true;
    }
}

static bool take_record(struct otter_dns_reader *reader, struct otter_dns_record *record)
{
    const struct otter_dns_message *message = &reader->message;
    const size_t fixed = record->section == OTTER_DNS_QUESTION ? 4 : RECORD;
    record->name = (uint16_t)reader->at;
    if (!pass_name(message, &reader->at) || message->size - reader->at < fixed)
        return false;
    const uint8_t *byte = message->bytes + reader->at;
    record->type = otter_be16_get(byte);
    record->class_code = otter_be16_get(byte + 2) & (TOP - 1);
    record->top = (byte[2] & 0x80) != 0;
    reader->at += fixed;
    if (fixed != RECORD)
        return true;
    record->ttl = (uint32_t)otter_be16_get(byte + 4) << 16 | otter_be16_get(byte + 6);
    record->size = otter_be16_get(byte + 8);
    record->data = (uint16_t)reader->at;
    if (message->size - reader->at < record->size)
        return false;
    reader->at += record->size;
    return data_fit(message, record);
}

int otter_dns_next(struct otter_dns_reader *reader, struct otter_dns_record *record)
{
    uint8_t section = 0;
    if (reader->error != OTTER_OK)
        return reader->error;
    while (section < OTTER_DNS_SECTIONS && reader->left[section] == 0)
        section++;
    if (section == OTTER_DNS_SECTIONS)
        return reader->at == reader->message.size ? 0 : fail(reader);
    *record = (struct otter_dns_record){.section = section};
    reader->left[section]--;
    return take_record(reader, record) ? 1 : fail(reader);
}

/* --- comparing ------------------------------------------------------------------------------------ */

/* Of data that are compared, what is left. */
struct rest {
    const uint8_t *bytes;
    size_t size;
};

static int compare_next(struct rest *rest, const uint8_t *bytes, size_t size, bool is_name)
{
    for (size_t i = 0; i < size; i++) {
        if (rest->size == 0)
            return -1;
        const uint8_t own = *rest->bytes;
        const int difference = is_name ? lower(own) - lower(bytes[i]) : own - bytes[i];
        if (difference != 0)
            return difference;
        rest->bytes++;
        rest->size--;
    }
    return 0;
}

static int compare_name(struct rest *rest, const struct otter_dns_message *message, size_t at)
{
    const uint8_t *label = NULL;
    int length;
    do {
        length = otter_dns_label(message, &at, &label);
        const uint8_t count = length > 0 ? (uint8_t)length : 0;
        int difference = compare_next(rest, &count, 1, false);
        if (difference == 0)
            difference = compare_next(rest, label, count, true);
        if (difference != 0)
            return difference;
    } while (length > 0);
    return 0;
}

int otter_dns_data_compare(const struct otter_dns_message *message, const struct otter_dns_record *record,
                           const uint8_t *bytes, size_t size)
{
    struct rest rest = {bytes, size};
    const int offset = otter_dns_name_offset(record->type);
    const size_t plain = offset < 0 ? record->size : (size_t)offset;
    int difference = compare_next(&rest, message->bytes + record->data, plain, false);
    if (difference == 0 && offset >= 0)
        difference = compare_name(&rest, message, (size_t)record->data + plain);
    return difference != 0 ? difference : (int)rest.size;
}
