#include "device/mdns_records.h"

#include <string.h>

#include "format/bytes.h"

#define HOST_TTL  120u /* seconds, of records that hold a host's name or address */
#define OTHER_TTL 4500u
#define TOP       0x8000u /* of the class: replaces all others */
#define IP_SIZE   16u
#define NAME_SIZE (OTTER_HOSTNAME_MAX + sizeof("._arduino._tcp.local"))

/* --- names ---------------------------------------------------------------------------------------- */

enum name { HOST, PUSH, HTTP, SERVICES, PUSH_TYPE, HTTP_TYPE, NAMES };

/* The first ones follow the hostname. */
static const char *const names[NAMES] = {
    [HOST] = ".local",
    [PUSH] = "._arduino._tcp.local",
    [HTTP] = "._http._tcp.local",
    [SERVICES] = "_services._dns-sd._udp.local",
    [PUSH_TYPE] = "_arduino._tcp.local",
    [HTTP_TYPE] = "_http._tcp.local",
};

static const char *name_text(const struct otter_mdns *mdns, uint32_t name, char out[NAME_SIZE])
{
    struct otter_text text;
    if (name >= SERVICES)
        return names[name];
    otter_text_init(&text, out, NAME_SIZE);
    otter_text_add(&text, mdns->hostname);
    otter_text_add(&text, names[name]);
    return out;
}

/* --- records -------------------------------------------------------------------------------------- */

static const struct {
    uint8_t type; /* A stands for AAAA, too */
    uint8_t name;
    uint8_t target; /* the name in its data */
} table[MDNS_RECORDS] = {
    {OTTER_DNS_A, HOST, 0},
    {OTTER_DNS_A, HOST, 0},
    {OTTER_DNS_A, HOST, 0},
    {OTTER_DNS_NSEC, HOST, HOST},
    {OTTER_DNS_PTR, SERVICES, PUSH_TYPE},
    {OTTER_DNS_PTR, PUSH_TYPE, PUSH},
    {OTTER_DNS_TXT, PUSH, 0},
    {OTTER_DNS_SRV, PUSH, HOST},
    {OTTER_DNS_PTR, SERVICES, HTTP_TYPE},
    {OTTER_DNS_PTR, HTTP_TYPE, HTTP},
    {OTTER_DNS_TXT, HTTP, 0},
    {OTTER_DNS_SRV, HTTP, HOST},
};

static uint32_t type_of(const struct otter_mdns *mdns, uint32_t record)
{
    if (record < OTTER_MDNS_ADDRESSES && mdns->addresses[record].family == 6)
        return OTTER_DNS_AAAA;
    return table[record].type;
}

static uint32_t port_of(const struct otter_mdns *mdns, uint32_t record)
{
    return MDNS_PUSH >> record & 1 ? mdns->settings.push_port : mdns->settings.http_port;
}

uint32_t otter_mdns_ttl(uint32_t type)
{
    return type == OTTER_DNS_PTR || type == OTTER_DNS_TXT ? OTHER_TTL : HOST_TTL;
}

uint32_t otter_mdns_named(const struct otter_mdns *mdns, const struct otter_dns_message *message, uint32_t at)
{
    char text[NAME_SIZE];
    uint32_t name = 0, found = 0;
    while (name < NAMES && !otter_dns_name_is(message, at, name_text(mdns, name, text)))
        name++;
    for (uint32_t i = 0; i < MDNS_RECORDS; i++)
        if (table[i].name == name)
            found |= 1u << i;
    return found & mdns->records;
}

uint32_t otter_mdns_typed(const struct otter_mdns *mdns, uint32_t records, uint32_t type)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < MDNS_RECORDS; i++)
        if (type == OTTER_DNS_ANY || type == type_of(mdns, i))
            found |= 1u << i;
    return found & records;
}

int otter_mdns_compare(const struct otter_mdns *mdns, uint32_t records,
                       const struct otter_dns_message *message, const struct otter_dns_record *other)
{
    char text[NAME_SIZE];
    uint8_t srv[6] = {0};
    uint32_t own = 0;
    while ((records >> own & 1) == 0)
        own++;
    const uint8_t *data = message->bytes + other->data;
    int difference = (int)type_of(mdns, own) - (int)other->type;
    if (difference == 0 && own < OTTER_MDNS_ADDRESSES)
        return memcmp(mdns->addresses[own].ip, data, other->size);
    if (difference == 0 && other->type == OTTER_DNS_SRV) {
        otter_be16_put(srv + 4, (uint16_t)port_of(mdns, own));
        difference = memcmp(srv, data, sizeof(srv));
    }
    if (difference == 0 && other->target > 0)
        difference = !otter_dns_name_is(message, other->target, name_text(mdns, table[own].target, text));
    return difference;
}

uint32_t otter_mdns_same(const struct otter_mdns *mdns, uint32_t records,
                         const struct otter_dns_message *message, const struct otter_dns_record *other)
{
    while (records != 0 && otter_mdns_compare(mdns, records, message, other) != 0)
        records &= records - 1;
    return records & (0 - records);
}

/* --- sending -------------------------------------------------------------------------------------- */

