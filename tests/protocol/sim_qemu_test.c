/* otter-sim --qemu: the machine code of bootloader and sketch runs, and updates find their way into it. */
#include "tests/support/test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/image.h"
#include "ports/qemu/qemu.h"
#include "tests/support/deadline.h"
#include "tests/support/push.h"
#include "tests/support/require.h"

enum { NO_QEMU = 5 };

static const char *const outcomes[] = {"not-started", "landed", "torn-prefix", "torn-random", "half-erased"};

/* What the sketches themselves print. */
static const char banner_1[] = "\ngarden 1.0.0: 6 beds\n", banner_2[] = "\ngarden 2.0.0: 7 beds\n";

/* A simulator that is killed leaves its temporary files. */
static int setup(void **state)
{
    (void)scene_setup(state);
    return setenv("TMPDIR", ((struct scene *)*state)->folder, 1);
}

static void need_qemu(void)
{
    if (otter_qemu_is_there())
        return;
    print_message("skipped: no qemu-system-xtensa (Debian: qemu-system-misc)\n");
    skip();
}

/* The number behind the first BEFORE of TEXT. */
static int64_t number_after(const char *text, const char *before)
{
    const char *at = strstr(text, before);
    REQUIRE(at, "no \"%s\" in:\n%s", before, text);
    return strtol(at + strlen(before), NULL, 10);
}

static void start_garden(struct scene *scene, struct virtual_device *device, const char *name,
                         const char *timing)
{
    char image[PATH_MAX];
    push_garden_path(image, "garden-1.bin");
    virtual_device_start(device, scene, name, "--qemu", "--image", image, "--timing", timing, NULL);
    REQUIRE(strstr(device->process->text, banner_1), "version 1 does not run:\n%s", device->process->text);
}

static struct process *start_push(struct scene *scene, struct virtual_device *device)
{
    char image[PATH_MAX];
    return push_start(scene, device, push_garden_path(image, "garden-2.bin"), NULL);
}

static void expect_text(const struct virtual_device *device, const char *text)
{
    REQUIRE(strstr(device->process->text, text), "no \"%s\" in:\n%s", text, device->process->text);
}

static uint64_t operations(struct virtual_device *device)
{
    virtual_device_ask(device);
    return virtual_device_number(device, "operation");
}

static uint8_t flash_byte(const struct virtual_device *device, long address)
{
    FILE *file = fopen(device->flash, "rb");
    REQUIRE(file && fseek(file, address, SEEK_SET) == 0, "%s: unreadable", device->flash);
    int byte = fgetc(file);
    fclose(file);
    return (uint8_t)byte;
}

/* Starts an update and returns in the midst of the copy. */
static struct process *push_until_copying(struct scene *scene, struct virtual_device *device)
{
    start_garden(scene, device, "garden", "real");
    struct process *push = start_push(scene, device);
    assert_non_null(process_wait_line(device->process, "rst cause:2", VIRTUAL_DEVICE_WAIT_MS));
    int64_t deadline = deadline_in(VIRTUAL_DEVICE_WAIT_MS);
    while (flash_byte(device, OTTER_IMAGE_SKETCH) == OTTER_IMAGE_MAGIC)
        REQUIRE(deadline_left(deadline) > 0, "the sketch is not copied");
    return push;
}

/* --- updates --------------------------------------------------------------------------------------- */

static void the_new_sketch_prints_its_version(void **state)
{
    struct virtual_device device;
    need_qemu();
    start_garden(*state, &device, "garden", "none");
    assert_int_equal(operations(&device), 0);
    push_succeeds(start_push(*state, &device), &device);
    expect_text(&device, banner_2);
    assert_string_equal(push_running(&device).version, "2.0.0");
    assert_int_equal(virtual_device_number(&device, "updates"), 1);
    assert_int_equal(virtual_device_flash_operations(&device), operations(&device));
}

/* In RTC memory, which outlives the restart. */
static void the_bootloader_clears_its_command(void **state)
{
    struct virtual_device device;
    char answer[64];
    need_qemu();
    start_garden(*state, &device, "garden", "none");
    push_succeeds(start_push(*state, &device), &device);
    uint64_t before = operations(&device);
    virtual_device_command(&device, "reset", answer, sizeof(answer));
    virtual_device_wait_restart(&device);
    assert_int_equal(operations(&device), before);
}

/* All that is modelled has passed since the device was started, however slow this test is. */
static void flash_takes_its_time(void **state)
{
    struct virtual_device device;
    need_qemu();
    int64_t start = clock_ns();
    start_garden(*state, &device, "garden", "real");
    push_succeeds(start_push(*state, &device), &device);
    virtual_device_ask(&device);
    assert_true(number_after(device.process->text, "(machine code: ") > 500);
    assert_true(number_after(device.process->text, " flash operations, ") > 500);
    assert_true((uint64_t)clock_ms_since(start) > virtual_device_number(&device, "flash_us") * 9 / 10000);
}

