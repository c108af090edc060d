/* The mDNS responder on a link in virtual time. Numbers of sections are those of RFC 6762. */
#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/seed.h"
#include "tests/support/wire.h"

#define SETTLED_MS 3000u /* until a device that nobody disturbs has announced itself twice */
#define HOST       "kitchen.local"
#define PUSH_TYPE  "_arduino._tcp.local"
#define PUSH       "kitchen._arduino._tcp.local"
#define SERVICES   "_services._dns-sd._udp.local"
#define UNICAST    0x8000u
#define PEER       99u /* last byte of the test's address */

static struct wire *wire;
static struct wire_device *kitchen;

static int open_wire(void **state)
{
    (void)state;
    wire = wire_new(1);
    kitchen = wire_add(wire, "kitchen", 7);
    return 0;
}

static int close_wire(void **state)
{
    (void)state;
    wire_free(wire);
    return 0;
}

static void settle(void)
{
    wire_begin(kitchen);
    wire_run(wire, SETTLED_MS);
    assert_string_equal(kitchen->announced, "kitchen");
    wire_clear(wire);
}

/* --- what the test says --------------------------------------------------------------------------- */

static uint8_t letter[512];
static struct otter_dns_writer writer;

static void write_query(void)
{
    otter_dns_writer_init(&writer, letter, sizeof(letter), 0, 0);
}

static void write_response(void)
{
    otter_dns_writer_init(&writer, letter, sizeof(letter), 0, OTTER_DNS_RESPONSE | OTTER_DNS_AUTHORITATIVE);
}

static void add_question(const char *name, uint32_t type, uint32_t class_code)
{
    otter_dns_open(&writer, OTTER_DNS_QUESTION, name, type, class_code, 0);
    assert_true(otter_dns_close(&writer));
}

static void add_pointer(enum otter_dns_section section, const char *name, const char *target, uint32_t ttl)
{
    otter_dns_open(&writer, section, name, OTTER_DNS_PTR, OTTER_DNS_CLASS_IN, ttl);
    otter_dns_write_name(&writer, target);
    assert_true(otter_dns_close(&writer));
}

static void add_address(enum otter_dns_section section, const char *name, uint8_t last, uint32_t ttl)
{
    const uint8_t ip[4] = {10, 0, 0, last};
    otter_dns_open(&writer, section, name, OTTER_DNS_A, OTTER_DNS_CLASS_IN, ttl);
    otter_dns_write(&writer, ip, sizeof(ip));
    assert_true(otter_dns_close(&writer));
}

static void add_service(enum otter_dns_section section, const char *name, uint16_t port, const char *host)
{
    otter_dns_open(&writer, section, name, OTTER_DNS_SRV, OTTER_DNS_CLASS_IN, 120);
    otter_dns_write(&writer, "\0\0\0", 4);
    otter_dns_write_16(&writer, port);
    otter_dns_write_name(&writer, host);
    assert_true(otter_dns_close(&writer));
}

static void say_from(uint16_t port)
{
    wire_say(wire, PEER, port, letter, writer.size);
}

static void say(void)
{
    say_from(OTTER_MDNS_PORT);
}

static void ask(const char *name, uint32_t type)
{
    write_query();
    add_question(name, type, OTTER_DNS_CLASS_IN);
    say();
}

/* --- what the device says ------------------------------------------------------------------------- */

static bool is_group(const struct wire_datagram *datagram)
{
    return datagram->peer.ip[0] == 224;
}

/* The only message since; it went to the group. */
static const struct wire_datagram *only_multicast(void)
{
    assert_int_equal(wire->sent_count, 1);
    assert_true(is_group(&wire->sent[0]));
    return &wire->sent[0];
}

static struct otter_dns_record find(enum otter_dns_section section, const char *name, uint32_t type)
{
    struct otter_dns_record record;
    if (wire_find(wire, 0, section, name, type, &record) < 0)
        fail_msg("no %s of type %u", name, type);
    return record;
}

static bool has(enum otter_dns_section section, const char *name, uint32_t type)
{
    return wire_has(wire, section, name, type);
}

static uint32_t flags_of(const struct wire_datagram *datagram)
{
    struct otter_dns_reader reader;
    otter_dns_reader_init(&reader, datagram->bytes, datagram->size);
    return reader.flags;
}

/* --- start (8) ------------------------------------------------------------------------------------ */

static void it_probes_three_times_and_announces_twice(void **state)
{
    (void)state;
    const uint32_t start = wire->now_ms;
    wire_begin(kitchen);
    wire_run(wire, SETTLED_MS);
    assert_int_equal(wire->sent_count, 5);
    assert_true(wire->sent[0].at_ms - start < 250);
    static const uint32_t gaps[] = {250, 250, 250, 1000};
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(wire->sent[i + 1].at_ms - wire->sent[i].at_ms, gaps[i]);
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(flags_of(&wire->sent[i]), i < 3 ? 0 : 0x8400);
    assert_int_equal(kitchen->announcements, 1);
    assert_string_equal(kitchen->announced, "kitchen");
}

