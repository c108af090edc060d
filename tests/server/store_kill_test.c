/* A process that writes is killed at random moments: what it had acknowledged is there, and the store is
 * sound. */
#include "tests/support/test.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "server/core/fleet.h"
#include "server/store/sqlite/sqlite.h"
#include "tests/server/rig.h"
#include "tests/support/deadline.h"
#include "tests/support/require.h"
#include "tests/support/seed.h"

#define KILLS   40
#define DEVICES 50

/* --- the process that is killed ----------------------------------------------------------------- */

struct writer {
    struct otter_fleet *fleet;
    struct otter_store *store;
};

static void *write_on(void *context)
{
    struct writer *writer = context;
    struct otter_reason reason;
    for (;;) {
        otter_fleet_idle(writer->fleet, 100);
        if (otter_fleet_flush(writer->fleet, writer->store, 1, false, &reason) < 0) {
            fprintf(stderr, "flush: %s\n", reason.text);
            _exit(1);
        }
    }
    return NULL;
}

/* Devices are renamed, counting upwards, and each change that is durable is told to ACKNOWLEDGED. */
static void change_on(struct otter_fleet *fleet, int acknowledged, uint64_t seed)
{
    for (;;) {
        uint64_t mac = 1 + seed_below(&seed, DEVICES), ticket;
        char detail[16];
        struct otter_device device;
        if (otter_fleet_device(fleet, mac, &device) != OTTER_STORE_OK)
            memset(&device, 0, sizeof(device));
        unsigned count = device.name[0] != '\0' ? (unsigned)strtoul(device.name, NULL, 10) + 1 : 1;
        device.mac = mac;
        device.product = 1;
        snprintf(device.name, sizeof(device.name), "%u", count);
        snprintf(detail, sizeof(detail), "%u", count);
        if (otter_fleet_device_edit(fleet, &device, false, detail, 1, &ticket) != OTTER_STORE_OK ||
            otter_fleet_wait(fleet, ticket, 30000) != OTTER_STORE_OK)
            _exit(1);
        uint32_t message[2] = {(uint32_t)mac, count};
        if (write(acknowledged, message, sizeof(message)) != sizeof(message))
            _exit(1);
    }
}

__attribute__((noreturn)) static void work(const char *folder, int acknowledged, uint64_t seed)
{
    struct writer writer;
    struct otter_reason reason;
    pthread_t thread;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (otter_sqlite.open(&writer.store, folder, &reason) != OTTER_STORE_OK ||
        otter_fleet_open(&writer.fleet, writer.store, &reason) != OTTER_STORE_OK) {
        fprintf(stderr, "%s\n", reason.text);
        _exit(1);
    }
    if (pthread_create(&thread, NULL, write_on, &writer) != 0)
        _exit(1);
    change_on(writer.fleet, acknowledged, seed);
    _exit(1);
}

/* --- the test ----------------------------------------------------------------------------------- */

/* Takes acknowledgements until MS have passed since the first; how many. */
static unsigned listen_for(int acknowledged, unsigned ms, uint32_t counts[DEVICES + 1])
{
    uint32_t message[2];
    unsigned heard = 0;
    int64_t deadline = deadline_in(60000);
    while (deadline_poll(acknowledged, POLLIN, deadline)) {
        if (read(acknowledged, message, sizeof(message)) != sizeof(message))
            break;
        counts[message[0]] = message[1];
        if (heard++ == 0)
            deadline = deadline_in(ms);
    }
    return heard;
}

/* After the end: what was still in the pipe. */
static unsigned drain(int acknowledged, uint32_t counts[DEVICES + 1])
{
    uint32_t message[2];
    unsigned heard = 0;
    for (; read(acknowledged, message, sizeof(message)) == sizeof(message); heard++)
        counts[message[0]] = message[1];
    return heard;
}

struct history {
    uint32_t expected; /* of the next event */
    bool unbroken;
};

static bool follow(void *context, const void *record)
{
    struct history *history = context;
    history->unbroken =
        strtoul(((const struct otter_event *)record)->detail, NULL, 10) == history->expected++;
    return history->unbroken;
}

static void look_after(const struct rig *rig, const uint32_t counts[DEVICES + 1])
{
    struct otter_store *store;
    struct otter_reason reason;
    STORE_OK(otter_sqlite.open(&store, rig->scene.folder, &reason), &reason);
    STORE_OK(otter_sqlite.check(store), &store->reason);
    for (uint32_t mac = 1; mac <= DEVICES; mac++) {
        struct otter_device device;
        if (counts[mac] == 0)
            continue;
        STORE_OK(otter_store_get(store, mac, &device), &store->reason);
        assert_true(strtoul(device.name, NULL, 10) >= counts[mac]);
        struct history history = {.expected = 1};
        struct otter_store_page all = {.matches = {{"mac", mac, NULL}}};
        assert_true(otter_sqlite.list(store, OTTER_TABLE_EVENT, &all, follow, &history) >= 0);
        assert_true(history.unbroken && history.expected > counts[mac]);
    }
    otter_sqlite.close(store);
}

static void what_was_acknowledged_survives_kills(void **state)
{
    (void)state;
    struct rig rig;
    uint32_t counts[DEVICES + 1] = {0};
    uint64_t seed = 11;
    unsigned heard = 0;
    rig_open(&rig, &otter_sqlite);
    assert_int_equal(rig_product(&rig, "garden"), 1);
    otter_sqlite.close(rig.store);
    for (int i = 0; i < KILLS; i++) {
        int ends[2];
        fflush(NULL);
        REQUIRE(pipe2(ends, O_CLOEXEC) == 0, "pipe");
        pid_t child = fork();
        REQUIRE(child >= 0, "fork");
        if (child == 0)
            work(rig.scene.folder, ends[1], seed_next(&seed));
        (void)seed_next(&seed);
        close(ends[1]);
        heard += listen_for(ends[0], seed_below(&seed, 60), counts);
        REQUIRE(kill(child, SIGKILL) == 0 && waitpid(child, NULL, 0) == child, "kill");
        heard += drain(ends[0], counts);
        close(ends[0]);
        look_after(&rig, counts);
    }
    print_message("%u acknowledged changes, %d kills\n", heard, KILLS);
    assert_true(heard > KILLS);
    scene_close(&rig.scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_acknowledged_survives_kills),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
