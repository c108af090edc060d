#include "host/neighbours.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "format/bytes.h"

#define TYPE       "_arduino._tcp.local"
#define GOODBYE_MS 1000u /* RFC 6762, section 10.1 */
#define PORT       4u    /* offset in the data of SRV */

/* How likely an address is to work. */
enum { RANK_NONE, RANK_LINK_LOCAL, RANK_IPV6, RANK_IPV4, RANK_SENDER };

void otter_neighbours_free(struct otter_neighbours *neighbours)
{
    free(neighbours->list);
    free(neighbours->hosts);
    *neighbours = (struct otter_neighbours){0};
}

/* --- names ---------------------------------------------------------------------------------------- */

/* A label as text. False if it holds a NUL, which text cannot. */
static bool add_label(char *out, size_t *used, const uint8_t *label, int length, bool escape)
{
    for (int i = 0; i < length; i++) {
        if (label[i] == '\0')
            return false;
        if (escape && (label[i] == '.' || label[i] == '\\'))
            out[(*used)++] = '\\';
        out[(*used)++] = (char)label[i];
    }
    out[*used] = '\0';
    return true;
}

/* OUT fits every name. */
static bool read_name(const struct otter_dns_message *message, uint32_t at, char out[OTTER_NEIGHBOUR_NAME])
{
    const uint8_t *label;
    size_t used = 0;
    int length;
    while ((length = otter_dns_label(message, &at, &label)) > 0) {
        if (used > 0)
            out[used++] = '.';
        if (!add_label(out, &used, label, length, true))
            return false;
    }
    return length == 0 && used > 0;
}

/* --- hosts ---------------------------------------------------------------------------------------- */

static struct otter_neighbour_host *find_host(const struct otter_neighbours *neighbours, const char *name)
{
    for (size_t i = 0; i < neighbours->host_count; i++)
        if (strcasecmp(neighbours->hosts[i].name, name) == 0)
            return &neighbours->hosts[i];
    return NULL;
}

static struct otter_neighbour_host *add_host(struct otter_neighbours *neighbours, const char *name)
{
    struct otter_neighbour_host *host = find_host(neighbours, name);
    if (host != NULL || neighbours->host_count == OTTER_NEIGHBOURS_MAX || strlen(name) >= sizeof(host->name))
        return host;
    host = realloc(neighbours->hosts, (neighbours->host_count + 1) * sizeof(*host));
    if (host == NULL)
        return NULL;
    neighbours->hosts = host;
    host += neighbours->host_count++;
    *host = (struct otter_neighbour_host){0};
    snprintf(host->name, sizeof(host->name), "%s", name);
    return host;
}

bool otter_neighbours_want(struct otter_neighbours *neighbours, const char *name)
{
    struct otter_neighbour_host *host = add_host(neighbours, name);
    if (host != NULL)
        host->wanted = true;
    return host != NULL;
}

const struct sockaddr_storage *otter_neighbours_address(const struct otter_neighbours *neighbours,
                                                        const char *name)
{
    const struct otter_neighbour_host *host = find_host(neighbours, name);
    return host != NULL && host->address.ss_family != AF_UNSPEC ? &host->address : NULL;
}

static void read_address(struct sockaddr_storage *address, const struct otter_dns_message *message,
                         const struct otter_dns_record *record, unsigned interface)
{
    *address = (struct sockaddr_storage){0};
    if (record->type == OTTER_DNS_A) {
        struct sockaddr_in *v4 = (struct sockaddr_in *)address;
        v4->sin_family = AF_INET;
        memcpy(&v4->sin_addr, message->bytes + record->data, 4);
    } else {
        struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address;
        v6->sin6_family = AF_INET6;
        memcpy(&v6->sin6_addr, message->bytes + record->data, 16);
        if (IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr))
            v6->sin6_scope_id = interface;
    }
}

static int rank_of(const struct sockaddr_storage *address, const struct sockaddr_storage *from)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)address,
                             *from4 = (const struct sockaddr_in *)from;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;
    if (address->ss_family == AF_INET) /* of several, the one on our side */
        return from->ss_family == AF_INET && v4->sin_addr.s_addr == from4->sin_addr.s_addr ? RANK_SENDER
                                                                                           : RANK_IPV4;
    return IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr) ? RANK_LINK_LOCAL : RANK_IPV6;
}

/* --- devices -------------------------------------------------------------------------------------- */

static struct otter_neighbour *find_device(const struct otter_neighbours *neighbours, const char *instance)
{
    for (size_t i = 0; i < neighbours->count; i++)
        if (strcasecmp(neighbours->list[i].instance, instance) == 0)
            return &neighbours->list[i];
    return NULL;
}

