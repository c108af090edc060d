#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>

#include "server/core/device_table.h"
#include "tests/server/rig.h"
#include "tests/support/seed.h"

#define DEVICES 3000
#define STEPS   60000

/* A device with whatever its fields take, all of them in the range that a row keeps. */
static void make_device(struct otter_device *device, uint64_t mac, uint64_t *seed)
{
    rig_fill(OTTER_TABLE_DEVICE, device, seed);
    device->mac = mac;
    device->product = seed_below(seed, 9);
    device->running = seed_below(seed, 9);
    device->enrolment = seed_below(seed, 3);
    device->last.fields = 1 + seed_below(seed, 511);
    device->last.chip = seed_below(seed, 2);
    device->last.mode = seed_below(seed, 3);
    for (size_t kind = 0; kind < OTTER_RELEASE_KINDS; kind++) {
        struct otter_attempt *attempt = &device->attempts[kind];
        *attempt = (struct otter_attempt){0};
        if (kind == OTTER_RELEASE_FILESYSTEM && seed_below(seed, 2) == 0)
            continue;
        attempt->release = 1 + seed_below(seed, 9);
        attempt->state = seed_below(seed, 5);
        attempt->offers = seed_below(seed, 100);
        attempt->since = (int64_t)(seed_next(seed) >> 1);
    }
    if (seed_below(seed, 2) == 0) /* as most: much in common */
        memset(device->last.md5, (int)seed_below(seed, 3), sizeof(device->last.md5));
}

static void a_table_holds_what_was_put(void **state)
{
    (void)state;
    static struct otter_device model[DEVICES + 1];
    struct otter_device_table table = {0};
    struct otter_device got;
    uint64_t seed = 6;
    uint32_t there = 0;
    for (int step = 0; step < STEPS; step++) {
        uint64_t mac = 1 + seed_below(&seed, DEVICES);
        uint32_t row = otter_device_table_find(&table, mac);
        struct otter_device *known = &model[mac];
        assert_int_equal(row != OTTER_DEVICE_NONE, known->mac != 0);
        if (row != OTTER_DEVICE_NONE) {
            otter_device_table_get(&table, row, &got);
            assert_memory_equal(&got, known, sizeof(got));
        }
        if (row != OTTER_DEVICE_NONE && seed_below(&seed, 3) == 0) {
            otter_device_table_remove(&table, row);
            known->mac = 0;
            there--;
            continue;
        }
        there += known->mac == 0;
        make_device(known, mac, &seed);
        assert_true(otter_device_table_put(&table, known) != OTTER_DEVICE_NONE);
        assert_int_equal(table.count, there);
    }
    while (table.count > 0)
        otter_device_table_remove(&table, table.count / 2);
    assert_int_equal(table.pool.used, 0);
    otter_device_table_free(&table);
}

static void a_device_takes_little_memory(void **state)
{
    (void)state;
    struct otter_device_table table = {0};
    struct otter_device device = {.last = {.fields = 1, .sdk = "2.2.2", .version = "1.0"}, .tags = "indoor"};
    for (device.mac = 1; device.mac <= 100000; device.mac++)
        assert_true(otter_device_table_put(&table, &device) != OTTER_DEVICE_NONE);
    assert_int_equal(table.pool.used, 2);
    assert_true((table.bytes + table.pool.bytes) / table.count < 160);
    otter_device_table_free(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_holds_what_was_put),
        cmocka_unit_test(a_device_takes_little_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
