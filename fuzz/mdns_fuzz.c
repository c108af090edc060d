/* Datagrams of multicast DNS: a device and the command that looks for devices take anything, and send only
 * what is well-formed. */
#include <stdlib.h>
#include <string.h>

#include "format/dns.h"
#include "host/neighbours.h"
#include "otter/mdns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The device's network: one datagram to receive. */
struct link {
    const uint8_t *bytes;
    size_t size;
};

static int multicast_open(void *context, const struct otter_address *group)
{
    (void)context;
    return group->family == 4 ? 0 : OTTER_ERROR_TRANSPORT;
}

static int addresses(void *context, struct otter_address *out, size_t count)
{
    (void)context, (void)count;
    *out = (struct otter_address){.family = 4, .ip = {10, 0, 0, 7}};
    return 1;
}

static int udp_receive(void *context, int handle, void *bytes, size_t size, struct otter_address *from)
{
    struct link *link = context;
    const size_t count = link->size < size ? link->size : size;
    (void)handle;
    if (count > 0)
        memcpy(bytes, link->bytes, count);
    *from = (struct otter_address){.family = 4, .ip = {10, 0, 0, 8}, .port = OTTER_MDNS_PORT};
    if (link->size > 0 && link->bytes[0] & 1)
        from->port = 40000;
    link->size = 0;
    return (int)count;
}

static int udp_send(void *context, int handle, const void *bytes, size_t size, const struct otter_address *to)
{
    struct otter_dns_reader reader;
    struct otter_dns_record record;
    int next;
    (void)context, (void)handle, (void)to;
    otter_dns_reader_init(&reader, bytes, size);
    while ((next = otter_dns_next(&reader, &record)) > 0)
        continue;
    if (next != 0)
        abort();
    return OTTER_OK;
}

static int entropy(void *context, void *bytes, size_t size)
{
    (void)context;
    memset(bytes, 0, size);
    return 0;
}

static void close_handle(void *context, int handle)
{
    (void)context, (void)handle;
}

static void run_device(const uint8_t *data, size_t size)
{
    static const char *const texts[] = {"board=ESP8266_GENERIC", NULL};
    struct link link = {0};
    const struct otter_port port = {
        .context = &link,
        .network = {.multicast_open = multicast_open,
                    .addresses = addresses,
                    .udp_receive = udp_receive,
                    .udp_send = udp_send,
                    .close = close_handle},
        .entropy = entropy,
    };
    struct otter_mdns mdns = {0};
    if (otter_mdns_begin(&mdns, &port,
                         &(struct otter_mdns_settings){
                             .hostname = "kitchen", .push_port = 8266, .http_port = 80, .texts = texts}) !=
        OTTER_OK)
        abort();
    for (uint32_t now_ms = 0; now_ms < 5000; now_ms += 250) {
        if (now_ms == 500 || now_ms == 3000) /* while it probes, and later */
            link = (struct link){data, size};
        (void)otter_mdns_step(&mdns, now_ms);
    }
    otter_mdns_end(&mdns);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct otter_neighbours neighbours = {0};
    const struct sockaddr_storage from = {.ss_family = AF_INET};
    uint8_t query[1400];
    run_device(data, size);
    if (!otter_neighbours_want(&neighbours, "kitchen.local"))
        abort();
    otter_neighbours_take(&neighbours, data, size, &from, 1, 1000);
    (void)udp_send(NULL, 0, query, otter_neighbours_ask(&neighbours, true, query, sizeof(query), 1000), NULL);
    otter_neighbours_free(&neighbours);
    return 0;
}