static int compare_names(const struct otter_neighbour *left, const struct otter_neighbour *right)
{
    int order = strcasecmp(left->name, right->name);
    return order != 0 ? order : strcasecmp(left->instance, right->instance);
}

static struct otter_neighbour *insert(struct otter_neighbours *neighbours,
                                      const struct otter_neighbour *device)
{
    size_t at = neighbours->count;
    struct otter_neighbour *list;
    if (at == OTTER_NEIGHBOURS_MAX)
        return NULL;
    list = realloc(neighbours->list, (at + 1) * sizeof(*list));
    if (list == NULL)
        return NULL;
    for (; at > 0 && compare_names(&list[at - 1], device) > 0; at--)
        list[at] = list[at - 1];
    list[at] = *device;
    neighbours->list = list;
    neighbours->count++;
    return &list[at];
}

static void take_pointer(struct otter_neighbours *neighbours, const struct otter_dns_message *message,
                         const struct otter_dns_record *record, uint64_t now_ms)
{
    struct otter_neighbour device = {0}, *known;
    const uint8_t *label = NULL;
    uint32_t at = record->target;
    size_t used = 0;
    if (!otter_dns_name_is(message, record->name, TYPE) ||
        !read_name(message, record->target, device.instance))
        return;
    int length = otter_dns_label(message, &at, &label);
    if (length <= 0 || !add_label(device.name, &used, label, length, false))
        return;
    known = find_device(neighbours, device.instance);
    if (known == NULL && record->ttl > 0)
        known = insert(neighbours, &device);
    if (known != NULL)
        known->until = now_ms + (record->ttl > 0 ? record->ttl * UINT64_C(1000) : GOODBYE_MS);
}

static void take_service(struct otter_neighbours *neighbours, const struct otter_dns_message *message,
                         const struct otter_dns_record *record)
{
    char instance[OTTER_NEIGHBOUR_NAME], host[OTTER_NEIGHBOUR_NAME];
    struct otter_neighbour *device;
    if (record->ttl == 0 || !read_name(message, record->name, instance) ||
        !read_name(message, record->target, host) || (device = find_device(neighbours, instance)) == NULL)
        return;
    memcpy(device->host, host, sizeof(host));
    device->port = otter_be16_get(message->bytes + record->data + PORT);
    (void)add_host(neighbours, host);
}

/* "board=ESP8266_GENERIC"; the last byte of OUT stays a NUL. */
static void take_text(struct otter_neighbour *device, const char *text, size_t length)
{
    const struct {
        const char *key;
        char *value;
    } keys[] = {{"board=", device->board}, {"name=", device->firmware}, {"version=", device->version}};
    static const char auth[] = "auth_upload=";
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        size_t skip = strlen(keys[i].key);
        if (length > skip && strncasecmp(text, keys[i].key, skip) == 0)
            snprintf(keys[i].value, OTTER_NEIGHBOUR_TEXT, "%.*s", (int)(length - skip), text + skip);
    }
    if (length >= sizeof(auth) && strncasecmp(text, auth, sizeof(auth) - 1) == 0)
        device->password = text[sizeof(auth) - 1] == 'y' ? OTTER_NEIGHBOUR_PASSWORD : OTTER_NEIGHBOUR_OPEN;
}

static void take_texts(struct otter_neighbours *neighbours, const struct otter_dns_message *message,
                       const struct otter_dns_record *record)
{
    char instance[OTTER_NEIGHBOUR_NAME];
    struct otter_neighbour *device;
    if (record->ttl == 0 || !read_name(message, record->name, instance) ||
        (device = find_device(neighbours, instance)) == NULL)
        return;
    const uint8_t *data = message->bytes + record->data;
    for (size_t at = 0; at < record->size; at += 1u + data[at])
        if (data[at] < record->size - at)
            take_text(device, (const char *)data + at + 1, data[at]);
    device->told = true;
}

static void take_address(struct otter_neighbours *neighbours, const struct otter_dns_message *message,
                         const struct otter_dns_record *record, const struct sockaddr_storage *from,
                         unsigned interface, uint64_t now_ms)
{
    char name[OTTER_NEIGHBOUR_NAME];
    struct sockaddr_storage address;
    struct otter_neighbour_host *host;
    if (!read_name(message, record->name, name) || (host = find_host(neighbours, name)) == NULL)
        return;
    read_address(&address, message, record, interface);
    int rank = rank_of(&address, from);
    if (record->ttl == 0 || rank < host->rank)
        return;
    host->address = address;
    host->rank = rank;
    host->since = now_ms;
    host->until = now_ms + record->ttl * UINT64_C(1000);
}

/* --- messages ------------------------------------------------------------------------------------- */

