/* otter-sim as its user meets it: options, console, control socket, signals. */
#include "tests/support/test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/deadline.h"
#include "tests/support/pair.h"
#include "tests/support/require.h"

enum { STOPPED = 0, USAGE = 2, UNUSABLE_FILE = 3, NO_NETWORK = 4 };

static void run(struct scene *scene, int status, const char *text, const char *option, const char *value)
{
    struct process *process = scene_start(scene, OTTER_SIM_PROGRAM, option, value, NULL);
    assert_true(process_ends(process, status, VIRTUAL_DEVICE_WAIT_MS, (const char *const[]){text, NULL}));
}

static void expect_answer(const struct virtual_device *device, const char *command, const char *answer)
{
    char out[1024];
    virtual_device_command(device, command, out, sizeof(out));
    if (strncmp(out, answer, strlen(answer)) != 0)
        fail_msg("\"%s\" was answered \"%s\"", command, out);
}

static void expect_line(struct virtual_device *device, const char *text)
{
    REQUIRE(process_wait_line(device->process, text, VIRTUAL_DEVICE_WAIT_MS), "no \"%s\" in:\n%s", text,
            device->process->text);
}

/* --- the command line ------------------------------------------------------------------------------ */

static void wrong_command_lines_are_explained(void **state)
{
    static const char *const lines[][3] = {
        {"--layout", "5m", "there is no layout \"5m\"; there are 512k"},
        {"--port", "65536", "--port takes a number from 0 to 65535"},
        {"--bind", "localhost", "--bind takes a numeric"},
        {"--mac", "1:2:3", "--mac takes an address like"},
        {"--era", "sha1", "--era takes one of md5 sha256"},
        {"--window", "100", "--window takes a number from"},
        {"--timing", "slow", "--timing takes one of none real"},
        {"--password-file", "/nonexistent", "cannot read the password from /nonexistent"},
        {"--color", "auto", "--flash FILE is missing"},
        {"--exit-after", "soon", "--exit-after takes a number"},
        {"--ca", "/nonexistent", "--ca takes a PEM file"},
        {"--pin", "d50289be", "--pin takes the SHA-256 of a public key, 64 hex digits"},
        {"--fingerprint", "36:EC", "--fingerprint takes the SHA-256 of a certificate, 64 hex digits"},
        {"--flash", NULL, "requires an argument"},
        {"extra", NULL, "\"extra\" is no option"},
    };
    for (size_t i = 0; i < TEST_COUNT(lines); i++)
        run(*state, USAGE, lines[i][2], lines[i][0], lines[i][1]);
}

static void help_and_version_are_there(void **state)
{
    run(*state, STOPPED, "Examples", "--help", NULL);
    run(*state, STOPPED, "otter-sim ", "--version", NULL);
}

static void the_documents_hold_the_drawing_of_now(void **state)
{
    char drawing[PATH_MAX];
    scene_path(*state, drawing, "map.svg");
    struct process *process = scene_start(*state, OTTER_SIM_PROGRAM, "--map-svg", drawing, NULL);
    assert_int_equal(process_wait_exit(process, VIRTUAL_DEVICE_WAIT_MS), STOPPED);
    struct file now = file_read(drawing), held = file_read(OTTER_SOURCE_DIR "/docs/flash-map.svg");
    assert_int_equal(now.size, held.size);
    assert_memory_equal(now.bytes, held.bytes, held.size);
    free(now.bytes);
    free(held.bytes);
}

static void unusable_files_are_explained(void **state)
{
    char small[PATH_MAX], flash[PATH_MAX];
    scene_file(*state, small, "small", "x", 1);
    run(*state, UNUSABLE_FILE, "is no flash of layout 4m1m, which has 4194304 bytes", "--flash", small);
    run(*state, UNUSABLE_FILE, "cannot open the flash file", "--flash", "/nonexistent/flash");
    scene_path(*state, flash, "flash");
    struct process *process = scene_start(*state, OTTER_SIM_PROGRAM, "--flash", flash, "--filesystem", small,
                                          "--layout", "4m", NULL);
    assert_true(process_ends(process, UNUSABLE_FILE, VIRTUAL_DEVICE_WAIT_MS,
                             (const char *const[]){"does not fit: there is room for 0 bytes", NULL}));
    assert_int_equal(access(flash, F_OK), -1);
}

static void a_flash_has_one_device(void **state)
{
    struct virtual_device device;
    virtual_device_start(&device, *state, "device", NULL);
    run(*state, UNUSABLE_FILE, "is the flash of another device", "--flash", device.flash);
}

static void a_taken_port_is_explained(void **state)
{
    struct virtual_device device;
    char port[8], flash[PATH_MAX];
    virtual_device_start(&device, *state, "device", NULL);
    snprintf(port, sizeof(port), "%u", device.port);
    scene_path(*state, flash, "other");
    struct process *process = scene_start(*state, OTTER_SIM_PROGRAM, "--flash", flash, "--port", port, NULL);
    assert_true(process_ends(process, NO_NETWORK, VIRTUAL_DEVICE_WAIT_MS,
                             (const char *const[]){"cannot listen on UDP", NULL}));
}

