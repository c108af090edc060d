/* DNS messages: whatever is read ends, stays within the message, and is the same when written again. */
#include <stdlib.h>
#include <string.h>

#include "format/dns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The name at AT as text; its length. */
static size_t name_text(const struct otter_dns_message *message, uint32_t at, char *out)
{
    const uint8_t *label;
    size_t used = 0;
    int length;
    while ((length = otter_dns_label(message, &at, &label)) > 0) {
        if (used > 0)
            out[used++] = '.';
        for (int i = 0; i < length; i++) {
            if (label[i] == '.' || label[i] == '\\')
                out[used++] = '\\';
            out[used++] = (char)label[i];
        }
    }
    if (length != 0)
        abort();
    out[used] = '\0';
    return strlen(out) == used ? used : 0; /* text holds no NUL */
}

static bool add_question(struct otter_dns_writer *writer, const char *name)
{
    otter_dns_open(writer, OTTER_DNS_QUESTION, name, OTTER_DNS_A, OTTER_DNS_CLASS_IN, 0);
    return otter_dns_close(writer);
}

static void check_name(const struct otter_dns_message *message, uint32_t at)
{
    char text[2 * OTTER_DNS_NAME_MAX];
    uint8_t bytes[600];
    struct otter_dns_writer writer;
    if (name_text(message, at, text) == 0)
        return;
    if (!otter_dns_name_is(message, at, text))
        abort();
    otter_dns_writer_init(&writer, bytes, sizeof(bytes), 0, 0);
    for (int i = 0; i < 2; i++) /* the second one is compressed */
        if (!add_question(&writer, text))
            abort();
    const struct otter_dns_message again = {bytes, writer.size};
    if (!otter_dns_name_is(&again, OTTER_DNS_HEADER_SIZE, text))
        abort();
}

static void check_record(const struct otter_dns_message *message, const struct otter_dns_record *record)
{
    check_name(message, record->name);
    if (record->section == OTTER_DNS_QUESTION)
        return;
    if ((size_t)record->data + record->size > message->size)
        abort();
    if (record->target > 0)
        check_name(message, record->target);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct otter_dns_reader reader;
    struct otter_dns_record record;
    otter_dns_reader_init(&reader, data, size);
    while (otter_dns_next(&reader, &record) > 0)
        check_record(&reader.message, &record);
    return 0;
}