/* Devices come before what is told of them, and that before the addresses of their hosts. */
static int turn_of(const struct otter_dns_record *record)
{
    switch (record->type) {
    case OTTER_DNS_PTR:
        return 1;
    case OTTER_DNS_SRV:
    case OTTER_DNS_TXT:
        return 2;
    case OTTER_DNS_A:
    case OTTER_DNS_AAAA:
        return 3;
    default:
        return 0;
    }
}

void otter_neighbours_take(struct otter_neighbours *neighbours, const void *bytes, size_t size,
                           const struct sockaddr_storage *from, unsigned interface, uint64_t now_ms)
{
    for (int turn = 0; turn <= 3; turn++) { /* the first one only looks whether all is well */
        struct otter_dns_reader reader;
        struct otter_dns_record record;
        int next;
        otter_dns_reader_init(&reader, bytes, size);
        if ((reader.flags & OTTER_DNS_RESPONSE) == 0 || (reader.flags & OTTER_DNS_STRANGE) != 0)
            return;
        while ((next = otter_dns_next(&reader, &record)) > 0) {
            if (turn == 0 || turn_of(&record) != turn || record.section == OTTER_DNS_QUESTION ||
                record.class_code != OTTER_DNS_CLASS_IN)
                continue;
            if (record.type == OTTER_DNS_PTR)
                take_pointer(neighbours, &reader.message, &record, now_ms);
            else if (record.type == OTTER_DNS_SRV)
                take_service(neighbours, &reader.message, &record);
            else if (record.type == OTTER_DNS_TXT)
                take_texts(neighbours, &reader.message, &record);
            else
                take_address(neighbours, &reader.message, &record, from, interface, now_ms);
        }
        if (next < 0)
            return;
    }
}

void otter_neighbours_forget(struct otter_neighbours *neighbours, uint64_t now_ms)
{
    size_t kept = 0;
    for (size_t i = 0; i < neighbours->count; i++)
        if (neighbours->list[i].until > now_ms)
            neighbours->list[kept++] = neighbours->list[i];
    neighbours->count = kept;
    for (size_t i = 0; i < neighbours->host_count; i++) {
        struct otter_neighbour_host *host = &neighbours->hosts[i];
        if (host->until > now_ms)
            continue;
        host->address = (struct sockaddr_storage){0};
        host->rank = RANK_NONE;
    }
}

/* --- asking --------------------------------------------------------------------------------------- */

static void ask_for(struct otter_dns_writer *writer, const char *name, uint32_t type)
{
    otter_dns_open(writer, OTTER_DNS_QUESTION, name, type, OTTER_DNS_CLASS_IN, 0);
    (void)otter_dns_close(writer); /* what does not fit is asked for next time */
}

static void ask_for_missing(const struct otter_neighbours *neighbours, struct otter_dns_writer *writer,
                            uint64_t now_ms)
{
    for (size_t i = 0; i < neighbours->count; i++) {
        const struct otter_neighbour *device = &neighbours->list[i];
        if (device->host[0] == '\0')
            ask_for(writer, device->instance, OTTER_DNS_SRV);
        if (!device->told)
            ask_for(writer, device->instance, OTTER_DNS_TXT);
    }
    for (size_t i = 0; i < neighbours->host_count; i++) {
        const struct otter_neighbour_host *host = &neighbours->hosts[i];
        bool fresh =
            host->address.ss_family != AF_UNSPEC && now_ms - host->since < (host->until - host->since) / 2;
        if (fresh)
            continue;
        ask_for(writer, host->name, OTTER_DNS_A);
        ask_for(writer, host->name, OTTER_DNS_AAAA);
    }
}

/* Devices that know themselves known keep silent (RFC 6762, section 7.1). */
static void add_known(const struct otter_neighbours *neighbours, struct otter_dns_writer *writer,
                      uint64_t now_ms)
{
    for (size_t i = 0; i < neighbours->count; i++) {
        const struct otter_neighbour *device = &neighbours->list[i];
        if (device->host[0] == '\0' || !device->told || device->until <= now_ms)
            continue;
        otter_dns_open(writer, OTTER_DNS_ANSWER, TYPE, OTTER_DNS_PTR, OTTER_DNS_CLASS_IN,
                       (uint32_t)((device->until - now_ms) / 1000));
        otter_dns_write_name(writer, device->instance);
        (void)otter_dns_close(writer);
    }
}

size_t otter_neighbours_ask(const struct otter_neighbours *neighbours, bool browse, uint8_t *bytes,
                            size_t size, uint64_t now_ms)
{
    struct otter_dns_writer writer;
    otter_dns_writer_init(&writer, bytes, size, 0, 0);
    if (browse)
        ask_for(&writer, TYPE, OTTER_DNS_PTR);
    ask_for_missing(neighbours, &writer, now_ms);
    if (browse)
        add_known(neighbours, &writer, now_ms);
    return writer.size > OTTER_DNS_HEADER_SIZE ? writer.size : 0;
}
