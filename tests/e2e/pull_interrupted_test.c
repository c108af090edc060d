/* A virtual device pulls from nginx while the line breaks, its power fails, or it is killed: the old firmware
 * runs, or the new one whole, and what had come need not come again. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/layout.h"
#include "tests/support/breaker.h"
#include "tests/support/deadline.h"
#include "tests/support/digest.h"
#include "tests/support/nginx.h"
#include "tests/support/push.h"
#include "tests/support/require.h"
#include "tests/support/seed.h"
#include "tests/support/test.h"

#define WAIT_MS    120000
#define BLOCK      65536u
#define RANDOMS    3u
#define HEAD_MAX   600u  /* bytes of an answer before the body */
#define UNVERIFIED 8192u /* bytes: a sector that is not full, and one that was not marked yet */

struct bench {
    struct scene scene;
    struct nginx nginx;
    struct breaker line;
    struct virtual_device device;
    struct file file;
    char url[100];
    uint64_t seed;
};

static int open_bench(void **state)
{
    struct bench *bench = calloc(1, sizeof(*bench));
    char path[PATH_MAX], directives[100], md5[33];
    *state = bench;
    scene_open(&bench->scene);
    bench->file = file_read(push_garden_path(path, "garden-2.bin"));
    scene_file(&bench->scene, path, "fw.bin", bench->file.bytes, bench->file.size);
    digest_md5(md5, bench->file.bytes, bench->file.size);
    snprintf(directives, sizeof(directives), "add_header x-MD5 %s;", md5);
    nginx_start(&bench->nginx, &bench->scene, directives, NULL);
    breaker_open(&bench->line, bench->nginx.port);
    snprintf(bench->url, sizeof(bench->url), "http://127.0.0.1:%u/fw.bin", bench->line.port);
    bench->seed = 20261122;
    return 0;
}

static int close_bench(void **state)
{
    struct bench *bench = *state;
    breaker_close(&bench->line);
    scene_close(&bench->scene);
    free(bench->file.bytes);
    free(bench);
    return 0;
}

/* A new device, which pulls at its start, over a line that breaks after LIMIT bytes. */
static void start(struct bench *bench, uint64_t limit, enum breaker_end end)
{
    char image[PATH_MAX], flash[PATH_MAX];
    scene_path(&bench->scene, flash, "device.flash");
    remove(flash);
    bench->line.plan->limit = limit;
    bench->line.plan->end = end;
    bench->line.plan->carried = 0;
    bench->line.plan->connections = 0;
    virtual_device_start(&bench->device, &bench->scene, "device", "--image",
                         push_garden_path(image, "garden-1.bin"), "--pull", bench->url, NULL);
}

static void expect_update(struct bench *bench, uint64_t unverified)
{
    const volatile struct breaker_plan *plan = bench->line.plan;
    virtual_device_wait_restart(&bench->device);
    push_expect_flash(&bench->device, 0, bench->file.bytes, bench->file.size, true);
    const uint64_t most = bench->file.size + plan->connections * HEAD_MAX + unverified;
    REQUIRE(plan->carried <= most, "%llu bytes over %u connections for a file of %zu",
            (unsigned long long)plan->carried, plan->connections, bench->file.size);
}

static void stop(struct bench *bench)
{
    process_stop(bench->device.process);
}

/* Where to interrupt: each 64 KiB, then at random; 0 at the end. */
static uint64_t place(struct bench *bench, unsigned index)
{
    const unsigned blocks = (unsigned)(bench->file.size / BLOCK);
    if (index < blocks)
        return (index + 1) * BLOCK;
    return index < blocks + RANDOMS ? 1 + seed_below(&bench->seed, (uint32_t)bench->file.size) : 0;
}

static void survives_a_lost_connection(void **state)
{
    struct bench *bench = *state;
    uint64_t limit;
    for (unsigned i = 0; (limit = place(bench, i)) != 0; i++) {
        printf("after %llu bytes\n", (unsigned long long)limit);
        start(bench, limit, BREAKER_CLOSE);
        assert_true(breaker_wait(&bench->line, WAIT_MS));
        bench->line.plan->limit = 0;
        expect_update(bench, 0);
        stop(bench);
    }
}

