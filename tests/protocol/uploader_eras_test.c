/* `otter push` and the authentication of both eras. */
#include <stdlib.h>
#include <string.h>

#include "tests/support/desk.h"
#include "tests/support/test.h"

/* Of enum otter_exit, as `otter help push` documents them. */
enum { AUTHENTICATION = 5 };

static void finish(struct desk *desk)
{
    device_peer_answer(&desk->device, "OK");
    device_peer_connect(&desk->device);
    device_peer_store(&desk->device, desk->got, sizeof(desk->got));
    device_peer_say(&desk->device, "OK");
    desk_ends(desk, 0, NULL);
    assert_memory_equal(desk->got, desk->image, sizeof(desk->image));
}

static void needs_no_password_for_an_open_device(void **state)
{
    struct desk *desk = *state;
    desk_push(desk, "--password", "not needed", NULL);
    device_peer_is_invited(&desk->device, 0);
    finish(desk);
}

static void answers_an_md5_nonce(void **state)
{
    struct desk *desk = *state;
    desk_push(desk, "--password", "secret", NULL);
    device_peer_is_invited(&desk->device, 0);
    assert_true(device_peer_authenticates(&desk->device, DIGEST_ERA_MD5, "secret"));
    finish(desk);
}

static void answers_a_sha256_nonce(void **state)
{
    struct desk *desk = *state;
    desk_push(desk, "--password", "secret", NULL);
    device_peer_is_invited(&desk->device, 0);
    assert_true(device_peer_authenticates(&desk->device, DIGEST_ERA_SHA256, "secret"));
    finish(desk);
}

static void tries_the_md5_of_the_password_after_its_sha256(void **state)
{
    struct desk *desk = *state;
    desk_push(desk, "--password", "secret", NULL);
    device_peer_is_invited(&desk->device, 0);
    assert_false(device_peer_authenticates(&desk->device, DIGEST_ERA_SHA256_OF_MD5, "secret"));
    device_peer_answer(&desk->device, "Authentication Failed");
    device_peer_is_invited(&desk->device, 0);
    assert_true(device_peer_authenticates(&desk->device, DIGEST_ERA_SHA256_OF_MD5, "secret"));
    finish(desk);
}

static void reads_the_password_from_a_file(void **state)
{
    struct desk *desk = *state;
    char path[PATH_MAX];
    scene_file(&desk->scene, path, "password", "secret\n", 7);
    desk_push(desk, "--password-file", path, NULL);
    device_peer_is_invited(&desk->device, 0);
    assert_true(device_peer_authenticates(&desk->device, DIGEST_ERA_MD5, "secret"));
    finish(desk);
}

static void reads_the_password_from_the_environment(void **state)
{
    struct desk *desk = *state;
    setenv("OTTER_PASSWORD", "from the environment", 1);
    desk_push(desk, NULL);
    unsetenv("OTTER_PASSWORD");
    device_peer_is_invited(&desk->device, 0);
    assert_true(device_peer_authenticates(&desk->device, DIGEST_ERA_MD5, "from the environment"));
    finish(desk);
}

static void says_that_the_password_is_wrong(void **state)
{
    struct desk *desk = *state;
    desk_push(desk, "--password", "guess", NULL);
    device_peer_is_invited(&desk->device, 0);
    assert_false(device_peer_authenticates(&desk->device, DIGEST_ERA_MD5, "secret"));
    device_peer_answer(&desk->device, "Authentication Failed");
    desk_ends(desk, AUTHENTICATION, "password", NULL);
}

static void says_that_a_password_is_missing(void **state)
{
    struct desk *desk = *state;
    desk_push(desk, NULL);
    device_peer_is_invited(&desk->device, 0);
    device_peer_answer(&desk->device, "AUTH 1e8f0aa2aee20af7f9d6de3f60ea73fb");
    desk_ends(desk, AUTHENTICATION, "password", NULL);
}

/* What an existing device does after a repeated invitation: it forgets the nonce without a word. */
static void answers_the_newest_nonce(void **state)
{
    struct desk *desk = *state;
    desk_push(desk, "--password", "secret", NULL);
    device_peer_is_invited(&desk->device, 0);
    device_peer_answer(&desk->device, "AUTH 1e8f0aa2aee20af7f9d6de3f60ea73fb");
    assert_true(device_peer_hears(&desk->device, DEVICE_PEER_WAIT_MS)); /* its response is met by silence */
    do
        assert_true(device_peer_hears(&desk->device, DEVICE_PEER_WAIT_MS));
    while (strncmp(desk->device.datagram, "200 ", 4) == 0);
    assert_true(device_peer_authenticates(&desk->device, DIGEST_ERA_MD5, "secret"));
    finish(desk);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_setup, desk_teardown)
    const struct CMUnitTest tests[] = {
        TEST(needs_no_password_for_an_open_device),
        TEST(answers_an_md5_nonce),
        TEST(answers_a_sha256_nonce),
        TEST(tries_the_md5_of_the_password_after_its_sha256),
        TEST(reads_the_password_from_a_file),
        TEST(reads_the_password_from_the_environment),
        TEST(says_that_the_password_is_wrong),
        TEST(says_that_a_password_is_missing),
        TEST(answers_the_newest_nonce),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
