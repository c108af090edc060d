#include "tests/support/test.h"

#include <string.h>

#include "server/core/rollout.h"

#define HOUR INT64_C(3600000)

static struct otter_reason reason;

/* Which orders each state allows, and where they lead; -1: not allowed. */
static void orders_by_state(void **state)
{
    (void)state;
    enum {
        NO = -1,
        DRAFT = OTTER_ROLLOUT_DRAFT,
        RUNNING = OTTER_ROLLOUT_RUNNING,
        PAUSED = OTTER_ROLLOUT_PAUSED,
        HALTED = OTTER_ROLLOUT_HALTED,
        ABORTED = OTTER_ROLLOUT_ABORTED,
        DONE = OTTER_ROLLOUT_DONE
    };
    static const int table[6][5] = {
        /*            start    pause   resume   abort    next (the last wave) */
        [DRAFT] = {RUNNING, NO, NO, ABORTED, NO},  [RUNNING] = {NO, PAUSED, NO, ABORTED, DONE},
        [PAUSED] = {NO, NO, RUNNING, ABORTED, NO}, [HALTED] = {NO, NO, RUNNING, ABORTED, NO},
        [ABORTED] = {NO, NO, NO, NO, NO},          [DONE] = {NO, NO, NO, NO, NO},
    };
    for (int from = 0; from < 6; from++) {
        for (int order = 0; order < 5; order++) {
            struct otter_rollout rollout = {.state = (enum otter_rollout_state)from, .waves = {10000}};
            struct otter_rollout before = rollout;
            bool done = otter_rollout_order(&rollout, (enum otter_rollout_order)order, "because", 5, &reason);
            assert_int_equal(done, table[from][order] != NO);
            if (done) {
                assert_int_equal((int)rollout.state, table[from][order]);
                assert_string_equal(rollout.reason, "because");
                assert_int_equal(rollout.ended, rollout.state >= OTTER_ROLLOUT_ABORTED ? 5 : 0);
            } else {
                assert_memory_equal(&rollout, &before, sizeof(rollout));
            }
        }
    }
}

static void a_start_begins_the_first_wave(void **state)
{
    (void)state;
    struct otter_rollout rollout = {.waves = {1000, 10000}, .wave_outcomes = 7};
    assert_true(otter_rollout_order(&rollout, OTTER_ROLLOUT_START, NULL, 100, &reason));
    assert_int_equal(rollout.started, 100);
    assert_int_equal(rollout.wave_since, 100);
    assert_int_equal(rollout.wave_outcomes, 0);
    assert_true(otter_rollout_order(&rollout, OTTER_ROLLOUT_NEXT, NULL, 200, &reason));
    assert_int_equal(rollout.wave, 1);
    assert_int_equal(rollout.wave_since, 200);
    assert_true(otter_rollout_order(&rollout, OTTER_ROLLOUT_NEXT, NULL, 300, &reason));
    assert_int_equal(rollout.state, OTTER_ROLLOUT_DONE);
}

static void it_halts_at_a_count_or_a_share(void **state)
{
    (void)state;
    static const struct {
        struct otter_rollout rollout;
        bool halts;
    } cases[] = {
        {{.failed = 100}, false}, /* never was asked for */
        {{.halt_count = 3, .failed = 2}, false},
        {{.halt_count = 3, .failed = 3}, true},
        {{.halt_share = 1000, .failed = 1, .succeeded = 10}, false},
        {{.halt_share = 1000, .failed = 1, .succeeded = 9}, true},
        {{.halt_share = 1000, .failed = 1}, true},
        {{.halt_share = 1000, .halt_sample = 20, .failed = 10, .succeeded = 9}, false},
        {{.halt_share = 1000, .halt_sample = 20, .failed = 10, .succeeded = 10}, true},
        {{.halt_share = 1, .failed = 0, .succeeded = 10}, false},
        {{.halt_share = 10000, .failed = 4000000000u, .succeeded = 1}, false},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        struct otter_rollout rollout = cases[i].rollout;
        rollout.state = OTTER_ROLLOUT_RUNNING;
        assert_int_equal(otter_rollout_judge(&rollout, 9), cases[i].halts);
        assert_int_equal(rollout.state == OTTER_ROLLOUT_HALTED, cases[i].halts);
        rollout.state = OTTER_ROLLOUT_DONE;
        assert_false(otter_rollout_judge(&rollout, 9));
    }
}

