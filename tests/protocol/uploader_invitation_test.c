/* `otter push` before the transfer: lost datagrams, silence, refusals, and answers from strangers. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/desk.h"
#include "tests/support/socket.h"
#include "tests/support/test.h"

/* Of enum otter_exit, as `otter help push` documents them. */
enum { NO_ANSWER = 4, REFUSED = 6, NO_CONNECTION = 7 };

static void finish(struct desk *desk)
{
    device_peer_connect(&desk->device);
    device_peer_store(&desk->device, desk->got, sizeof(desk->got));
    device_peer_say(&desk->device, "OK");
    desk_ends(desk, 0, NULL);
}

static void repeats_a_lost_invitation(void **state)
{
    struct desk *desk = *state;
    desk_push(desk, NULL);
    device_peer_is_invited(&desk->device, 0);
    char first[sizeof(desk->device.datagram)];
    memcpy(first, desk->device.datagram, sizeof(first));
    device_peer_is_invited(&desk->device, 0);
    assert_string_equal(desk->device.datagram, first);
    device_peer_answer(&desk->device, "OK");
    finish(desk);
}

static void takes_an_answer_twice(void **state)
{
    struct desk *desk = *state;
    desk_push(desk, NULL);
    device_peer_is_invited(&desk->device, 0);
    device_peer_answer(&desk->device, "OK");
    device_peer_answer(&desk->device, "OK");
    finish(desk);
}

/* The OK was lost, but the connection says as much. */
static void takes_a_connection_for_an_answer(void **state)
{
    struct desk *desk = *state;
    desk_push(desk, NULL);
    device_peer_is_invited(&desk->device, 0);
    finish(desk);
}

static void asks_for_a_prompt_result(void **state)
{
    struct desk *desk = *state;
    desk_push(desk, NULL);
    device_peer_is_invited(&desk->device, 0);
    assert_true(desk->device.prompt);
    device_peer_answer(&desk->device, "OK");
    finish(desk);
}

static void invites_to_write_a_filesystem(void **state)
{
    struct desk *desk = *state;
    desk_push(desk, "--filesystem", NULL);
    device_peer_agree(&desk->device, 100, DIGEST_ERA_MD5, NULL);
    finish(desk);
}

static void invites_for_the_bytes_of_the_file(void **state)
{
    struct desk *desk = *state;
    char md5[33];
    desk_push(desk, NULL);
    device_peer_agree(&desk->device, 0, DIGEST_ERA_MD5, NULL);
    digest_md5(md5, desk->image, sizeof(desk->image));
    assert_string_equal(desk->device.md5, md5);
    assert_int_equal(desk->device.size, sizeof(desk->image));
    finish(desk);
}

/* --- strangers --- */

static void ignores_answers_from_another_address(void **state)
{
    struct desk *desk = *state;
    desk_push(desk, NULL);
    device_peer_is_invited(&desk->device, 0);
    device_peer_answer_from(&desk->device, "127.0.0.2", "ERR: ERROR[4]: Not Enough Space\n");
    device_peer_answer_from(&desk->device, "127.0.0.2", "AUTH 1e8f0aa2aee20af7f9d6de3f60ea73fb");
    device_peer_answer(&desk->device, "OK");
    finish(desk);
}

static void serves_nobody_but_the_device(void **state)
{
    struct desk *desk = *state;
    uint8_t bytes[1];
    desk_push(desk, NULL);
    device_peer_agree(&desk->device, 0, DIGEST_ERA_MD5, NULL);
    int stranger = device_peer_connect_from(&desk->device, "127.0.0.2");
    if (stranger >= 0)
        assert_true(socket_read(stranger, bytes, 1, 1000) <= 0);
    socket_close(&stranger);
    finish(desk);
}

/* --- failures --- */

static void says_that_nobody_answered(void **state)
{
    struct desk *desk = *state;
    desk_push(desk, "--timeout", "2", NULL);
    desk_ends(desk, NO_ANSWER, "127.0.0.1", NULL);
}

static void says_that_the_name_is_unknown(void **state)
{
    struct desk *desk = *state;
    snprintf(desk->device_address, sizeof(desk->device_address), "no-such-device.invalid");
    desk_push(desk, NULL);
    desk_ends(desk, NO_ANSWER, "no-such-device.invalid", NULL);
}

static void says_that_the_device_did_not_connect(void **state)
{
    struct desk *desk = *state;
    char port[16];
    desk_push(desk, "--timeout", "2", NULL);
    device_peer_agree(&desk->device, 0, DIGEST_ERA_MD5, NULL);
    snprintf(port, sizeof(port), "%u", desk->device.tcp_port);
    desk_ends(desk, NO_CONNECTION, port, "127.0.0.1", "lo", "firewall", NULL);
}

static void prints_a_refusal(void **state)
{
    struct desk *desk = *state;
    desk_push(desk, NULL);
    device_peer_is_invited(&desk->device, 0);
    device_peer_answer(&desk->device, "ERR: ERROR[4]: Not Enough Space\n");
    desk_ends(desk, REFUSED, "ERROR[4]: Not Enough Space", NULL);
}

static void prints_an_unknown_answer_harmlessly(void **state)
{
    struct desk *desk = *state;
    desk_push(desk, NULL);
    device_peer_is_invited(&desk->device, 0);
    device_peer_answer(&desk->device, "\x1B[2JGo away\n");
    desk_ends(desk, REFUSED, "Go away", NULL);
    assert_null(strchr(desk->uploader->text, '\x1B'));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_setup, desk_teardown)
    const struct CMUnitTest tests[] = {
        TEST(repeats_a_lost_invitation),
        TEST(takes_an_answer_twice),
        TEST(takes_a_connection_for_an_answer),
        TEST(asks_for_a_prompt_result),
        TEST(invites_to_write_a_filesystem),
        TEST(invites_for_the_bytes_of_the_file),
        TEST(ignores_answers_from_another_address),
        TEST(serves_nobody_but_the_device),
        TEST(says_that_nobody_answered),
        TEST(says_that_the_name_is_unknown),
        TEST(says_that_the_device_did_not_connect),
        TEST(prints_a_refusal),
        TEST(prints_an_unknown_answer_harmlessly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
