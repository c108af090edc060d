/* A device and datagrams that are wrong, late, repeated, or somebody else's. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/support/pair.h"
#include "tests/support/require.h"
#include "tests/support/socket.h"
#include "tests/support/test.h"

#define MD5 "64fc31200859b0988c69729e9c4ac6e7"

enum { SIZE = PAIR_IMAGE_SIZE };

static void is_silent_after_what_is_no_invitation(void **state)
{
    static const char *const wrong[] = {
        "7 18301 20000 " MD5 "\n",
        "00x 18301 20000 " MD5 "\n",
        "0 0 20000 " MD5 "\n",
        "0 65536 20000 " MD5 "\n",
        "0 port 20000 " MD5 "\n",
        "0 -1 20000 " MD5 "\n",
        "0 18301 4294967296 " MD5 "\n",
        "0 18301 -1 " MD5 "\n",
        "0 18301 " MD5 "\n",
        "0 18301 20000 " MD5 "0\n",
        "0 18301 20000 64fc31200859b0988c69729e9c4ac6e\n",
        "0 18301 20000 64fc31200859b0988c69729e9c4ac6eg\n",
        "0 18301 20000\n",
        "0 18301 20000 " MD5 " more\n",
        "0 18301",
        "0",
        "\n",
        " ",
        "200 " MD5 " " MD5 "\n",
        "OK",
    };
    struct pair *pair = *state;
    for (size_t i = 0; i < TEST_COUNT(wrong); i++)
        uploader_say(&pair->uploader, wrong[i]);
    REQUIRE(!uploader_hears(&pair->uploader, UPLOADER_GRACE_MS), "answered \"%s\"", pair->uploader.answer);
    assert_int_equal(virtual_device_flash_operations(&pair->device), 0);
    pair_push(pair, NULL);
}

static void is_silent_after_bytes_at_random(void **state)
{
    struct pair *pair = *state;
    char text[1400];
    memset(text, '0', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    uploader_say(&pair->uploader, text);
    uploader_say(&pair->uploader, "\x01\xFF\x80\x7F");
    assert_false(uploader_hears(&pair->uploader, UPLOADER_GRACE_MS));
    pair_push(pair, NULL);
}

static void takes_what_deployed_devices_take(void **state)
{
    static const char *const forms[] = {
        "%u %u %u %s", "%u %u %u %s\n", "%u %u %u %s\r\n", "%u %u %u %s \t\n", "%03u %05u %010u %s\n",
    };
    struct pair *pair = *state;
    struct uploader_peer *uploader = &pair->uploader;
    char text[128], md5[33];
    digest_md5(md5, pair->image, SIZE);
    for (char *digit = md5; *digit; digit++)
        *digit = (char)toupper((unsigned char)*digit);
    for (size_t i = 0; i < TEST_COUNT(forms); i++) {
        snprintf(text, sizeof(text), forms[i], 0u, (unsigned)socket_port(uploader->listener), (unsigned)SIZE,
                 md5);
        uploader_say(uploader, text);
        REQUIRE(uploader_hears(uploader, UPLOADER_WAIT_MS), "no answer to form %zu", i);
        assert_string_equal(uploader->answer, "OK");
        uploader_accept(uploader);
        assert_true(socket_send(uploader->tcp, pair->image, SIZE, SIZE, UPLOADER_WAIT_MS));
        shutdown(uploader->tcp, SHUT_WR);
        assert_true(uploader_hears_text(uploader, "OK", UPLOADER_WAIT_MS));
        uploader_hang_up(uploader);
        virtual_device_wait_restart(&pair->device);
    }
}

static void refuses_sizes_that_do_not_fit(void **state)
{
    struct pair *pair = *state;
    struct uploader_peer *uploader = &pair->uploader;
    uploader_say(uploader, "0 18301 0 " MD5 "\n");
    assert_true(uploader_hears(uploader, UPLOADER_WAIT_MS));
    assert_string_equal(uploader->answer, "ERR: ERROR[5]: Bad Size Given\n");
    uploader_say(uploader, "0 18301 4000000 " MD5 "\n");
    assert_true(uploader_hears(uploader, UPLOADER_WAIT_MS));
    assert_string_equal(uploader->answer, "ERR: ERROR[4]: Not Enough Space\n");
    uploader_say(uploader, "0 18301 4000000 " MD5 "\t\n");
    assert_true(uploader_hears(uploader, UPLOADER_WAIT_MS));
    assert_string_equal(uploader->answer, "ERR: ERROR[4]: Not Enough Space\n3145728 bytes at most\n");
    uploader_say(uploader, "100 18301 1024001 " MD5 "\n");
    assert_true(uploader_hears(uploader, UPLOADER_WAIT_MS));
    assert_string_equal(uploader->answer, "ERR: ERROR[4]: Not Enough Space\n");
    assert_int_equal(virtual_device_flash_operations(&pair->device), 0);
}

static void answers_a_repeated_invitation_without_starting_twice(void **state)
{
    struct pair *pair = *state;
    struct uploader_peer *uploader = &pair->uploader;
    uploader_agree(uploader, UPLOADER_SKETCH, pair->image, SIZE, DIGEST_ERA_MD5, NULL);
    uploader_accept(uploader);
    assert_true(uploader_send_blocks(uploader, pair->image, 5000, 1000));
    uploader_agree(uploader, UPLOADER_SKETCH, pair->image, SIZE, DIGEST_ERA_MD5, NULL);
    assert_int_equal(socket_accept(uploader->listener, NULL, UPLOADER_GRACE_MS), -1);
    assert_true(uploader_send_blocks(uploader, pair->image + 5000, SIZE - 5000, 1000));
    assert_true(uploader_hears_text(uploader, "OK", UPLOADER_WAIT_MS));
}

static void is_silent_for_others_while_it_is_busy(void **state)
{
    struct pair *pair = *state;
    struct uploader_peer other;
    uploader_open(&other, "127.0.0.2", "127.0.0.1", pair->device.port);
    uploader_agree(&pair->uploader, UPLOADER_SKETCH, pair->image, SIZE, DIGEST_ERA_MD5, NULL);
    uploader_accept(&pair->uploader);
    uploader_invite(&other, UPLOADER_SKETCH, pair->image, SIZE);
    assert_false(uploader_hears(&other, UPLOADER_GRACE_MS));
    uploader_close(&other);
    assert_true(uploader_send_blocks(&pair->uploader, pair->image, SIZE, 1460));
    assert_true(uploader_hears_text(&pair->uploader, "OK", UPLOADER_WAIT_MS));
}

/* --- authentication --- */