static void a_probe_asks_for_the_names_and_claims_them(void **state)
{
    (void)state;
    wire_begin(kitchen);
    wire_run(wire, 250);
    assert_true(has(OTTER_DNS_QUESTION, HOST, OTTER_DNS_ANY));
    assert_true(has(OTTER_DNS_QUESTION, PUSH, OTTER_DNS_ANY));
    assert_false(find(OTTER_DNS_QUESTION, HOST, OTTER_DNS_ANY).top);
    assert_false(find(OTTER_DNS_AUTHORITY, HOST, OTTER_DNS_A).top);
    assert_true(has(OTTER_DNS_AUTHORITY, PUSH, OTTER_DNS_SRV));
    assert_false(has(OTTER_DNS_ANSWER, HOST, OTTER_DNS_A));
}

static void an_announcement_holds_everything(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t type, ttl;
        bool top;
    } records[] = {
        {HOST, OTTER_DNS_A, 120, true},
        {SERVICES, OTTER_DNS_PTR, 4500, false},
        {PUSH_TYPE, OTTER_DNS_PTR, 4500, false},
        {PUSH, OTTER_DNS_SRV, 120, true},
        {PUSH, OTTER_DNS_TXT, 4500, true},
        {"_http._tcp.local", OTTER_DNS_PTR, 4500, false},
        {"kitchen._http._tcp.local", OTTER_DNS_SRV, 120, true},
        {"kitchen._http._tcp.local", OTTER_DNS_TXT, 4500, true},
    };
    kitchen->settings.http_port = 80;
    wire_begin(kitchen);
    wire_run(wire, SETTLED_MS);
    for (size_t i = 0; i < TEST_COUNT(records); i++) {
        const struct otter_dns_record record = find(OTTER_DNS_ANSWER, records[i].name, records[i].type);
        assert_int_equal(record.ttl, records[i].ttl);
        assert_int_equal(record.top, records[i].top);
    }
}

static void expect_text(const char *text)
{
    struct otter_dns_record record;
    const int index = wire_find(wire, 0, OTTER_DNS_ANSWER, PUSH, OTTER_DNS_TXT, &record);
    assert_true(index >= 0);
    assert_int_equal(record.size, strlen(text));
    assert_memory_equal(wire->sent[index].bytes + record.data, text, strlen(text));
}

static void the_texts_are_those_that_tools_look_for(void **state)
{
    (void)state;
    static const char *const texts[] = {"board=ESP8266_NODEMCU_ESP12E", "version=1.2", NULL};
    kitchen->settings.texts = texts;
    kitchen->settings.password = true;
    wire_begin(kitchen);
    wire_run(wire, SETTLED_MS);
    expect_text("\x0ctcp_check=no\x0dssh_upload=no\x0f"
                "auth_upload=yes\x1c"
                "board=ESP8266_NODEMCU_ESP12E\x0bversion=1.2");
}

static void it_waits_for_an_address(void **state)
{
    (void)state;
    kitchen->own_count = 0;
    wire_begin(kitchen);
    wire_run(wire, 10000);
    assert_int_equal(wire->sent_count, 0);
    kitchen->own_count = 1;
    wire_run(wire, 2000 + SETTLED_MS);
    assert_int_equal(kitchen->announcements, 1);
}

static void other_addresses_are_announced(void **state)
{
    (void)state;
    settle();
    kitchen->own[0].ip[3] = 8;
    wire_run(wire, 2000 + SETTLED_MS);
    assert_int_equal(kitchen->announcements, 2);
    struct otter_dns_record record;
    const int index = wire_find(wire, 0, OTTER_DNS_ANSWER, HOST, OTTER_DNS_A, &record);
    assert_true(index >= 0);
    assert_memory_equal(wire->sent[index].bytes + record.data, "\x0a\x00\x00\x08", 4);
}

static void what_cannot_work_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "0123456789012345678901234567890123456789012345678901234567890123456789",
        "0123456789012345678901234567890123456789012345678901234567890123456789",
        "01234567890123456789012345678901234567890123456789012345678", NULL};
    kitchen->settings.hostname = "kitchen.local";
    assert_int_equal(otter_mdns_begin(&kitchen->mdns, &kitchen->port, &kitchen->settings),
                     OTTER_ERROR_ARGUMENT);
    kitchen->settings.hostname = "kitchen";
    kitchen->settings.texts = texts; /* 199 characters in three texts */
    assert_int_equal(otter_mdns_begin(&kitchen->mdns, &kitchen->port, &kitchen->settings),
                     OTTER_ERROR_ARGUMENT);
    kitchen->settings.texts = texts + 1;
    kitchen->ipv4 = false;
    assert_int_equal(otter_mdns_begin(&kitchen->mdns, &kitchen->port, &kitchen->settings),
                     OTTER_ERROR_TRANSPORT);
    assert_int_equal(otter_mdns_step(&kitchen->mdns, 0), OTTER_NEVER);
    kitchen->ipv4 = true;
    assert_int_equal(otter_mdns_begin(&kitchen->mdns, &kitchen->port, &kitchen->settings), OTTER_OK);
    assert_int_equal(otter_mdns_begin(&kitchen->mdns, &kitchen->port, &kitchen->settings),
                     OTTER_ERROR_RUNNING);
}

