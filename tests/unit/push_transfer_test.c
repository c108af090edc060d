/* The push receiver from the connection to the result. */
#include "tests/support/push_rig.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/test.h"

#define BLOCK_SIZE         1460u
#define RESULT_PAUSE_MS    1000u
#define CONNECT_TIMEOUT_MS 10000u
#define RECEIVE_TIMEOUT_MS 20000u

/* --- as deployed uploaders do it ------------------------------------------------------------------ */

static void block_by_block(void **state)
{
    (void)state;
    struct push_rig rig;
    char expected[200] = "";
    push_rig_open(&rig, NULL);
    push_rig_start(&rig, "\n");
    for (uint32_t at = 0; at < PUSH_RIG_SIZE; at += BLOCK_SIZE) {
        const uint32_t size = PUSH_RIG_SIZE - at < BLOCK_SIZE ? PUSH_RIG_SIZE - at : BLOCK_SIZE;
        const uint32_t split = OTTER_FLASH_SECTOR - at % OTTER_FLASH_SECTOR; /* one read goes up to here */
        push_rig_send(&rig, at, size);
        if (split < size)
            sprintf(expected + strlen(expected), "%u%u", split, size - split);
        else
            sprintf(expected + strlen(expected), "%u", size);
        assert_string_equal(push_rig_output(&rig), expected);
        assert_int_equal(rig.done, at + size);
    }
    assert_int_equal(rig.ends, 0);
    push_rig_run(&rig, RESULT_PAUSE_MS - 1);
    assert_string_equal(push_rig_output(&rig), expected);
    push_rig_run(&rig, 1);
    const struct otter_sim_write *last = &rig.network->writes[rig.network->write_count - 1];
    assert_int_equal(last->offset, strlen(expected)); /* in a segment of its own */
    assert_string_equal(push_rig_output(&rig) + last->offset, "OK");
    push_rig_run(&rig, 500);
    assert_int_equal(rig.device.sim.restarts, 0);
    push_rig_hang_up(&rig);
    push_rig_expect_success(&rig);
    push_rig_close(&rig);
}

static void everything_at_once(void **state)
{
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, NULL);
    push_rig_start(&rig, "\n");
    push_rig_send(&rig, 0, PUSH_RIG_SIZE);
    assert_string_equal(push_rig_output(&rig), "40964096409640963616");
    push_rig_run(&rig, RESULT_PAUSE_MS);
    assert_string_equal(push_rig_output(&rig), "40964096409640963616OK");
    push_rig_run(&rig, 999);
    assert_true(rig.network->tcp_open);
    push_rig_run(&rig, 1); /* the uploader does not hang up: the device does, after a second */
    assert_false(rig.network->tcp_open);
    push_rig_expect_success(&rig);
    push_rig_close(&rig);
}

static void byte_by_byte(void **state)
{
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, NULL);
    rig.network->segment = 1;
    push_rig_start(&rig, "\n");
    push_rig_send(&rig, 0, PUSH_RIG_SIZE);
    const char *output = push_rig_output(&rig);
    assert_int_equal(strlen(output), PUSH_RIG_SIZE);
    assert_int_equal(strspn(output, "1"), PUSH_RIG_SIZE);
    push_rig_run(&rig, 3000);
    push_rig_expect_success(&rig);
    push_rig_close(&rig);
}

static void a_filesystem(void **state)
{
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, NULL);
    rig.image[0] = 0; /* anything may be in it */
    push_rig_invite(&rig, 100, "\n");
    push_rig_send(&rig, 0, PUSH_RIG_SIZE);
    push_rig_run(&rig, 3000);
    assert_true(updater_rig_holds(&rig.device, 0xEB000, rig.image, PUSH_RIG_SIZE));
    assert_false(updater_rig_boot_command(&rig.device));
    assert_int_equal(rig.ends, 1);
    assert_int_equal(rig.device.sim.restarts, 1);
    push_rig_close(&rig);
}

static void bytes_beyond_the_size_are_ignored(void **state)
{
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, NULL);
    push_rig_start(&rig, "\n");
    otter_sim_network_input(rig.network, rig.image, PUSH_RIG_SIZE);
    push_rig_send(&rig, 0, 5000);
    push_rig_run(&rig, RESULT_PAUSE_MS);
    push_rig_send(&rig, 0, 5000);
    assert_string_equal(push_rig_output(&rig), "40964096409640963616OK");
    assert_int_equal(rig.network->input_read, rig.network->input.size); /* none is left to reset the answer */
    push_rig_run(&rig, 1000);
    push_rig_expect_success(&rig);
    push_rig_close(&rig);
}

