/* A push session under a clock of the test's own: what it repeats, and when it gives up. */
#include <stdlib.h>
#include <string.h>

#include "host/push_session.h"
#include "host/resolve.h"
#include "tests/support/device_peer.h"
#include "tests/support/require.h"
#include "tests/support/socket.h"
#include "tests/support/test.h"

#define SIZE       (8u << 20) /* more than socket buffers hold */
#define QUIET_MS   20         /* on loopback, what is not there by then was not sent */
#define ARRIVAL_MS 5000

struct desk {
    struct device_peer device;
    struct otter_push_order order;
    struct otter_push_session session;
    uint64_t now;
    uint8_t bytes[SIZE];
};

static int setup(void **state)
{
    struct desk *desk = calloc(1, sizeof(*desk));
    REQUIRE(desk != NULL, "no memory");
    desk->now = 1;
    device_peer_open(&desk->device, "127.0.0.1");
    desk->order = (struct otter_push_order){.bytes = desk->bytes,
                                            .size = 1000,
                                            .md5 = "00112233445566778899aabbccddeeff",
                                            .command = OTTER_PUSH_SKETCH,
                                            .timeout_ms = 10000};
    *state = desk;
    return 0;
}

static int teardown(void **state)
{
    struct desk *desk = *state;
    otter_push_session_end(&desk->session, OTTER_PUSH_FAILURE_INTERRUPTED, desk->now);
    device_peer_close(&desk->device);
    free(desk);
    return 0;
}

static void begin(struct desk *desk)
{
    struct otter_device device;
    assert_true(otter_device_parse(&device, "127.0.0.1", desk->device.port));
    otter_resolve(&device, 1);
    assert_null(device.trouble);
    otter_push_session_begin(&desk->session, &desk->order, &device, 0, desk->now);
}

/* Time passes, and the session notices. */
static void pass(struct desk *desk, unsigned ms)
{
    desk->now += ms;
    otter_push_session_step(&desk->session, desk->now);
}

/* The session handles what its sockets have, as soon as they have it. */
static void settle(struct desk *desk)
{
    struct pollfd sockets[OTTER_PUSH_SESSION_SOCKETS];
    size_t count = otter_push_session_poll(&desk->session, sockets);
    assert_true(poll(sockets, count, ARRIVAL_MS) > 0);
    pass(desk, 0);
}

static unsigned count_datagrams(struct desk *desk, const char *beginning)
{
    unsigned count = 0;
    while (device_peer_hears(&desk->device, QUIET_MS))
        count += strncmp(desk->device.datagram, beginning, strlen(beginning)) == 0;
    return count;
}

static void answer(struct desk *desk, const char *text)
{
    device_peer_answer(&desk->device, text);
    settle(desk);
}

static void connect_device(struct desk *desk)
{
    begin(desk);
    device_peer_is_invited(&desk->device, 0);
    answer(desk, "OK");
    assert_int_equal(desk->session.state, OTTER_PUSH_STATE_CONNECTING);
    device_peer_connect(&desk->device);
    settle(desk);
    assert_true(desk->session.state >= OTTER_PUSH_STATE_SENDING);
}

/* Everything is sent and acknowledged. */
static void transfer(struct desk *desk)
{
    connect_device(desk);
    device_peer_read(&desk->device, desk->bytes, desk->order.size);
    pass(desk, 0);
    assert_int_equal(desk->session.acknowledged, desk->order.size);
    assert_int_equal(desk->session.state, OTTER_PUSH_STATE_VERIFYING);
}

static void assert_ended(const struct desk *desk, enum otter_push_failure failure)
{
    assert_int_equal(desk->session.state, OTTER_PUSH_STATE_ENDED);
    assert_int_equal(desk->session.failure, failure);
    assert_true(desk->session.udp < 0 && desk->session.listener < 0 && desk->session.tcp < 0);
}

/* --- invitation ------------------------------------------------------------------------------------ */

static void repeats_the_invitation_every_second(void **state)
{
    struct desk *desk = *state;
    begin(desk);
    for (unsigned second = 1; second < 10; second++) {
        pass(desk, 999);
        assert_int_equal(count_datagrams(desk, "0 "), second == 1 ? 1 : 0);
        pass(desk, 1);
        assert_int_equal(count_datagrams(desk, "0 "), 1);
    }
    pass(desk, 999);
    assert_int_equal(desk->session.state, OTTER_PUSH_STATE_INVITING);
    pass(desk, 1);
    assert_ended(desk, OTTER_PUSH_FAILURE_NO_ANSWER);
}

static void tells_when_it_wants_to_be_called_again(void **state)
{
    struct desk *desk = *state;
    begin(desk);
    assert_int_equal(otter_push_session_step(&desk->session, desk->now), desk->now + 1000);
    assert_int_equal(otter_push_session_step(&desk->session, desk->now + 500), desk->now + 1000);
}