static void a_wrong_hash_is_explained(void **state)
{
    char flash[PATH_MAX];
    scene_path(*state, flash, "flash");
    struct process *process = scene_start(*state, OTTER_SIM_PROGRAM, "--flash", flash, "--port", "0",
                                          "--password-hash", "5ebe2294ecd0e0f08eab7690d2a6ee6", NULL);
    assert_true(process_ends(process, USAGE, VIRTUAL_DEVICE_WAIT_MS,
                             (const char *const[]){"a hash has 32 hex digits (MD5) or 64", NULL}));
}

static void the_hash_decides_the_era(void **state)
{
    struct virtual_device device;
    virtual_device_start(&device, *state, "md5", "--password-hash", "5ebe2294ecd0e0f08eab7690d2a6ee69", NULL);
    assert_non_null(strstr(device.process->text, "password required (MD5)"));
    virtual_device_start(&device, *state, "sha256", "--password-hash",
                         "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b", NULL);
    assert_non_null(strstr(device.process->text, "password required (SHA-256)"));
}

static void a_new_flash_is_programmed_once(void **state)
{
    struct virtual_device device;
    char image[PATH_MAX], filesystem[PATH_MAX];
    scene_file(*state, image, "image", "first", 5);
    scene_file(*state, filesystem, "filesystem", "files", 5);
    for (int start = 0; start < 2; start++) {
        virtual_device_start(&device, *state, "device", "--image", image, "--filesystem", filesystem, NULL);
        expect_answer(&device, "quit", "ok");
        assert_int_equal(process_wait_exit(device.process, VIRTUAL_DEVICE_WAIT_MS), STOPPED);
        scene_file(*state, image, "image", "later", 5);
    }
    struct file flash = file_read(device.flash);
    assert_int_equal(flash.size, 0x400000);
    assert_memory_equal(flash.bytes, "first\xFF", 6);
    assert_memory_equal((char *)flash.bytes + 0x300000, "files\xFF", 6);
    free(flash.bytes);
}

/* --- control --------------------------------------------------------------------------------------- */

static void control_answers_each_line(void **state)
{
    struct virtual_device device;
    virtual_device_start(&device, *state, "device", NULL);
    expect_answer(&device, "status", "{\"name\":\"\",");
    expect_answer(&device, "what", "error: there are status, cut,");
    expect_answer(&device, "cut-at 0 landed", "error: cut-at takes");
    expect_answer(&device, "cut-at -1 landed", "error: cut-at takes");
    expect_answer(&device, "cut-at 99999999999 landed", "error: cut-at takes");
    expect_answer(&device, "cut-at landed", "error: cut-at takes");
    expect_answer(&device, "cut-at 3 gently", "error: cut-at takes");
    expect_answer(&device, "cut-at 3 landed", "ok");
}

static void power_can_be_switched(void **state)
{
    struct virtual_device device;
    char text[16];
    virtual_device_start(&device, *state, "device", NULL);
    expect_answer(&device, "off", "ok");
    expect_line(&device, "-- power lost --");
    virtual_device_ask(&device);
    assert_string_equal(virtual_device_string(&device, "state", text, sizeof(text)), "off");
    expect_answer(&device, "reset", "ok");
    expect_answer(&device, "cut", "ok");
    virtual_device_ask(&device);
    assert_string_equal(virtual_device_string(&device, "state", text, sizeof(text)), "off");
    expect_answer(&device, "on", "ok");
    virtual_device_wait_restart(&device);
    virtual_device_ask(&device);
    assert_string_equal(virtual_device_string(&device, "state", text, sizeof(text)), "listening");
    assert_int_equal(virtual_device_number(&device, "boots"), 2);
}

static void resets_and_cuts_differ_in_their_cause(void **state)
{
    struct virtual_device device;
    virtual_device_start(&device, *state, "device", NULL);
    expect_answer(&device, "reset", "ok");
    expect_line(&device, "rst cause:2");
    virtual_device_wait_restart(&device);
    expect_answer(&device, "cut", "ok");
    expect_line(&device, "rst cause:1");
    virtual_device_wait_restart(&device);
    kill(device.process->pid, SIGUSR1);
    expect_line(&device, "-- power lost --");
    expect_line(&device, "rst cause:1");
    virtual_device_wait_restart(&device);
}

static void stops_when_asked(void **state)
{
    struct virtual_device device;
    virtual_device_start(&device, *state, "device", NULL);
    kill(device.process->pid, SIGTERM);
    assert_int_equal(process_wait_exit(device.process, VIRTUAL_DEVICE_WAIT_MS), STOPPED);
    assert_int_equal(access(device.control, F_OK), -1);
    virtual_device_start(&device, *state, "device", NULL);
    kill(device.process->pid, SIGKILL);
    (void)process_wait_exit(device.process, VIRTUAL_DEVICE_WAIT_MS);
    virtual_device_start(&device, *state, "device", NULL); /* over the socket that was left behind */
    expect_answer(&device, "quit", "ok");
    assert_int_equal(process_wait_exit(device.process, VIRTUAL_DEVICE_WAIT_MS), STOPPED);
}

