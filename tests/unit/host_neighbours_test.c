/* What `otter` makes of what devices announce. */
#include "tests/support/test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/neighbours.h"
#include "host/roster.h"
#include "tests/support/seed.h"

#define TYPE     "_arduino._tcp.local"
#define INSTANCE "kitchen._arduino._tcp.local"
#define HOST     "kitchen.local"
#define NOW      1000000u

static uint8_t letter[1500];
static struct otter_dns_writer writer;
static struct otter_neighbours neighbours;
static struct sockaddr_storage from;

static void set_sender(const char *ip)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)&from;
    from = (struct sockaddr_storage){.ss_family = AF_INET};
    inet_pton(AF_INET, ip, &v4->sin_addr);
}

static int begin(void **state)
{
    (void)state;
    otter_dns_writer_init(&writer, letter, sizeof(letter), 0, OTTER_DNS_RESPONSE | OTTER_DNS_AUTHORITATIVE);
    set_sender("192.0.2.7");
    return 0;
}

static int end(void **state)
{
    (void)state;
    otter_neighbours_free(&neighbours);
    return 0;
}

static void close_record(void)
{
    assert_true(otter_dns_close(&writer));
}

static void add_pointer(const char *instance, uint32_t ttl)
{
    otter_dns_open(&writer, OTTER_DNS_ANSWER, TYPE, OTTER_DNS_PTR, OTTER_DNS_CLASS_IN, ttl);
    otter_dns_write_name(&writer, instance);
    close_record();
}

static void add_service(const char *instance, uint16_t port, const char *host)
{
    otter_dns_open(&writer, OTTER_DNS_ANSWER, instance, OTTER_DNS_SRV, 0x8001, 120);
    otter_dns_write(&writer, "\0\0\0", 4);
    otter_dns_write_16(&writer, port);
    otter_dns_write_name(&writer, host);
    close_record();
}

static void add_texts(const char *instance, const char *texts)
{
    otter_dns_open(&writer, OTTER_DNS_ANSWER, instance, OTTER_DNS_TXT, 0x8001, 4500);
    otter_dns_write(&writer, texts, strlen(texts));
    close_record();
}

static void add_ip(const char *host, int family, const char *ip, uint32_t ttl)
{
    uint8_t bytes[16];
    inet_pton(family, ip, bytes);
    otter_dns_open(&writer, OTTER_DNS_ANSWER, host, family == AF_INET ? OTTER_DNS_A : OTTER_DNS_AAAA, 0x8001,
                   ttl);
    otter_dns_write(&writer, bytes, family == AF_INET ? 4 : 16);
    close_record();
}

static void take(uint64_t now_ms)
{
    otter_neighbours_take(&neighbours, letter, writer.size, &from, 3, now_ms);
    otter_dns_writer_init(&writer, letter, sizeof(letter), 0, OTTER_DNS_RESPONSE | OTTER_DNS_AUTHORITATIVE);
}

static void add_kitchen(void)
{
    add_ip(HOST, AF_INET, "192.0.2.7", 120); /* the order of records means nothing */
    add_texts(INSTANCE, "\x0c"
                        "tcp_check=no\x0f"
                        "auth_upload=yes\x0d"
                        "board=NODEMCU\x0b"
                        "version=1.2\x0bname=garden");
    add_service(INSTANCE, 8266, HOST);
    add_pointer(INSTANCE, 4500);
}

static void a_device_is_known_from_one_message(void **state)
{
    (void)state;
    struct otter_roster roster;
    add_kitchen();
    take(NOW);
    assert_true(otter_roster_fill(&roster, &neighbours, NULL));
    assert_int_equal(roster.count, 1);
    const struct otter_neighbour *device = &roster.list[0].device;
    assert_string_equal(device->name, "kitchen");
    assert_string_equal(device->host, HOST);
    assert_int_equal(device->port, 8266);
    assert_string_equal(device->board, "NODEMCU");
    assert_string_equal(device->firmware, "garden");
    assert_string_equal(device->version, "1.2");
    assert_int_equal(device->password, OTTER_NEIGHBOUR_PASSWORD);
    const struct sockaddr_in *address = (const struct sockaddr_in *)&roster.list[0].address;
    assert_int_equal(address->sin_port, htons(8266));
    assert_int_equal(ntohl(address->sin_addr.s_addr), 0xC0000207);
    otter_roster_free(&roster);
}

