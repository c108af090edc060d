#include "tests/support/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/require.h"
#include "tests/support/seed.h"

/* --- port ----------------------------------------------------------------------------------------- */

static int multicast_open(void *context, const struct otter_address *group)
{
    struct wire_device *device = context;
    const int index = group->family == 6;
    REQUIRE(group->port == OTTER_MDNS_PORT && !device->open[index], "opens what is no group, or twice");
    if (!(index ? device->ipv6 : device->ipv4))
        return OTTER_ERROR_TRANSPORT;
    device->open[index] = true;
    return index;
}

static void close_handle(void *context, int handle)
{
    struct wire_device *device = context;
    REQUIRE(device->open[handle], "closes what is not open");
    device->open[handle] = false;
}

static int addresses(void *context, struct otter_address *out, size_t count)
{
    const struct wire_device *device = context;
    REQUIRE((size_t)device->own_count <= count, "asks for %zu addresses", count);
    memcpy(out, device->own, (size_t)device->own_count * sizeof(*out));
    return device->own_count;
}

static bool is_group(const struct otter_address *address)
{
    return address->ip[0] == 224 || address->ip[0] == 0xFF;
}

static void enqueue(struct wire_device *device, const struct otter_address *from, const void *bytes,
                    size_t size)
{
    if (!device->mdns.begun || device->waiting_count == WIRE_WAITING)
        return;
    struct wire_datagram *datagram = &device->waiting[device->waiting_count++];
    datagram->peer = *from;
    datagram->size = size;
    memcpy(datagram->bytes, bytes, size);
    device->next_ms = device->wire->now_ms;
}

static void spread(struct wire *wire, const struct otter_address *from, const void *bytes, size_t size)
{
    for (unsigned i = 0; i < wire->device_count; i++)
        enqueue(&wire->devices[i], from, bytes, size);
}

static int udp_send(void *context, int handle, const void *bytes, size_t size, const struct otter_address *to)
{
    struct wire_device *device = context;
    struct wire *wire = device->wire;
    struct otter_address from = device->own[0];
    REQUIRE(device->open[handle], "sends through what is not open");
    REQUIRE(wire->sent_count < WIRE_SENT, "talks too much");
    struct wire_datagram *datagram = &wire->sent[wire->sent_count++];
    *datagram = (struct wire_datagram){.peer = *to, .at_ms = wire->now_ms, .sender = device, .size = size};
    memcpy(datagram->bytes, bytes, size);
    from.port = OTTER_MDNS_PORT;
    if (is_group(to))
        spread(wire, &from, bytes, size);
    return OTTER_OK;
}

/* What waits came by IPv4. */
static int udp_receive(void *context, int handle, void *bytes, size_t size, struct otter_address *from)
{
    struct wire_device *device = context;
    REQUIRE(device->open[handle], "receives through what is not open");
    if (handle != (device->open[0] ? 0 : 1) || device->waiting_count == 0)
        return 0;
    const struct wire_datagram *datagram = &device->waiting[0];
    const size_t count = datagram->size < size ? datagram->size : size;
    memcpy(bytes, datagram->bytes, count);
    *from = datagram->peer;
    device->waiting_count--;
    memmove(device->waiting, device->waiting + 1, device->waiting_count * sizeof(*datagram));
    return (int)count;
}

static int entropy(void *context, void *bytes, size_t size)
{
    const struct wire_device *device = context;
    seed_fill(&device->wire->seed, bytes, size);
    return 0;
}

/* --- the test's side ------------------------------------------------------------------------------ */

static void announced(void *context, const char *hostname)
{
    struct wire_device *device = context;
    snprintf(device->announced, sizeof(device->announced), "%s", hostname);
    device->announcements++;
}

struct wire *wire_new(uint64_t seed)
{
    struct wire *wire = calloc(1, sizeof(*wire));
    REQUIRE(wire != NULL, "no memory");
    wire->seed = seed;
    wire->now_ms = UINT32_MAX - 1000;
    return wire;
}