static void the_application_may_restart_by_itself(void **state)
{
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, &(struct otter_push_settings){.stay = true});
    push_rig_start(&rig, "\n");
    push_rig_send(&rig, 0, PUSH_RIG_SIZE);
    push_rig_run(&rig, 3000);
    assert_true(push_rig_is_staged(&rig));
    assert_int_equal(rig.ends, 1);
    assert_int_equal(rig.device.sim.restarts, 0);
    push_rig_close(&rig);
}

/* --- the pause before the result ------------------------------------------------------------------ */

static void the_prompt_mark_saves_the_pause(void **state)
{
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, NULL);
    push_rig_start(&rig, "\t\n");
    push_rig_send(&rig, 0, PUSH_RIG_SIZE);
    assert_string_equal(push_rig_output(&rig), "40964096409640963616OK");
    push_rig_hang_up(&rig);
    push_rig_expect_success(&rig);
    push_rig_close(&rig);
}

static void so_does_an_uploader_that_ends_its_side(void **state)
{
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, NULL);
    push_rig_start(&rig, "\n");
    push_rig_send(&rig, 0, PUSH_RIG_SIZE);
    push_rig_run(&rig, 10);
    assert_string_equal(push_rig_output(&rig), "40964096409640963616");
    rig.network->input_end = OTTER_ERROR_CLOSED;
    push_rig_run(&rig, 10);
    assert_string_equal(push_rig_output(&rig), "40964096409640963616OK");
    push_rig_expect_success(&rig);
    push_rig_close(&rig);
}

/* The update is verified and staged: it is installed, although nobody can be told. */
static void an_uploader_that_vanishes_at_the_end_changes_nothing(void **state)
{
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, NULL);
    push_rig_start(&rig, "\n");
    push_rig_send(&rig, 0, PUSH_RIG_SIZE);
    rig.network->input_end = OTTER_ERROR_TRANSPORT;
    rig.network->output_error = OTTER_ERROR_TRANSPORT;
    push_rig_run(&rig, 10);
    push_rig_expect_success(&rig);
    push_rig_close(&rig);
}

/* The result is never acknowledged. */
static void an_uploader_that_falls_silent_is_not_waited_for_for_ever(void **state)
{
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, NULL);
    rig.network->flushed = 0;
    push_rig_start(&rig, "\t\n");
    push_rig_send(&rig, 0, PUSH_RIG_SIZE);
    push_rig_run(&rig, RECEIVE_TIMEOUT_MS - 1);
    assert_true(rig.network->tcp_open);
    assert_int_equal(rig.ends, 0);
    push_rig_run(&rig, 1);
    push_rig_expect_success(&rig);
    push_rig_close(&rig);
}

static void the_answer_is_waited_for_until_it_is_acknowledged(void **state)
{
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, NULL);
    rig.network->flushed = 0;
    push_rig_start(&rig, "\t\n");
    push_rig_send(&rig, 0, PUSH_RIG_SIZE);
    push_rig_run(&rig, 5000);
    assert_true(rig.network->tcp_open);
    rig.network->flushed = 1;
    push_rig_run(&rig, 500);
    assert_true(rig.network->tcp_open); /* and then a second for the uploader's hang-up */
    push_rig_run(&rig, 600);
    push_rig_expect_success(&rig);
    push_rig_close(&rig);
}

/* --- counts ------------------------------------------------------------------------------------- */

static void counts_wait_for_room_and_none_is_lost(void **state)
{
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, NULL);
    rig.network->room = 6;
    push_rig_start(&rig, "\n");
    push_rig_send(&rig, 0, PUSH_RIG_SIZE); /* reading goes on all the same */
    assert_string_equal(push_rig_output(&rig), "409640");
    push_rig_run(&rig, 900);
    rig.network->room = 1;
    push_rig_run(&rig, 10);
    assert_string_equal(push_rig_output(&rig), "4096409");
    rig.network->room = SIZE_MAX;
    push_rig_run(&rig, 10);
    assert_string_equal(push_rig_output(&rig), "4096409611808");
    push_rig_run(&rig, RESULT_PAUSE_MS - 20); /* the pause begins with the last count */
    assert_string_equal(push_rig_output(&rig), "4096409611808");
    push_rig_run(&rig, 20);
    assert_string_equal(push_rig_output(&rig), "4096409611808OK");
    push_rig_run(&rig, 1000);
    push_rig_expect_success(&rig);
    push_rig_close(&rig);
}

