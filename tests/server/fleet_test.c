#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "server/core/fleet.h"
#include "server/store/sqlite/sqlite.h"
#include "tests/server/rig.h"
#include "tests/support/require.h"

#define HOUR INT64_C(3600000)

/* A product with two releases and a channel, and the fleet over them. */
struct yard {
    struct rig rig; /* first */
    struct otter_fleet *fleet;
    int64_t product, channel, old, new;
    int64_t now;
};

static void set_digests(struct otter_release *release, uint8_t byte)
{
    memset(release->md5, byte, sizeof(release->md5));
    memset(release->image_md5, byte, sizeof(release->image_md5));
    memset(release->sha256, byte, sizeof(release->sha256));
    for (uint8_t mode = 0; mode < OTTER_FLASH_MODES; mode++)
        memset(release->flash_md5[mode], byte + mode, OTTER_DIGEST_MD5);
}

static int64_t put_release(struct yard *yard, const char *version, uint8_t byte)
{
    struct otter_release release = {.product = yard->product,
                                    .state = OTTER_RELEASE_PUBLISHED,
                                    .size = 300000,
                                    .image_size = 300000,
                                    .flash_size = 1 << 20};
    snprintf(release.version, sizeof(release.version), "%s", version);
    set_digests(&release, byte);
    STORE_OK(otter_store_put(yard->rig.store, &release), &yard->rig.store->reason);
    return release.id;
}

static int setup(void **state)
{
    static struct yard yard;
    memset(&yard, 0, sizeof(yard));
    rig_open(&yard.rig, &otter_sqlite);
    struct otter_product product = {.name = "garden"};
    STORE_OK(otter_store_put(yard.rig.store, &product), &yard.rig.store->reason);
    yard.product = product.id;
    yard.channel = product.channel = rig_channel(&yard.rig, product.id, "stable");
    STORE_OK(otter_store_put(yard.rig.store, &product), &yard.rig.store->reason);
    yard.old = put_release(&yard, "1.0", 0x10);
    yard.new = put_release(&yard, "2.0", 0x20);
    yard.now = 1000 * HOUR;
    STORE_OK(otter_fleet_open(&yard.fleet, yard.rig.store, &yard.rig.reason), &yard.rig.reason);
    *state = &yard;
    return 0;
}

static int teardown(void **state)
{
    struct yard *yard = *state;
    otter_fleet_close(yard->fleet);
    rig_close(&yard->rig);
    return 0;
}

static void flush(struct yard *yard)
{
    int written = otter_fleet_flush(yard->fleet, yard->rig.store, yard->now, false, &yard->rig.reason);
    REQUIRE(written >= 0, "flush: %s", yard->rig.reason.text);
}

static void restart(struct yard *yard)
{
    otter_fleet_close(yard->fleet);
    rig_reopen(&yard->rig);
    STORE_OK(otter_fleet_open(&yard->fleet, yard->rig.store, &yard->rig.reason), &yard->rig.reason);
}

/* Device MAC checks in, running what has this BYTE in its digests. */
static struct otter_answer check_in(struct yard *yard, uint64_t mac, uint8_t byte)
{
    struct otter_fleet_request request = {.mac = mac,
                                          .report = {.fields = 127,
                                                     .ap_mac = mac + 1,
                                                     .free_space = 600000,
                                                     .sketch_size = 300000,
                                                     .chip_size = 4 << 20,
                                                     .sdk = "2.2.2"}};
    struct otter_answer answer;
    memset(request.report.md5, byte, sizeof(request.report.md5));
    memset(request.report.sha256, 0xFF, sizeof(request.report.sha256));
    STORE_OK(otter_fleet_check_in(yard->fleet, &request, yard->now, &answer), &yard->rig.reason);
    return answer;
}

static int64_t ship(struct yard *yard, const struct otter_rollout *with)
{
    struct otter_rollout rollout = *with;
    uint64_t ticket;
    rollout.product = yard->product;
    rollout.release = yard->new;
    rollout.channel = yard->channel;
    STORE_OK(otter_store_put(yard->rig.store, &rollout), &yard->rig.store->reason);
    STORE_OK(otter_fleet_rollout_draft(yard->fleet, &rollout, &ticket, &yard->rig.reason), &yard->rig.reason);
    STORE_OK(otter_fleet_rollout_order(yard->fleet, rollout.id, OTTER_ROLLOUT_START, NULL, yard->now, &ticket,
                                       &yard->rig.reason),
             &yard->rig.reason);
    return rollout.id;
}