void wire_free(struct wire *wire)
{
    for (unsigned i = 0; i < wire->device_count; i++) {
        otter_mdns_end(&wire->devices[i].mdns);
        REQUIRE(!wire->devices[i].open[0] && !wire->devices[i].open[1], "a socket stays open");
    }
    free(wire);
}

struct wire_device *wire_add(struct wire *wire, const char *hostname, uint8_t last)
{
    REQUIRE(wire->device_count < WIRE_DEVICES, "too many devices");
    struct wire_device *device = &wire->devices[wire->device_count++];
    device->wire = wire;
    device->ipv4 = true;
    device->own[0] = (struct otter_address){.family = 4, .ip = {10, 0, 0, last}};
    device->own_count = 1;
    device->settings = (struct otter_mdns_settings){
        .hostname = hostname, .push_port = 8266, .announced = announced, .context = device};
    device->port = (struct otter_port){
        .context = device,
        .network = {.udp_receive = udp_receive,
                    .udp_send = udp_send,
                    .multicast_open = multicast_open,
                    .addresses = addresses,
                    .close = close_handle},
        .entropy = entropy,
    };
    return device;
}

void wire_begin(struct wire_device *device)
{
    const int error = otter_mdns_begin(&device->mdns, &device->port, &device->settings);
    REQUIRE(error == OTTER_OK, "error %d", error);
    device->next_ms = device->wire->now_ms;
}

static struct wire_device *next_device(struct wire *wire)
{
    struct wire_device *next = NULL;
    for (unsigned i = 0; i < wire->device_count; i++) {
        struct wire_device *device = &wire->devices[i];
        if (device->mdns.begun && (next == NULL || (int32_t)(device->next_ms - next->next_ms) < 0))
            next = device;
    }
    return next;
}

void wire_run(struct wire *wire, uint32_t ms)
{
    const uint32_t end = wire->now_ms + ms;
    struct wire_device *device;
    for (unsigned steps = 0; (device = next_device(wire)) != NULL && (int32_t)(device->next_ms - end) <= 0;
         steps++) {
        REQUIRE(steps < 100000, "never rests");
        if ((int32_t)(device->next_ms - wire->now_ms) > 0)
            wire->now_ms = device->next_ms;
        const uint32_t wait = otter_mdns_step(&device->mdns, wire->now_ms);
        device->next_ms = wire->now_ms + (device->waiting_count > 0 ? 0 : wait);
    }
    wire->now_ms = end;
}

void wire_clear(struct wire *wire)
{
    wire->sent_count = 0;
}

void wire_say(struct wire *wire, uint8_t last, uint16_t port, const void *bytes, size_t size)
{
    const struct otter_address from = {.family = 4, .ip = {10, 0, 0, last}, .port = port};
    spread(wire, &from, bytes, size);
}

static bool holds(const struct wire_datagram *datagram, enum otter_dns_section section, const char *name,
                  uint32_t type, struct otter_dns_record *record)
{
    struct otter_dns_reader reader;
    int next;
    otter_dns_reader_init(&reader, datagram->bytes, datagram->size);
    while ((next = otter_dns_next(&reader, record)) > 0)
        if (record->section == section && (type == 0 || record->type == type) &&
            otter_dns_name_is(&reader.message, record->name, name))
            return true;
    REQUIRE(next == 0, "sends what is malformed");
    return false;
}

int wire_find(const struct wire *wire, unsigned from, enum otter_dns_section section, const char *name,
              uint32_t type, struct otter_dns_record *record)
{
    for (unsigned i = from; i < wire->sent_count; i++)
        if (holds(&wire->sent[i], section, name, type, record))
            return (int)i;
    return -1;
}

bool wire_has(const struct wire *wire, enum otter_dns_section section, const char *name, uint32_t type)
{
    struct otter_dns_record record;
    return wire_find(wire, 0, section, name, type, &record) >= 0;
}