static void counts_are_looked_after_while_nothing_comes(void **state)
{
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, NULL);
    rig.network->room = 0;
    push_rig_start(&rig, "\n");
    push_rig_send(&rig, 0, 5000);
    assert_in_range(otter_push_step(&rig.push, rig.network->now_ms), 1, 10);
    rig.network->room = SIZE_MAX;
    push_rig_run(&rig, 10);
    assert_string_equal(push_rig_output(&rig), "4096904");
    assert_true(otter_push_step(&rig.push, rig.network->now_ms) > 10000);
    push_rig_close(&rig);
}

static void counts_come_before_the_result(void **state)
{
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, NULL);
    rig.network->room = 0;
    push_rig_start(&rig, "\t\n");
    push_rig_send(&rig, 0, PUSH_RIG_SIZE);
    rig.network->room = 5; /* for the first count, and one character more */
    push_rig_run(&rig, 10);
    assert_string_equal(push_rig_output(&rig), "40961");
    rig.network->room = SIZE_MAX;
    push_rig_run(&rig, 10);
    assert_string_equal(push_rig_output(&rig), "409615904OK");
    push_rig_close(&rig);
}

/* Partly sent counts are forgotten with their connection. */
static void a_count_does_not_outlive_its_connection(void **state)
{
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, NULL);
    rig.network->room = 2;
    push_rig_start(&rig, "\n");
    push_rig_send(&rig, 0, 5000);
    rig.network->input_end = OTTER_ERROR_TRANSPORT;
    rig.network->output_error = OTTER_ERROR_TRANSPORT;
    push_rig_run(&rig, 10);
    push_rig_expect_failure(&rig, OTTER_PUSH_ERROR_RECEIVE, "ERROR: Network failed");
    push_rig_next_succeeds(&rig);
    push_rig_close(&rig);
}

static void the_result_waits_for_room(void **state)
{
    static const char expected[] =
        "409615904OK"; /* the first count was made before it was known how many follow */
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, NULL);
    rig.network->room = 0;
    push_rig_start(&rig, "\n");
    push_rig_send(&rig, 0, PUSH_RIG_SIZE);
    push_rig_run(&rig, 5000);
    for (size_t length = 0; length < strlen(expected); length++) {
        assert_int_equal(strlen(push_rig_output(&rig)), length);
        assert_memory_equal(push_rig_output(&rig), expected, length);
        assert_int_equal(rig.ends, 0);
        rig.network->room = 1;
        push_rig_run(&rig, 10);
    }
    assert_string_equal(push_rig_output(&rig), expected);
    push_rig_run(&rig, 1000);
    push_rig_expect_success(&rig);
    push_rig_close(&rig);
}

static void room_never_comes(void **state)
{
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, NULL);
    rig.network->room = 0;
    push_rig_start(&rig, "\n");
    push_rig_send(&rig, 0, PUSH_RIG_SIZE);
    push_rig_run(&rig, RESULT_PAUSE_MS + RECEIVE_TIMEOUT_MS);
    push_rig_expect_success(&rig);
    push_rig_close(&rig);
}

/* --- connections that fail ------------------------------------------------------------------------ */

static void a_connection_that_is_refused_at_once(void **state)
{
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, NULL);
    rig.network->connect_refused = true;
    push_rig_invite(&rig, 0, "\n");
    push_rig_expect(&rig, "OK");
    push_rig_expect_failure(&rig, OTTER_PUSH_ERROR_CONNECT, "ERROR: Network failed");
    assert_true(updater_rig_untouched(&rig.device));
    push_rig_next_succeeds(&rig);
    push_rig_close(&rig);
}

static void a_connection_that_is_refused_later(void **state)
{
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, NULL);
    rig.network->connect = 0;
    push_rig_invite(&rig, 0, "\n");
    push_rig_run(&rig, 5000);
    assert_int_equal(rig.errors, 0);
    rig.network->connect = OTTER_ERROR_TRANSPORT;
    push_rig_run(&rig, 10);
    push_rig_expect_failure(&rig, OTTER_PUSH_ERROR_CONNECT, "ERROR: Network failed");
    push_rig_next_succeeds(&rig);
    push_rig_close(&rig);
}

static void a_connection_that_never_comes_about(void **state)
{
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, NULL);
    rig.network->connect = 0;
    push_rig_invite(&rig, 0, "\n");
    push_rig_run(&rig, CONNECT_TIMEOUT_MS - 1);
    assert_int_equal(rig.errors, 0);
    push_rig_run(&rig, 1);
    push_rig_expect_failure(&rig, OTTER_PUSH_ERROR_CONNECT, "ERROR: Timeout");
    push_rig_next_succeeds(&rig);
    push_rig_close(&rig);
}

