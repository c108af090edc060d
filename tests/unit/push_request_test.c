#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "format/push.h"
#include "tests/support/seed.h"

#define MD5      "64fc31200859b0988c69729e9c4ac6e7"
#define CNONCE   "331a3db132944f0ae3bfe580e9792b8f"
#define RESPONSE "f5dca01f93d283c1787e051768ac7471"
#define LONG     "78377b525757b494427f89014f97d79928f3938d14eb51e20fb5dec9834eb304"

static int parse(struct otter_push_request_parser *parser, const char *bytes, size_t size, size_t portion)
{
    otter_push_request_init(parser);
    for (size_t at = 0; at < size; at += portion) {
        size_t left = size - at;
        int result = otter_push_request_feed(parser, bytes + at, left < portion ? left : portion);
        if (result != OTTER_OK)
            return result;
    }
    return otter_push_request_end(parser);
}

static void assert_same(const struct otter_push_request *left, const struct otter_push_request *right)
{
    assert_int_equal(left->command, right->command);
    assert_int_equal(left->port, right->port);
    assert_int_equal(left->size, right->size);
    assert_int_equal(left->prompt, right->prompt);
    assert_int_equal(left->digits, right->digits);
    assert_string_equal(left->md5, right->md5);
    assert_string_equal(left->cnonce, right->cnonce);
    assert_string_equal(left->response, right->response);
}

/* The result, which must be the same for the whole datagram and for one byte at a time. */
static int request_of(struct otter_push_request *request, const char *datagram)
{
    struct otter_push_request_parser whole;
    struct otter_push_request_parser bytes;
    size_t size = strlen(datagram);
    int result = parse(&whole, datagram, size, size + 1);
    assert_int_equal(parse(&bytes, datagram, size, 1), result);
    assert_same(&bytes.request, &whole.request);
    *request = whole.request;
    return result;
}

static void assert_accepted(const char *datagram)
{
    struct otter_push_request request;
    if (request_of(&request, datagram) != OTTER_OK)
        fail_msg("refused: \"%s\"", datagram);
}

static void assert_refused(const char *datagram)
{
    struct otter_push_request request;
    if (request_of(&request, datagram) != OTTER_ERROR_MALFORMED)
        fail_msg("accepted: \"%s\"", datagram);
}

static void the_recorded_invitation_is_understood(void **state)
{
    (void)state;
    struct otter_push_request request;
    assert_int_equal(request_of(&request, "0 18301 20000 " MD5 "\n"), OTTER_OK);
    assert_int_equal(request.command, OTTER_PUSH_SKETCH);
    assert_int_equal(request.port, 18301);
    assert_int_equal(request.size, 20000);
    assert_string_equal(request.md5, MD5);
    assert_false(request.prompt);
    assert_int_equal(request_of(&request, "100 18306 20000 " MD5 "\n"), OTTER_OK);
    assert_int_equal(request.command, OTTER_PUSH_FILESYSTEM);
}

static void the_recorded_authentication_is_understood(void **state)
{
    (void)state;
    struct otter_push_request request;
    assert_int_equal(request_of(&request, "200 " CNONCE " " RESPONSE "\n"), OTTER_OK);
    assert_int_equal(request.command, OTTER_PUSH_AUTHENTICATE);
    assert_int_equal(request.digits, 32);
    assert_string_equal(request.cnonce, CNONCE);
    assert_string_equal(request.response, RESPONSE);
    assert_int_equal(request_of(&request, "200 " LONG " " LONG "\n"), OTTER_OK);
    assert_int_equal(request.digits, 64);
    assert_string_equal(request.cnonce, LONG);
    assert_string_equal(request.response, LONG);
}

static void what_deployed_devices_accept_is_accepted(void **state)
{
    (void)state;
    struct otter_push_request request;
    assert_accepted("0 1 0 " MD5);
    assert_accepted("0 1 0 " MD5 "\r\n");
    assert_accepted("0 1 0 " MD5 "  \n");
    assert_accepted("0 1 0 " MD5 "\n\r\n \t");
    assert_accepted("0 1 0 " MD5 "\v\f");
    assert_accepted("000 00001 00000000000000000000001 " MD5);
    assert_accepted("200 " CNONCE " " RESPONSE);
    assert_accepted("200 " CNONCE " " RESPONSE " \n");
    assert_int_equal(request_of(&request, "0 1 0 64FC31200859B0988C69729E9C4AC6E7\n"), OTTER_OK);
    assert_string_equal(request.md5, "64FC31200859B0988C69729E9C4AC6E7");
}