static void notices_answers_that_mean_nothing(void **state)
{
    static const char *const answers[] = {"AUTH xyz", "Authentication Failed"};
    struct desk *desk = *state;
    for (size_t i = 0; i < TEST_COUNT(answers); i++) {
        begin(desk);
        device_peer_is_invited(&desk->device, 0);
        assert_false(desk->session.answered);
        answer(desk, answers[i]);
        assert_true(desk->session.answered);
        pass(desk, 10000);
        assert_ended(desk, OTTER_PUSH_FAILURE_NO_ANSWER);
        count_datagrams(desk, "");
    }
}

static void learns_how_much_a_device_can_take(void **state)
{
    static const struct {
        const char *answer, *text;
        uint32_t limit;
    } cases[] = {
        {"ERR: ERROR[4]: Not Enough Space\n495616 bytes at most\n", "ERROR[4]: Not Enough Space", 495616},
        {"ERR: ERROR[4]: Not Enough Space: 250432 bytes\n", "ERROR[4]: Not Enough Space: 250432 bytes", 0},
        {"ERR: ERROR[4]: so many bytes at most\n", "ERROR[4]: so many bytes at most", 0},
        {"ERR: ERROR[4]: 4294967296 bytes at most", "ERROR[4]: 4294967296 bytes at most", 0},
        {"ERR: 7 bytes at most\n", "7 bytes at most", 0},
        {"ERR: ERROR[4] bytes at most\n", "ERROR[4] bytes at most", 0},
    };
    struct desk *desk = *state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        begin(desk);
        device_peer_is_invited(&desk->device, 0);
        answer(desk, cases[i].answer);
        assert_ended(desk, OTTER_PUSH_FAILURE_REFUSED);
        assert_string_equal(desk->session.text, cases[i].text);
        assert_int_equal(desk->session.limit, cases[i].limit);
    }
}

static void does_not_begin_with_an_unknown_name(void **state)
{
    struct desk *desk = *state;
    const struct otter_device device = {.name = "nobody", .trouble = "not known"};
    otter_push_session_begin(&desk->session, &desk->order, &device, 0, desk->now);
    assert_ended(desk, OTTER_PUSH_FAILURE_NAME);
    assert_string_equal(desk->session.text, "not known");
}

static void does_not_begin_where_the_port_is_taken(void **state)
{
    struct desk *desk = *state;
    struct otter_device device;
    int taken = socket_bound(SOCK_STREAM, "127.0.0.1");
    assert_int_equal(listen(taken, 1), 0);
    assert_true(otter_device_parse(&device, "127.0.0.1", desk->device.port));
    otter_resolve(&device, 1);
    otter_push_session_begin(&desk->session, &desk->order, &device, socket_port(taken), desk->now);
    socket_close(&taken);
    assert_ended(desk, OTTER_PUSH_FAILURE_LOCAL);
    assert_non_null(strstr(desk->session.text, "cannot listen"));
    assert_int_equal(count_datagrams(desk, ""), 0);
}

static void notices_that_nobody_listens(void **state)
{
    struct desk *desk = *state;
    socket_close(&desk->device.udp);
    begin(desk);
    settle(desk);
    assert_true(desk->session.port_closed);
    assert_int_equal(desk->session.state, OTTER_PUSH_STATE_INVITING);
}

/* --- authentication -------------------------------------------------------------------------------- */

#define SHA256_NONCE "78377b525757b494427f89014f97d79928f3938d14eb51e20fb5dec9834eb304"
#define NONCE        "AUTH 1e8f0aa2aee20af7f9d6de3f60ea73f"

static void repeats_a_response_and_then_begins_again(void **state)
{
    struct desk *desk = *state;
    desk->order.password = "secret";
    begin(desk);
    device_peer_is_invited(&desk->device, 0);
    answer(desk, NONCE "b");
    for (unsigned second = 1; second < 4; second++)
        pass(desk, 1000);
    assert_int_equal(count_datagrams(desk, "200 "), 4);
    pass(desk, 1000);
    assert_int_equal(desk->session.state, OTTER_PUSH_STATE_INVITING);
    assert_int_equal(count_datagrams(desk, "0 "), 1);
}

static void begins_again_only_so_often(void **state)
{
    struct desk *desk = *state;
    desk->order.password = "secret";
    begin(desk);
    for (unsigned round = 0; round < 4; round++) {
        assert_int_equal(desk->session.state, OTTER_PUSH_STATE_INVITING);
        assert_int_equal(count_datagrams(desk, "0 "), 1);
        char nonce[] = NONCE "0";
        nonce[sizeof(nonce) - 2] = (char)('0' + round);
        answer(desk, nonce);
        assert_int_equal(count_datagrams(desk, "200 "), 1);
        pass(desk, 4000);
    }
    assert_ended(desk, OTTER_PUSH_FAILURE_NO_VERDICT);
}

