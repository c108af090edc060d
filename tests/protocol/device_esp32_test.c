/* A device and the ESP32's espota: blocks of 1024, an invitation repeated from new ports, both eras. */
#include <string.h>

#include "tests/support/pair.h"
#include "tests/support/test.h"

#define SECRET_MD5 "5ebe2294ecd0e0f08eab7690d2a6ee69"

enum { SIZE = PAIR_IMAGE_SIZE, BLOCK = 1024 };

static int open_sha256(void **state)
{
    pair_open(state, PROCESS_STRINGS("--password", "secret", "--era", "sha256", NULL));
    return 0;
}

static int open_sha256_of_md5(void **state)
{
    pair_open(state, PROCESS_STRINGS("--password-hash", SECRET_MD5, "--era", "sha256", NULL));
    return 0;
}

static int open_md5_hash(void **state)
{
    pair_open(state, PROCESS_STRINGS("--password-hash", SECRET_MD5, NULL));
    return 0;
}

static void expect_transfer(struct pair *pair)
{
    struct uploader_peer *uploader = &pair->uploader;
    uploader_accept(uploader);
    assert_true(uploader_send_blocks(uploader, pair->image, SIZE, BLOCK));
    assert_true(uploader_hears_text(uploader, "OK", UPLOADER_WAIT_MS));
}

static void answers_the_newest_of_ten_invitations(void **state)
{
    struct pair *pair = *state;
    struct uploader_peer *uploader = &pair->uploader;
    for (int i = 0; i < 9; i++) {
        uploader_invite(uploader, UPLOADER_SKETCH, pair->image, SIZE);
        uploader_renew(uploader); /* the answer finds nobody */
    }
    uploader_agree(uploader, UPLOADER_SKETCH, pair->image, SIZE, DIGEST_ERA_MD5, NULL);
    expect_transfer(pair);
}

static void asks_again_on_the_newest_port(void **state)
{
    struct pair *pair = *state;
    struct uploader_peer *uploader = &pair->uploader;
    for (int i = 0; i < 9; i++) {
        uploader_invite(uploader, UPLOADER_SKETCH, pair->image, SIZE);
        uploader_renew(uploader);
    }
    uploader_agree(uploader, UPLOADER_SKETCH, pair->image, SIZE, DIGEST_ERA_MD5, "secret");
    expect_transfer(pair);
}

static void takes_a_sha256_response(void **state)
{
    struct pair *pair = *state;
    uploader_agree(&pair->uploader, UPLOADER_SKETCH, pair->image, SIZE, DIGEST_ERA_SHA256, "secret");
    expect_transfer(pair);
}

/* espota answers for SHA256(password) first, and for MD5(password) when that is denied. */
static void takes_a_sha256_response_for_a_stored_md5(void **state)
{
    struct pair *pair = *state;
    struct uploader_peer *uploader = &pair->uploader;
    uploader_invite(uploader, UPLOADER_SKETCH, pair->image, SIZE);
    assert_true(uploader_hears(uploader, UPLOADER_WAIT_MS));
    uploader_authenticate(uploader, DIGEST_ERA_SHA256, "secret");
    assert_true(uploader_hears(uploader, UPLOADER_WAIT_MS));
    assert_string_equal(uploader->answer, "Authentication Failed");
    uploader_renew(uploader);
    uploader_agree(uploader, UPLOADER_SKETCH, pair->image, SIZE, DIGEST_ERA_SHA256_OF_MD5, "secret");
    expect_transfer(pair);
}

static void takes_a_hash_in_place_of_the_password(void **state)
{
    struct pair *pair = *state;
    uploader_agree(&pair->uploader, UPLOADER_SKETCH, pair->image, SIZE, DIGEST_ERA_MD5, "secret");
    expect_transfer(pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(answers_the_newest_of_ten_invitations, pair_setup_free,
                                        pair_teardown),
        cmocka_unit_test_setup_teardown(asks_again_on_the_newest_port, pair_setup_guarded, pair_teardown),
        cmocka_unit_test_setup_teardown(takes_a_sha256_response, open_sha256, pair_teardown),
        cmocka_unit_test_setup_teardown(takes_a_sha256_response_for_a_stored_md5, open_sha256_of_md5,
                                        pair_teardown),
        cmocka_unit_test_setup_teardown(takes_a_hash_in_place_of_the_password, open_md5_hash, pair_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
