/* What a check-in costs the server below HTTP, from a thousand devices to a million: decision, what the
 * device reported, and its part of what is written to the disk; memory per device; and the start. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/table.h"
#include "server/core/fleet.h"
#include "server/store/sqlite/sqlite.h"
#include "tests/support/require.h"
#include "tests/support/scene.h"
#include "tests/support/seed.h"

enum { CHECK_INS = 1000000, SMALL = 1000, LARGE = 1000000, BATCH = 10000 };

struct figures {
    double check_in_ns; /* 304, the device as it was */
    double change_ns;   /* it reports other free space */
    double write_us;    /* per record */
    double bytes;
    double start_s;
    double load_s;
};

/* Nanoseconds of processor time so far. */
static double cpu_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static uint64_t mac_of(uint32_t number)
{
    return (UINT64_C(0x18FE34) << 24 | number) * 7 % OTTER_MAC_LIMIT + 1;
}

static void require_ok(int status, const struct otter_store *store)
{
    REQUIRE(status == OTTER_STORE_OK, "%d: %s", status, store->reason.text);
}

/* A product whose one release is out, and which all devices run. */
static void make_product(struct otter_store *store)
{
    struct otter_product product = {.name = "bench"};
    require_ok(otter_store_put(store, &product), store);
    struct otter_channel channel = {.product = product.id, .name = "stable"};
    require_ok(otter_store_put(store, &channel), store);
    struct otter_release release = {
        .product = product.id, .state = OTTER_RELEASE_PUBLISHED, .version = "1.0", .size = 400000};
    memset(release.flash_md5, 0x42, sizeof(release.flash_md5));
    require_ok(otter_store_put(store, &release), store);
    struct otter_rollout rollout = {.product = product.id,
                                    .release = release.id,
                                    .channel = channel.id,
                                    .state = OTTER_ROLLOUT_DONE,
                                    .waves = {OTTER_SHARE_ALL},
                                    .started = 1};
    require_ok(otter_store_put(store, &rollout), store);
    product.channel = channel.id;
    require_ok(otter_store_put(store, &product), store);
}

static struct otter_fleet_request request_of(uint32_t number, uint32_t free_space)
{
    struct otter_fleet_request request = {.mac = mac_of(number),
                                          .path = "/update",
                                          .report = {.fields = 111,
                                                     .ap_mac = mac_of(number) + 1,
                                                     .free_space = free_space,
                                                     .sketch_size = 400000,
                                                     .chip_size = 4 << 20,
                                                     .sdk = "2.2.2-dev(38a443e)"}};
    memset(request.report.md5, 0x42, sizeof(request.report.md5));
    return request;
}

static void check_in(struct otter_fleet *fleet, uint32_t number, uint32_t free_space, int64_t now)
{
    struct otter_fleet_request request = request_of(number, free_space);
    struct otter_answer answer;
    int status = otter_fleet_check_in(fleet, &request, now, &answer);
    REQUIRE(status == OTTER_STORE_OK && answer.status == 304, "check-in: %d, %u", status, answer.status);
}

static int flush(struct otter_fleet *fleet, struct otter_store *store)
{
    struct otter_reason reason;
    int written = otter_fleet_flush(fleet, store, 0, true, &reason);
    REQUIRE(written >= 0, "%s", reason.text);
    return written;
}

static void measure_memory(struct otter_fleet *fleet, uint32_t devices, struct figures *figures)
{
    struct otter_fleet_figures found;
    otter_fleet_figures(fleet, 0, &found);
    REQUIRE(found.devices == devices, "%u devices", found.devices);
    figures->bytes = (double)found.bytes / devices;
}

static void measure_check_ins(struct otter_fleet *fleet, uint32_t devices, struct figures *figures)
{
    uint64_t seed = 1;
    double start = cpu_ns();
    for (int i = 0; i < CHECK_INS; i++)
        check_in(fleet, seed_below(&seed, devices), 1000000, 60000 + i);
    figures->check_in_ns = (cpu_ns() - start) / CHECK_INS;
    start = cpu_ns();
    for (int i = 0; i < BATCH; i++)
        check_in(fleet, seed_below(&seed, devices), 900000 - (uint32_t)i, 120000);
    figures->change_ns = (cpu_ns() - start) / BATCH;
}

static struct figures measure(uint32_t devices)
{
    struct figures figures = {0};
    struct otter_reason reason;
    struct otter_store *store;
    struct otter_fleet *fleet;
    struct scene scene;
    scene_open(&scene);
    REQUIRE(otter_sqlite.open(&store, scene.folder, &reason) == OTTER_STORE_OK, "%s", reason.text);
    make_product(store);
    REQUIRE(otter_fleet_open(&fleet, store, &reason) == OTTER_STORE_OK, "%s", reason.text);
    double start = cpu_ns();
    for (uint32_t i = 0; i < devices; i++) {
        check_in(fleet, i, 1000000, 1);
        if (i % BATCH == 0)
            flush(fleet, store);
    }
    flush(fleet, store);
    figures.load_s = (cpu_ns() - start) / 1e9;
    otter_fleet_close(fleet);
    start = cpu_ns();
    REQUIRE(otter_fleet_open(&fleet, store, &reason) == OTTER_STORE_OK, "%s", reason.text);
    figures.start_s = (cpu_ns() - start) / 1e9;
    measure_memory(fleet, devices, &figures);
    measure_check_ins(fleet, devices, &figures);
    start = cpu_ns();
    int written = flush(fleet, store);
    figures.write_us = (cpu_ns() - start) / 1000 / written;
    otter_fleet_close(fleet);
    otter_sqlite.close(store);
    scene_close(&scene);
    return figures;
}

int main(void)
{
    struct figures small = measure(SMALL), large = measure(LARGE);
    table_head("A check-in below HTTP", "1000 devices", "1000000", "times");
    struct table_row rows[] = {
        {"304, reported the same, ns", small.check_in_ns, large.check_in_ns, 0, TABLE_NONE, 0},
        {"304, reported another, ns", small.change_ns, large.change_ns, 0, TABLE_NONE, 0},
        {"written to the disk, us", small.write_us, large.write_us, 0, TABLE_NONE, 0},
        {"memory per device, bytes", small.bytes, large.bytes, 0, TABLE_NONE, 0},
        {"start, s", small.start_s, large.start_s, 0, TABLE_NONE, 0},
        {"enrolment of all, s", small.load_s, large.load_s, 0, TABLE_NONE, 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        rows[i].ratio = rows[i].measured / rows[i].reference;
        table_print(&rows[i]);
    }
    return EXIT_SUCCESS;
}
