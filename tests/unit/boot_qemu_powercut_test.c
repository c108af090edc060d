/* Power is cut in the bootloader's own machine code, on the emulated LX106, at calls that write to flash,
 * with one outcome in turn, and at single pages; then the device starts cold. OTTER_POWERCUT=full does it at
 * every call, and at more pages. */
#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>

#include "format/image.h"
#include "ports/sim/flash.h"
#include "tests/support/emulated.h"
#include "tests/support/seed.h"

/* One copy: what runs before it, and what after it. */
struct scene {
    const char *name;
    const struct file *old, *new;
    const char *old_version, *new_version;
};

struct tally {
    unsigned points, old, new, bricked;
};

static bool is_full(void)
{
    const char *wanted = getenv("OTTER_POWERCUT");
    return wanted != NULL && strcmp(wanted, "full") == 0;
}

static bool holds(const struct emulated *device, const struct file *file, const char *version)
{
    return memcmp(device->flash, file->bytes, file->size) == 0 &&
           strstr(device->qemu.console, version) != NULL;
}

/* One cut and a cold start, from the flash contents BEFORE. */
static void cut(struct emulated *device, const struct scene *scene, const uint8_t *before,
                const struct otter_qemu_plan *plan, struct tally *tally)
{
    uint64_t seed = plan->seed;
    memcpy(device->flash, before, sizeof device->flash);
    device->qemu.plan = *plan;
    enum otter_qemu_end end = emulated_run(device);
    bool given_up = device->flash[OTTER_IMAGE_SKETCH] != OTTER_IMAGE_MAGIC;
    device->qemu.plan.cut_at = 0;
    seed_fill(&seed, device->rtc, sizeof device->rtc);
    bool started = emulated_run(device) == OTTER_QEMU_SKETCH;
    bool new = started &&holds(device, scene->new, scene->new_version);
    bool old = started && holds(device, scene->old, scene->old_version);
    tally->points++;
    tally->new += new;
    tally->old += old;
    if (end == OTTER_QEMU_POWER_CUT && (new || (old && !given_up)))
        return;
    if (tally->bricked++ == 0)
        print_error("%s %u, outcome %u, seed %u: end %d, then: %s\n", plan->calls ? "call" : "page",
                    plan->cut_at, plan->cut, plan->seed, end, device->qemu.console);
}

/* The next start of DEVICE makes the copy. */
static void campaign(struct emulated *device, const struct scene *scene)
{
    struct tally tally = {0};
    uint8_t *before = malloc(sizeof device->flash);
    uint32_t command[TEST_COUNT(device->rtc)];
    memcpy(before, device->flash, sizeof device->flash);
    memcpy(command, device->rtc, sizeof command);
    assert_true(emulated_runs(device, scene->new, scene->new_version));
    uint32_t calls = device->qemu.report.calls, pages = device->qemu.report.operations;

    /* In part: the first calls, which are the note's and the header's, and every eighth. */
    for (uint32_t at = 1; at <= calls; at += is_full() || at < 4 ? 1 : 8) {
        memcpy(device->rtc, command, sizeof command);
        cut(device, scene, before,
            &(struct otter_qemu_plan){.cut_at = at, .cut = at % OTTER_SIM_CUT_COUNT, .calls = 1, .seed = at},
            &tally);
    }
    uint64_t seed = 31;
    for (int i = 0; i < (is_full() ? 50 : 3); i++) {
        memcpy(device->rtc, command, sizeof command);
        cut(device, scene, before,
            &(struct otter_qemu_plan){.cut_at = 1 + seed_below(&seed, pages),
                                      .cut = seed_below(&seed, OTTER_SIM_CUT_COUNT),
                                      .seed = 1 + seed_below(&seed, 1000000)},
            &tally);
    }
    print_message("%-8s cut points %u, old %u, new %u, bricked %u\n", scene->name, tally.points, tally.old,
                  tally.new, tally.bricked);
    assert_int_equal(tally.bricked, 0);
    free(before);
}

static void update(struct emulated *device, const struct file *staged, const char *name)
{
    emulated_stage(device, staged);
    campaign(device, &(struct scene){name, &device->old, &device->new, "garden 1.0.0", "garden 2.0.0"});
}

static void raw(void **state)
{
    struct emulated *device = emulated_begin(state);
    update(device, &device->new, "raw");
}

static void gzip(void **state)
{
    struct emulated *device = emulated_begin(state);
    struct file packed = file_gzip(device->new.bytes, device->new.size);
    update(device, &packed, "gzip");
    free(packed.bytes);
}

/* A sketch on trial has had its starts: wherever power fails, the one before comes back. */
static void rollback(void **state)
{
    struct emulated *device = emulated_begin(state);
    emulated_stage_on_trial(device, &device->bad);
    for (int i = 0; i < 3; i++)
        assert_true(emulated_runs(device, &device->bad, "garden 3.0.0"));
    campaign(device, &(struct scene){"rollback", &device->bad, &device->old, "garden 3.0.0", "garden 1.0.0"});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(raw, emulated_open, emulated_close),
        cmocka_unit_test_setup_teardown(gzip, emulated_open, emulated_close),
        cmocka_unit_test_setup_teardown(rollback, emulated_open, emulated_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