static void repeats_a_nonce_that_was_lost(void **state)
{
    struct pair *pair = *state;
    struct uploader_peer *uploader = &pair->uploader;
    char nonce[sizeof(uploader->answer)];
    uploader_invite(uploader, UPLOADER_SKETCH, pair->image, SIZE);
    assert_true(uploader_hears(uploader, UPLOADER_WAIT_MS));
    memcpy(nonce, uploader->answer, sizeof(nonce));
    uploader_invite(uploader, UPLOADER_SKETCH, pair->image, SIZE);
    assert_true(uploader_hears(uploader, UPLOADER_WAIT_MS));
    assert_string_equal(uploader->answer, nonce);
    uploader_authenticate(uploader, DIGEST_ERA_MD5, "secret");
    uploader_authenticate(uploader, DIGEST_ERA_MD5, "wrong answer, but the device knows already");
    assert_true(uploader_hears(uploader, UPLOADER_WAIT_MS));
    assert_string_equal(uploader->answer, "OK");
}

static void takes_no_response_from_another_address(void **state)
{
    struct pair *pair = *state;
    struct uploader_peer *uploader = &pair->uploader, other;
    uploader_open(&other, "127.0.0.2", "127.0.0.1", pair->device.port);
    uploader_invite(uploader, UPLOADER_SKETCH, pair->image, SIZE);
    assert_true(uploader_hears(uploader, UPLOADER_WAIT_MS));
    memcpy(other.answer, uploader->answer, sizeof(other.answer));
    uploader_authenticate(&other, DIGEST_ERA_MD5, "secret");
    assert_false(uploader_hears(&other, UPLOADER_GRACE_MS));
    assert_int_equal(socket_accept(uploader->listener, NULL, 0), -1);
    uploader_close(&other);
    uploader_authenticate(uploader, DIGEST_ERA_MD5, "secret");
    assert_true(uploader_hears(uploader, UPLOADER_WAIT_MS));
    assert_string_equal(uploader->answer, "OK");
}