/* --- updates --------------------------------------------------------------------------------------- */

static void power_is_cut_in_the_middle_of_an_operation(void **state)
{
    struct pair *pair = *state;
    struct uploader_peer *uploader = &pair->uploader;
    expect_answer(&pair->device, "cut-at 10 torn-prefix", "ok");
    uploader_agree(uploader, UPLOADER_SKETCH, pair->image, sizeof(pair->image), DIGEST_ERA_MD5, NULL);
    uploader_accept(uploader);
    (void)uploader_send_blocks(uploader, pair->image, sizeof(pair->image), 1460);
    assert_true(uploader_hears_end(uploader, UPLOADER_WAIT_MS));
    uploader_hang_up(uploader);
    expect_line(&pair->device, "-- power lost in flash operation 10, which was done in part --");
    virtual_device_wait_restart(&pair->device);
    pair_push(pair, NULL);
}

static void the_console_tells_of_an_update(void **state)
{
    struct pair *pair = *state;
    pair_push(pair, NULL);
    static const char *const texts[] = {"update invited by 127.0.0.1:",
                                        "progress 100%  20000 of 20000 bytes",
                                        "update complete",
                                        "rst cause:2",
                                        "@cp: 0x2fb000 to 0x000000, 20000 bytes",
                                        "@cp:0"};
    const char *at = pair->device.process->text;
    for (size_t i = 0; i < TEST_COUNT(texts); i++) {
        at = strstr(at, texts[i]);
        REQUIRE(at, "no \"%s\" in its place in:\n%s", texts[i], pair->device.process->text);
    }
    virtual_device_ask(&pair->device);
    assert_int_equal(virtual_device_number(&pair->device, "updates"), 1);
}

static int open_slow_pair(void **state)
{
    pair_open(state, (const char *const[]){"--timing", "real", NULL});
    return 0;
}

static void flash_takes_its_time(void **state)
{
    enum { AHEAD_US = 10000 }; /* short operations are waited for together */
    struct pair *pair = *state;
    virtual_device_ask(&pair->device);
    uint64_t flash_us = virtual_device_number(&pair->device, "flash_us");
    int64_t start = clock_ns();
    pair_push(pair, NULL);
    int64_t passed_us = (clock_ns() - start) / 1000;
    virtual_device_ask(&pair->device);
    flash_us = virtual_device_number(&pair->device, "flash_us") - flash_us;
    assert_true(flash_us > 225000); /* at least five sectors were erased */
    assert_true(passed_us + AHEAD_US > (int64_t)flash_us);
}

static int open_map_pair(void **state)
{
    pair_open(state, (const char *const[]){"--map", "--exit-after", "1", "--name", "lamp", NULL});
    return 0;
}

static void the_map_follows_an_update_and_the_device_stops(void **state)
{
    struct pair *pair = *state;
    pair_push(pair, NULL);
    assert_int_equal(process_wait_exit(pair->device.process, VIRTUAL_DEVICE_WAIT_MS), STOPPED);
    static const char *const texts[] = {"\nlamp: listening", "\nlamp: start ", "\nlamp: update ",
                                        "\nlamp: restart "};
    for (size_t i = 0; i < TEST_COUNT(texts); i++)
        REQUIRE(strstr(pair->device.process->text, texts[i]), "no \"%s\" in:\n%s", texts[i],
                pair->device.process->text);
}

#define SCENE_TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(wrong_command_lines_are_explained),
        SCENE_TEST(help_and_version_are_there),
        SCENE_TEST(the_documents_hold_the_drawing_of_now),
        SCENE_TEST(unusable_files_are_explained),
        SCENE_TEST(a_flash_has_one_device),
        SCENE_TEST(a_taken_port_is_explained),
        SCENE_TEST(a_wrong_hash_is_explained),
        SCENE_TEST(the_hash_decides_the_era),
        SCENE_TEST(a_new_flash_is_programmed_once),
        SCENE_TEST(control_answers_each_line),
        SCENE_TEST(power_can_be_switched),
        SCENE_TEST(resets_and_cuts_differ_in_their_cause),
        SCENE_TEST(stops_when_asked),
        cmocka_unit_test_setup_teardown(power_is_cut_in_the_middle_of_an_operation, pair_setup_free,
                                        pair_teardown),
        cmocka_unit_test_setup_teardown(the_console_tells_of_an_update, pair_setup_free, pair_teardown),
        cmocka_unit_test_setup_teardown(flash_takes_its_time, open_slow_pair, pair_teardown),
        cmocka_unit_test_setup_teardown(the_map_follows_an_update_and_the_device_stops, open_map_pair,
                                        pair_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