static struct otter_rollout rollout_of(struct yard *yard, int64_t id)
{
    struct otter_rollout rollout;
    STORE_OK(otter_fleet_rollout(yard->fleet, id, &rollout), &yard->rig.reason);
    return rollout;
}

static struct otter_device device_of(struct yard *yard, uint64_t mac)
{
    struct otter_device device;
    STORE_OK(otter_fleet_device(yard->fleet, mac, &device), &yard->rig.reason);
    return device;
}

/* --- tests -------------------------------------------------------------------------------------- */

static void a_device_enrols_updates_and_succeeds(void **state)
{
    struct yard *yard = *state;
    struct otter_answer answer = check_in(yard, 7, 0x10);
    assert_int_equal(answer.status, 304);
    assert_true(answer.ticket > 0);
    assert_int_equal(device_of(yard, 7).running, yard->old);
    assert_int_equal(device_of(yard, 7).channel, yard->channel);
    int64_t id = ship(yard, &(struct otter_rollout){.waves = {OTTER_SHARE_ALL}});
    answer = check_in(yard, 7, 0x10);
    assert_int_equal(answer.status, 200);
    assert_int_equal(answer.release, yard->new);
    assert_int_equal(answer.size, 300000);
    assert_string_equal(answer.version, "2.0");
    assert_int_equal(otter_fleet_delivered(yard->fleet, 7, yard->new, yard->now), OTTER_STORE_OK);
    answer = check_in(yard, 7, 0x22); /* with another flash mode */
    assert_int_equal(answer.status, 304);
    assert_int_equal(answer.row, OTTER_DECISION_UP_TO_DATE);
    assert_int_equal(rollout_of(yard, id).offered, 1);
    assert_int_equal(rollout_of(yard, id).succeeded, 1);
    assert_int_equal(device_of(yard, 7).attempts[0].state, OTTER_ATTEMPT_SUCCEEDED);
}

static void what_is_durable_survives(void **state)
{
    struct yard *yard = *state;
    int64_t id = ship(yard, &(struct otter_rollout){.waves = {OTTER_SHARE_ALL}});
    struct otter_answer answer = check_in(yard, 9, 0x10);
    assert_int_equal(otter_fleet_wait(yard->fleet, answer.ticket, 0), OTTER_STORE_BUSY);
    assert_true(otter_fleet_durable(yard->fleet) < answer.ticket);
    flush(yard);
    assert_true(otter_fleet_durable(yard->fleet) >= answer.ticket);
    assert_int_equal(otter_fleet_wait(yard->fleet, answer.ticket, 0), OTTER_STORE_OK);
    struct otter_device before = device_of(yard, 9), after;
    restart(yard);
    after = device_of(yard, 9);
    assert_int_equal(after.attempts[0].offers, 1);
    assert_int_equal(after.attempts[0].rollout, id);
    assert_memory_equal(after.last.md5, before.last.md5, sizeof(after.last.md5));
    assert_string_equal(after.last.sdk, "2.2.2");
    assert_int_equal(after.last.ap_mac, 10);
    assert_int_equal(rollout_of(yard, id).offered, 1);
    assert_int_equal(rollout_of(yard, id).state, OTTER_ROLLOUT_RUNNING);
}

static void a_sight_is_written_in_time(void **state)
{
    struct yard *yard = *state;
    struct otter_device device;
    check_in(yard, 9, 0x10);
    flush(yard);
    yard->now += 1000;
    assert_int_equal(check_in(yard, 9, 0x10).ticket, 0);
    flush(yard);
    STORE_OK(otter_store_get(yard->rig.store, 9, &device), &yard->rig.store->reason);
    assert_true(device.seen < yard->now);
    int64_t seen = yard->now;
    yard->now += OTTER_FLEET_SEEN_MS;
    flush(yard);
    STORE_OK(otter_store_get(yard->rig.store, 9, &device), &yard->rig.store->reason);
    assert_int_equal(device.seen, seen);
    assert_int_equal(otter_fleet_flush(yard->fleet, yard->rig.store, yard->now, true, &yard->rig.reason), 0);
}