/* --- answers (6) ---------------------------------------------------------------------------------- */

static void an_address_is_told_at_once(void **state)
{
    (void)state;
    settle();
    const uint32_t start = wire->now_ms;
    ask("KITCHEN.Local", OTTER_DNS_A);
    wire_run(wire, 500);
    assert_int_equal(only_multicast()->at_ms, start);
    assert_int_equal(find(OTTER_DNS_ANSWER, HOST, OTTER_DNS_A).ttl, 120);
}

static void what_others_answer_too_is_told_a_little_later(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 20; i++) {
        if (i == 0)
            settle();
        wire_run(wire, 2000);
        wire_clear(wire);
        const uint32_t start = wire->now_ms;
        ask(PUSH_TYPE, OTTER_DNS_PTR);
        wire_run(wire, 500);
        const uint32_t delay = only_multicast()->at_ms - start;
        assert_in_range(delay, 20, 120);
    }
}

static void whoever_looks_for_devices_is_told_all_at_once(void **state)
{
    (void)state;
    settle();
    ask(PUSH_TYPE, OTTER_DNS_PTR);
    wire_run(wire, 500);
    struct otter_dns_record pointer = find(OTTER_DNS_ANSWER, PUSH_TYPE, OTTER_DNS_PTR);
    const struct otter_dns_message message = {only_multicast()->bytes, only_multicast()->size};
    assert_true(otter_dns_name_is(&message, pointer.target, PUSH));
    const struct otter_dns_record service = find(OTTER_DNS_ADDITIONAL, PUSH, OTTER_DNS_SRV);
    assert_memory_equal(message.bytes + service.data, "\0\0\0\0\x20\x4a", 6);
    assert_true(otter_dns_name_is(&message, service.target, HOST));
    assert_true(has(OTTER_DNS_ADDITIONAL, PUSH, OTTER_DNS_TXT));
    assert_true(has(OTTER_DNS_ADDITIONAL, HOST, OTTER_DNS_A));
    assert_false(has(OTTER_DNS_ANSWER, SERVICES, OTTER_DNS_PTR));
}

static void services_are_listed(void **state)
{
    (void)state;
    kitchen->settings.http_port = 80;
    settle();
    ask(SERVICES, OTTER_DNS_PTR);
    wire_run(wire, 500);
    struct otter_dns_reader reader;
    struct otter_dns_record record;
    otter_dns_reader_init(&reader, only_multicast()->bytes, only_multicast()->size);
    assert_int_equal(otter_dns_next(&reader, &record), 1);
    assert_true(otter_dns_name_is(&reader.message, record.target, PUSH_TYPE));
    assert_int_equal(otter_dns_next(&reader, &record), 1);
    assert_true(otter_dns_name_is(&reader.message, record.target, "_http._tcp.local"));
    assert_int_equal(otter_dns_next(&reader, &record), 0);
}

static void who_is_not_asked_is_silent(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t type;
    } questions[] = {
        {"kitche.local", OTTER_DNS_A},
        {"kitchen.local.local", OTTER_DNS_A},
        {"kitchen", OTTER_DNS_A},
        {"_http._tcp.local", OTTER_DNS_PTR},
        {"kitchen._http._tcp.local", OTTER_DNS_SRV},
        {"_arduino._udp.local", OTTER_DNS_PTR},
        {PUSH, OTTER_DNS_A},
    };
    settle();
    for (size_t i = 0; i < TEST_COUNT(questions); i++)
        ask(questions[i].name, questions[i].type);
    write_query();
    add_question(HOST, OTTER_DNS_A, 3); /* of another class */
    say();
    wire_run(wire, 1000);
    assert_int_equal(wire->sent_count, 0);
}

static void nothing_is_answered_before_the_name_is_had(void **state)
{
    (void)state;
    wire_begin(kitchen);
    wire_run(wire, 400);
    ask(HOST, OTTER_DNS_A);
    wire_run(wire, 100);
    for (unsigned i = 0; i < wire->sent_count; i++)
        assert_int_equal(flags_of(&wire->sent[i]), 0);
}

static void an_address_that_is_not_there_is_denied(void **state)
{
    (void)state;
    settle();
    ask(HOST, OTTER_DNS_AAAA);
    wire_run(wire, 500);
    const struct otter_dns_record record = find(OTTER_DNS_ANSWER, HOST, OTTER_DNS_NSEC);
    assert_memory_equal(only_multicast()->bytes + record.data + record.size - 3, "\0\1\x40", 3);
    assert_true(record.top);
}