static void answers_a_nonce_once_however_often_it_comes(void **state)
{
    struct desk *desk = *state;
    desk->order.password = "secret";
    begin(desk);
    device_peer_is_invited(&desk->device, 0);
    answer(desk, NONCE "b");
    assert_int_equal(count_datagrams(desk, "200 "), 1);
    answer(desk, NONCE "b");
    assert_int_equal(count_datagrams(desk, "200 "), 0);
    answer(desk, NONCE "c");
    assert_int_equal(count_datagrams(desk, "200 "), 1);
}

static void does_not_answer_nonces_for_ever(void **state)
{
    struct desk *desk = *state;
    desk->order.password = "secret";
    begin(desk);
    device_peer_is_invited(&desk->device, 0);
    for (unsigned i = 0; i < 17; i++) {
        char nonce[] = NONCE "0";
        nonce[sizeof(nonce) - 2] = "0123456789abcdef"[i % 16];
        answer(desk, nonce);
    }
    assert_ended(desk, OTTER_PUSH_FAILURE_NO_VERDICT);
    assert_string_equal(desk->session.text, "asked for the password again and again, without a verdict");
    assert_int_equal(count_datagrams(desk, "200 "), 16);
}

/* A copy of the first denial that comes late must not count as the second one. */
static void invites_from_another_port_after_a_denial(void **state)
{
    struct desk *desk = *state;
    desk->order.password = "secret";
    begin(desk);
    device_peer_is_invited(&desk->device, 0);
    answer(desk, "AUTH " SHA256_NONCE);
    assert_int_equal(count_datagrams(desk, "200 "), 1);
    uint16_t first = desk->device.uploader.sin_port;
    answer(desk, "Authentication Failed");
    device_peer_is_invited(&desk->device, 0);
    assert_int_not_equal(desk->device.uploader.sin_port, first);
    answer(desk, "AUTH " SHA256_NONCE);
    answer(desk, "Authentication Failed");
    assert_ended(desk, OTTER_PUSH_FAILURE_PASSWORD_WRONG);
}

static void waits_for_a_password(void **state)
{
    struct desk *desk = *state;
    begin(desk);
    device_peer_is_invited(&desk->device, 0);
    answer(desk, NONCE "b");
    assert_int_equal(desk->session.state, OTTER_PUSH_STATE_PASSWORD);
    pass(desk, 3600 * 1000);
    assert_int_equal(count_datagrams(desk, ""), 0);
    desk->order.password = "secret";
    otter_push_session_resume(&desk->session, desk->now);
    device_peer_is_invited(&desk->device, 0);
    answer(desk, NONCE "c");
    assert_int_equal(desk->session.state, OTTER_PUSH_STATE_AUTHENTICATING);
}

/* --- connection and transfer ----------------------------------------------------------------------- */

static void waits_for_the_connection(void **state)
{
    struct desk *desk = *state;
    begin(desk);
    device_peer_is_invited(&desk->device, 0);
    answer(desk, "OK");
    assert_int_equal(count_datagrams(desk, ""), 0);
    answer(desk, "ERR: late\n"); /* the device has accepted: this is not about this push */
    pass(desk, 9999);
    assert_int_equal(desk->session.state, OTTER_PUSH_STATE_CONNECTING);
    pass(desk, 1);
    assert_ended(desk, OTTER_PUSH_FAILURE_NO_CONNECTION);
    assert_string_equal(desk->session.local.address, "127.0.0.1");
    assert_string_equal(desk->session.local.interface, "lo");
}

static void names_a_stranger_that_connects(void **state)
{
    struct desk *desk = *state;
    begin(desk);
    device_peer_is_invited(&desk->device, 0);
    answer(desk, "OK");
    int stranger = device_peer_connect_from(&desk->device, "127.0.0.2");
    assert_true(stranger >= 0);
    settle(desk);
    socket_close(&stranger);
    assert_int_equal(desk->session.state, OTTER_PUSH_STATE_CONNECTING);
    assert_string_equal(desk->session.stranger, "127.0.0.2");
}

static void updates(void **state)
{
    struct desk *desk = *state;
    transfer(desk);
    device_peer_say(&desk->device, "1000OK");
    settle(desk);
    assert_ended(desk, OTTER_PUSH_FAILURE_NONE);
}

/* Otherwise poll() would return at once for as long as the device needs. */
static void does_not_wait_for_room_when_all_is_sent(void **state)
{
    struct desk *desk = *state;
    struct pollfd sockets[OTTER_PUSH_SESSION_SOCKETS];
    connect_device(desk);
    assert_int_equal(desk->session.sent, desk->order.size);
    assert_int_equal(otter_push_session_poll(&desk->session, sockets), 1);
    assert_int_equal(sockets[0].events, POLLIN);
}

