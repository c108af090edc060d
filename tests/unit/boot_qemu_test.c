/* The bootloader's own machine code, on the emulated LX106. */
#include "tests/support/test.h"

#include <stdlib.h>

#include "tests/support/emulated.h"
#include "tests/support/seed.h"

static void a_sketch_is_started(void **state)
{
    struct emulated *device = emulated_begin(state);
    assert_true(emulated_runs(device, &device->old, "garden 1.0.0"));
    assert_int_equal(device->qemu.report.operations, 0);
}

static void any_rtc_memory_will_do(void **state)
{
    struct emulated *device = emulated_begin(state);
    uint64_t seed = 5;
    for (int i = 0; i < 10; i++) {
        seed_fill(&seed, device->rtc, sizeof device->rtc);
        assert_true(emulated_runs(device, &device->old, "garden 1.0.0"));
        assert_int_equal(device->qemu.report.operations, 0);
    }
}

static void a_raw_image_is_copied_and_started(void **state)
{
    struct emulated *device = emulated_begin(state);
    emulated_stage(device, &device->new);
    assert_true(emulated_runs(device, &device->new, "garden 2.0.0"));
    assert_int_equal(device->rtc[0], 0);
    assert_true(emulated_runs(device, &device->new, "garden 2.0.0"));
    assert_int_equal(device->qemu.report.operations, 0);
}

static void a_gzip_is_inflated_and_started(void **state)
{
    struct emulated *device = emulated_begin(state);
    struct file packed = file_gzip(device->new.bytes, device->new.size);
    emulated_stage(device, &packed);
    free(packed.bytes);
    assert_true(emulated_runs(device, &device->new, "garden 2.0.0"));
}

static void a_damaged_image_is_not_copied(void **state)
{
    struct emulated *device = emulated_begin(state);
    struct file packed = file_gzip(device->new.bytes, device->new.size);
    const struct file *forms[] = {&device->new, &packed};
    uint64_t seed = 6;
    for (int i = 0; i < 10; i++) {
        const struct file *form = forms[i % 2];
        uint32_t source = emulated_stage(device, form);
        device->flash[source + 0x1000 + seed_below(&seed, (uint32_t)form->size - 0x1000)] ^= 0x10;
        assert_true(emulated_runs(device, &device->old, "garden 1.0.0"));
        assert_int_equal(device->qemu.report.operations, 0);
        assert_int_equal(device->rtc[0], 0);
    }
    free(packed.bytes);
}

static void a_sketch_that_confirms_itself_stays(void **state)
{
    struct emulated *device = emulated_begin(state);
    emulated_stage_on_trial(device, &device->new);
    assert_true(emulated_runs(device, &device->new, "confirmed"));
    for (int i = 0; i < 5; i++) {
        assert_true(emulated_runs(device, &device->new, "garden 2.0.0"));
        assert_int_equal(device->qemu.report.operations, 0);
    }
}

/* Comes to the third start, which is the last. */
static uint32_t use_up_starts(struct emulated *device)
{
    uint32_t backup = emulated_stage_on_trial(device, &device->bad);
    assert_true(emulated_runs(device, &device->bad, "garden 3.0.0"));
    for (int i = 0; i < 2; i++) {
        assert_true(emulated_runs(device, &device->bad, "garden 3.0.0"));
        assert_int_equal(device->qemu.report.operations, 1); /* the start is counted */
    }
    return backup;
}

static void a_sketch_that_does_not_is_taken_back(void **state)
{
    struct emulated *device = emulated_begin(state);
    use_up_starts(device);
    for (int i = 0; i < 3; i++) {
        assert_true(emulated_runs(device, &device->old, "garden 1.0.0"));
        assert_int_equal(device->qemu.report.operations == 0, i > 0);
    }
}

static void what_is_damaged_is_not_brought_back(void **state)
{
    struct emulated *device = emulated_begin(state);
    uint32_t backup = use_up_starts(device);
    device->flash[backup + 0x2000] ^= 1;
    assert_true(emulated_runs(device, &device->bad, "garden 3.0.0"));
    assert_int_equal(device->qemu.report.operations, 0);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, emulated_open, emulated_close)
    const struct CMUnitTest tests[] = {
        TEST(a_sketch_is_started),
        TEST(any_rtc_memory_will_do),
        TEST(a_raw_image_is_copied_and_started),
        TEST(a_gzip_is_inflated_and_started),
        TEST(a_damaged_image_is_not_copied),
        TEST(a_sketch_that_confirms_itself_stays),
        TEST(a_sketch_that_does_not_is_taken_back),
        TEST(what_is_damaged_is_not_brought_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