static void ipv6_addresses_are_told(void **state)
{
    (void)state;
    kitchen->ipv6 = true;
    kitchen->own[kitchen->own_count++] = (struct otter_address){.family = 6, .ip = {0xFE, 0x80, [15] = 7}};
    settle();
    ask(HOST, OTTER_DNS_AAAA);
    wire_run(wire, 500);
    assert_int_equal(wire->sent_count, 2); /* to either group */
    const struct otter_dns_record record = find(OTTER_DNS_ANSWER, HOST, OTTER_DNS_AAAA);
    assert_memory_equal(wire->sent[0].bytes + record.data, kitchen->own[1].ip, 16);
    assert_true(has(OTTER_DNS_ADDITIONAL, HOST, OTTER_DNS_A));
    assert_false(has(OTTER_DNS_ADDITIONAL, HOST, OTTER_DNS_NSEC));
}

static void one_family_is_enough(void **state)
{
    (void)state;
    kitchen->ipv4 = false;
    kitchen->ipv6 = true;
    settle();
    ask(HOST, OTTER_DNS_A);
    wire_run(wire, 500);
    assert_int_equal(wire->sent_count, 1);
    assert_int_equal(wire->sent[0].peer.family, 6);
}

static void a_record_is_multicast_once_a_second(void **state)
{
    (void)state;
    settle();
    for (unsigned i = 0; i < 30; i++) {
        ask(HOST, OTTER_DNS_A);
        wire_run(wire, 100);
    }
    assert_in_range(wire->sent_count, 3, 4);
    for (unsigned i = 1; i < wire->sent_count; i++)
        assert_true(wire->sent[i].at_ms - wire->sent[i - 1].at_ms >= 1000);
}

static void long_names_take_several_messages(void **state)
{
    (void)state;
    static const char longest[] = "a23456789-123456789-123456789-123456789-123456789-123456789-123";
    static const char *const texts[] = {"board=0123456789012345678901234567890123456789",
                                        "name=0123456789012345678901234567890123456789",
                                        "version=0123456789012345678901234567890123456789", NULL};
    char instance[128];
    snprintf(instance, sizeof(instance), "%s._arduino._tcp.local", longest);
    kitchen->settings.hostname = longest;
    kitchen->settings.http_port = 80;
    kitchen->settings.texts = texts;
    wire_begin(kitchen);
    wire_run(wire, SETTLED_MS);
    assert_true(wire->sent_count > 5);
    assert_true(has(OTTER_DNS_ANSWER, instance, OTTER_DNS_TXT));
    assert_true(has(OTTER_DNS_ANSWER, instance, OTTER_DNS_SRV));
    snprintf(instance, sizeof(instance), "%s._http._tcp.local", longest);
    assert_true(has(OTTER_DNS_ANSWER, instance, OTTER_DNS_TXT));
    for (unsigned i = 0; i < wire->sent_count; i++)
        assert_true(wire->sent[i].size <= OTTER_MDNS_PACKET);
}

/* --- known answers (7) ---------------------------------------------------------------------------- */

static void what_is_known_is_not_told(void **state)
{
    (void)state;
    settle();
    write_query();
    add_question(PUSH_TYPE, OTTER_DNS_PTR, OTTER_DNS_CLASS_IN);
    add_pointer(OTTER_DNS_ANSWER, PUSH_TYPE, PUSH, 2250);
    say();
    wire_run(wire, 500);
    assert_int_equal(wire->sent_count, 0);
}

static void what_is_soon_forgotten_is_told(void **state)
{
    (void)state;
    settle();
    write_query();
    add_question(PUSH_TYPE, OTTER_DNS_PTR, OTTER_DNS_CLASS_IN);
    add_pointer(OTTER_DNS_ANSWER, PUSH_TYPE, PUSH, 2249);
    add_pointer(OTTER_DNS_ANSWER, PUSH_TYPE, "cellar._arduino._tcp.local", 4500);
    say();
    wire_run(wire, 500);
    assert_true(has(OTTER_DNS_ANSWER, PUSH_TYPE, OTTER_DNS_PTR));
}

static void known_answers_may_come_in_a_second_message(void **state)
{
    (void)state;
    settle();
    for (unsigned known = 0; known < 2; known++) {
        wire_run(wire, 2000);
        wire_clear(wire);
        otter_dns_writer_init(&writer, letter, sizeof(letter), 0, OTTER_DNS_TRUNCATED);
        add_question(PUSH_TYPE, OTTER_DNS_PTR, OTTER_DNS_CLASS_IN);
        say();
        wire_run(wire, 390);
        assert_int_equal(wire->sent_count, 0);
        write_query();
        add_pointer(OTTER_DNS_ANSWER, PUSH_TYPE, known ? PUSH : "cellar._arduino._tcp.local", 4500);
        say();
        wire_run(wire, 500);
        assert_int_equal(wire->sent_count, !known);
    }
}

