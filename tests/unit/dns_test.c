#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "format/dns.h"
#include "tests/support/seed.h"

/* A message, written byte by byte. */
#define HEADER(questions, answers) "\x12\x34\x84\x00\x00" questions "\x00" answers "\x00\x00\x00\x00"
#define KITCHEN                    "\x07kitchen\x05local\x00" /* 15 bytes, at 12 when it comes first */
#define BYTES(text)                text, sizeof(text) - 1

/* Reads all records; how many, or the error. */
static int count_records(const void *bytes, size_t size)
{
    struct otter_dns_reader reader;
    struct otter_dns_record record;
    int count = 0, next;
    otter_dns_reader_init(&reader, bytes, size);
    while ((next = otter_dns_next(&reader, &record)) > 0)
        count++;
    if (next < 0)
        assert_int_equal(otter_dns_next(&reader, &record), next); /* a failure sticks */
    return next < 0 ? next : count;
}

/* The only record of a message. */
static struct otter_dns_record only_record(struct otter_dns_reader *reader, const void *bytes, size_t size)
{
    struct otter_dns_record record, none;
    otter_dns_reader_init(reader, bytes, size);
    assert_int_equal(otter_dns_next(reader, &record), 1);
    assert_int_equal(otter_dns_next(reader, &none), 0);
    return record;
}

static void a_question_is_read(void **state)
{
    (void)state;
    struct otter_dns_reader reader;
    const struct otter_dns_record record =
        only_record(&reader, BYTES(HEADER("\x01", "\x00") KITCHEN "\x00\x1c\x80\x01"));
    assert_memory_equal(reader.message.bytes, "\x12\x34", 2);
    assert_int_equal(reader.flags, OTTER_DNS_RESPONSE | OTTER_DNS_AUTHORITATIVE);
    assert_int_equal(record.section, OTTER_DNS_QUESTION);
    assert_int_equal(record.type, OTTER_DNS_AAAA);
    assert_int_equal(record.class_code, OTTER_DNS_CLASS_IN);
    assert_true(record.top);
    assert_true(otter_dns_name_is(&reader.message, record.name, "kitchen.local"));
}

static void a_record_is_read(void **state)
{
    (void)state;
    struct otter_dns_reader reader;
    const struct otter_dns_record record =
        only_record(&reader, BYTES(HEADER("\x00", "\x01") KITCHEN
                                   "\x00\x01\x00\x01\x00\x01\x00\x78\x00\x04\x0a\x00\x00\x07"));
    assert_int_equal(record.section, OTTER_DNS_ANSWER);
    assert_int_equal(record.type, OTTER_DNS_A);
    assert_false(record.top);
    assert_int_equal(record.ttl, 0x10078);
    assert_int_equal(record.size, 4);
    assert_memory_equal(reader.message.bytes + record.data, "\x0a\x00\x00\x07", 4);
}

static void names_are_the_same_in_either_case_and_in_no_other(void **state)
{
    (void)state;
    struct otter_dns_reader reader;
    const struct otter_dns_record record =
        only_record(&reader, BYTES(HEADER("\x01", "\x00") "\x07Kit.hen\x05LOCAL\x00"
                                                          "\x00\x01\x00\x01"));
    static const char *const others[] = {
        "kit.hen.local", "kit\\.hen", "kit\\.hen.loca",   "kit\\.hen.locals", "kit\\.hen.local.x",
        "kitchen.local", "",          "kit\\.hen\\.local"};
    assert_true(otter_dns_name_is(&reader.message, record.name, "kit\\.HEN.local"));
    for (size_t i = 0; i < TEST_COUNT(others); i++)
        if (otter_dns_name_is(&reader.message, record.name, others[i]))
            fail_msg("taken for %s", others[i]);
}

