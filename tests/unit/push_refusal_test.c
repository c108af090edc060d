/* The push receiver and images that it will not have: what the uploader and the application are told. */
#include "tests/support/push_rig.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/test.h"

#define RESULT_PAUSE_MS    1000u
#define RECEIVE_TIMEOUT_MS 20000u

static void the_wrong_first_byte(void **state)
{
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, NULL);
    rig.image[0] = 0x7F;
    push_rig_start(&rig, "\n");
    push_rig_send(&rig, 0, 5000);
    assert_int_equal(rig.errors, 1);
    push_rig_send(&rig, 5000, 4000); /* existing uploaders send on */
    push_rig_run(&rig, 3000);
    assert_string_equal(push_rig_output(&rig), "40969044000");
    push_rig_send(&rig, 9000, PUSH_RIG_SIZE - 9000);
    push_rig_run(&rig, RESULT_PAUSE_MS - 1);
    assert_string_equal(push_rig_output(&rig), "40969044000409640962808");
    push_rig_run(&rig, 1);
    push_rig_output_ends(&rig, "2808ERROR[10]: Magic byte is not 0xE9\n");
    push_rig_expect_failure(&rig, OTTER_PUSH_ERROR_END, "ERROR[10]: Magic byte is not 0xE9");
    assert_true(updater_rig_untouched(&rig.device));
    push_rig_close(&rig);
}

static void the_rest_of_a_refused_image_never_comes(void **state)
{
    static const int ends[] = {0, OTTER_ERROR_CLOSED, OTTER_ERROR_TRANSPORT};
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(ends); i++) {
        struct push_rig rig;
        push_rig_open(&rig, NULL);
        rig.image[2] = 9;
        push_rig_start(&rig, "\n");
        push_rig_send(&rig, 0, 5000);
        rig.network->input_end = ends[i];
        push_rig_run(&rig, ends[i] == 0 ? RECEIVE_TIMEOUT_MS + RESULT_PAUSE_MS : 10);
        push_rig_expect_failure(&rig, OTTER_PUSH_ERROR_END, "ERROR[17]: Image is damaged");
        push_rig_output_ends(&rig, "ERROR[17]: Image is damaged\n");
        rig.image[2] = 2;
        push_rig_next_succeeds(&rig);
        push_rig_close(&rig);
    }
}

/* Bytes may come slowly, and more of them than announced. */
static void a_refused_image_that_trickles(void **state)
{
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, NULL);
    rig.image[0] = 0;
    push_rig_start(&rig, "\n");
    push_rig_send(&rig, 0, 4096);
    for (uint32_t at = 4096; at < PUSH_RIG_SIZE - 4; at += 3975) {
        push_rig_run(&rig, RECEIVE_TIMEOUT_MS - 1);
        push_rig_send(&rig, at, 3975);
    }
    assert_string_equal(push_rig_output(&rig), "40963975397539753975");
    push_rig_send(&rig, 0, 5000);
    assert_string_equal(push_rig_output(&rig), "409639753975397539754");
    push_rig_run(&rig, RESULT_PAUSE_MS);
    push_rig_output_ends(&rig, "39754ERROR[10]: Magic byte is not 0xE9\n");
    push_rig_close(&rig);
}

/* What is left unread when the connection is closed would reset it, and the text would be lost. */
static void nothing_is_left_unread_behind_an_error(void **state)
{
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, NULL);
    push_rig_say(&rig, "0 1 20000 00000000000000000000000000000000\t\n");
    rig.network->flushed = 0;
    push_rig_send(&rig, 0, PUSH_RIG_SIZE);
    push_rig_run(&rig, 100);
    assert_true(rig.network->tcp_open);
    push_rig_send(&rig, 0, 3000);
    push_rig_run(&rig, 10);
    assert_int_equal(rig.network->input_read, rig.network->input.size);
    rig.network->flushed = 1;
    push_rig_run(&rig, 10);
    assert_false(rig.network->tcp_open);
    push_rig_close(&rig);
}