static void a_tab_before_the_line_feed_asks_for_a_prompt_result(void **state)
{
    (void)state;
    static const struct {
        const char *end;
        bool prompt;
    } ends[] = {
        {"", false},      {"\n", false},   {" \n", false},  {"\t\n", true},  {"\t", true},
        {"\t\r\n", true}, {" \t\n", true}, {"\t \n", true}, {"\n\t", false}, {"\n\t\n", false},
    };
    for (size_t i = 0; i < TEST_COUNT(ends); i++) {
        struct otter_push_request request;
        char datagram[OTTER_PUSH_DATAGRAM_MAX];
        snprintf(datagram, sizeof(datagram), "0 1 2 %s%s", MD5, ends[i].end);
        assert_int_equal(request_of(&request, datagram), OTTER_OK);
        assert_int_equal(request.prompt, ends[i].prompt);
    }
    struct otter_push_request request;
    assert_int_equal(request_of(&request, "200 " CNONCE " " RESPONSE "\t\n"), OTTER_OK);
    assert_false(request.prompt);
}

static void numbers_have_limits(void **state)
{
    (void)state;
    struct otter_push_request request;
    assert_int_equal(request_of(&request, "0 65535 4294967295 " MD5 "\n"), OTTER_OK);
    assert_int_equal(request.port, 65535);
    assert_int_equal(request.size, UINT32_MAX);
    assert_refused("0 0 1 " MD5 "\n");
    assert_refused("0 65536 1 " MD5 "\n");
    assert_refused("0 4294967297 1 " MD5 "\n");
    assert_refused("0 1 4294967296 " MD5 "\n");
    assert_refused("0 1 99999999999 " MD5 "\n");
    assert_refused("0 1 18446744073709551617 " MD5 "\n");
    assert_refused("4294967296 1 1 " MD5 "\n");
}

static void every_other_command_is_refused(void **state)
{
    (void)state;
    for (unsigned command = 0; command <= 1000; command++) {
        char datagram[OTTER_PUSH_DATAGRAM_MAX];
        snprintf(datagram, sizeof(datagram), "%u 18301 20000 " MD5 "\n", command);
        if (command == OTTER_PUSH_SKETCH || command == OTTER_PUSH_FILESYSTEM)
            assert_accepted(datagram);
        else
            assert_refused(datagram);
    }
}

static void anything_else_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "\n",
        " ",
        "0",
        "0 ",
        "0 1",
        "0 1 ",
        "0 1 2",
        "0 1 2 ",
        "0 1 2\n",
        " 0 1 2 " MD5,
        "0  1 2 " MD5,
        "0 1  " MD5,
        " 1 2 " MD5,
        "0\t1 2 " MD5,
        "+0 1 2 " MD5,
        "-0 1 2 " MD5,
        "0 -1 2 " MD5,
        "0 1 2.0 " MD5,
        "0x0 1 2 " MD5,
        "0 1 2 64fc31200859b0988c69729e9c4ac6e",
        "0 1 2 64fc31200859b0988c69729e9c4ac6e\n",
        "0 1 2 " MD5 "0",
        "0 1 2 " MD5 "0\n",
        "0 1 2 64fc31200859b0988c69729e9c4ac6eg\n",
        "0 1 2 " MD5 " x\n",
        "0 1 2 " MD5 "\nx",
        "0 1 2 " MD5 "\n0 1 2 " MD5 "\n",
        "200 " CNONCE "\n",
        "200 " CNONCE " \n",
        "200 " CNONCE " " CNONCE "0\n",
        "200 " CNONCE " f5dca01f93d283c1787e051768ac747\n",
        "200 " CNONCE " " LONG "\n",
        "200 " LONG " " CNONCE "\n",
        "200 " LONG "0 " LONG "\n",
        "200 331a3db132944f0ae3bfe580e9792b8 " RESPONSE "\n",
        "200 331a3db132944f0ae3bfe580e9792b8x " RESPONSE "\n",
        "200  " CNONCE " " RESPONSE "\n",
        "200 " CNONCE CNONCE CNONCE " " RESPONSE "\n",
        "OK",
        "AUTH " MD5,
    };
    for (size_t i = 0; i < TEST_COUNT(wrong); i++)
        assert_refused(wrong[i]);
}

