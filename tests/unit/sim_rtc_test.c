#include "tests/support/test.h"

#include "ports/sim/rtc.h"

static void keeps_what_was_written(void **state)
{
    (void)state;
    struct otter_sim_rtc rtc;
    uint32_t words[3] = {1, 2, 3}, back[3];
    otter_sim_rtc_power_on(&rtc, 1);
    otter_sim_rtc_write(&rtc, OTTER_SIM_RTC_WORDS - 3, words, 3);
    otter_sim_rtc_read(&rtc, OTTER_SIM_RTC_WORDS - 3, back, 3);
    assert_memory_equal(words, back, sizeof words);
}

static void holds_anything_after_power_came(void **state)
{
    (void)state;
    struct otter_sim_rtc first, again, other;
    otter_sim_rtc_power_on(&first, 1);
    otter_sim_rtc_power_on(&again, 1);
    otter_sim_rtc_power_on(&other, 2);
    assert_memory_equal(&first, &again, sizeof first);
    assert_memory_not_equal(&first, &other, sizeof first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_what_was_written),
        cmocka_unit_test(holds_anything_after_power_came),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