static void everything_is_written_at_the_end(void **state)
{
    struct yard *yard = *state;
    enum { MANY = 5000 };
    for (uint64_t mac = 1; mac <= MANY; mac++)
        check_in(yard, mac, 0x10);
    flush(yard);
    assert_true(otter_fleet_durable(yard->fleet) < MANY);
    assert_true(otter_fleet_flush(yard->fleet, yard->rig.store, yard->now, true, &yard->rig.reason) > 0);
    assert_true(otter_fleet_durable(yard->fleet) >= MANY);
    yard->now += 1000;
    for (uint64_t mac = 1; mac <= MANY; mac++)
        assert_int_equal(check_in(yard, mac, 0x10).ticket, 0);
    assert_int_equal(otter_fleet_flush(yard->fleet, yard->rig.store, yard->now, true, &yard->rig.reason),
                     MANY);
    restart(yard);
    struct otter_fleet_figures figures;
    otter_fleet_figures(yard->fleet, yard->now, &figures);
    assert_int_equal(figures.devices, MANY);
    assert_int_equal(device_of(yard, MANY).seen, yard->now);
}

static void a_bad_release_halts_its_rollout(void **state)
{
    struct yard *yard = *state;
    int64_t id = ship(yard, &(struct otter_rollout){.waves = {OTTER_SHARE_ALL}, .halt_count = 2});
    for (uint64_t mac = 1; mac <= 2; mac++) {
        for (int i = 0; i < 3; i++) {
            assert_int_equal(check_in(yard, mac, 0x10).status, 200);
            assert_int_equal(otter_fleet_delivered(yard->fleet, mac, yard->new, yard->now), OTTER_STORE_OK);
        }
        struct otter_answer answer = check_in(yard, mac, 0x10);
        assert_int_equal(answer.status, 304);
        assert_int_equal(answer.row, OTTER_DECISION_BLOCKED);
    }
    struct otter_rollout rollout = rollout_of(yard, id);
    assert_int_equal(rollout.state, OTTER_ROLLOUT_HALTED);
    assert_int_equal(rollout.failed, 2);
    assert_non_null(strstr(rollout.reason, "2 of 2"));
    assert_int_equal(check_in(yard, 3, 0x10).row, OTTER_DECISION_NO_RELEASE);
}

static void a_blocked_device_may_try_again(void **state)
{
    struct yard *yard = *state;
    uint64_t ticket;
    int64_t id = ship(yard, &(struct otter_rollout){.waves = {OTTER_SHARE_ALL}});
    check_in(yard, 5, 0x10);
    assert_int_equal(otter_fleet_result(yard->fleet, 5, OTTER_RELEASE_SKETCH, OTTER_RESULT_REVERTED,
                                        "no Wi-Fi", yard->now, &ticket),
                     OTTER_STORE_OK);
    assert_true(ticket > 0);
    assert_int_equal(check_in(yard, 5, 0x10).row, OTTER_DECISION_BLOCKED);
    assert_int_equal(rollout_of(yard, id).failed, 1);
    struct otter_device device = device_of(yard, 5);
    assert_int_equal(otter_fleet_device_edit(yard->fleet, &device, true, "eva: retry", yard->now, &ticket),
                     OTTER_STORE_OK);
    assert_int_equal(rollout_of(yard, id).failed, 0);
    assert_int_equal(check_in(yard, 5, 0x10).status, 200);
}