/* What no message may hold, each in a question's name. */
static void bad_names_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *what, *name;
        size_t size;
    } names[] = {
        {"pointer to itself", BYTES("\xc0\x0c")},
        {"pointer forward", BYTES("\xc0\x0e\x01"
                                  "a\x00")},
        {"pointer into the header", BYTES("\x01"
                                          "a\xc0\x04")},
        {"loop with a label", BYTES("\x01"
                                    "a\xc0\x0c")},
        {"pointer cut off", BYTES("\x01"
                                  "a\xc0")},
        {"label of a kind that is none", BYTES("\x40"
                                               "a\x00")},
        {"label of another kind that is none", BYTES("\x80"
                                                     "a\x00")},
        {"label cut off", BYTES("\x3f"
                                "abc")},
        {"no end", BYTES("\x03"
                         "abc")},
    };
    char message[64] = HEADER("\x01", "\x00");
    for (size_t i = 0; i < TEST_COUNT(names); i++) {
        static const uint8_t type_class[4] = {0, 1, 0, 1};
        memcpy(message + OTTER_DNS_HEADER_SIZE, names[i].name, names[i].size);
        memcpy(message + OTTER_DNS_HEADER_SIZE + names[i].size, type_class, sizeof(type_class));
        const size_t tail = strstr(names[i].what, "cut") || strstr(names[i].what, "no end") ? 0 : 4;
        if (count_records(message, OTTER_DNS_HEADER_SIZE + names[i].size + tail) != OTTER_ERROR_MALFORMED)
            fail_msg("taken: %s", names[i].what);
    }
}

static void a_name_has_at_most_255_bytes(void **state)
{
    (void)state;
    static const uint8_t root_type_class[5] = {0, 0, 1, 0, 1};
    uint8_t message[400] = HEADER("\x01", "\x00");
    for (unsigned longest = 61; longest <= 62; longest++) {
        size_t at = OTTER_DNS_HEADER_SIZE;
        for (unsigned i = 0; i < 4; i++) {
            const uint8_t length = (uint8_t)(i < 3 ? 63 : longest); /* 3 * 64 + 62 + 1 = 255 */
            message[at] = length;
            memset(message + at + 1, 'a', length);
            at += 1u + length;
        }
        memcpy(message + at, root_type_class, sizeof(root_type_class));
        assert_int_equal(count_records(message, at + sizeof(root_type_class)),
                         longest == 61 ? 1 : OTTER_ERROR_MALFORMED);
    }
}

static void data_fit_their_type(void **state)
{
    (void)state;
    static const struct {
        uint8_t type;
        bool right;
        const char *data; /* may point to the name at 12 */
        size_t size;
    } cases[] = {
        {OTTER_DNS_A, true, BYTES("abcd")},
        {OTTER_DNS_A, false, BYTES("abc")},
        {OTTER_DNS_A, false, BYTES("abcde")},
        {OTTER_DNS_AAAA, true, BYTES("0123456789abcdef")},
        {OTTER_DNS_AAAA, false, BYTES("0123")},
        {OTTER_DNS_PTR, true,
         BYTES("\x01"
               "a\xc0\x0c")},
        {OTTER_DNS_PTR, true, BYTES("\x00")},
        {OTTER_DNS_PTR, false, BYTES("")},
        {OTTER_DNS_PTR, false, BYTES("\xc0\x0c\x00")},
        {OTTER_DNS_PTR, false,
         BYTES("\x01"
               "a")},
        {OTTER_DNS_SRV, true, BYTES("\x00\x00\x00\x00\x20\x4a\xc0\x0c")},
        {OTTER_DNS_SRV, false, BYTES("\x00\x00\x00\x00\x20\x4a")},
        {OTTER_DNS_SRV, false, BYTES("\x00\x00\x00")},
        {OTTER_DNS_TXT, true,
         BYTES("\x03"
               "a=b\x00")},
        {OTTER_DNS_TXT, true, BYTES("")},
        {99, true, BYTES("anything")},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        uint8_t message[80] = HEADER("\x00", "\x01") KITCHEN "\x00?\x80\x01\x00\x00\x11\x94\x00";
        size_t at = OTTER_DNS_HEADER_SIZE + 15;
        message[at + 1] = cases[i].type;
        at += 9;
        message[at++] = (uint8_t)cases[i].size;
        memcpy(message + at, cases[i].data, cases[i].size);
        if ((count_records(message, at + cases[i].size) == 1) != cases[i].right)
            fail_msg("case %zu", i);
    }
}

static void bytes_behind_the_last_record_are_refused(void **state)
{
    (void)state;
    assert_int_equal(count_records(BYTES(HEADER("\x01", "\x00") KITCHEN "\x00\x01\x00\x01")), 1);
    assert_int_equal(count_records(BYTES(HEADER("\x01", "\x00") KITCHEN "\x00\x01\x00\x01x")),
                     OTTER_ERROR_MALFORMED);
}