static void every_early_end_of_the_connection(void **state)
{
    static const struct {
        int end;
        const char *text;
    } ends[] = {
        {OTTER_ERROR_CLOSED, "ERROR: Connection closed"},
        {OTTER_ERROR_TRANSPORT, "ERROR: Network failed"},
    };
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(ends); i++) {
        for (uint32_t size = 0; size < PUSH_RIG_SIZE; size += size == 19999 ? 1 : 997) {
            struct push_rig rig;
            push_rig_open(&rig, NULL);
            push_rig_start(&rig, "\n");
            push_rig_send(&rig, 0, size);
            rig.network->input_end = ends[i].end;
            if (ends[i].end == OTTER_ERROR_TRANSPORT)
                rig.network->output_error = OTTER_ERROR_TRANSPORT;
            push_rig_run(&rig, 10);
            push_rig_expect_failure(&rig, OTTER_PUSH_ERROR_RECEIVE, ends[i].text);
            if (ends[i].end == OTTER_ERROR_CLOSED)
                push_rig_output_ends(&rig, "ERROR: Connection closed\n");
            push_rig_next_succeeds(&rig);
            push_rig_close(&rig);
        }
    }
}

static void a_gap_in_the_transfer(void **state)
{
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, NULL);
    push_rig_start(&rig, "\n");
    for (int i = 0; i < 3; i++) {
        push_rig_send(&rig, (uint32_t)i * 100, 100);
        push_rig_run(&rig, RECEIVE_TIMEOUT_MS - 1);
        assert_int_equal(rig.errors, 0);
    }
    push_rig_run(&rig, 1);
    assert_int_equal(rig.errors, 1); /* the application learns it at once, */
    push_rig_run(&rig, 999);
    assert_string_equal(push_rig_output(&rig), "100100100");
    push_rig_run(&rig, 1); /* the uploader as soon as it will understand */
    push_rig_output_ends(&rig, "ERROR[6]: Stream Read Timeout\n");
    push_rig_expect_failure(&rig, OTTER_PUSH_ERROR_RECEIVE, "ERROR[6]: Stream Read Timeout");
    push_rig_next_succeeds(&rig);
    push_rig_close(&rig);
}

/* --- what else comes ------------------------------------------------------------------------------ */

static void late_datagrams_do_not_disturb(void **state)
{
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, NULL);
    push_rig_start(&rig, "\t\n");
    for (uint32_t at = 0; at < PUSH_RIG_SIZE; at += 1000) {
        push_rig_invite(&rig, 0, "\t\n");
        push_rig_expect(&rig, "OK");
        push_rig_invite(&rig, 100, "\n");
        push_rig_say(&rig, "garbage");
        push_rig_expect_silence(&rig);
        push_rig_send(&rig, at, 1000);
    }
    push_rig_output_ends(&rig, "OK");
    push_rig_hang_up(&rig);
    assert_int_equal(rig.network->connections, 1);
    assert_int_equal(rig.asked, 1);
    push_rig_expect_success(&rig);
    push_rig_close(&rig);
}

/* espota invites once: that must not be lost on a device that is still busy with the end of another update.
 */
static void an_invitation_waits_for_the_end_of_an_update(void **state)
{
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, NULL);
    push_rig_say(&rig, "0 1 20000 00000000000000000000000000000000\t\n");
    push_rig_expect(&rig, "OK");
    rig.network->flushed = 0;
    push_rig_send(&rig, 0, PUSH_RIG_SIZE);
    push_rig_run(&rig, 10);
    push_rig_invite(&rig, 0, "\n");
    push_rig_expect_silence(&rig);
    rig.network->flushed = 1;
    push_rig_run(&rig, 10);
    push_rig_expect(&rig, "OK");
    otter_push_end(&rig.push);
    push_rig_close(&rig);
}

/* A flood of datagrams slows a transfer down, but does not stop it. */
static void a_flood_of_datagrams_does_not_stop_a_transfer(void **state)
{
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, NULL);
    push_rig_start(&rig, "\t\n");
    otter_sim_network_input(rig.network, rig.image, PUSH_RIG_SIZE);
    for (int step = 0; step < 10; step++) {
        otter_sim_network_datagram(rig.network, &rig.uploader, "flood", 5);
        otter_push_step(&rig.push, rig.network->now_ms);
    }
    push_rig_output_ends(&rig, "OK");
    push_rig_close(&rig);
}