/* Whether the next query asks for NAME and TYPE. */
static bool asks(bool browse, uint64_t now_ms, const char *name, uint32_t type,
                 enum otter_dns_section section)
{
    uint8_t query[1400];
    struct otter_dns_reader reader;
    struct otter_dns_record record;
    bool found = false;
    const size_t size = otter_neighbours_ask(&neighbours, browse, query, sizeof(query), now_ms);
    if (size == 0)
        return false;
    otter_dns_reader_init(&reader, query, size);
    while (otter_dns_next(&reader, &record) > 0)
        found = found || (record.section == section && record.type == type &&
                          otter_dns_name_is(&reader.message, record.name, name));
    return found;
}

static void what_is_missing_is_asked_for(void **state)
{
    (void)state;
    assert_true(asks(true, NOW, TYPE, OTTER_DNS_PTR, OTTER_DNS_QUESTION));
    add_pointer("my\\.kitchen._arduino._tcp.local", 4500);
    take(NOW);
    assert_true(asks(true, NOW, "my\\.kitchen._arduino._tcp.local", OTTER_DNS_SRV, OTTER_DNS_QUESTION));
    assert_true(asks(true, NOW, "my\\.kitchen._arduino._tcp.local", OTTER_DNS_TXT, OTTER_DNS_QUESTION));
    add_service("my\\.kitchen._arduino._tcp.local", 8266, HOST);
    add_texts("my\\.kitchen._arduino._tcp.local", "\x01x");
    take(NOW);
    assert_string_equal(neighbours.list[0].name, "my.kitchen");
    assert_false(asks(true, NOW, "my\\.kitchen._arduino._tcp.local", OTTER_DNS_SRV, OTTER_DNS_QUESTION));
    assert_true(asks(true, NOW, HOST, OTTER_DNS_A, OTTER_DNS_QUESTION));
    add_ip(HOST, AF_INET, "192.0.2.7", 120);
    take(NOW);
    assert_false(asks(true, NOW, HOST, OTTER_DNS_A, OTTER_DNS_QUESTION));
    assert_true(asks(true, NOW + 61000, HOST, OTTER_DNS_A, OTTER_DNS_QUESTION)); /* it may be gone */
}

static void who_is_known_is_told_so(void **state)
{
    (void)state;
    add_kitchen();
    take(NOW);
    assert_true(asks(true, NOW, TYPE, OTTER_DNS_PTR, OTTER_DNS_ANSWER));
    assert_int_equal(otter_neighbours_ask(&neighbours, false, letter, sizeof(letter), NOW), 0);
}

static void devices_are_forgotten(void **state)
{
    (void)state;
    struct otter_roster roster;
    add_kitchen();
    take(NOW);
    otter_neighbours_forget(&neighbours, NOW + 119999);
    assert_non_null(otter_neighbours_address(&neighbours, HOST));
    otter_neighbours_forget(&neighbours, NOW + 120000); /* nobody has confirmed its address */
    assert_null(otter_neighbours_address(&neighbours, HOST));
    assert_true(otter_roster_fill(&roster, &neighbours, NULL));
    assert_int_equal(roster.count, 0);
    otter_roster_free(&roster);
    assert_int_equal(neighbours.count, 1);
    add_pointer(INSTANCE, 0); /* goodbye */
    take(NOW + 130000);
    otter_neighbours_forget(&neighbours, NOW + 130999);
    assert_int_equal(neighbours.count, 1);
    otter_neighbours_forget(&neighbours, NOW + 131000);
    assert_int_equal(neighbours.count, 0);
}

static void expect_address(const char *ip, uint32_t scope)
{
    char text[INET6_ADDRSTRLEN] = "";
    const struct sockaddr_storage *address = otter_neighbours_address(&neighbours, HOST);
    assert_non_null(address);
    if (address->ss_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)address)->sin_addr, text, sizeof(text));
    else
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)address)->sin6_addr, text, sizeof(text));
    assert_string_equal(text, ip);
    if (address->ss_family == AF_INET6)
        assert_int_equal(((const struct sockaddr_in6 *)address)->sin6_scope_id, scope);
}

