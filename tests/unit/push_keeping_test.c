/* The push receiver while the updater keeps the running firmware. */
#include "tests/support/push_rig.h"

#include <string.h>

#include "format/boot_command.h"
#include "format/bootloader.h"
#include "tests/support/sample.h"
#include "tests/support/test.h"

#define RUNNING_SIZE    0x8010u
#define RUNNING_SECTORS 9u
#define COUNTS          "40964096409640963616"

/* A device that keeps its firmware, and an image that can be put on trial. */
static void open_rig(struct push_rig *rig)
{
    push_rig_open(rig, NULL);
    sample_firmware(rig->image, PUSH_RIG_SIZE, 2, OTTER_BOOTLOADER_VERSION, OTTER_BOOTLOADER_CONFIRMS);
    sample_firmware(rig->device.before, RUNNING_SIZE, 1, OTTER_BOOTLOADER_VERSION, 0);
    otter_sim_flash_load(&rig->device.sim.flash, 0, rig->device.before, RUNNING_SIZE);
    push_rig_start(rig, "\n");
}

/* One step, MS later. */
static void step(struct push_rig *rig, uint32_t ms)
{
    rig->network->now_ms += ms;
    (void)otter_push_step(&rig->push, rig->network->now_ms);
}

/* The whole file comes, sector by sector; what is then left is to keep the running firmware. */
static void send_all(struct push_rig *rig)
{
    otter_sim_network_input(rig->network, rig->image, PUSH_RIG_SIZE);
    while (rig->done < PUSH_RIG_SIZE)
        step(rig, 0);
    assert_string_equal(push_rig_output(rig), COUNTS);
}

static void expect_trial(const struct push_rig *rig)
{
    struct otter_boot_command command;
    assert_int_equal(otter_boot_command_decode(&command, rig->device.sim.rtc.words), OTTER_OK);
    assert_int_equal(command.trial.kind, OTTER_BOOT_TRIAL_NEW);
    assert_true(updater_rig_holds(&rig->device, command.trial.backup, rig->device.before, RUNNING_SIZE));
}

static void the_result_comes_when_it_is_kept(void **state)
{
    (void)state;
    struct push_rig rig;
    open_rig(&rig);
    send_all(&rig);
    for (unsigned i = 0; i < RUNNING_SECTORS; i++) {
        assert_false(updater_rig_boot_command(&rig.device));
        step(&rig, 56);
    }
    expect_trial(&rig);
    assert_string_equal(push_rig_output(&rig), COUNTS);
    push_rig_run(&rig, 1000);
    assert_string_equal(push_rig_output(&rig), COUNTS "OK");
    push_rig_hang_up(&rig);
    push_rig_expect_success(&rig);
    push_rig_close(&rig);
}

static void a_slow_flash_gives_signs_of_life(void **state)
{
    (void)state;
    struct push_rig rig;
    open_rig(&rig);
    send_all(&rig);
    for (unsigned i = 0; i < RUNNING_SECTORS; i++)
        step(&rig, 6000);
    assert_string_equal(push_rig_output(&rig), COUNTS "0000");
    push_rig_run(&rig, 1000);
    assert_string_equal(push_rig_output(&rig), COUNTS "0000OK");
    push_rig_hang_up(&rig);
    push_rig_expect_success(&rig);
    push_rig_close(&rig);
}

/* The update is right: it is installed, with its trial. */
static void the_uploader_may_be_gone(void **state)
{
    (void)state;
    struct push_rig rig;
    open_rig(&rig);
    send_all(&rig);
    rig.network->input_end = OTTER_ERROR_CLOSED;
    for (unsigned i = 0; i < RUNNING_SECTORS; i++)
        step(&rig, 6000);
    expect_trial(&rig);
    push_rig_run(&rig, 3000);
    push_rig_expect_success(&rig);
    push_rig_close(&rig);
}

static void an_end_meanwhile_is_an_error(void **state)
{
    (void)state;
    struct push_rig rig;
    open_rig(&rig);
    send_all(&rig);
    step(&rig, 1);
    otter_push_end(&rig.push);
    assert_int_equal(rig.errors, 1);
    assert_int_equal(rig.error, OTTER_PUSH_ERROR_RECEIVE);
    assert_false(otter_updater_is_running(&rig.device.updater));
    assert_false(updater_rig_boot_command(&rig.device));
    push_rig_close(&rig);
}

static void the_application_may_abort_it(void **state)
{
    (void)state;
    struct push_rig rig;
    open_rig(&rig);
    send_all(&rig);
    step(&rig, 1);
    otter_updater_abort(&rig.device.updater);
    push_rig_run(&rig, 1000);
    push_rig_output_ends(&rig, "Aborted by the application\n");
    push_rig_hang_up(&rig);
    assert_int_equal(rig.errors, 1);
    assert_int_equal(rig.device.sim.restarts, 0);
    push_rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_result_comes_when_it_is_kept),
        cmocka_unit_test(a_slow_flash_gives_signs_of_life),
        cmocka_unit_test(the_uploader_may_be_gone),
        cmocka_unit_test(an_end_meanwhile_is_an_error),
        cmocka_unit_test(the_application_may_abort_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
