#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "server/core/check_in.h"

#define OLD 0x10
#define NEW 0x20

/* A product with releases 1 and 2, a rollout of release 2 to all, and one device's record from request to
 * request. */
struct life {
    struct otter_product product;
    struct otter_release releases[2];
    struct otter_rollout rollout;
    struct otter_plan plan;
    struct otter_report report;
    struct otter_device device;
    bool known;
    struct otter_check_in last;
    int offered, succeeded, failed;
    int64_t now;
};

static int setup(void **state)
{
    static struct life life;
    memset(&life, 0, sizeof(life));
    life.product = (struct otter_product){.id = 1, .channel = 3};
    for (uint8_t i = 0; i < 2; i++) {
        struct otter_release *release = &life.releases[i];
        *release = (struct otter_release){
            .id = i + 1, .product = 1, .state = OTTER_RELEASE_PUBLISHED, .size = 1000, .image_size = 1000};
        snprintf(release->version, sizeof(release->version), "%u.0", i + 1u);
        memset(release->md5, (i + 1) << 4, sizeof(release->md5));
    }
    life.rollout = (struct otter_rollout){
        .id = 9, .product = 1, .state = OTTER_ROLLOUT_RUNNING, .waves = {OTTER_SHARE_ALL}};
    life.plan = (struct otter_plan){.rollout = &life.rollout, .release = &life.releases[1]};
    life.report = (struct otter_report){.fields = 127, .free_space = 5000, .chip_size = 4 << 20};
    life.now = 1000;
    *state = &life;
    return 0;
}

static void keep(struct life *life)
{
    for (size_t i = 0; i < life->last.tally_count; i++) {
        assert_int_equal(life->last.tallies[i].rollout, 9);
        life->offered += life->last.tallies[i].offered;
        life->succeeded += life->last.tallies[i].succeeded;
        life->failed += life->last.tallies[i].failed;
    }
    assert_true(life->last.event_count <= OTTER_CHECK_IN_EVENTS);
    assert_true(life->last.tally_count <= OTTER_CHECK_IN_TALLIES);
    life->known = life->known || life->last.known;
    if (life->last.known)
        life->device = life->last.device;
}

static enum otter_decision_row check_in(struct life *life, uint8_t runs)
{
    enum otter_release_kind kind = otter_request_kind(&life->report);
    int64_t attempt = life->device.attempts[kind].release;
    struct otter_situation situation = {.mac = 7,
                                        .report = &life->report,
                                        .device = life->known ? &life->device : NULL,
                                        .product = &life->product,
                                        .plans = &life->plan,
                                        .plan_count = 1,
                                        .now = life->now += 1000};
    memset(life->report.md5, runs, sizeof(life->report.md5));
    if (runs == OLD || runs == NEW)
        situation.running = &life->releases[(runs >> 4) - 1];
    if (attempt != 0)
        situation.attempt = &life->releases[attempt - 1];
    otter_check_in(&life->last, &situation);
    keep(life);
    return life->last.decision.row;
}

static void deliver(struct life *life, enum otter_release_kind kind)
{
    otter_check_in_delivered(&life->last, &life->device, kind, 2, life->now += 1000);
    keep(life);
}

static void report(struct life *life, enum otter_result result)
{
    otter_check_in_result(&life->last, &life->device, OTTER_RELEASE_SKETCH, 3, result, "said so",
                          life->now += 1000);
    keep(life);
}

/* The last events were of these kinds. */
static void expect_events(const struct life *life, size_t count, const enum otter_event_kind *kinds)
{
    assert_int_equal(life->last.event_count, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(life->last.events[i].kind, kinds[i]);
        assert_int_equal(life->last.events[i].mac, 7);
        assert_int_equal(life->last.events[i].at, life->now);
    }
}
#define EXPECT_EVENTS(life, ...)                                                                             \
    expect_events(life, sizeof((enum otter_event_kind[]){__VA_ARGS__}) / sizeof(enum otter_event_kind),      \
                  (enum otter_event_kind[]){__VA_ARGS__})
#define EXPECT_COUNTS(life, o, s, f)                                                                         \
    do {                                                                                                     \
        assert_int_equal((life)->offered, o);                                                                \
        assert_int_equal((life)->succeeded, s);                                                              \
        assert_int_equal((life)->failed, f);                                                                 \
    } while (0)

static enum otter_attempt_state state_of(const struct life *life)
{
    return life->device.attempts[OTTER_RELEASE_SKETCH].state;
}

/* --- tests -------------------------------------------------------------------------------------- */

static void a_new_device_is_enrolled(void **state)
{
    struct life *life = *state;
    assert_int_equal(check_in(life, OLD), OTTER_DECISION_SEND);
    EXPECT_EVENTS(life, OTTER_EVENT_ENROLLED, OTTER_EVENT_OFFERED);
    assert_int_equal(life->device.mac, 7);
    assert_int_equal(life->device.channel, 3);
    assert_int_equal(life->device.enrolment, OTTER_ENROLMENT_APPROVED);
    assert_int_equal(life->device.running, 1);
    assert_int_equal(life->device.seen, life->now);
    assert_memory_equal(&life->device.last, &life->report, sizeof(life->report));
}