static void the_likeliest_of_several_addresses_is_used(void **state)
{
    (void)state;
    assert_true(otter_neighbours_want(&neighbours, "Kitchen.local"));
    add_ip(HOST, AF_INET6, "fe80::7", 120);
    take(NOW);
    expect_address("fe80::7", 3);
    add_ip(HOST, AF_INET6, "2001:db8::7", 120);
    add_ip(HOST, AF_INET6, "fe80::7", 120);
    take(NOW);
    expect_address("2001:db8::7", 0);
    add_ip(HOST, AF_INET, "198.51.100.7", 120);
    take(NOW);
    expect_address("198.51.100.7", 0);
    add_ip(HOST, AF_INET, "192.0.2.7", 120); /* from where the message comes */
    add_ip(HOST, AF_INET, "203.0.113.7", 120);
    take(NOW);
    expect_address("192.0.2.7", 0);
    assert_null(otter_neighbours_address(&neighbours, "cellar.local"));
}

static void what_is_no_good_is_ignored(void **state)
{
    (void)state;
    add_kitchen();
    const size_t size = writer.size;
    for (size_t cut = 0; cut < size; cut++)
        otter_neighbours_take(&neighbours, letter, cut, &from, 3, NOW);
    letter[2] = 0; /* a query */
    otter_neighbours_take(&neighbours, letter, size, &from, 3, NOW);
    assert_int_equal(neighbours.count, 0);
    assert_int_equal(neighbours.host_count, 0);
}

static void a_flood_of_devices_is_bounded(void **state)
{
    (void)state;
    char name[80];
    for (unsigned i = 0; i < OTTER_NEIGHBOURS_MAX + 100; i++) {
        snprintf(name, sizeof(name), "device-%u._arduino._tcp.local", i);
        add_pointer(name, 4500);
        snprintf(name, sizeof(name), "device-%u.local", i);
        take(NOW);
    }
    assert_int_equal(neighbours.count, OTTER_NEIGHBOURS_MAX);
    uint8_t query[1400];
    assert_in_range(otter_neighbours_ask(&neighbours, true, query, sizeof(query), NOW), 12, sizeof(query));
}

static void ten_thousand_random_messages_do_no_harm(void **state)
{
    (void)state;
    uint64_t seed = 6763;
    for (unsigned i = 0; i < 10000; i++) {
        add_kitchen();
        size_t size = writer.size;
        for (uint32_t changes = seed_below(&seed, 10); changes > 0; changes--)
            letter[seed_below(&seed, (uint32_t)size)] = (uint8_t)seed_next(&seed);
        if (seed_below(&seed, 4) == 0)
            size = seed_below(&seed, (uint32_t)size);
        otter_neighbours_take(&neighbours, letter, size, &from, 3, NOW + i);
        (void)otter_neighbours_ask(&neighbours, true, letter, sizeof(letter), NOW + i);
        otter_neighbours_forget(&neighbours, NOW + i);
        begin(NULL);
    }
}

static void a_list_is_aligned_and_harmless(void **state)
{
    (void)state;
    struct otter_roster roster;
    char *text = NULL;
    size_t size;
    add_kitchen();
    add_pointer("a\033[2J._arduino._tcp.local", 4500);
    add_service("a\033[2J._arduino._tcp.local", 80, HOST);
    take(NOW);
    assert_true(otter_roster_fill(&roster, &neighbours, NULL));
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(otter_roster_print(&roster, out), 3);
    fclose(out);
    assert_string_equal(text, "NAME     ADDRESS    PORT  BOARD    PASSWORD  RUNS\n"
                              "a?[2J    192.0.2.7  80    ?        ?         ?\n"
                              "kitchen  192.0.2.7  8266  NODEMCU  yes       garden 1.2\n");
    free(text);
    otter_roster_free(&roster);
    assert_true(otter_roster_fill(&roster, &neighbours, "K*n"));
    assert_int_equal(roster.count, 1);
    otter_roster_free(&roster);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(a_device_is_known_from_one_message),
        TEST(what_is_missing_is_asked_for),
        TEST(who_is_known_is_told_so),
        TEST(devices_are_forgotten),
        TEST(the_likeliest_of_several_addresses_is_used),
        TEST(what_is_no_good_is_ignored),
        TEST(a_flood_of_devices_is_bounded),
        TEST(ten_thousand_random_messages_do_no_harm),
        TEST(a_list_is_aligned_and_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