static void what_another_device_has_just_said_is_not_repeated(void **state)
{
    (void)state;
    settle();
    ask(SERVICES, OTTER_DNS_PTR);
    wire_run(wire, 10);
    write_response();
    add_pointer(OTTER_DNS_ANSWER, SERVICES, PUSH_TYPE, 4500);
    say();
    wire_run(wire, 500);
    assert_int_equal(wire->sent_count, 0);
}

/* --- unicast (5.4, 6.7) --------------------------------------------------------------------------- */

static void who_wants_a_direct_answer_gets_it(void **state)
{
    (void)state;
    settle();
    write_query();
    add_question(PUSH_TYPE, OTTER_DNS_PTR, OTTER_DNS_CLASS_IN | UNICAST);
    say();
    wire_run(wire, 500);
    assert_int_equal(wire->sent_count, 1);
    assert_false(is_group(&wire->sent[0]));
    assert_int_equal(wire->sent[0].peer.ip[3], PEER);
    assert_int_equal(wire->sent[0].peer.port, OTTER_MDNS_PORT);
    assert_int_equal(find(OTTER_DNS_ANSWER, PUSH_TYPE, OTTER_DNS_PTR).ttl, 4500);
    assert_true(find(OTTER_DNS_ADDITIONAL, PUSH, OTTER_DNS_SRV).top);
    assert_false(has(OTTER_DNS_QUESTION, PUSH_TYPE, 0));
}

static void an_ordinary_resolver_gets_an_ordinary_answer(void **state)
{
    (void)state;
    settle();
    write_query();
    letter[0] = 0xAB;
    letter[1] = 0xCD;
    add_question("Kitchen.LOCAL", OTTER_DNS_A, OTTER_DNS_CLASS_IN);
    say_from(40000);
    wire_run(wire, 500);
    assert_int_equal(wire->sent_count, 1);
    const struct wire_datagram *sent = &wire->sent[0];
    assert_int_equal(sent->peer.ip[3], PEER);
    assert_int_equal(sent->peer.port, 40000);
    assert_memory_equal(sent->bytes, "\xAB\xCD\x84\x00\x00\x01\x00\x01", 8);
    assert_memory_equal(sent->bytes + 12, letter + 12, 19); /* the question, letter by letter */
    const struct otter_dns_record record = find(OTTER_DNS_ANSWER, HOST, OTTER_DNS_A);
    assert_int_equal(record.ttl, 10);
    assert_false(record.top);
}

/* --- conflicts (8.1, 8.2, 9) ---------------------------------------------------------------------- */

static void a_name_that_is_taken_gets_a_number(void **state)
{
    (void)state;
    settle();
    struct wire_device *second = wire_add(wire, "Kitchen", 8), *third = wire_add(wire, "kitchen", 9);
    wire_begin(second);
    wire_run(wire, SETTLED_MS);
    assert_string_equal(second->announced, "Kitchen-2");
    wire_begin(third);
    wire_run(wire, SETTLED_MS);
    assert_string_equal(third->announced, "kitchen-3");
    assert_int_equal(kitchen->announcements, 1);
    wire_clear(wire);
    ask("kitchen-2._arduino._tcp.local", OTTER_DNS_SRV);
    wire_run(wire, 500);
    assert_true(has(OTTER_DNS_ANSWER, "kitchen-2._arduino._tcp.local", OTTER_DNS_SRV));
}

static void a_number_fits_behind_the_longest_name(void **state)
{
    (void)state;
    static const char longest[] = "a23456789-123456789-123456789-123456789-123456789-123456789-123";
    kitchen->settings.hostname = longest;
    wire_begin(kitchen);
    wire_run(wire, SETTLED_MS);
    struct wire_device *second = wire_add(wire, longest, 8);
    wire_begin(second);
    wire_run(wire, SETTLED_MS);
    assert_string_equal(second->announced, "a23456789-123456789-123456789-123456789-123456789-1234567-2");
}

static void all_who_begin_together_get_a_name_of_their_own(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        wire_free(wire);
        wire = wire_new(seed);
        for (uint8_t i = 0; i < 5; i++) {
            /* Two of them on one computer: the same address, and other ports. */
            struct wire_device *device = wire_add(wire, "kitchen", i == 4 ? 1 : i + 1);
            device->settings.push_port = (uint16_t)(8266 + i);
            wire_begin(device);
        }
        wire_run(wire, 20000);
        for (unsigned i = 0; i < 5; i++) {
            const struct wire_device *device = &wire->devices[i];
            if (device->announcements != 1)
                fail_msg("seed %u: device %u announced itself %u times", (unsigned)seed, i,
                         device->announcements);
            for (unsigned j = 0; j < i; j++)
                if (strcmp(device->announced, wire->devices[j].announced) == 0)
                    fail_msg("seed %u: %u and %u are %s", (unsigned)seed, i, j, device->announced);
        }
    }
}