static void survives_one_lost_connection_after_another(void **state)
{
    struct bench *bench = *state;
    start(bench, BLOCK, BREAKER_CLOSE);
    expect_update(bench, 0);
    assert_true(bench->line.plan->connections > bench->file.size / BLOCK);
}

static void survives_a_reset(void **state)
{
    struct bench *bench = *state;
    start(bench, 100000, BREAKER_RESET);
    assert_true(breaker_wait(&bench->line, WAIT_MS));
    bench->line.plan->limit = 0;
    expect_update(bench, 100000); /* what lay in the system's buffers was lost with it */
}

/* Page programs since it was started. */
static uint64_t programs_of(struct virtual_device *device)
{
    virtual_device_ask(device);
    return virtual_device_number(device, "programs");
}

/* The line has broken, and the device has stored and marked all whole sectors that came. */
static void wait_for_break(struct bench *bench, uint64_t limit)
{
    enum { RECORD = 1, MARK = 1, SECTOR = OTTER_FLASH_SECTOR / OTTER_FLASH_PAGE };
    const uint64_t sectors = limit > HEAD_MAX ? (limit - HEAD_MAX) / OTTER_FLASH_SECTOR : 0;
    const int64_t deadline = deadline_in(WAIT_MS);
    assert_true(breaker_wait(&bench->line, WAIT_MS));
    while (sectors > 0 && programs_of(&bench->device) < RECORD + sectors * (SECTOR + MARK))
        assert_true(deadline_left(deadline) > 0);
    bench->line.plan->limit = 0;
}

static void survives_a_power_cut(void **state)
{
    struct bench *bench = *state;
    uint64_t limit;
    for (unsigned i = 0; (limit = place(bench, i)) != 0; i++) {
        char answer[100];
        printf("after %llu bytes\n", (unsigned long long)limit);
        start(bench, limit, BREAKER_HOLD);
        wait_for_break(bench, limit);
        virtual_device_command(&bench->device, "cut", answer, sizeof(answer));
        virtual_device_wait_restart(&bench->device);
        expect_update(bench, UNVERIFIED);
        stop(bench);
    }
}

static void survives_being_killed(void **state)
{
    struct bench *bench = *state;
    uint64_t limit;
    for (unsigned i = 0; (limit = place(bench, i)) != 0; i++) {
        printf("after %llu bytes\n", (unsigned long long)limit);
        start(bench, limit, BREAKER_HOLD);
        wait_for_break(bench, limit);
        stop(bench);
        virtual_device_start(&bench->device, &bench->scene, "device", "--pull", bench->url, NULL);
        expect_update(bench, UNVERIFIED);
        stop(bench);
    }
}

/* At flash operations of all kinds. */
static void survives_power_cuts_in_operations(void **state)
{
    static const char *const cuts[] = {"not-started", "landed", "torn-prefix", "torn-random", "half-erased"};
    struct bench *bench = *state;
    char flash[PATH_MAX], image[PATH_MAX];
    for (size_t i = 0; i < TEST_COUNT(cuts); i++) {
        char answer[100], command[60], line[200];
        bench->line.plan->limit = 0;
        remove(scene_path(&bench->scene, flash, "device.flash"));
        virtual_device_start(&bench->device, &bench->scene, "device", "--image",
                             push_garden_path(image, "garden-1.bin"), NULL);
        snprintf(command, sizeof(command), "cut-at %u %s", 1 + seed_below(&bench->seed, 900), cuts[i]);
        printf("%s\n", command);
        virtual_device_command(&bench->device, command, answer, sizeof(answer));
        snprintf(line, sizeof(line), "pull %s", bench->url);
        virtual_device_command(&bench->device, line, answer, sizeof(answer));
        virtual_device_wait_restart(&bench->device);
        bench->line.plan->carried = 0;
        bench->line.plan->connections = 0;
        virtual_device_command(&bench->device, line, answer, sizeof(answer));
        expect_update(bench, 0);
        stop(bench);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_bench, close_bench)
    const struct CMUnitTest tests[] = {
        TEST(survives_a_lost_connection), TEST(survives_one_lost_connection_after_another),
        TEST(survives_a_reset),           TEST(survives_a_power_cut),
        TEST(survives_being_killed),      TEST(survives_power_cuts_in_operations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
