/* Devices check in from several threads while the writer writes, rollouts go on, and the catalog is reloaded.
 */
#include "tests/support/test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "server/core/fleet.h"
#include "server/store/sqlite/sqlite.h"
#include "tests/server/rig.h"
#include "tests/support/require.h"

#define THREADS 4
#define DEVICES 500u /* per thread */
#define ROUNDS  4u

struct yard {
    struct rig rig;
    struct otter_fleet *fleet;
    atomic_bool over;
};

struct walk {
    struct yard *yard;
    uint32_t first;
};

static void *check_in_all(void *context)
{
    const struct walk *walk = context;
    struct otter_answer answer;
    uint64_t last = 0;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        for (uint32_t i = 0; i < DEVICES; i++) {
            struct otter_fleet_request request = {
                .mac = walk->first + i,
                .report = {.fields = 111, .free_space = 5000 + round, .chip_size = 4 << 20}};
            memset(request.report.md5, round < 2 ? 0x10 : 0x20, sizeof(request.report.md5));
            int status = otter_fleet_check_in(walk->yard->fleet, &request, round, &answer);
            REQUIRE(status == OTTER_STORE_OK, "check-in: %d", status);
            if (answer.ticket > 0)
                last = answer.ticket;
        }
    }
    int status = otter_fleet_wait(walk->yard->fleet, last, 60000);
    REQUIRE(status == OTTER_STORE_OK, "wait: %d", status);
    return NULL;
}

static void *write_on(void *context)
{
    struct yard *yard = context;
    struct otter_reason reason;
    for (unsigned i = 0; !yard->over; i++) {
        int written = otter_fleet_flush(yard->fleet, yard->rig.store, 1, false, &reason);
        REQUIRE(written >= 0, "flush: %s", reason.text);
        otter_fleet_tick(yard->fleet, i);
        if (i % 4 == 0)
            STORE_OK(otter_fleet_reload(yard->fleet, yard->rig.store, &reason), &reason);
        otter_fleet_idle(yard->fleet, 20);
    }
    return NULL;
}

static int64_t make_release(struct rig *rig, int64_t product, const char *version, uint8_t byte)
{
    struct otter_release release = {.product = product, .state = OTTER_RELEASE_PUBLISHED, .size = 1000};
    snprintf(release.version, sizeof(release.version), "%s", version);
    memset(release.flash_md5, byte, sizeof(release.flash_md5));
    STORE_OK(otter_store_put(rig->store, &release), &rig->store->reason);
    return release.id;
}

static void nothing_is_lost_between_threads(void **state)
{
    (void)state;
    static struct yard yard;
    pthread_t threads[THREADS], writer;
    struct walk walks[THREADS];
    struct otter_rollout rollout = {.state = OTTER_ROLLOUT_RUNNING, .started = 1, .waves = {OTTER_SHARE_ALL}};
    rig_open(&yard.rig, &otter_sqlite);
    rollout.product = rig_product(&yard.rig, "garden");
    make_release(&yard.rig, rollout.product, "1.0", 0x10);
    rollout.release = make_release(&yard.rig, rollout.product, "2.0", 0x20);
    STORE_OK(otter_store_put(yard.rig.store, &rollout), &yard.rig.store->reason);
    STORE_OK(otter_fleet_open(&yard.fleet, yard.rig.store, &yard.rig.reason), &yard.rig.reason);
    REQUIRE(pthread_create(&writer, NULL, write_on, &yard) == 0, "thread");
    for (uint32_t i = 0; i < THREADS; i++) {
        walks[i] = (struct walk){.yard = &yard, .first = 1 + i * DEVICES};
        REQUIRE(pthread_create(&threads[i], NULL, check_in_all, &walks[i]) == 0, "thread");
    }
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    yard.over = true;
    pthread_join(writer, NULL);
    assert_true(otter_fleet_flush(yard.fleet, yard.rig.store, 9, true, &yard.rig.reason) >= 0);
    otter_fleet_close(yard.fleet);
    rig_reopen(&yard.rig);
    STORE_OK(otter_fleet_open(&yard.fleet, yard.rig.store, &yard.rig.reason), &yard.rig.reason);
    STORE_OK(otter_fleet_rollout(yard.fleet, rollout.id, &rollout), &yard.rig.reason);
    assert_int_equal(rollout.offered, THREADS * DEVICES);
    assert_int_equal(rollout.succeeded, THREADS * DEVICES);
    otter_fleet_close(yard.fleet);
    rig_close(&yard.rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_lost_between_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