/* --- the writer ----------------------------------------------------------------------------------- */

static bool add_question(struct otter_dns_writer *writer, const char *name, uint32_t type)
{
    otter_dns_open(writer, OTTER_DNS_QUESTION, name, type, OTTER_DNS_CLASS_IN, 0);
    return otter_dns_close(writer);
}

static bool add_address(struct otter_dns_writer *writer, const char *name, enum otter_dns_section section)
{
    otter_dns_open(writer, section, name, OTTER_DNS_A, 0x8001, 0x10078);
    otter_dns_write(writer, "\x0a\x00\x00\x07", 4);
    return otter_dns_close(writer);
}

/* What an answer to a browser looks like. */
static size_t write_answer(uint8_t *bytes, size_t capacity)
{
    struct otter_dns_writer writer;
    otter_dns_writer_init(&writer, bytes, capacity, 0, OTTER_DNS_RESPONSE);
    assert_true(add_question(&writer, "_arduino._tcp.local", OTTER_DNS_PTR));
    otter_dns_open(&writer, OTTER_DNS_ANSWER, "_arduino._tcp.local", OTTER_DNS_PTR, 1, 4500);
    otter_dns_write_name(&writer, "kitchen._arduino._tcp.local");
    assert_true(otter_dns_close(&writer));
    otter_dns_open(&writer, OTTER_DNS_ADDITIONAL, "kitchen._arduino._tcp.local", OTTER_DNS_SRV, 0x8001, 120);
    otter_dns_write(&writer, "\0\0\0\0", 4);
    otter_dns_write_16(&writer, 8266);
    otter_dns_write_name(&writer, "kitchen.local");
    assert_true(otter_dns_close(&writer));
    assert_true(add_address(&writer, "kitchen.local", OTTER_DNS_ADDITIONAL));
    return writer.size;
}

static void what_is_written_is_read_again(void **state)
{
    (void)state;
    uint8_t bytes[512];
    struct otter_dns_reader reader;
    struct otter_dns_record record;
    otter_dns_reader_init(&reader, bytes, write_answer(bytes, sizeof(bytes)));
    assert_int_equal(otter_dns_next(&reader, &record), 1);
    assert_int_equal(record.section, OTTER_DNS_QUESTION);
    assert_int_equal(otter_dns_next(&reader, &record), 1);
    assert_int_equal(record.ttl, 4500);
    assert_true(otter_dns_name_is(&reader.message, record.target, "kitchen._arduino._tcp.local"));
    assert_int_equal(otter_dns_next(&reader, &record), 1);
    assert_int_equal(record.section, OTTER_DNS_ADDITIONAL);
    assert_true(record.top);
    assert_true(otter_dns_name_is(&reader.message, record.name, "kitchen._arduino._tcp.local"));
    assert_true(otter_dns_name_is(&reader.message, record.target, "kitchen.local"));
    assert_int_equal(otter_dns_next(&reader, &record), 1);
    assert_true(otter_dns_name_is(&reader.message, record.name, "kitchen.local"));
    assert_int_equal(record.ttl, 0x10078);
    assert_int_equal(otter_dns_next(&reader, &record), 0);
}

static void a_name_is_written_once(void **state)
{
    (void)state;
    uint8_t bytes[512];
    const size_t size = write_answer(bytes, sizeof(bytes));
    /* question: 21 + 4; PTR: 2 + 10 + 8 + 2; SRV: 2 + 10 + 6 + 8 + 2; A: 2 + 10 + 4 */
    assert_int_equal(size, OTTER_DNS_HEADER_SIZE + 25 + 22 + 28 + 16);
}

static void a_message_cut_anywhere_is_refused(void **state)
{
    (void)state;
    uint8_t bytes[512];
    const size_t size = write_answer(bytes, sizeof(bytes));
    assert_int_equal(count_records(bytes, size), 4);
    for (size_t cut = 0; cut < size; cut++)
        assert_int_equal(count_records(bytes, cut), OTTER_ERROR_MALFORMED);
}

