/* `otter push` and everything that a device may say over TCP, glued, split, early or never. */
#include <string.h>

#include "tests/support/desk.h"
#include "tests/support/test.h"

/* Of enum otter_exit, as `otter help push` documents them. */
enum { BROKEN = 8, REJECTED = 9 };

#define MD5_TEXT "ERROR[7]: MD5 verification failed: expected: 0000, calculated: 64fc"

/* The device takes the image and says nothing yet. */
static struct device_peer *take_silently(struct desk *desk)
{
    struct device_peer *device = &desk->device;
    desk_push(desk, NULL);
    device_peer_agree(device, 0, DIGEST_ERA_MD5, NULL);
    device_peer_connect(device);
    device_peer_read(device, desk->got, sizeof(desk->got));
    assert_memory_equal(desk->got, desk->image, sizeof(desk->image));
    return device;
}

static void sends_ahead_of_the_counts(void **state)
{
    device_peer_say(take_silently(*state), "20000OK");
    desk_ends(*state, 0, NULL);
}

static void takes_a_count_for_each_block(void **state)
{
    struct desk *desk = *state;
    desk_push(desk, NULL);
    desk_transfer(desk);
    device_peer_say(&desk->device, "OK");
    desk_ends(desk, 0, NULL);
}

static void takes_no_count_at_all(void **state)
{
    device_peer_say(take_silently(*state), "OK");
    desk_ends(*state, 0, NULL);
}

static void takes_ok_in_halves(void **state)
{
    struct device_peer *device = take_silently(*state);
    device_peer_say(device, "1460102");
    device_peer_say(device, "0O");
    device_peer_say(device, "K");
    desk_ends(*state, 0, NULL);
}

static void takes_ok_and_a_reset(void **state)
{
    struct device_peer *device = take_silently(*state);
    device_peer_say(device, "1020OK");
    assert_true(device_peer_sees_end(device, DEVICE_PEER_WAIT_MS));
    device_peer_reset(device);
    desk_ends(*state, 0, NULL);
}

static void keeps_its_side_open_until_the_result(void **state)
{
    struct device_peer *device = take_silently(*state);
    assert_false(device_peer_sees_end(device, 300));
    device_peer_say(device, "OK");
    desk_ends(*state, 0, NULL);
}

/* --- failures --- */

static void prints_an_error_glued_to_a_count(void **state)
{
    struct device_peer *device = take_silently(*state);
    device_peer_say(device, "1020" MD5_TEXT "\n");
    device_peer_close(device);
    desk_ends(*state, REJECTED, MD5_TEXT, NULL);
}

static void prints_an_error_in_pieces(void **state)
{
    struct device_peer *device = take_silently(*state);
    for (const char *next = "1020ERROR[10]: Magic byte is not 0xE9\n"; *next; next++)
        device_peer_say(device, (char[2]){*next, '\0'});
    device_peer_close(device);
    desk_ends(*state, REJECTED, "ERROR[10]: Magic byte is not 0xE9", NULL);
}

static void prints_an_error_in_the_middle_of_the_transfer(void **state)
{
    struct desk *desk = *state;
    struct device_peer *device = &desk->device;
    desk_push(desk, NULL);
    device_peer_agree(device, 0, DIGEST_ERA_MD5, NULL);
    device_peer_connect(device);
    device_peer_store(device, desk->got, 4096);
    device_peer_say(device, "ERROR[1]: Flash Write Failed\n");
    device_peer_sees_end(device, 1000);
    device_peer_close(device);
    desk_ends(desk, REJECTED, "ERROR[1]: Flash Write Failed", NULL);
}

static void is_not_fooled_by_ok_before_the_end(void **state)
{
    struct desk *desk = *state;
    struct device_peer *device = &desk->device;
    desk_push(desk, NULL);
    device_peer_agree(device, 0, DIGEST_ERA_MD5, NULL);
    device_peer_connect(device);
    device_peer_read(device, desk->got, 1000);
    device_peer_say(device, "1000OK");
    device_peer_read(device, desk->got + 1000, sizeof(desk->got) - 1000);
    assert_memory_equal(desk->got, desk->image, sizeof(desk->image));
    desk_ends(desk, 0, NULL);
}

static void knows_that_it_does_not_know(void **state)
{
    struct device_peer *device = take_silently(*state);
    device_peer_say(device, "1460");
    device_peer_close(device); /* an existing uploader hangs here for ever */
    desk_ends(*state, BROKEN, NULL);
}

static void notices_a_reset_in_the_middle(void **state)
{
    struct desk *desk = *state;
    struct device_peer *device = &desk->device;
    desk_push(desk, NULL);
    device_peer_agree(device, 0, DIGEST_ERA_MD5, NULL);
    device_peer_connect(device);
    device_peer_store(device, desk->got, 4096);
    device_peer_reset(device);
    desk_ends(desk, BROKEN, NULL);
}

static void takes_words_of_unknown_meaning_as_no_result(void **state)
{
    struct device_peer *device = take_silently(*state);
    device_peer_say(device, "1460 what? NO");
    device_peer_close(device);
    desk_ends(*state, BROKEN, NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_setup, desk_teardown)
    const struct CMUnitTest tests[] = {
        TEST(sends_ahead_of_the_counts),
        TEST(takes_a_count_for_each_block),
        TEST(takes_no_count_at_all),
        TEST(takes_ok_in_halves),
        TEST(takes_ok_and_a_reset),
        TEST(keeps_its_side_open_until_the_result),
        TEST(prints_an_error_glued_to_a_count),
        TEST(prints_an_error_in_pieces),
        TEST(prints_an_error_in_the_middle_of_the_transfer),
        TEST(is_not_fooled_by_ok_before_the_end),
        TEST(knows_that_it_does_not_know),
        TEST(notices_a_reset_in_the_middle),
        TEST(takes_words_of_unknown_meaning_as_no_result),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