static void a_new_device_waits_for_approval(void **state)
{
    struct life *life = *state;
    life->product.enrolment = OTTER_ENROL_APPROVAL;
    assert_int_equal(check_in(life, OLD), OTTER_DECISION_PENDING);
    EXPECT_EVENTS(life, OTTER_EVENT_ENROLLED);
    assert_int_equal(check_in(life, OLD), OTTER_DECISION_PENDING);
    assert_int_equal(life->last.event_count, 0);
    life->device.enrolment = OTTER_ENROLMENT_APPROVED;
    assert_int_equal(check_in(life, OLD), OTTER_DECISION_SEND);
}

static void who_is_turned_away_leaves_no_trace(void **state)
{
    struct life *life = *state;
    life->product.enrolment = OTTER_ENROL_REFUSED;
    assert_int_equal(check_in(life, OLD), OTTER_DECISION_CLOSED);
    assert_false(life->last.known);
    life->product.enrolment = OTTER_ENROL_AUTOMATIC;
    life->report.fields = 0;
    assert_int_equal(check_in(life, OLD), OTTER_DECISION_NO_UPDATER);
    assert_false(life->last.known);
    assert_int_equal(life->last.event_count, 0);
}

static void an_update_succeeds(void **state)
{
    struct life *life = *state;
    check_in(life, OLD);
    EXPECT_COUNTS(life, 1, 0, 0);
    deliver(life, OTTER_RELEASE_SKETCH);
    assert_int_equal(state_of(life), OTTER_ATTEMPT_DELIVERED);
    assert_int_equal(check_in(life, NEW), OTTER_DECISION_UP_TO_DATE);
    EXPECT_EVENTS(life, OTTER_EVENT_UPDATED);
    EXPECT_COUNTS(life, 1, 1, 0);
    assert_int_equal(check_in(life, NEW), OTTER_DECISION_UP_TO_DATE);
    assert_int_equal(life->last.event_count, 0);
    report(life, OTTER_RESULT_CONFIRMED);
    EXPECT_COUNTS(life, 1, 1, 0);
}

static void an_update_is_confirmed(void **state)
{
    struct life *life = *state;
    check_in(life, OLD);
    report(life, OTTER_RESULT_CONFIRMED);
    EXPECT_EVENTS(life, OTTER_EVENT_UPDATED);
    EXPECT_COUNTS(life, 1, 1, 0);
    check_in(life, NEW);
    EXPECT_COUNTS(life, 1, 1, 0);
}

static void a_loop_is_stopped(void **state)
{
    struct life *life = *state;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(check_in(life, OLD), OTTER_DECISION_SEND);
        deliver(life, OTTER_RELEASE_SKETCH);
    }
    assert_int_equal(check_in(life, OLD), OTTER_DECISION_BLOCKED);
    EXPECT_EVENTS(life, OTTER_EVENT_RETURNED, OTTER_EVENT_BLOCKED);
    EXPECT_COUNTS(life, 1, 0, 1);
    for (int i = 0; i < 20; i++)
        assert_int_equal(check_in(life, OLD), OTTER_DECISION_BLOCKED);
    EXPECT_COUNTS(life, 1, 0, 1);
    otter_check_in_retry(&life->last, &life->device);
    keep(life);
    EXPECT_COUNTS(life, 0, 0, 0);
    assert_int_equal(check_in(life, OLD), OTTER_DECISION_SEND);
    EXPECT_COUNTS(life, 1, 0, 0);
}

static void the_product_says_how_often(void **state)
{
    struct life *life = *state;
    life->product.attempts_max = 1;
    check_in(life, OLD);
    deliver(life, OTTER_RELEASE_SKETCH);
    assert_int_equal(check_in(life, OLD), OTTER_DECISION_BLOCKED);
}

static void cut_downloads_are_forgiven_but_not_for_ever(void **state)
{
    struct life *life = *state;
    for (int i = 0; i < 12; i++)
        assert_int_equal(check_in(life, OLD), OTTER_DECISION_SEND);
    assert_int_equal(check_in(life, OLD), OTTER_DECISION_BLOCKED);
    EXPECT_COUNTS(life, 1, 0, 1);
}

static void a_reverted_device_is_blocked_at_once(void **state)
{
    struct life *life = *state;
    check_in(life, OLD);
    deliver(life, OTTER_RELEASE_SKETCH);
    check_in(life, NEW); /* on trial */
    EXPECT_COUNTS(life, 1, 1, 0);
    report(life, OTTER_RESULT_REVERTED);
    EXPECT_EVENTS(life, OTTER_EVENT_REPORTED, OTTER_EVENT_BLOCKED);
    EXPECT_COUNTS(life, 1, 0, 1);
    assert_string_equal(life->last.events[0].detail, "said so");
    assert_int_equal(check_in(life, OLD), OTTER_DECISION_BLOCKED);
    EXPECT_COUNTS(life, 1, 0, 1);
}