static void a_resume_counts_failures_anew(void **state)
{
    (void)state;
    struct otter_rollout rollout = {
        .state = OTTER_ROLLOUT_RUNNING, .waves = {10000}, .halt_count = 2, .failed = 2};
    assert_true(otter_rollout_judge(&rollout, 9));
    assert_true(otter_rollout_order(&rollout, OTTER_ROLLOUT_RESUME, NULL, 10, &reason));
    assert_false(otter_rollout_judge(&rollout, 11));
    assert_int_equal(rollout.failed, 0);
}

static void it_goes_on_by_itself(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        uint32_t wave, outcomes;
        int64_t soak, passed;
        struct otter_rollout_progress progress;
        bool goes_on;
    } cases[] = {
        {"by hand", 0, 5, 0, 9 * HOUR, {50, 5, 5}, false},
        {"not soaked", 0, 5, HOUR, HOUR - 1, {50, 5, 5}, false},
        {"soaked", 0, 1, HOUR, HOUR, {50, 5, 1}, true},
        {"nobody tried", 0, 0, HOUR, HOUR, {50, 5, 0}, false},
        {"nobody is in it", 0, 0, HOUR, HOUR, {50, 0, 0}, true},
        {"last, not all", 1, 5, 0, HOUR, {50, 50, 49}, false},
        {"last, all", 1, 5, 0, 0, {50, 50, 50}, true},
        {"last, nobody", 1, 0, HOUR, HOUR, {0, 0, 0}, false},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        struct otter_rollout rollout = {.state = OTTER_ROLLOUT_RUNNING,
                                        .waves = {1000, 10000},
                                        .wave = cases[i].wave,
                                        .wave_outcomes = cases[i].outcomes,
                                        .soak = cases[i].soak,
                                        .wave_since = 1000};
        if (otter_rollout_tick(&rollout, &cases[i].progress, 1000 + cases[i].passed) != cases[i].goes_on)
            fail_msg("%s", cases[i].what);
        rollout.state = OTTER_ROLLOUT_PAUSED;
        assert_false(otter_rollout_tick(&rollout, &cases[i].progress, 1000 + cases[i].passed));
    }
}

static void what_can_not_be_is_refused(void **state)
{
    (void)state;
    const struct otter_release release = {.product = 1, .state = OTTER_RELEASE_PUBLISHED};
    const struct otter_release draft = {.product = 1};
    const struct otter_rollout good = {.product = 1, .waves = {100, 10000}, .hours_to = 300};
    static const struct {
        struct otter_rollout rollout;
        const char *text;
    } cases[] = {
        {{.product = 2, .waves = {100}}, "another product"},
        {{.product = 1}, "waves"},
        {{.product = 1, .waves = {100, 100}}, "waves"},
        {{.product = 1, .waves = {100, 0, 200}}, "waves"},
        {{.product = 1, .waves = {10001}}, "waves"},
        {{.product = 1, .waves = {100}, .hours_from = 1440}, "hours"},
        {{.product = 1, .waves = {100}, .hours_zone = -841}, "hours"},
        {{.product = 1, .waves = {100}, .halt_share = 10001}, "share"},
        {{.product = 1, .waves = {100}, .soak = -1}, "soak"},
    };
    assert_true(otter_rollout_is_sound(&good, &release, &reason));
    assert_false(otter_rollout_is_sound(&good, NULL, &reason));
    assert_false(otter_rollout_is_sound(&good, &draft, &reason));
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        assert_false(otter_rollout_is_sound(&cases[i].rollout, &release, &reason));
        assert_non_null(strstr(reason.text, cases[i].text));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orders_by_state),
        cmocka_unit_test(a_start_begins_the_first_wave),
        cmocka_unit_test(it_halts_at_a_count_or_a_share),
        cmocka_unit_test(a_resume_counts_failures_anew),
        cmocka_unit_test(it_goes_on_by_itself),
        cmocka_unit_test(what_can_not_be_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