static void what_does_not_fit_leaves_no_trace(void **state)
{
    (void)state;
    struct otter_dns_writer writer;
    uint8_t bytes[OTTER_DNS_HEADER_SIZE + 29]; /* one address */
    otter_dns_writer_init(&writer, bytes, sizeof(bytes), 0, 0);
    assert_true(add_address(&writer, "kitchen.local", OTTER_DNS_ANSWER));
    assert_false(add_address(&writer, "kitchen.local", OTTER_DNS_ANSWER));
    assert_false(add_question(&writer, "kitchen.local", OTTER_DNS_A));
    assert_int_equal(count_records(bytes, writer.size), 1);
    for (size_t capacity = OTTER_DNS_HEADER_SIZE; capacity < sizeof(bytes); capacity++) {
        otter_dns_writer_init(&writer, bytes, capacity, 0, 0);
        assert_false(add_address(&writer, "kitchen.local", OTTER_DNS_ANSWER));
        assert_int_equal(writer.size, OTTER_DNS_HEADER_SIZE);
        assert_int_equal(count_records(bytes, writer.size), 0);
    }
}

static void names_that_are_none_are_not_written(void **state)
{
    (void)state;
    static const char *const names[] = {
        "kitchen..local", ".local", "0123456789012345678901234567890123456789012345678901234567890123.local"};
    struct otter_dns_writer writer;
    uint8_t bytes[256];
    otter_dns_writer_init(&writer, bytes, sizeof(bytes), 0, 0);
    for (size_t i = 0; i < TEST_COUNT(names); i++)
        assert_false(add_question(&writer, names[i], OTTER_DNS_A));
    assert_int_equal(count_records(bytes, writer.size), 0);
}

static void an_answer_keeps_the_question(void **state)
{
    (void)state;
    uint8_t bytes[256] = HEADER("\x01", "\x01") KITCHEN "\x00\x01\x00\x01"; /* and a known answer, dropped */
    struct otter_dns_writer writer;
    struct otter_dns_reader reader;
    struct otter_dns_record record;
    otter_dns_writer_init(&writer, bytes, sizeof(bytes), OTTER_DNS_HEADER_SIZE + 19,
                          OTTER_DNS_RESPONSE | OTTER_DNS_AUTHORITATIVE);
    assert_true(add_address(&writer, "Kitchen.local", OTTER_DNS_ANSWER));
    assert_int_equal(writer.size, OTTER_DNS_HEADER_SIZE + 19 + 16); /* its name points to the question's */
    otter_dns_reader_init(&reader, bytes, writer.size);
    assert_memory_equal(reader.message.bytes, "\x12\x34", 2);
    assert_int_equal(reader.flags, OTTER_DNS_RESPONSE | OTTER_DNS_AUTHORITATIVE);
    assert_int_equal(otter_dns_next(&reader, &record), 1);
    assert_int_equal(otter_dns_next(&reader, &record), 1);
    assert_true(otter_dns_name_is(&reader.message, record.name, "kitchen.local"));
    assert_int_equal(otter_dns_next(&reader, &record), 0);
}

static void random_messages_do_no_harm(void **state)
{
    (void)state;
    const uint64_t start = 6762;
    uint64_t seed = start;
    uint8_t bytes[512];
    for (unsigned i = 0; i < 10000; i++) {
        size_t size = write_answer(bytes, sizeof(bytes));
        for (uint32_t changes = seed_below(&seed, 8); changes > 0; changes--)
            bytes[seed_below(&seed, (uint32_t)size)] = (uint8_t)seed_next(&seed);
        size = seed_below(&seed, (uint32_t)size + 1);
        if (count_records(bytes, size) > 4 * 65535)
            fail_msg("seed %llu, message %u", (unsigned long long)start, i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_is_read),
        cmocka_unit_test(a_record_is_read),
        cmocka_unit_test(names_are_the_same_in_either_case_and_in_no_other),
        cmocka_unit_test(bad_names_are_refused),
        cmocka_unit_test(a_name_has_at_most_255_bytes),
        cmocka_unit_test(data_fit_their_type),
        cmocka_unit_test(bytes_behind_the_last_record_are_refused),
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(a_name_is_written_once),
        cmocka_unit_test(a_message_cut_anywhere_is_refused),
        cmocka_unit_test(what_does_not_fit_leaves_no_trace),
        cmocka_unit_test(names_that_are_none_are_not_written),
        cmocka_unit_test(an_answer_keeps_the_question),
        cmocka_unit_test(random_messages_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