static void gives_up_a_device_that_takes_nothing(void **state)
{
    struct desk *desk = *state;
    desk->order.size = SIZE;
    connect_device(desk);
    for (unsigned i = 0; i < 100; i++)
        pass(desk, 0); /* until all buffers are full */
    assert_int_equal(desk->session.state, OTTER_PUSH_STATE_SENDING);
    pass(desk, 24999);
    assert_int_equal(desk->session.state, OTTER_PUSH_STATE_SENDING);
    pass(desk, 1);
    assert_ended(desk, OTTER_PUSH_FAILURE_STALLED);
    assert_true(desk->session.acknowledged < SIZE);
}

static void waits_a_minute_for_the_result(void **state)
{
    struct desk *desk = *state;
    transfer(desk);
    pass(desk, 59999);
    assert_int_equal(desk->session.state, OTTER_PUSH_STATE_VERIFYING);
    pass(desk, 1);
    assert_ended(desk, OTTER_PUSH_FAILURE_SILENT);
}

static void takes_counts_for_a_sign_of_life(void **state)
{
    struct desk *desk = *state;
    transfer(desk);
    pass(desk, 59999);
    device_peer_say(&desk->device, "1000");
    settle(desk);
    pass(desk, 59999);
    assert_int_equal(desk->session.state, OTTER_PUSH_STATE_VERIFYING);
}

static void does_not_wait_for_more_of_an_error_text(void **state)
{
    struct desk *desk = *state;
    transfer(desk);
    device_peer_say(&desk->device, "ERROR[1]: Flash Wr");
    settle(desk);
    assert_int_equal(desk->session.state, OTTER_PUSH_STATE_VERIFYING);
    pass(desk, 1999);
    device_peer_say(&desk->device, "ite");
    settle(desk);
    pass(desk, 1);
    assert_ended(desk, OTTER_PUSH_FAILURE_REJECTED);
    assert_string_equal(desk->session.text, "ERROR[1]: Flash Write");
}

/* What waits in this computer's buffers is not with the device. */
static void does_not_take_ok_for_bytes_that_the_device_lacks(void **state)
{
    struct desk *desk = *state;
    desk->order.size = 400000;
    connect_device(desk);
    for (unsigned i = 0; i < 100; i++)
        pass(desk, 0); /* until all buffers are full */
    device_peer_say(&desk->device, "OK");
    settle(desk);
    assert_int_equal(desk->session.state, OTTER_PUSH_STATE_SENDING);
    assert_true(desk->session.acknowledged < desk->order.size);
}

static void knows_an_early_ok_that_came_to_nothing(void **state)
{
    struct desk *desk = *state;
    desk->order.size = SIZE;
    connect_device(desk);
    device_peer_say(&desk->device, "OK");
    settle(desk);
    assert_int_equal(desk->session.state, OTTER_PUSH_STATE_SENDING);
    device_peer_reset(&desk->device);
    settle(desk);
    assert_ended(desk, OTTER_PUSH_FAILURE_BROKEN);
    assert_true(desk->session.early);
}

static void tells_a_closed_connection_from_a_rejection(void **state)
{
    struct desk *desk = *state;
    transfer(desk);
    device_peer_close(&desk->device);
    settle(desk);
    assert_ended(desk, OTTER_PUSH_FAILURE_NO_RESULT);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(repeats_the_invitation_every_second),
        TEST(tells_when_it_wants_to_be_called_again),
        TEST(notices_answers_that_mean_nothing),
        TEST(learns_how_much_a_device_can_take),
        TEST(does_not_begin_with_an_unknown_name),
        TEST(does_not_begin_where_the_port_is_taken),
        TEST(notices_that_nobody_listens),
        TEST(repeats_a_response_and_then_begins_again),
        TEST(begins_again_only_so_often),
        TEST(answers_a_nonce_once_however_often_it_comes),
        TEST(does_not_answer_nonces_for_ever),
        TEST(invites_from_another_port_after_a_denial),
        TEST(waits_for_a_password),
        TEST(waits_for_the_connection),
        TEST(names_a_stranger_that_connects),
        TEST(updates),
        TEST(does_not_wait_for_room_when_all_is_sent),
        TEST(gives_up_a_device_that_takes_nothing),
        TEST(waits_a_minute_for_the_result),
        TEST(takes_counts_for_a_sign_of_life),
        TEST(does_not_wait_for_more_of_an_error_text),
        TEST(does_not_take_ok_for_bytes_that_the_device_lacks),
        TEST(knows_an_early_ok_that_came_to_nothing),
        TEST(tells_a_closed_connection_from_a_rejection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