/* Its own bootloader, of which otter knows nothing, and a sketch that needs more than is emulated. */
static void foreign_machine_code_runs_as_far_as_it_goes(void **state)
{
    struct virtual_device device;
    char image[PATH_MAX];
    need_qemu();
    if (push_firmware_path(image, "tasmota-8.1.0.1.bin") == NULL) {
        print_message("skipped: no real firmware here\n");
        skip();
    }
    virtual_device_start(&device, *state, "tasmota", "--qemu", "--layout", "1m64", "--image", image, NULL);
    expect_text(&device, "(the machine code is left: ");
    push_succeeds(start_push(*state, &device), &device);
    expect_text(&device, "\n@cp:0\n");
    expect_text(&device, banner_2);
    assert_string_equal(push_running(&device).version, "2.0.0");
}

static void an_empty_flash_runs_nothing(void **state)
{
    struct virtual_device device;
    need_qemu();
    virtual_device_start(&device, *state, "empty", "--qemu", NULL);
    expect_text(&device, "flash 0 holds no image");
}

/* --- power ----------------------------------------------------------------------------------------- */

/* Which operations of an update the bootloader does. */
static void measure(struct scene *scene, uint64_t *first, uint64_t *count)
{
    struct virtual_device device;
    start_garden(scene, &device, "measured", "none");
    push_succeeds(start_push(scene, &device), &device);
    *count = (uint64_t)number_after(device.process->text, "(machine code: ");
    *first = operations(&device) - *count + 1;
}

static void cut_copy(struct scene *scene, uint64_t operation, const char *outcome)
{
    struct virtual_device device;
    char command[64], answer[64];
    start_garden(scene, &device, outcome, "none");
    snprintf(command, sizeof(command), "cut-at %llu %s", (unsigned long long)operation, outcome);
    virtual_device_command(&device, command, answer, sizeof(answer));
    push_succeeds(start_push(scene, &device), &device);
    snprintf(answer, sizeof(answer), "power lost in flash operation %llu,", (unsigned long long)operation);
    expect_text(&device, answer);
    expect_text(&device, banner_2);
    assert_string_equal(push_running(&device).version, "2.0.0");
    assert_int_equal(virtual_device_number(&device, "updates"), 1);
}

static void a_copy_survives_planned_cuts(void **state)
{
    uint64_t first, count;
    need_qemu();
    measure(*state, &first, &count);
    for (uint64_t i = 0; i < TEST_COUNT(outcomes); i++)
        cut_copy(*state, first + (i + 1) * count / (TEST_COUNT(outcomes) + 1), outcomes[i]);
}

static void power_can_be_cut_at_any_moment(void **state)
{
    struct virtual_device device;
    need_qemu();
    struct process *push = push_until_copying(*state, &device);
    kill(device.process->pid, SIGUSR1);
    assert_non_null(
        process_wait_line(device.process, "power lost in flash operation", VIRTUAL_DEVICE_WAIT_MS));
    push_succeeds(push, &device);
    expect_text(&device, banner_2);
}

static void a_killed_simulator_leaves_what_a_cut_leaves(void **state)
{
    struct virtual_device device;
    need_qemu();
    struct process *push = push_until_copying(*state, &device);
    kill(device.process->pid, SIGKILL);
    assert_int_equal(process_wait_exit(device.process, VIRTUAL_DEVICE_WAIT_MS), PROCESS_SIGNALLED + SIGKILL);
    (void)process_wait_exit(push, PUSH_WAIT_MS);
    virtual_device_start(&device, *state, "garden", "--qemu", NULL);
    expect_text(&device, banner_2);
}

static void stops_at_once_when_asked(void **state)
{
    struct virtual_device device;
    need_qemu();
    struct process *push = push_until_copying(*state, &device);
    kill(device.process->pid, SIGTERM);
    assert_int_equal(process_wait_exit(device.process, VIRTUAL_DEVICE_WAIT_MS), 0);
    (void)process_wait_exit(push, PUSH_WAIT_MS);
}

/* --- the emulator ---------------------------------------------------------------------------------- */

static void without_qemu_its_package_is_named(void **state)
{
    const char *found = getenv("PATH");
    char flash[PATH_MAX], *path = strdup(found ? found : "");
    scene_path(*state, flash, "flash");
    setenv("PATH", "", 1);
    struct process *process = scene_start(*state, OTTER_SIM_PROGRAM, "--flash", flash, "--qemu", NULL);
    setenv("PATH", path, 1);
    free(path);
    assert_true(
        process_ends(process, NO_QEMU, VIRTUAL_DEVICE_WAIT_MS, PROCESS_STRINGS("qemu-system-misc", NULL)));
    assert_false(file_exists(flash));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, scene_teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_new_sketch_prints_its_version),
        TEST(the_bootloader_clears_its_command),
        TEST(flash_takes_its_time),
        TEST(foreign_machine_code_runs_as_far_as_it_goes),
        TEST(an_empty_flash_runs_nothing),
        TEST(a_copy_survives_planned_cuts),
        TEST(power_can_be_cut_at_any_moment),
        TEST(a_killed_simulator_leaves_what_a_cut_leaves),
        TEST(stops_at_once_when_asked),
        TEST(without_qemu_its_package_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