static void edits_are_checked_and_kept(void **state)
{
    struct yard *yard = *state;
    uint64_t ticket;
    struct otter_device device = {.mac = 77, .product = yard->product, .pin = 999};
    assert_int_equal(otter_fleet_device_edit(yard->fleet, &device, false, "", yard->now, &ticket),
                     OTTER_STORE_IN_USE);
    device.pin = yard->new;
    device.enrolment = OTTER_ENROLMENT_APPROVED;
    strcpy(device.tags, "indoor");
    strcpy(device.name, "shed");
    STORE_OK(otter_fleet_device_edit(yard->fleet, &device, false, "eva: new", yard->now, &ticket),
             &yard->rig.reason);
    flush(yard);
    restart(yard);
    assert_string_equal(device_of(yard, 77).name, "shed");
    assert_string_equal(device_of(yard, 77).tags, "indoor");
    struct otter_answer answer = check_in(yard, 77, 0x10);
    assert_int_equal(answer.status, 200);
    assert_int_equal(answer.rollout, 0);
    STORE_OK(otter_fleet_device_remove(yard->fleet, 77, &ticket), &yard->rig.reason);
    flush(yard);
    restart(yard);
    assert_int_equal(otter_fleet_device(yard->fleet, 77, &device), OTTER_STORE_ABSENT);
    struct otter_event event;
    STORE_OK(otter_store_find(yard->rig.store, &event, {"mac", 77, NULL}), &yard->rig.store->reason);
    assert_string_equal(event.detail, "eva: new");
}

static void trying_changes_nothing(void **state)
{
    struct yard *yard = *state;
    struct otter_answer answer;
    char text[200];
    check_in(yard, 5, 0x10);
    int64_t id = ship(yard, &(struct otter_rollout){.waves = {OTTER_SHARE_ALL}});
    for (int i = 0; i < 5; i++) {
        STORE_OK(otter_fleet_try_device(yard->fleet, 5, yard->now, &answer, text, sizeof(text)),
                 &yard->rig.reason);
        assert_int_equal(answer.status, 200);
        assert_non_null(strstr(text, "version 2.0"));
    }
    assert_int_equal(rollout_of(yard, id).offered, 0);
    assert_int_equal(otter_fleet_try_device(yard->fleet, 6, yard->now, &answer, text, sizeof(text)),
                     OTTER_STORE_ABSENT);
    struct otter_fleet_request request = {.mac = 6};
    otter_fleet_try(yard->fleet, &request, yard->now, &answer, text, sizeof(text));
    assert_int_equal(answer.status, 403);
    assert_int_equal(answer.row, OTTER_DECISION_NO_UPDATER);
}

static void waves_go_on_by_themselves(void **state)
{
    struct yard *yard = *state;
    enum { MANY = 200 };
    for (uint64_t mac = 1; mac <= MANY; mac++)
        check_in(yard, mac, 0x10);
    int64_t id = ship(yard, &(struct otter_rollout){.waves = {2500, OTTER_SHARE_ALL}, .soak = HOUR});
    struct otter_rollout_progress progress;
    STORE_OK(otter_fleet_rollout_progress(yard->fleet, id, &progress), &yard->rig.reason);
    assert_int_equal(progress.devices, MANY);
    assert_in_range(progress.targets, 25, 80);
    uint32_t offered = 0;
    for (uint64_t mac = 1; mac <= MANY; mac++)
        offered += check_in(yard, mac, 0x10).status == 200;
    assert_int_equal(offered, progress.targets);
    yard->now += HOUR;
    otter_fleet_tick(yard->fleet, yard->now);
    assert_int_equal(rollout_of(yard, id).wave, 0); /* nobody knows yet whether it works */
    for (uint64_t mac = 1; mac <= MANY; mac++)
        if (device_of(yard, mac).attempts[0].release != 0)
            check_in(yard, mac, 0x20);
    otter_fleet_tick(yard->fleet, yard->now);
    assert_int_equal(rollout_of(yard, id).wave, 1);
    for (uint64_t mac = 1; mac <= MANY; mac++)
        if (check_in(yard, mac, device_of(yard, mac).last.md5[0]).status == 200)
            check_in(yard, mac, 0x20);
    otter_fleet_tick(yard->fleet, yard->now);
    assert_int_equal(rollout_of(yard, id).state, OTTER_ROLLOUT_DONE);
    assert_int_equal(rollout_of(yard, id).succeeded, MANY);
    assert_int_equal(check_in(yard, MANY + 1, 0x10).status, 200);
}

