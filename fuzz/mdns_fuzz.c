/* Datagrams of multicast DNS: a device and the command that looks for devices take anything, and send only
 * what is well-formed. */
#include <stdlib.h>

#include "format/dns.h"
#include "host/neighbours.h"
#include "tests/support/mdns_link.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const void *bytes, size_t size)
{
    struct otter_dns_reader reader;
    struct otter_dns_record record;
    int next;
    otter_dns_reader_init(&reader, bytes, size);
    while ((next = otter_dns_next(&reader, &record)) > 0)
        continue;
    if (next != 0)
        abort();
}

static void run_device(const uint8_t *data, size_t size)
{
    static const char *const texts[] = {"board=ESP8266_GENERIC", NULL};
    struct mdns_link link = {.check = check};
    const struct otter_port port = mdns_link_port(&link);
    struct otter_mdns mdns = {0};
    if (otter_mdns_begin(&mdns, &port,
                         &(struct otter_mdns_settings){
                             .hostname = "kitchen", .push_port = 8266, .http_port = 80, .texts = texts}) !=
        OTTER_OK)
        abort();
    for (uint32_t now_ms = 0; now_ms < 5000; now_ms += 250) {
        if (now_ms == 500 || now_ms == 3000) /* while it probes, and later */
            link = (struct mdns_link){.bytes = data,
                                      .size = size,
                                      .from_port = size > 0 && data[0] & 1 ? 40000 : 5353,
                                      .check = check};
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
    check(query, otter_neighbours_ask(&neighbours, true, query, sizeof(query), 1000));
    otter_neighbours_free(&neighbours);
    return 0;
}