static void a_silent_return_takes_the_success_back(void **state)
{
    struct life *life = *state;
    check_in(life, OLD);
    check_in(life, NEW);
    assert_int_equal(check_in(life, OLD), OTTER_DECISION_SEND);
    EXPECT_EVENTS(life, OTTER_EVENT_RETURNED, OTTER_EVENT_OFFERED);
    EXPECT_COUNTS(life, 1, 0, 0);
}

static void reported_failures_count(void **state)
{
    struct life *life = *state;
    life->rollout.state = OTTER_ROLLOUT_PAUSED;
    check_in(life, OLD);
    report(life, OTTER_RESULT_FAILED); /* about nothing */
    assert_int_equal(life->last.event_count, 0);
    life->rollout.state = OTTER_ROLLOUT_RUNNING;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(check_in(life, OLD), OTTER_DECISION_SEND);
        deliver(life, OTTER_RELEASE_SKETCH);
        report(life, OTTER_RESULT_FAILED); /* and not the next return, too */
    }
    assert_int_equal(check_in(life, OLD), OTTER_DECISION_BLOCKED);
    report(life, OTTER_RESULT_FAILED);
    EXPECT_EVENTS(life, OTTER_EVENT_REPORTED);
    EXPECT_COUNTS(life, 1, 0, 1);
}

static void a_cable_may_mend_it(void **state)
{
    struct life *life = *state;
    check_in(life, OLD);
    report(life, OTTER_RESULT_REVERTED);
    EXPECT_COUNTS(life, 1, 0, 1);
    assert_int_equal(check_in(life, NEW), OTTER_DECISION_UP_TO_DATE);
    EXPECT_COUNTS(life, 1, 1, 0);
}

static void what_happens_elsewhere_is_noted(void **state)
{
    struct life *life = *state;
    life->rollout.state = OTTER_ROLLOUT_DRAFT;
    check_in(life, OLD);
    check_in(life, OLD);
    assert_int_equal(life->last.event_count, 0);
    check_in(life, 0x77);
    EXPECT_EVENTS(life, OTTER_EVENT_CHANGED);
    assert_int_equal(life->device.running, 0);
}

static void asking_for_the_version_is_no_offer(void **state)
{
    struct life *life = *state;
    life->report.mode = OTTER_MODE_VERSION;
    for (int i = 0; i < 20; i++)
        assert_int_equal(check_in(life, OLD), OTTER_DECISION_SEND);
    EXPECT_COUNTS(life, 0, 0, 0);
}

static void a_filesystem_has_succeeded_when_it_was_sent(void **state)
{
    struct life *life = *state;
    life->report.mode = OTTER_MODE_FILESYSTEM;
    life->releases[1].kind = OTTER_RELEASE_FILESYSTEM;
    assert_int_equal(check_in(life, OLD), OTTER_DECISION_SEND);
    deliver(life, OTTER_RELEASE_FILESYSTEM);
    EXPECT_EVENTS(life, OTTER_EVENT_UPDATED);
    EXPECT_COUNTS(life, 1, 1, 0);
    for (int i = 0; i < 5; i++)
        assert_int_equal(check_in(life, OLD), OTTER_DECISION_UP_TO_DATE);
    EXPECT_COUNTS(life, 1, 1, 0);
}

static void another_release_is_another_attempt(void **state)
{
    struct life *life = *state;
    for (int i = 0; i < 2; i++) {
        check_in(life, OLD);
        deliver(life, OTTER_RELEASE_SKETCH);
    }
    life->plan.release = &life->releases[0];
    assert_int_equal(check_in(life, 0x77), OTTER_DECISION_SEND);
    assert_int_equal(life->device.attempts[0].release, 1);
    assert_int_equal(life->device.attempts[0].failures, 0);
    assert_int_equal(life->device.attempts[0].offers, 1);
}

#define LIFE(test) cmocka_unit_test_setup(test, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LIFE(a_new_device_is_enrolled),
        LIFE(a_new_device_waits_for_approval),
        LIFE(who_is_turned_away_leaves_no_trace),
        LIFE(an_update_succeeds),
        LIFE(an_update_is_confirmed),
        LIFE(a_loop_is_stopped),
        LIFE(the_product_says_how_often),
        LIFE(cut_downloads_are_forgiven_but_not_for_ever),
        LIFE(a_reverted_device_is_blocked_at_once),
        LIFE(a_silent_return_takes_the_success_back),
        LIFE(reported_failures_count),
        LIFE(a_cable_may_mend_it),
        LIFE(what_happens_elsewhere_is_noted),
        LIFE(asking_for_the_version_is_no_offer),
        LIFE(a_filesystem_has_succeeded_when_it_was_sent),
        LIFE(another_release_is_another_attempt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
