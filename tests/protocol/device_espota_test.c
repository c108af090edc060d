/* A device and the ESP8266's espota: stop and wait, blocks of 1460, the MD5 era. */
#include <string.h>

#include "tests/support/deadline.h"
#include "tests/support/pair.h"
#include "tests/support/test.h"

enum { SIZE = PAIR_IMAGE_SIZE, BLOCK = 1460 };

/* What came after the last count, as espota reads it: nothing with the count, OK alone, a second later. */
static void expect_ok_apart(struct uploader_peer *uploader)
{
    int64_t last_count = clock_ns();
    assert_null(strchr(uploader->heard, 'O'));
    assert_true(uploader_hears_text(uploader, "OK", UPLOADER_WAIT_MS));
    assert_true(clock_ms_since(last_count) > 400);
}

static void expect_transfer(struct pair *pair)
{
    struct uploader_peer *uploader = &pair->uploader;
    uploader_accept(uploader);
    assert_true(uploader_send_blocks(uploader, pair->image, SIZE, BLOCK));
    expect_ok_apart(uploader);
    uploader_hang_up(uploader);
    virtual_device_wait_restart(&pair->device);
}

static void takes_a_sketch(void **state)
{
    struct pair *pair = *state;
    uploader_agree(&pair->uploader, UPLOADER_SKETCH, pair->image, SIZE, DIGEST_ERA_MD5, NULL);
    expect_transfer(pair);
}

static void takes_a_filesystem(void **state)
{
    struct pair *pair = *state;
    uploader_agree(&pair->uploader, UPLOADER_FILESYSTEM, pair->image, SIZE, DIGEST_ERA_MD5, NULL);
    expect_transfer(pair);
}

static void takes_the_right_password(void **state)
{
    struct pair *pair = *state;
    uploader_agree(&pair->uploader, UPLOADER_SKETCH, pair->image, SIZE, DIGEST_ERA_MD5, "secret");
    expect_transfer(pair);
}

static void gives_a_new_nonce_after_a_wrong_password(void **state)
{
    struct pair *pair = *state;
    struct uploader_peer *uploader = &pair->uploader;
    char nonce[sizeof(uploader->answer)];
    uploader_invite(uploader, UPLOADER_SKETCH, pair->image, SIZE);
    assert_true(uploader_hears(uploader, UPLOADER_WAIT_MS));
    memcpy(nonce, uploader->answer, sizeof(nonce));
    uploader_authenticate(uploader, DIGEST_ERA_MD5, "wrong");
    assert_true(uploader_hears(uploader, UPLOADER_WAIT_MS));
    assert_string_equal(uploader->answer, "Authentication Failed");

    uploader_invite(uploader, UPLOADER_SKETCH, pair->image, SIZE); /* once: espota repeats nothing */
    assert_true(uploader_hears(uploader, UPLOADER_WAIT_MS));
    assert_string_not_equal(uploader->answer, nonce);
    uploader_authenticate(uploader, DIGEST_ERA_MD5, "secret");
    assert_true(uploader_hears(uploader, UPLOADER_WAIT_MS));
    assert_string_equal(uploader->answer, "OK");
    expect_transfer(pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(takes_a_sketch, pair_setup_free, pair_teardown),
        cmocka_unit_test_setup_teardown(takes_a_filesystem, pair_setup_free, pair_teardown),
        cmocka_unit_test_setup_teardown(takes_the_right_password, pair_setup_guarded, pair_teardown),
        cmocka_unit_test_setup_teardown(gives_a_new_nonce_after_a_wrong_password, pair_setup_guarded,
                                        pair_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