static void a_nul_is_no_end(void **state)
{
    (void)state;
    static const char datagram[] = "0 18301 20000 " MD5 "\0\n";
    struct otter_push_request_parser parser;
    assert_int_equal(parse(&parser, datagram, sizeof(datagram) - 1, 1), OTTER_ERROR_MALFORMED);
}

static void a_failure_sticks(void **state)
{
    (void)state;
    struct otter_push_request_parser parser;
    otter_push_request_init(&parser);
    assert_int_equal(otter_push_request_feed(&parser, "7 ", 2), OTTER_ERROR_MALFORMED);
    assert_int_equal(otter_push_request_feed(&parser, "0 1 2 " MD5 "\n", 39), OTTER_ERROR_MALFORMED);
    assert_int_equal(otter_push_request_end(&parser), OTTER_ERROR_MALFORMED);
}

static void requests_are_written_as_espota_does(void **state)
{
    (void)state;
    char out[OTTER_PUSH_DATAGRAM_MAX];
    struct otter_push_request request = {
        .command = OTTER_PUSH_FILESYSTEM, .port = 18306, .size = 20000, .md5 = MD5};
    int length = otter_push_request_encode(out, sizeof(out), &request);
    assert_string_equal(out, "100 18306 20000 " MD5 "\n");
    assert_int_equal(length, strlen(out));
    request.prompt = true;
    assert_int_equal(otter_push_request_encode(out, sizeof(out), &request), length + 1);
    assert_string_equal(out, "100 18306 20000 " MD5 "\t\n");

    request = (struct otter_push_request){
        .command = OTTER_PUSH_AUTHENTICATE, .digits = 64, .cnonce = LONG, .response = LONG};
    assert_int_equal(otter_push_request_encode(out, sizeof(out), &request), 134);
    assert_string_equal(out, "200 " LONG " " LONG "\n");
    assert_int_equal(otter_push_request_encode(out, 134, &request), OTTER_ERROR_BUFFER);
    assert_int_equal(otter_push_request_encode(out, 135, &request), 134);
}

static void requests_round_trip(void **state)
{
    (void)state;
    for (uint64_t first = 1; first <= 500; first++) {
        uint64_t seed = first;
        char out[OTTER_PUSH_DATAGRAM_MAX];
        struct otter_push_request decoded;
        struct otter_push_request request = {
            .command = seed_below(&seed, 2) ? OTTER_PUSH_SKETCH : OTTER_PUSH_FILESYSTEM,
            .port = (uint16_t)(1 + seed_below(&seed, 65535)),
            .size = (uint32_t)seed_next(&seed) >> seed_below(&seed, 32),
            .md5 = MD5,
            .prompt = seed_below(&seed, 2),
        };
        assert_true(otter_push_request_encode(out, sizeof(out), &request) > 0);
        assert_int_equal(request_of(&decoded, out), OTTER_OK);
        assert_same(&decoded, &request);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_recorded_invitation_is_understood),
        cmocka_unit_test(the_recorded_authentication_is_understood),
        cmocka_unit_test(what_deployed_devices_accept_is_accepted),
        cmocka_unit_test(a_tab_before_the_line_feed_asks_for_a_prompt_result),
        cmocka_unit_test(numbers_have_limits),
        cmocka_unit_test(every_other_command_is_refused),
        cmocka_unit_test(anything_else_is_refused),
        cmocka_unit_test(a_nul_is_no_end),
        cmocka_unit_test(a_failure_sticks),
        cmocka_unit_test(requests_are_written_as_espota_does),
        cmocka_unit_test(requests_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