/* The rival's probe says 10.0.0.LAST. Who is to win is to have the name in the end. */
static void rival_probes(uint8_t last, bool rival_wins)
{
    wire_begin(kitchen);
    wire_run(wire, 400); /* one or two probes were sent */
    write_query();
    add_question(HOST, OTTER_DNS_ANY, OTTER_DNS_CLASS_IN);
    add_address(OTTER_DNS_AUTHORITY, HOST, last, 120);
    say();
    wire_run(wire, 10);
    wire_clear(wire);
    wire_run(wire, 900);
    assert_int_equal(wire->sent_count > 0, !rival_wins);
    wire_run(wire, SETTLED_MS);
    assert_string_equal(kitchen->announced, "kitchen"); /* the rival did not go on */
}

static void the_higher_address_wins_a_tie(void **state)
{
    (void)state;
    rival_probes(8, true);
}

static void the_lower_address_loses_a_tie(void **state)
{
    (void)state;
    rival_probes(6, false);
}

static void the_own_probe_is_no_rival(void **state)
{
    (void)state;
    rival_probes(7, false);
}

static void whoever_claims_more_wins_a_tie(void **state)
{
    (void)state;
    const uint8_t ip[16] = {0xFE, 0x80, [15] = 9};
    wire_begin(kitchen);
    wire_run(wire, 400);
    write_query();
    add_question(HOST, OTTER_DNS_ANY, OTTER_DNS_CLASS_IN);
    add_address(OTTER_DNS_AUTHORITY, HOST, 7, 120);
    otter_dns_open(&writer, OTTER_DNS_AUTHORITY, HOST, OTTER_DNS_AAAA, OTTER_DNS_CLASS_IN, 120);
    otter_dns_write(&writer, ip, sizeof(ip));
    assert_true(otter_dns_close(&writer));
    say();
    wire_run(wire, 10);
    wire_clear(wire);
    wire_run(wire, 900);
    assert_int_equal(wire->sent_count, 0);
}

static void a_tie_of_services_is_settled_by_the_port(void **state)
{
    (void)state;
    for (uint16_t port = 8265; port <= 8267; port++) {
        wire_free(wire);
        (void)open_wire(NULL);
        wire_begin(kitchen);
        wire_run(wire, 400);
        write_query();
        add_question(HOST, OTTER_DNS_ANY, OTTER_DNS_CLASS_IN);
        add_question(PUSH, OTTER_DNS_ANY, OTTER_DNS_CLASS_IN);
        add_service(OTTER_DNS_AUTHORITY, PUSH, port, HOST);
        add_address(OTTER_DNS_AUTHORITY, HOST, 7, 120);
        say();
        wire_run(wire, 10);
        wire_clear(wire);
        wire_run(wire, 900);
        assert_int_equal(wire->sent_count > 0, port <= 8266);
    }
}

static void who_has_the_name_defends_it(void **state)
{
    (void)state;
    settle();
    ask(HOST, OTTER_DNS_A); /* has just been multicast, and may be again after 250 ms */
    wire_run(wire, 20);
    wire_clear(wire);
    const uint32_t start = wire->now_ms;
    write_query();
    add_question(HOST, OTTER_DNS_ANY, OTTER_DNS_CLASS_IN | UNICAST);
    add_address(OTTER_DNS_AUTHORITY, HOST, 8, 120);
    say();
    wire_run(wire, 500);
    assert_true(only_multicast()->at_ms - start < 250);
    assert_true(has(OTTER_DNS_ANSWER, HOST, OTTER_DNS_A));
}

static void another_with_the_name_makes_it_probe_again(void **state)
{
    (void)state;
    settle();
    write_response();
    add_address(OTTER_DNS_ANSWER, HOST, 8, 120);
    say();
    wire_run(wire, 300);
    assert_true(has(OTTER_DNS_QUESTION, HOST, OTTER_DNS_ANY));
    write_response(); /* and the other one defends it */
    add_address(OTTER_DNS_ANSWER, HOST, 8, 120);
    say();
    wire_run(wire, SETTLED_MS);
    assert_string_equal(kitchen->announced, "kitchen-2");
}

static void what_is_no_conflict_is_none(void **state)
{
    (void)state;
    settle();
    write_response();
    add_address(OTTER_DNS_ANSWER, HOST, 7, 120); /* that is us */
    add_address(OTTER_DNS_ANSWER, "cellar.local", 8, 120);
    add_address(OTTER_DNS_ANSWER, HOST, 8, 0); /* somebody takes leave */
    add_pointer(OTTER_DNS_ANSWER, PUSH_TYPE, "cellar._arduino._tcp.local", 4500);
    say();
    write_response();
    add_address(OTTER_DNS_ANSWER, HOST, 8, 120);
    say_from(40000); /* from a port that responses do not come from */
    wire_run(wire, SETTLED_MS);
    assert_int_equal(wire->sent_count, 0);
    assert_int_equal(kitchen->announcements, 1);
}