/* Without a restart in between. */
static void a_failure_after_a_success(void **state)
{
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, &(struct otter_push_settings){.stay = true});
    push_rig_next_succeeds(&rig);
    rig.network->input_end = 0;
    otter_updater_release(&rig.device.updater);
    push_rig_say(&rig, "0 1 20000 00000000000000000000000000000000\t\n");
    push_rig_send(&rig, 0, PUSH_RIG_SIZE);
    push_rig_run(&rig, 10);
    assert_false(otter_push_is_busy(&rig.push));
    assert_int_equal(rig.errors, 1);
    assert_int_equal(rig.ends, 1);
    assert_false(updater_rig_boot_command(&rig.device));
    push_rig_close(&rig);
}

static void the_wrong_md5(void **state)
{
    (void)state;
    struct push_rig rig;
    char expected[200], md5[33];
    push_rig_open(&rig, NULL);
    push_rig_say(&rig, "0 1 20000 00000000000000000000000000000000\n");
    push_rig_send(&rig, 0, PUSH_RIG_SIZE);
    push_rig_run(&rig, RESULT_PAUSE_MS);
    digest_md5(md5, rig.image, PUSH_RIG_SIZE);
    snprintf(expected, sizeof(expected),
             "ERROR[7]: MD5 verification failed: expected: 00000000000000000000000000000000, calculated: %s",
             md5);
    push_rig_expect_failure(&rig, OTTER_PUSH_ERROR_END, expected);
    push_rig_output_ends(&rig, "\n");
    assert_non_null(strstr(push_rig_output(&rig), expected));
    push_rig_close(&rig);
}

static void flash_that_fails(void **state)
{
    (void)state;
    for (uint64_t operation = 1; operation <= 84; operation += 7) {
        struct push_rig rig;
        push_rig_open(&rig, NULL);
        rig.device.sim.flash.fail_at = operation;
        push_rig_start(&rig, "\t\n");
        push_rig_send(&rig, 0, PUSH_RIG_SIZE);
        push_rig_expect_failure(&rig, OTTER_PUSH_ERROR_END,
                                (operation - 1) % 17 == 0 ? "ERROR[2]: Flash Erase Failed"
                                                          : "ERROR[1]: Flash Write Failed");
        rig.device.sim.flash.fail_at = 0;
        push_rig_next_succeeds(&rig);
        push_rig_close(&rig);
    }
}

static void the_application_aborts_the_updater(void **state)
{
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, NULL);
    rig.abort_in_progress = true;
    push_rig_start(&rig, "\t\n");
    push_rig_send(&rig, 0, PUSH_RIG_SIZE);
    push_rig_output_ends(&rig, "ERROR: Aborted by the application\n");
    push_rig_expect_failure(&rig, OTTER_PUSH_ERROR_END, "ERROR: Aborted by the application");
    rig.abort_in_progress = false;
    push_rig_next_succeeds(&rig);
    push_rig_close(&rig);
}

static void the_application_aborts_at_the_last_byte(void **state)
{
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, NULL);
    push_rig_start(&rig, "\t\n");
    push_rig_send(&rig, 0, 16384);
    rig.abort_in_progress = true;
    push_rig_send(&rig, 16384, PUSH_RIG_SIZE - 16384);
    push_rig_expect_failure(&rig, OTTER_PUSH_ERROR_END, "ERROR: Aborted by the application");
    push_rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_wrong_first_byte),
        cmocka_unit_test(the_rest_of_a_refused_image_never_comes),
        cmocka_unit_test(a_refused_image_that_trickles),
        cmocka_unit_test(nothing_is_left_unread_behind_an_error),
        cmocka_unit_test(a_failure_after_a_success),
        cmocka_unit_test(the_wrong_md5),
        cmocka_unit_test(flash_that_fails),
        cmocka_unit_test(the_application_aborts_the_updater),
        cmocka_unit_test(the_application_aborts_at_the_last_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