static void denies_what_is_no_right_response(void **state)
{
    static const struct {
        const char *answer;
        const char *expected; /* NULL: silence */
    } cases[] = {
        {"200 331a3db132944f0ae3bfe580e9792b8f ade6c14fe580e9792b8fade6c14fe580\n", "Authentication Failed"},
        {"200 331a3db132944f0ae3bfe580e9792b8f\n", NULL},
        {"200 331a3db132944f0ae3bfe580e9792b8f ade6\n", NULL},
        {"200 x y\n", NULL},
    };
    struct pair *pair = *state;
    struct uploader_peer *uploader = &pair->uploader;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        uploader_invite(uploader, UPLOADER_SKETCH, pair->image, SIZE);
        REQUIRE(uploader_hears(uploader, UPLOADER_WAIT_MS), "no nonce before case %zu", i);
        assert_ptr_equal(strstr(uploader->answer, "AUTH "), uploader->answer);
        uploader_say(uploader, cases[i].answer);
        bool answered = uploader_hears(uploader, cases[i].expected ? UPLOADER_WAIT_MS : UPLOADER_GRACE_MS);
        assert_int_equal(answered, cases[i].expected != NULL);
        if (answered)
            assert_string_equal(uploader->answer, cases[i].expected);
        uploader_renew(uploader);
        while (!answered && uploader_hears(uploader, 0))
            continue;
    }
    assert_int_equal(virtual_device_flash_operations(&pair->device), 0);
}

static void writes_nothing_before_the_password_is_right(void **state)
{
    struct pair *pair = *state;
    struct uploader_peer *uploader = &pair->uploader;
    uploader_invite(uploader, UPLOADER_SKETCH, pair->image, SIZE);
    assert_true(uploader_hears(uploader, UPLOADER_WAIT_MS));
    assert_int_equal(virtual_device_flash_operations(&pair->device), 0);
    uploader_authenticate(uploader, DIGEST_ERA_MD5, "wrong");
    assert_true(uploader_hears(uploader, UPLOADER_WAIT_MS));
    assert_string_equal(uploader->answer, "Authentication Failed");
    assert_int_equal(virtual_device_flash_operations(&pair->device), 0);
}

int main(void)
{
#define FREE(name)    cmocka_unit_test_setup_teardown(name, pair_setup_free, pair_teardown)
#define GUARDED(name) cmocka_unit_test_setup_teardown(name, pair_setup_guarded, pair_teardown)
    const struct CMUnitTest tests[] = {
        FREE(is_silent_after_what_is_no_invitation),
        FREE(is_silent_after_bytes_at_random),
        FREE(takes_what_deployed_devices_take),
        FREE(refuses_sizes_that_do_not_fit),
        FREE(answers_a_repeated_invitation_without_starting_twice),
        FREE(is_silent_for_others_while_it_is_busy),
        GUARDED(repeats_a_nonce_that_was_lost),
        GUARDED(takes_no_response_from_another_address),
        GUARDED(denies_what_is_no_right_response),
        GUARDED(writes_nothing_before_the_password_is_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