static void a_reload_brings_releases_and_keeps_counts(void **state)
{
    struct yard *yard = *state;
    int64_t id = ship(yard, &(struct otter_rollout){.waves = {OTTER_SHARE_ALL}});
    check_in(yard, 5, 0x10);
    check_in(yard, 6, 0x33);
    assert_int_equal(device_of(yard, 6).running, 0);
    int64_t other = put_release(yard, "1.5", 0x30);
    STORE_OK(otter_fleet_reload(yard->fleet, yard->rig.store, &yard->rig.reason), &yard->rig.reason);
    assert_int_equal(rollout_of(yard, id).offered, 2);
    check_in(yard, 6, 0x33);
    assert_int_equal(device_of(yard, 6).running, other);
    /* The release goes before the device was written. */
    STORE_OK(yard->rig.backend->remove(yard->rig.store, OTTER_TABLE_RELEASE, other),
             &yard->rig.store->reason);
    assert_true(otter_fleet_flush(yard->fleet, yard->rig.store, yard->now, false, &yard->rig.reason) < 0);
    STORE_OK(otter_fleet_reload(yard->fleet, yard->rig.store, &yard->rig.reason), &yard->rig.reason);
    flush(yard);
    restart(yard);
    assert_int_equal(device_of(yard, 6).running, 0);
    assert_int_equal(device_of(yard, 5).attempts[0].offers, 1);
}

static void a_failed_flush_loses_nothing(void **state)
{
    struct yard *yard = *state;
    struct otter_store *other;
    STORE_OK(yard->rig.backend->session(&other, yard->rig.store), &yard->rig.store->reason);
    struct otter_answer first = check_in(yard, 1, 0x10);
    STORE_OK(yard->rig.backend->begin(other), &other->reason);
    assert_int_equal(otter_fleet_flush(yard->fleet, yard->rig.store, yard->now, false, &yard->rig.reason),
                     OTTER_STORE_BUSY);
    yard->rig.backend->close(other);
    struct otter_answer second = check_in(yard, 2, 0x10);
    assert_true(otter_fleet_durable(yard->fleet) < first.ticket);
    flush(yard);
    assert_true(otter_fleet_durable(yard->fleet) >= second.ticket);
    restart(yard);
    device_of(yard, 1);
    device_of(yard, 2);
    struct otter_event event;
    STORE_OK(otter_store_find(yard->rig.store, &event, {"mac", 1, NULL}), &yard->rig.store->reason);
    assert_int_equal(event.kind, OTTER_EVENT_ENROLLED);
}

static void routes_name_product_and_channel(void **state)
{
    struct yard *yard = *state;
    int64_t lamp = rig_product(&yard->rig, "lamp");
    int64_t beta = rig_channel(&yard->rig, lamp, "beta");
    struct otter_route route = {.path = "/esp/update/arduino.php", .product = lamp, .channel = beta};
    STORE_OK(otter_store_put(yard->rig.store, &route), &yard->rig.store->reason);
    STORE_OK(otter_fleet_reload(yard->fleet, yard->rig.store, &yard->rig.reason), &yard->rig.reason);
    struct otter_answer answer;
    struct otter_fleet_request request = {.mac = 4, .report = {.fields = 127}};
    STORE_OK(otter_fleet_check_in(yard->fleet, &request, yard->now, &answer), &yard->rig.reason);
    assert_int_equal(answer.status, 404);
    request.path = route.path;
    STORE_OK(otter_fleet_check_in(yard->fleet, &request, yard->now, &answer), &yard->rig.reason);
    assert_int_equal(answer.status, 304);
    assert_string_equal(answer.version, "unknown");
    assert_int_equal(device_of(yard, 4).product, lamp);
    assert_int_equal(device_of(yard, 4).channel, beta);
}

#define YARD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        YARD(a_device_enrols_updates_and_succeeds),
        YARD(what_is_durable_survives),
        YARD(a_sight_is_written_in_time),
        YARD(everything_is_written_at_the_end),
        YARD(a_bad_release_halts_its_rollout),
        YARD(a_blocked_device_may_try_again),
        YARD(edits_are_checked_and_kept),
        YARD(trying_changes_nothing),
        YARD(waves_go_on_by_themselves),
        YARD(a_reload_brings_releases_and_keeps_counts),
        YARD(a_failed_flush_loses_nothing),
        YARD(routes_name_product_and_channel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
