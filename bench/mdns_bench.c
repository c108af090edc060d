/* The time in which the mDNS responder answers, from the datagram to the answer's bytes, and what it
 * allocates. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "format/dns.h"
#include "tests/support/deadline.h"
#include "tests/support/mdns_link.h"
#include "tests/support/require.h"

#define ROUNDS 20000

static size_t write_query(uint8_t *bytes, size_t capacity, const char *name, uint32_t type)
{
    struct otter_dns_writer writer;
    otter_dns_writer_init(&writer, bytes, capacity, 0, 0);
    otter_dns_open(&writer, OTTER_DNS_QUESTION, name, type, OTTER_DNS_CLASS_IN, 0);
    REQUIRE(otter_dns_close(&writer), "the query does not fit");
    return writer.size;
}

/* Microseconds for an answer to a query that came from PORT. */
static double measure(struct otter_mdns *mdns, struct mdns_link *link, uint32_t *now_ms, const char *name,
                      uint32_t type, uint16_t port)
{
    uint8_t query[512];
    const size_t size = write_query(query, sizeof(query), name, type);
    const unsigned before = link->sent;
    const int64_t start = clock_ns();
    for (unsigned i = 0; i < ROUNDS; i++) {
        link->bytes = query;
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
    static struct mdns_link link;
    static struct otter_mdns mdns;
    const struct otter_port port = mdns_link_port(&link);
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