static void write_text(struct otter_dns_writer *writer, const char *text)
{
    const uint8_t length = (uint8_t)strlen(text);
    otter_dns_write(writer, &length, 1);
    otter_dns_write(writer, text, length);
}

static void write_texts(const struct otter_mdns *mdns, struct otter_dns_writer *writer, uint32_t record)
{
    const char *const *more = mdns->settings.texts;
    if (MDNS_HTTP >> record & 1) {
        write_text(writer, "path=/update");
        return;
    }
    write_text(writer, "tcp_check=no");
    write_text(writer, "ssh_upload=no");
    write_text(writer, mdns->settings.password ? "auth_upload=yes" : "auth_upload=no");
    for (; more != NULL && *more != NULL; more++)
        write_text(writer, *more);
}

static void write_data(const struct otter_mdns *mdns, struct otter_dns_writer *writer, uint32_t record)
{
    char text[NAME_SIZE];
    const uint32_t type = type_of(mdns, record);
    if (record < OTTER_MDNS_ADDRESSES) {
        otter_dns_write(writer, mdns->addresses[record].ip, type == OTTER_DNS_A ? 4 : IP_SIZE);
        return;
    }
    if (type == OTTER_DNS_TXT) {
        write_texts(mdns, writer, record);
        return;
    }
    if (type == OTTER_DNS_SRV) {
        otter_dns_write(writer, "\0\0\0", 4); /* priority and weight */
        otter_dns_write_16(writer, port_of(mdns, record));
    }
    otter_dns_write_name(writer, name_text(mdns, table[record].target, text));
    if (type == OTTER_DNS_NSEC)
        otter_dns_write(writer, "\0\1\x40", 3); /* type A and no other (RFC 4034, section 4.1.2) */
}

const struct otter_address otter_mdns_groups[2] = {
    {.family = 4, .ip = {224, 0, 0, 251}, .port = OTTER_MDNS_PORT},
    {.family = 6, .ip = {0xFF, 0x02, [15] = 0xFB}, .port = OTTER_MDNS_PORT},
};

/* A letter being written. */
struct page {
    struct otter_dns_writer writer;
    struct otter_mdns *mdns;
    const struct mdns_letter *letter;
};

static void begin_page(struct page *page)
{
    otter_dns_writer_init(
        &page->writer, page->mdns->packet, OTTER_MDNS_PACKET, page->letter->kept,
        page->letter->section == OTTER_DNS_ANSWER ? OTTER_DNS_RESPONSE | OTTER_DNS_AUTHORITATIVE : 0);
}

static void end_page(struct page *page)
{
    const struct otter_mdns *mdns = page->mdns;
    const struct otter_port *port = mdns->port;
    for (uint32_t i = 0; i < 2; i++) {
        const struct otter_address *to = page->letter->to;
        if (mdns->sockets[i] < 0 || (to != NULL && i != page->letter->group))
            continue;
        (void)port->network.udp_send(port->context, mdns->sockets[i], mdns->packet, page->writer.size,
                                     to != NULL ? to : &otter_mdns_groups[i]);
    }
}

/* In the section of questions, the question for its name. */
static bool write_record(struct page *page, uint32_t section, uint32_t record)
{
    char text[NAME_SIZE];
    struct otter_mdns *mdns = page->mdns;
    const struct mdns_letter *letter = page->letter;
    const bool replaces =
        letter->section == OTTER_DNS_ANSWER && letter->kept == 0 && !(MDNS_SHARED >> record & 1);
    uint32_t type = type_of(mdns, record), ttl = otter_mdns_ttl(type);
    if (section == OTTER_DNS_QUESTION)
        type = OTTER_DNS_ANY;
    if (ttl > letter->ttl_max)
        ttl = letter->ttl_max;
    otter_dns_open(&page->writer, (enum otter_dns_section)section, name_text(mdns, table[record].name, text),
                   type, OTTER_DNS_CLASS_IN | (replaces ? TOP : 0), ttl);
    if (section != OTTER_DNS_QUESTION)
        write_data(mdns, &page->writer, record);
    return otter_dns_close(&page->writer);
}

static void write_records(struct page *page, uint32_t section, uint32_t records)
{
    for (uint32_t i = 0; i < MDNS_RECORDS; i++) {
        if ((records >> i & 1) == 0 || write_record(page, section, i))
            continue;
        end_page(page);
        begin_page(page);
        (void)write_record(page, section, i);
    }
}

void otter_mdns_send(struct otter_mdns *mdns, const struct mdns_letter *letter, uint32_t records)
{
    struct page page = {.mdns = mdns, .letter = letter};
    uint32_t more = records | (records & MDNS_INSTANCES) << 1 | (records & MDNS_INSTANCES) << 2;
    if ((more & MDNS_PROBED) != 0)
        more |= MDNS_ADDRESSES | MDNS_NSEC;
    begin_page(&page);
    if (letter->section == OTTER_DNS_ANSWER) {
        write_records(&page, OTTER_DNS_ANSWER, records);
        write_records(&page, OTTER_DNS_ADDITIONAL, more & ~records & mdns->records);
    } else {
        write_records(&page, OTTER_DNS_QUESTION, records & (MDNS_SRV | 1)); /* one of each name */
        write_records(&page, letter->section, records);
    }
    end_page(&page);
}
