/* `otter push` on a terminal: the password is asked for when a device wants one, and is never seen. */
#include <stdio.h>
#include <string.h>

#include "tests/support/deadline.h"
#include "tests/support/desk.h"
#include "tests/support/test.h"

/* Of enum otter_exit, as `otter help push` documents it. */
enum { AUTHENTICATION = 5 };

static void start(struct desk *desk)
{
    const char *argv[] = {OTTER_PROGRAM, "push", desk->device_address, desk->file, NULL};
    desk->uploader = scene_start_on_terminal(&desk->scene, argv);
}

static void finish(struct desk *desk)
{
    device_peer_answer(&desk->device, "OK");
    device_peer_connect(&desk->device);
    device_peer_store(&desk->device, desk->got, sizeof(desk->got));
    device_peer_say(&desk->device, "OK");
    desk_ends(desk, 0, NULL);
}

static void asks_nothing_that_no_device_asks_for(void **state)
{
    struct desk *desk = *state;
    start(desk);
    device_peer_is_invited(&desk->device, 0);
    finish(desk);
    assert_null(strstr(desk->uploader->text, "assword"));
}

static void asks_and_does_not_echo(void **state)
{
    struct desk *desk = *state;
    start(desk);
    device_peer_is_invited(&desk->device, 0);
    device_peer_answer(&desk->device, "AUTH 1e8f0aa2aee20af7f9d6de3f60ea73fb");
    assert_true(process_wait_text(desk->uploader, "assword", DEVICE_PEER_WAIT_MS));
    process_type(desk->uploader, "secret\n");
    device_peer_is_invited(&desk->device, 0); /* nonces do not live as long as it takes to type */
    assert_true(device_peer_authenticates(&desk->device, DIGEST_ERA_MD5, "secret"));
    finish(desk);
    assert_null(strstr(desk->uploader->text, "secret"));
}

/* The question is asked for the NTH time. */
static bool is_asked(struct desk *desk, const char *question, unsigned nth)
{
    const int64_t deadline = deadline_in(DEVICE_PEER_WAIT_MS);
    for (;;) {
        unsigned count = 0;
        for (const char *at = desk->uploader->text; (at = strstr(at, question)) != NULL; at++)
            count++;
        if (count >= nth || deadline_left(deadline) == 0)
            return count >= nth;
        (void)process_wait_text(desk->uploader, "no such text", 20); /* reads what comes */
    }
}

static void type_password(struct desk *desk, const char *question, unsigned nth, const char *typed)
{
    assert_true(is_asked(desk, question, nth));
    process_type(desk->uploader, typed);
    device_peer_is_invited(&desk->device, 0);
}

static void asks_again_after_a_wrong_one(void **state)
{
    struct desk *desk = *state;
    start(desk);
    device_peer_is_invited(&desk->device, 0);
    device_peer_answer(&desk->device, "AUTH 1e8f0aa2aee20af7f9d6de3f60ea73fb");
    type_password(desk, "Password of ", 1, "sceret\n");
    assert_false(device_peer_authenticates(&desk->device, DIGEST_ERA_MD5, "secret"));
    device_peer_answer(&desk->device, "Authentication Failed");
    type_password(desk, "Wrong password. Password of ", 1, "secret\n");
    assert_true(device_peer_authenticates(&desk->device, DIGEST_ERA_MD5, "secret"));
    finish(desk);
}

static void asks_three_times(void **state)
{
    struct desk *desk = *state;
    start(desk);
    device_peer_is_invited(&desk->device, 0);
    device_peer_answer(&desk->device, "AUTH 1e8f0aa2aee20af7f9d6de3f60ea73fb");
    for (unsigned i = 0; i < 3; i++) {
        type_password(desk, "Password of ", i + 1, "guess\n");
        assert_false(device_peer_authenticates(&desk->device, DIGEST_ERA_MD5, "secret"));
        device_peer_answer(&desk->device, "Authentication Failed");
    }
    desk_ends(desk, AUTHENTICATION, "wrong password", NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_setup, desk_teardown)
    const struct CMUnitTest tests[] = {
        TEST(asks_nothing_that_no_device_asks_for),
        TEST(asks_and_does_not_echo),
        TEST(asks_again_after_a_wrong_one),
        TEST(asks_three_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
