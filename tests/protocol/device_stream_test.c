/* A device and what TCP may do to it: any portions, any end. */
#include <string.h>
#include <sys/socket.h>

#include "tests/support/deadline.h"
#include "tests/support/pair.h"
#include "tests/support/socket.h"
#include "tests/support/test.h"

enum { SIZE = PAIR_IMAGE_SIZE };

static struct uploader_peer *connect_pair(struct pair *pair)
{
    uploader_agree(&pair->uploader, UPLOADER_SKETCH, pair->image, SIZE, DIGEST_ERA_MD5, NULL);
    uploader_accept(&pair->uploader);
    return &pair->uploader;
}

static void send_all(struct pair *pair, size_t segment)
{
    assert_true(socket_send(pair->uploader.tcp, pair->image, SIZE, segment, UPLOADER_WAIT_MS));
}

static void takes_it_all_at_once(void **state)
{
    struct uploader_peer *uploader = connect_pair(*state);
    send_all(*state, SIZE);
    assert_true(uploader_hears_text(uploader, "OK", UPLOADER_WAIT_MS));
}

static void takes_segments_of_one_byte(void **state)
{
    struct uploader_peer *uploader = connect_pair(*state);
    send_all(*state, 1);
    assert_true(uploader_hears_text(uploader, "OK", UPLOADER_WAIT_MS));
}

static void ignores_bytes_beyond_the_size(void **state)
{
    struct uploader_peer *uploader = connect_pair(*state);
    send_all(*state, SIZE);
    socket_send(uploader->tcp, "more than was said", 18, 18, UPLOADER_WAIT_MS);
    assert_true(uploader_hears_text(uploader, "OK", UPLOADER_WAIT_MS));
}

static void answers_at_once_when_the_sender_has_ended(void **state)
{
    struct uploader_peer *uploader = connect_pair(*state);
    send_all(*state, SIZE);
    shutdown(uploader->tcp, SHUT_WR);
    int64_t sent = clock_ns();
    assert_true(uploader_hears_text(uploader, "OK", UPLOADER_WAIT_MS));
    assert_true(clock_ms_since(sent) < 700);
}

static void answers_at_once_when_the_invitation_asks_for_it(void **state)
{
    struct pair *pair = *state;
    struct uploader_peer *uploader = &pair->uploader;
    char invitation[128];
    uploader_invitation(uploader, invitation, UPLOADER_SKETCH, pair->image, SIZE);
    memcpy(strchr(invitation, '\n'), "\t\n", sizeof("\t\n"));
    uploader_say(uploader, invitation);
    assert_true(uploader_hears(uploader, UPLOADER_WAIT_MS));
    uploader_accept(uploader);
    send_all(pair, SIZE);
    int64_t sent = clock_ns();
    assert_true(uploader_hears_text(uploader, "OK", UPLOADER_WAIT_MS));
    assert_true(clock_ms_since(sent) < 700);
}

/* --- transfers that break off: an error, and the next push works --- */

static void survives_an_end_in_the_middle(void **state)
{
    struct pair *pair = *state;
    struct uploader_peer *uploader = connect_pair(pair);
    assert_true(socket_send(uploader->tcp, pair->image, 5000, 5000, UPLOADER_WAIT_MS));
    shutdown(uploader->tcp, SHUT_WR);
    assert_true(uploader_hears_end(uploader, UPLOADER_WAIT_MS));
    assert_null(strstr(uploader->heard, "OK"));
    uploader_hang_up(uploader);
    pair_push(pair, NULL);
}

static void survives_a_reset_in_the_middle(void **state)
{
    struct pair *pair = *state;
    struct uploader_peer *uploader = connect_pair(pair);
    assert_true(uploader_send_blocks(uploader, pair->image, 5000, 1000));
    uploader_reset(uploader);
    assert_non_null(process_wait_line(pair->device.process, "update failed", VIRTUAL_DEVICE_WAIT_MS));
    pair_push(pair, NULL);
}

static void survives_an_uploader_that_does_not_listen(void **state)
{
    struct pair *pair = *state;
    struct uploader_peer *uploader = &pair->uploader;
    uint16_t port = pair->device.port;
    uploader_agree(uploader, UPLOADER_SKETCH, pair->image, SIZE, DIGEST_ERA_MD5, NULL);
    uploader_close(uploader);
    assert_non_null(process_wait_line(pair->device.process, "update failed", VIRTUAL_DEVICE_WAIT_MS));
    uploader_open(uploader, "127.0.0.1", "127.0.0.1", port);
    pair_push(pair, NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, pair_setup_free, pair_teardown)
    const struct CMUnitTest tests[] = {
        TEST(takes_it_all_at_once),
        TEST(takes_segments_of_one_byte),
        TEST(ignores_bytes_beyond_the_size),
        TEST(answers_at_once_when_the_sender_has_ended),
        TEST(answers_at_once_when_the_invitation_asks_for_it),
        TEST(survives_an_end_in_the_middle),
        TEST(survives_a_reset_in_the_middle),
        TEST(survives_an_uploader_that_does_not_listen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
