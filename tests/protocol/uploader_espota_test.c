/* otter called by the name espota: options, messages and exit status of both generations of espota.py. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/support/desk.h"
#include "tests/support/socket.h"
#include "tests/support/test.h"

static void finish(struct desk *desk)
{
    device_peer_connect(&desk->device);
    device_peer_store(&desk->device, desk->got, sizeof(desk->got));
    device_peer_say(&desk->device, "OK");
}

static void uploads(void **state)
{
    struct desk *desk = *state;
    desk_espota(desk, "-d", "-r", NULL);
    desk_transfer(desk);
    device_peer_say(&desk->device, "OK");
    desk_ends(desk, 0, "Uploading", NULL);
}

static void authenticates(void **state)
{
    struct desk *desk = *state;
    desk_espota(desk, "-a", "secret", NULL);
    device_peer_agree(&desk->device, 0, DIGEST_ERA_MD5, "secret");
    finish(desk);
    desk_ends(desk, 0, "Authenticating...OK", "Uploading", NULL);
}

static void takes_long_options_with_equals_signs(void **state)
{
    struct desk *desk = *state;
    desk_espota(desk, "--auth=secret", "--debug", "--progress", "--timeout=10", "--host_ip=127.0.0.1", NULL);
    device_peer_agree(&desk->device, 0, DIGEST_ERA_MD5, "secret");
    finish(desk);
    desk_ends(desk, 0, NULL);
}

static void writes_a_filesystem(void **state)
{
    struct desk *desk = *state;
    desk_espota(desk, "-s", NULL);
    device_peer_agree(&desk->device, 100, DIGEST_ERA_MD5, NULL);
    finish(desk);
    desk_ends(desk, 0, NULL);
}

static void listens_where_it_is_told(void **state)
{
    struct desk *desk = *state;
    char port[8];
    int free_port = socket_bound(SOCK_STREAM, "127.0.0.1");
    snprintf(port, sizeof(port), "%u", socket_port(free_port));
    socket_close(&free_port);
    desk_espota(desk, "-I", "127.0.0.1", "-P", port, NULL);
    device_peer_is_invited(&desk->device, 0);
    assert_int_equal(desk->device.tcp_port, strtoul(port, NULL, 10));
    device_peer_answer(&desk->device, "OK");
    finish(desk);
    desk_ends(desk, 0, NULL);
}

static void goes_straight_to_the_md5_target(void **state)
{
    struct desk *desk = *state;
    desk_espota(desk, "-a", "secret", "-m", NULL);
    device_peer_agree(&desk->device, 0, DIGEST_ERA_SHA256_OF_MD5, "secret");
    finish(desk);
    desk_ends(desk, 0, NULL);
}

static void sends_the_signed_file_beside_it(void **state)
{
    struct desk *desk = *state;
    char path[PATH_MAX];
    uint8_t signed_image[sizeof(desk->image) + 260];
    memcpy(signed_image, desk->image, sizeof(desk->image));
    memset(signed_image + sizeof(desk->image), 0, 260);
    signed_image[sizeof(desk->image) + 257] = 1; /* length of the signature: 256 */
    scene_file(&desk->scene, path, "firmware.bin.signed", signed_image, sizeof(signed_image));
    desk_espota(desk, NULL);
    device_peer_agree(&desk->device, 0, DIGEST_ERA_MD5, NULL);
    assert_int_equal(desk->device.size, sizeof(signed_image));
    device_peer_connect(&desk->device);
    device_peer_store(&desk->device, signed_image, sizeof(signed_image));
    device_peer_say(&desk->device, "OK");
    desk_ends(desk, 0, "signed", NULL);
}

/* --- failures: exit status 1 and the words that users look for --- */

static void says_authentication_failed(void **state)
{
    struct desk *desk = *state;
    desk_espota(desk, "-a", "guess", NULL);
    device_peer_is_invited(&desk->device, 0);
    assert_false(device_peer_authenticates(&desk->device, DIGEST_ERA_MD5, "secret"));
    device_peer_answer(&desk->device, "Authentication Failed");
    desk_ends(desk, 1, "Authenticating...FAIL", "[ERROR]: Authentication Failed", NULL);
}

static void says_no_answer(void **state)
{
    struct desk *desk = *state;
    desk_espota(desk, "-t", "2", NULL);
    desk_ends(desk, 1, "[ERROR]: No Answer", NULL);
}

static void says_no_response(void **state)
{
    struct desk *desk = *state;
    desk_espota(desk, "-t", "2", NULL);
    device_peer_agree(&desk->device, 0, DIGEST_ERA_MD5, NULL);
    desk_ends(desk, 1, "No response from device", NULL);
}

static void prints_the_device_s_error(void **state)
{
    struct desk *desk = *state;
    desk_espota(desk, NULL);
    desk_transfer(desk);
    device_peer_say(&desk->device, "ERROR[7]: MD5 verification failed: expected: 0, calculated: 1\n");
    device_peer_close(&desk->device);
    desk_ends(desk, 1, "ERROR[7]: MD5 verification failed: expected: 0, calculated: 1", NULL);
}

static void ends_when_the_device_closes_without_a_result(void **state)
{
    struct desk *desk = *state;
    desk_espota(desk, NULL);
    desk_transfer(desk);
    device_peer_close(&desk->device);
    desk_ends(desk, 1, NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_setup, desk_teardown)
    const struct CMUnitTest tests[] = {
        TEST(uploads),
        TEST(authenticates),
        TEST(takes_long_options_with_equals_signs),
        TEST(writes_a_filesystem),
        TEST(listens_where_it_is_told),
        TEST(goes_straight_to_the_md5_target),
        TEST(sends_the_signed_file_beside_it),
        TEST(says_authentication_failed),
        TEST(says_no_answer),
        TEST(says_no_response),
        TEST(prints_the_device_s_error),
        TEST(ends_when_the_device_closes_without_a_result),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
