/* `otter push` and devices that fall silent, each at another stage: it ends, and says where it stood. */
#include <stdlib.h>

#include "tests/support/desk.h"
#include "tests/support/test.h"

/* Of enum otter_exit, as `otter help push` documents them. */
enum { NO_ANSWER = 4, NO_CONNECTION = 7, BROKEN = 8 };

enum stage { AT_FIRST, AFTER_THE_NONCE, AFTER_OK, AFTER_THE_CONNECTION, AFTER_THE_LAST_COUNT, STAGES };

static const int statuses[STAGES] = {NO_ANSWER, NO_ANSWER, NO_CONNECTION, BROKEN, BROKEN};

/* The device speaks as far as STAGE, and never again. */
static void speak(struct desk *desk, enum stage stage)
{
    struct device_peer *device = &desk->device;
    if (stage == AT_FIRST)
        return;
    device_peer_is_invited(device, 0);
    if (stage == AFTER_THE_NONCE) {
        assert_true(device_peer_authenticates(device, DIGEST_ERA_MD5, "secret"));
        return;
    }
    device_peer_answer(device, "OK");
    if (stage == AFTER_OK)
        return;
    device_peer_connect(device);
    if (stage == AFTER_THE_LAST_COUNT)
        device_peer_store(device, desk->got, sizeof(desk->got));
}

/* All side by side, since the longest wait is one of 60 s. */
static void waits_for_nobody_for_ever(void **state)
{
    void **desks = *state;
    for (int stage = 0; stage < STAGES; stage++)
        desk_push(desks[stage], "--timeout", "3", "--password", "secret", NULL);
    for (int stage = 0; stage < STAGES; stage++)
        speak(desks[stage], (enum stage)stage);
    for (int stage = 0; stage < STAGES; stage++) {
        struct desk *desk = desks[stage];
        desk_ends(desk, statuses[stage], desk->device_address, NULL);
    }
}

static int open_desks(void **state)
{
    static void *desks[STAGES];
    *state = desks;
    for (int stage = 0; stage < STAGES; stage++)
        desk_setup(&desks[stage]);
    return 0;
}

static int close_desks(void **state)
{
    void **desks = *state;
    for (int stage = 0; stage < STAGES; stage++)
        desk_teardown(&desks[stage]);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(waits_for_nobody_for_ever, open_desks, close_desks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
