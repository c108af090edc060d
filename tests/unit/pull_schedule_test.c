#include "otter/pull_schedule.h"

#include "tests/support/test.h"

#define HOUR_S 3600u
#define MOST   UINT32_MAX /* the greatest random number */

static void the_first_pull_comes_soon(void **state)
{
    static const struct {
        uint32_t interval_s, random, left;
    } cases[] = {
        {HOUR_S, 0, 0},   {HOUR_S, MOST, 60000}, {HOUR_S, 0x80000000, 30000},
        {10, MOST, 1000}, {1, MOST, 100},        {OTTER_PULL_INTERVAL_MAX, MOST, 60000},
    };
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        struct otter_pull_schedule schedule;
        otter_pull_schedule_begin(&schedule, cases[i].interval_s, 500, cases[i].random);
        assert_int_equal(otter_pull_schedule_left(&schedule, 500), cases[i].left);
        assert_int_equal(otter_pull_schedule_left(&schedule, 500 + cases[i].left), 0);
    }
}

static void none_is_due_while_one_goes_on(void **state)
{
    struct otter_pull_schedule schedule;
    (void)state;
    otter_pull_schedule_begin(&schedule, HOUR_S, 0, 0);
    otter_pull_schedule_started(&schedule);
    assert_int_equal(otter_pull_schedule_left(&schedule, 10000000), OTTER_NEVER);
}

static void the_next_comes_after_the_interval(void **state)
{
    struct otter_pull_schedule schedule;
    (void)state;
    otter_pull_schedule_begin(&schedule, HOUR_S, 0, 0);
    otter_pull_schedule_ended(&schedule, OTTER_PULL_NO_UPDATES, 7, 0);
    assert_int_equal(otter_pull_schedule_left(&schedule, 7), 3240000);
    otter_pull_schedule_ended(&schedule, OTTER_PULL_OK, 7, MOST);
    assert_int_equal(otter_pull_schedule_left(&schedule, 7), 3960000);
    otter_pull_schedule_begin(&schedule, OTTER_PULL_INTERVAL_MAX, 0, 0);
    otter_pull_schedule_ended(&schedule, OTTER_PULL_OK, 0, MOST);
    assert_int_equal(otter_pull_schedule_left(&schedule, 0), 1100000000);
}

static void failures_back_off(void **state)
{
    static const uint32_t waits[] = {60000, 120000, 240000, 480000, 960000, 1920000, 3600000, 3600000};
    struct otter_pull_schedule schedule;
    (void)state;
    otter_pull_schedule_begin(&schedule, HOUR_S, 0, 0);
    for (size_t i = 0; i < TEST_COUNT(waits); i++) {
        struct otter_pull_schedule other = schedule;
        otter_pull_schedule_ended(&other, OTTER_PULL_FAILED, 0, MOST);
        assert_int_equal(otter_pull_schedule_left(&other, 0), waits[i] / 2);
        otter_pull_schedule_ended(&schedule, OTTER_PULL_FAILED, 0, 0);
        assert_int_equal(otter_pull_schedule_left(&schedule, 0), waits[i]);
    }
    for (unsigned i = 0; i < 300; i++)
        otter_pull_schedule_ended(&schedule, OTTER_PULL_FAILED, 0, 0);
    assert_int_equal(otter_pull_schedule_left(&schedule, 0), 3600000);
    otter_pull_schedule_ended(&schedule, OTTER_PULL_NO_UPDATES, 0, 0);
    otter_pull_schedule_ended(&schedule, OTTER_PULL_FAILED, 0, 0);
    assert_int_equal(otter_pull_schedule_left(&schedule, 0), 60000);
}

static void the_clock_may_wrap_around(void **state)
{
    struct otter_pull_schedule schedule;
    (void)state;
    otter_pull_schedule_begin(&schedule, HOUR_S, UINT32_MAX - 99, 0);
    otter_pull_schedule_ended(&schedule, OTTER_PULL_FAILED, UINT32_MAX - 99, 0);
    assert_int_equal(otter_pull_schedule_left(&schedule, 100), 59800);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_pull_comes_soon),         cmocka_unit_test(none_is_due_while_one_goes_on),
        cmocka_unit_test(the_next_comes_after_the_interval), cmocka_unit_test(failures_back_off),
        cmocka_unit_test(the_clock_may_wrap_around),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