static void many_conflicts_make_it_slow(void **state)
{
    (void)state;
    char name[OTTER_HOSTNAME_MAX + sizeof(".local")];
    unsigned conflicts = 0;
    wire_begin(kitchen);
    for (unsigned i = 0; i < 12000; i++) { /* a minute */
        wire_run(wire, 5);
        snprintf(name, sizeof(name), "%s.local", kitchen->mdns.hostname);
        if (has(OTTER_DNS_QUESTION, name, OTTER_DNS_ANY)) {
            write_response();
            add_address(OTTER_DNS_ANSWER, name, 8, 120);
            say();
            conflicts++;
        }
        wire_clear(wire);
    }
    assert_in_range(conflicts, 20, 30);
}

/* --- the end (10.1) ------------------------------------------------------------------------------- */

static void it_says_goodbye(void **state)
{
    (void)state;
    settle();
    otter_mdns_end(&kitchen->mdns);
    assert_int_equal(wire->sent_count, 1);
    assert_int_equal(find(OTTER_DNS_ANSWER, HOST, OTTER_DNS_A).ttl, 0);
    assert_int_equal(find(OTTER_DNS_ANSWER, PUSH_TYPE, OTTER_DNS_PTR).ttl, 0);
    assert_int_equal(find(OTTER_DNS_ANSWER, PUSH, OTTER_DNS_SRV).ttl, 0);
    assert_false(has(OTTER_DNS_ANSWER, SERVICES, OTTER_DNS_PTR)); /* others have it, too */
    wire_begin(kitchen);
    wire_run(wire, SETTLED_MS);
    assert_int_equal(kitchen->announcements, 2);
}

static void who_was_never_there_does_not_say_goodbye(void **state)
{
    (void)state;
    wire_begin(kitchen);
    wire_run(wire, 300);
    wire_clear(wire);
    otter_mdns_end(&kitchen->mdns);
    otter_mdns_end(&kitchen->mdns);
    assert_int_equal(wire->sent_count, 0);
}

static void who_stays_does_not_let_others_say_goodbye_for_it(void **state)
{
    (void)state;
    settle();
    write_response();
    add_pointer(OTTER_DNS_ANSWER, SERVICES, PUSH_TYPE, 0);
    say();
    wire_run(wire, 1000);
    assert_int_equal(find(OTTER_DNS_ANSWER, SERVICES, OTTER_DNS_PTR).ttl, 4500);
}

/* --- what is malformed ---------------------------------------------------------------------------- */

static void a_message_cut_anywhere_is_ignored(void **state)
{
    (void)state;
    settle();
    write_query();
    add_question(HOST, OTTER_DNS_A, OTTER_DNS_CLASS_IN);
    add_address(OTTER_DNS_ANSWER, "cellar.local", 8, 120);
    for (size_t size = 0; size < writer.size; size++) {
        wire_say(wire, PEER, OTTER_MDNS_PORT, letter, size);
        wire_run(wire, 10);
    }
    assert_int_equal(wire->sent_count, 0);
    say();
    wire_run(wire, 10);
    assert_int_equal(wire->sent_count, 1);
}

static void other_operations_are_ignored(void **state)
{
    (void)state;
    settle();
    write_query();
    add_question(HOST, OTTER_DNS_A, OTTER_DNS_CLASS_IN);
    letter[2] = 0x28; /* an update */
    say();
    letter[2] = 0;
    letter[3] = 1; /* an error */
    say();
    wire_run(wire, 500);
    assert_int_equal(wire->sent_count, 0);
}

/* A browser with many known answers sends more than a small device takes in. */
static void a_long_message_is_read_as_far_as_it_fits(void **state)
{
    (void)state;
    static uint8_t bytes[WIRE_DATAGRAM];
    char name[64];
    settle();
    otter_dns_writer_init(&writer, bytes, sizeof(bytes), 0, 0);
    add_question(PUSH_TYPE, OTTER_DNS_PTR, OTTER_DNS_CLASS_IN);
    for (unsigned i = 0; writer.size < 1400; i++) {
        snprintf(name, sizeof(name), "device-%u._arduino._tcp.local", i);
        add_pointer(OTTER_DNS_ANSWER, PUSH_TYPE, name, 4500);
    }
    wire_say(wire, PEER, OTTER_MDNS_PORT, bytes, writer.size);
    wire_run(wire, 500);
    assert_true(has(OTTER_DNS_ANSWER, PUSH_TYPE, OTTER_DNS_PTR));
}

