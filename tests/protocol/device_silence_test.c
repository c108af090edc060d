/* A device and uploaders that fall silent, each at another stage: it gives up and takes the next push. */
#include "tests/support/pair.h"
#include "tests/support/socket.h"
#include "tests/support/test.h"

enum stage { AFTER_THE_NONCE, AFTER_THE_CONNECTION, IN_THE_MIDDLE, STAGES };

#define GIVES_UP_MS 40000 /* of 20 s without a byte */

/* The uploader goes as far as STAGE, and stays there. */
static void upload(struct pair *pair, enum stage stage)
{
    struct uploader_peer *uploader = &pair->uploader;
    if (stage == AFTER_THE_NONCE) {
        uploader_invite(uploader, UPLOADER_SKETCH, pair->image, sizeof(pair->image));
        assert_true(uploader_hears(uploader, UPLOADER_WAIT_MS));
        return;
    }
    uploader_agree(uploader, UPLOADER_SKETCH, pair->image, sizeof(pair->image), DIGEST_ERA_MD5, "secret");
    uploader_accept(uploader);
    if (stage == IN_THE_MIDDLE)
        assert_true(uploader_send_blocks(uploader, pair->image, 9000, 1000));
}

/* Somebody else asks, again and again, and is heard in the end. */
static void expect_next_push(struct pair *pair)
{
    struct uploader_peer *uploader = &pair->uploader;
    uploader_close(uploader);
    uploader_open(uploader, "127.0.0.2", "127.0.0.1", pair->device.port);
    pair_push(pair, "secret");
}

static void waits_for_nobody_for_ever(void **state)
{
    void **pairs = *state;
    for (int stage = 0; stage < STAGES; stage++)
        upload(pairs[stage], (enum stage)stage);
    for (int stage = AFTER_THE_CONNECTION; stage < STAGES; stage++) {
        struct pair *pair = pairs[stage];
        assert_non_null(process_wait_line(pair->device.process, "update failed", GIVES_UP_MS));
    }
    for (int stage = 0; stage < STAGES; stage++)
        expect_next_push(pairs[stage]);
}

static int open_pairs(void **state)
{
    static void *pairs[STAGES];
    *state = pairs;
    for (int stage = 0; stage < STAGES; stage++)
        pair_setup_guarded(&pairs[stage]);
    return 0;
}

static int close_pairs(void **state)
{
    void **pairs = *state;
    for (int stage = 0; stage < STAGES; stage++)
        pair_teardown(&pairs[stage]);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(waits_for_nobody_for_ever, open_pairs, close_pairs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
