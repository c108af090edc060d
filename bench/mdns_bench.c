/* The time in which the mDNS responder answers, from the datagram to the answer's bytes, and what it
 * allocates. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/dns.h"
#include "otter/mdns.h"
#include "tests/support/deadline.h"
#include "tests/support/require.h"

#define ROUNDS 20000

/* The device's network: a datagram to receive, and what was sent. */
struct link {
    uint8_t query[512];
    size_t size; /* 0: none */
    uint16_t from_port;
    unsigned sent;
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
    const size_t length = link->size;
    (void)handle, (void)size;
    *from = (struct otter_address){.family = 4, .ip = {10, 0, 0, 8}, .port = link->from_port};
    memcpy(bytes, link->query, length);
    link->size = 0;
    return (int)length;
}

static int udp_send(void *context, int handle, const void *bytes, size_t size, const struct otter_address *to)
{
    (void)handle, (void)bytes, (void)size, (void)to;
    ((struct link *)context)->sent++;
    return OTTER_OK;
}

static int entropy(void *context, void *bytes, size_t size)
{
    (void)context;
    memset(bytes, 0, size);
    return 0;
}

static size_t write_query(uint8_t *bytes, size_t capacity, const char *name, uint32_t type)
{
    struct otter_dns_writer writer;
    otter_dns_writer_init(&writer, bytes, capacity, 0, 0);
    otter_dns_open(&writer, OTTER_DNS_QUESTION, name, type, OTTER_DNS_CLASS_IN, 0);
    REQUIRE(otter_dns_close(&writer), "the query does not fit");
    return writer.size;
}

/* Microseconds for an answer to a query that came from PORT. */
static double measure(struct otter_mdns *mdns, struct link *link, uint32_t *now_ms, const char *name,
                      uint32_t type, uint16_t port)
{
    uint8_t query[512];
    const size_t size = write_query(query, sizeof(query), name, type);
    const unsigned before = link->sent;
    const int64_t start = clock_ns();
    for (unsigned i = 0; i < ROUNDS; i++) {
        memcpy(link->query, query, size);
        link->size = size;
        link->from_port = port;
        (void)otter_mdns_step(mdns, *now_ms);
        (void)otter_mdns_step(mdns, *now_ms + 150); /* the pause that lets others answer, too */
        *now_ms += 1500;
    }
    const double us = (double)(clock_ns() - start) / 1000.0 / ROUNDS;
    REQUIRE(link->sent - before >= ROUNDS, "%u answers to %u queries", link->sent - before, ROUNDS);
    return us;
}

int main(void)
{
    static const char *const texts[] = {"board=ESP8266_NODEMCU_ESP12E", "name=garden", "version=1.0.0", NULL};
    static struct link link;
    static struct otter_mdns mdns;
    const struct otter_port port = {
        .context = &link,
        .network = {.multicast_open = multicast_open,
                    .addresses = addresses,
                    .udp_receive = udp_receive,
                    .udp_send = udp_send},
        .entropy = entropy,
    };
    uint32_t now_ms = 0;
    REQUIRE(
        otter_mdns_begin(&mdns, &port,
                         &(struct otter_mdns_settings){
                             .hostname = "kitchen", .push_port = 8266, .http_port = 80, .texts = texts}) == 0,
        "cannot begin");
    for (; now_ms < 5000; now_ms += 250)
        (void)otter_mdns_step(&mdns, now_ms);
    const size_t allocated = mallinfo2().uordblks;
    const double browse =
        measure(&mdns, &link, &now_ms, "_arduino._tcp.local", OTTER_DNS_PTR, OTTER_MDNS_PORT);
    const double host = measure(&mdns, &link, &now_ms, "kitchen.local", OTTER_DNS_A, 40000);
    const double silent = (double)(mallinfo2().uordblks - allocated);
    printf("\nmDNS, microseconds for an answer\n%-34s %14.2f\n%-34s %14.2f\n%-34s %14.0f\n",
           "all of a device (PTR)", browse, "an address, to a plain resolver", host, "bytes allocated",
           silent);
    return silent == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