/* Every deadline, with the clock wrapping around at every part of an update. */
static void the_clock_wraps_around(void **state)
{
    (void)state;
    for (uint32_t before = 0; before <= 32000; before += 400) {
        struct push_rig rig;
        push_rig_open(&rig, NULL);
        rig.network->now_ms = 0u - before;
        rig.network->connect = 0;
        push_rig_invite(&rig, 0, "\n");
        push_rig_run(&rig, CONNECT_TIMEOUT_MS - 1);
        rig.network->connect = 1;
        push_rig_run(&rig, 2);
        push_rig_send(&rig, 0, 10000);
        push_rig_run(&rig, RECEIVE_TIMEOUT_MS - 1);
        push_rig_send(&rig, 10000, PUSH_RIG_SIZE - 10000);
        push_rig_run(&rig, RESULT_PAUSE_MS - 1);
        push_rig_output_ends(&rig, "3616"); /* the last count */
        push_rig_run(&rig, 1);
        push_rig_output_ends(&rig, "3616OK");
        push_rig_run(&rig, 999);
        assert_int_equal(rig.ends, 0);
        push_rig_run(&rig, 1);
        push_rig_expect_success(&rig);
        push_rig_close(&rig);
    }
}

/* --- the end of the receiver ---------------------------------------------------------------------- */

static void end_while_connecting(void **state)
{
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, NULL);
    rig.network->connect = 0;
    push_rig_invite(&rig, 0, "\n");
    otter_push_end(&rig.push);
    assert_int_equal(rig.errors, 1);
    assert_string_equal(rig.text, "Aborted by the application");
    otter_push_end(&rig.push);
    assert_int_equal(rig.errors, 1);
    push_rig_close(&rig);
}

static void end_while_receiving(void **state)
{
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, NULL);
    push_rig_start(&rig, "\n");
    push_rig_send(&rig, 0, 5000);
    otter_push_end(&rig.push);
    push_rig_expect_failure(&rig, OTTER_PUSH_ERROR_RECEIVE, "Aborted by the application");
    assert_int_equal(otter_push_step(&rig.push, rig.network->now_ms), OTTER_NEVER);
    assert_int_equal(otter_push_begin(&rig.push, &rig.device.sim.port, &rig.device.updater,
                                      &(struct otter_push_settings){0}),
                     OTTER_OK);
    push_rig_close(&rig);
}

static void end_when_all_is_staged(void **state)
{
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, NULL);
    push_rig_start(&rig, "\n");
    push_rig_send(&rig, 0, PUSH_RIG_SIZE);
    otter_push_end(&rig.push);
    assert_int_equal(rig.ends, 1);
    assert_int_equal(rig.errors, 0);
    assert_int_equal(rig.device.sim.restarts, 0);
    assert_true(push_rig_is_staged(&rig));
    push_rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(block_by_block),
        cmocka_unit_test(everything_at_once),
        cmocka_unit_test(byte_by_byte),
        cmocka_unit_test(a_filesystem),
        cmocka_unit_test(bytes_beyond_the_size_are_ignored),
        cmocka_unit_test(the_application_may_restart_by_itself),
        cmocka_unit_test(the_prompt_mark_saves_the_pause),
        cmocka_unit_test(so_does_an_uploader_that_ends_its_side),
        cmocka_unit_test(an_uploader_that_vanishes_at_the_end_changes_nothing),
        cmocka_unit_test(an_uploader_that_falls_silent_is_not_waited_for_for_ever),
        cmocka_unit_test(the_answer_is_waited_for_until_it_is_acknowledged),
        cmocka_unit_test(counts_wait_for_room_and_none_is_lost),
        cmocka_unit_test(counts_are_looked_after_while_nothing_comes),
        cmocka_unit_test(counts_come_before_the_result),
        cmocka_unit_test(a_count_does_not_outlive_its_connection),
        cmocka_unit_test(the_result_waits_for_room),
        cmocka_unit_test(room_never_comes),
        cmocka_unit_test(a_connection_that_is_refused_at_once),
        cmocka_unit_test(a_connection_that_is_refused_later),
        cmocka_unit_test(a_connection_that_never_comes_about),
        cmocka_unit_test(every_early_end_of_the_connection),
        cmocka_unit_test(a_gap_in_the_transfer),
        cmocka_unit_test(late_datagrams_do_not_disturb),
        cmocka_unit_test(an_invitation_waits_for_the_end_of_an_update),
        cmocka_unit_test(a_flood_of_datagrams_does_not_stop_a_transfer),
        cmocka_unit_test(the_clock_wraps_around),
        cmocka_unit_test(end_while_connecting),
        cmocka_unit_test(end_while_receiving),
        cmocka_unit_test(end_when_all_is_staged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