static size_t write_random(uint64_t *seed)
{
    static const char *const names[] = {HOST, PUSH, PUSH_TYPE, SERVICES, "cellar.local"};
    static const uint32_t types[] = {OTTER_DNS_A, OTTER_DNS_PTR, OTTER_DNS_SRV, OTTER_DNS_TXT, OTTER_DNS_ANY};
    otter_dns_writer_init(&writer, letter, sizeof(letter), 0, seed_below(seed, 2) ? OTTER_DNS_RESPONSE : 0);
    for (uint32_t section = 0; section < OTTER_DNS_SECTIONS; section++)
        for (uint32_t count = seed_below(seed, 3); count > 0; count--) {
            const uint32_t type = types[seed_below(seed, TEST_COUNT(types))];
            otter_dns_open(&writer, (enum otter_dns_section)section,
                           names[seed_below(seed, TEST_COUNT(names))], type, OTTER_DNS_CLASS_IN,
                           seed_below(seed, 5000));
            if (section != OTTER_DNS_QUESTION && type == OTTER_DNS_PTR)
                otter_dns_write_name(&writer, names[seed_below(seed, TEST_COUNT(names))]);
            else if (section != OTTER_DNS_QUESTION)
                otter_dns_write(&writer, "\x0a\x00\x00\x08", 4);
            (void)otter_dns_close(&writer);
        }
    for (uint32_t changes = seed_below(seed, 4); changes > 0; changes--)
        letter[seed_below(seed, (uint32_t)writer.size)] = (uint8_t)seed_next(seed);
    return seed_below(seed, 4) == 0 ? seed_below(seed, (uint32_t)writer.size) : writer.size;
}

static void ten_thousand_random_messages_leave_it_answering(void **state)
{
    (void)state;
    const uint64_t start = 5353;
    uint64_t seed = start;
    settle();
    for (unsigned i = 0; i < 10000; i++) {
        if (seed_below(&seed, 8) == 0)
            seed_fill(&seed, letter, sizeof(letter));
        const size_t size = seed_below(&seed, 8) == 0 ? sizeof(letter) : write_random(&seed);
        wire_say(wire, PEER, seed_below(&seed, 4) ? OTTER_MDNS_PORT : 40000, letter, size);
        wire_run(wire, seed_below(&seed, 50));
        wire_clear(wire);
    }
    wire_run(wire, 20000);
    wire_clear(wire);
    char name[sizeof(kitchen->announced) + sizeof(".local")];
    snprintf(name, sizeof(name), "%s.local", kitchen->announced);
    ask(name, OTTER_DNS_A);
    wire_run(wire, 500);
    if (!has(OTTER_DNS_ANSWER, name, OTTER_DNS_A))
        fail_msg("seed %llu: no answer", (unsigned long long)start);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_wire, close_wire)
    const struct CMUnitTest tests[] = {
        TEST(it_probes_three_times_and_announces_twice),
        TEST(a_probe_asks_for_the_names_and_claims_them),
        TEST(an_announcement_holds_everything),
        TEST(the_texts_are_those_that_tools_look_for),
        TEST(it_waits_for_an_address),
        TEST(other_addresses_are_announced),
        TEST(what_cannot_work_is_refused),
        TEST(an_address_is_told_at_once),
        TEST(what_others_answer_too_is_told_a_little_later),
        TEST(whoever_looks_for_devices_is_told_all_at_once),
        TEST(services_are_listed),
        TEST(who_is_not_asked_is_silent),
        TEST(nothing_is_answered_before_the_name_is_had),
        TEST(an_address_that_is_not_there_is_denied),
        TEST(ipv6_addresses_are_told),
        TEST(one_family_is_enough),
        TEST(a_record_is_multicast_once_a_second),
        TEST(long_names_take_several_messages),
        TEST(what_is_known_is_not_told),
        TEST(what_is_soon_forgotten_is_told),
        TEST(known_answers_may_come_in_a_second_message),
        TEST(what_another_device_has_just_said_is_not_repeated),
        TEST(who_wants_a_direct_answer_gets_it),
        TEST(an_ordinary_resolver_gets_an_ordinary_answer),
        TEST(a_name_that_is_taken_gets_a_number),
        TEST(a_number_fits_behind_the_longest_name),
        TEST(all_who_begin_together_get_a_name_of_their_own),
        TEST(the_higher_address_wins_a_tie),
        TEST(the_lower_address_loses_a_tie),
        TEST(the_own_probe_is_no_rival),
        TEST(whoever_claims_more_wins_a_tie),
        TEST(a_tie_of_services_is_settled_by_the_port),
        TEST(who_has_the_name_defends_it),
        TEST(another_with_the_name_makes_it_probe_again),
        TEST(what_is_no_conflict_is_none),
        TEST(many_conflicts_make_it_slow),
        TEST(it_says_goodbye),
        TEST(who_was_never_there_does_not_say_goodbye),
        TEST(who_stays_does_not_let_others_say_goodbye_for_it),
        TEST(a_message_cut_anywhere_is_ignored),
        TEST(other_operations_are_ignored),
        TEST(a_long_message_is_read_as_far_as_it_fits),
        TEST(ten_thousand_random_messages_leave_it_answering),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
