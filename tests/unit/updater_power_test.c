/* Power cuts while an update is staged: at every flash operation, with every outcome. */
#include "tests/support/updater_rig.h"

#include <setjmp.h>
#include <string.h>

#include "tests/support/sample.h"
#include "tests/support/test.h"

#define IMAGE_SIZE 81920u /* on 1m64 one erased block and eleven sectors */
#define SMALL_SIZE 12288u

static uint8_t image[IMAGE_SIZE];
static jmp_buf power_lost;

static void power_cut(void *context)
{
    (void)context;
    longjmp(power_lost, 1);
}

/* Stages the image. False if power failed on the way. */
static bool stage(struct updater_rig *rig, enum otter_update_command command, uint32_t size)
{
    if (setjmp(power_lost) != 0)
        return false;
    assert_int_equal(updater_rig_send(rig, command, image, size, 4096), OTTER_OK);
    assert_int_equal(otter_updater_end(&rig->updater, false), OTTER_OK);
    return true;
}

/* What a device does when its power comes back: everything in RAM is gone, flash is as the cut left it. */
static void power_on(struct updater_rig *rig)
{
    const struct otter_updater_settings settings = rig->updater.settings;
    rig->sim.flash.cut_at = 0;
    otter_sim_rtc_power_on(&rig->sim.rtc, rig->sim.flash.operation);
    otter_updater_init(&rig->updater, &rig->sim.port, &settings);
}

/* False once OPERATION lies behind the last one. */
static bool survives_cut(uint64_t operation, enum otter_sim_cut cut, enum otter_update_command command,
                         uint32_t size)
{
    struct updater_rig rig;
    updater_rig_open(&rig, "1m64", NULL);
    rig.sim.flash.power_cut = power_cut;
    rig.sim.flash.seed = operation;
    rig.sim.flash.cut_at = operation;
    rig.sim.flash.cut = cut;
    const bool cut_happened = !stage(&rig, command, size);
    if (cut_happened) {
        assert_false(updater_rig_boot_command(&rig));
        assert_int_equal(rig.ends, 0);
        assert_true(updater_rig_holds(&rig, 0, rig.before, UPDATER_RIG_SKETCH));
        power_on(&rig);
        assert_false(updater_rig_boot_command(&rig));
        assert_true(stage(&rig, command, size));
    }
    assert_int_equal(updater_rig_boot_command(&rig), command == OTTER_UPDATE_SKETCH);
    assert_true(updater_rig_holds(&rig, rig.updater.start, image, size));
    updater_rig_close(&rig);
    return cut_happened;
}

static void cut_everywhere(enum otter_update_command command, uint32_t size, uint64_t operations)
{
    for (int cut = 0; cut < OTTER_SIM_CUT_COUNT; cut++) {
        uint64_t operation = 1;
        while (survives_cut(operation, (enum otter_sim_cut)cut, command, size))
            operation++;
        assert_int_equal(operation - 1, operations);
    }
}

static void the_running_sketch_survives_every_cut(void **state)
{
    (void)state;
    cut_everywhere(OTTER_UPDATE_SKETCH, IMAGE_SIZE, 1 + 11 + IMAGE_SIZE / OTTER_FLASH_PAGE);
}

static void also_while_a_filesystem_is_written(void **state)
{
    (void)state;
    cut_everywhere(OTTER_UPDATE_FILESYSTEM, SMALL_SIZE, 3 + SMALL_SIZE / OTTER_FLASH_PAGE);
}

static int make_image(void **state)
{
    (void)state;
    sample_image(image, sizeof(image), 1);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_running_sketch_survives_every_cut),
        cmocka_unit_test(also_while_a_filesystem_is_written),
    };
    return cmocka_run_group_tests(tests, make_image, NULL);
}
