/* Updates through the stream interface: from a serial line, which is a real pseudo-terminal, and from a file.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/deadline.h"
#include "tests/support/digest.h"
#include "tests/support/push.h"
#include "tests/support/require.h"
#include "tests/support/test.h"

enum { FILE_UNUSABLE = 3 };

#define TIMEOUT_MS "300"

struct bench {
    struct virtual_device device;
    char line[64]; /* the pseudo-terminal */
};

static void start_device(struct bench *bench, struct scene *scene, const char *image)
{
    virtual_device_start(&bench->device, scene, "device", "--layout", "4m1m", "--image", image, "--serial",
                         "--read-timeout", TIMEOUT_MS, NULL);
    const char *said = strstr(bench->device.process->text, "serial line ");
    REQUIRE(said && sscanf(said, "serial line %63[^:]", bench->line) == 1, "no serial line");
}

static void start_garden(struct bench *bench, struct scene *scene)
{
    char path[PATH_MAX];
    start_device(bench, scene, push_garden_path(path, "garden-1.bin"));
}

static void expect_line(struct bench *bench, const char *text)
{
    struct process *process = bench->device.process;
    REQUIRE(process_wait_line(process, text, VIRTUAL_DEVICE_WAIT_MS), "no \"%s\" in:\n%s", text,
            process->text);
}

/* As users do it. */
static void send_file(struct bench *bench, struct scene *scene, const char *path)
{
    struct process *shell = scene_start(scene, "/bin/sh", "-c", "{ stat -c %s \"$1\"; cat \"$1\"; } >\"$2\"",
                                        "sh", path, bench->line, NULL);
    assert_true(process_ends(shell, 0, PUSH_WAIT_MS, PROCESS_STRINGS(NULL)));
    expect_line(bench, "update complete");
    virtual_device_wait_restart(&bench->device);
}

static int open_line(const struct bench *bench)
{
    int line = open(bench->line, O_RDWR | O_NOCTTY | O_CLOEXEC);
    REQUIRE(line >= 0, "%s", bench->line);
    return line;
}

static void put(int line, const void *bytes, size_t size)
{
    const uint8_t *next = bytes;
    for (ssize_t now; size > 0; next += now, size -= (size_t)now) {
        now = write(line, next, size);
        REQUIRE(now > 0, "the line takes nothing");
    }
}

/* What the device says on the line begins with TEXT. */
static void expect_answer(int line, const char *text)
{
    char got[200] = "";
    size_t length = 0;
    int64_t deadline = deadline_in(VIRTUAL_DEVICE_WAIT_MS);
    while (!memchr(got, '\n', length) && deadline_poll(line, POLLIN, deadline)) {
        ssize_t count = read(line, got + length, sizeof(got) - 1 - length);
        REQUIRE(count > 0, "the line ended");
        length += (size_t)count;
    }
    REQUIRE(strncmp(got, text, strlen(text)) == 0, "not \"%s\" but \"%s\"", text, got);
}

/* Installs the file at PATH, as it is or as a gzip, on a device that runs IMAGE. */
static void expect_installed(struct scene *scene, const char *image, const char *path, bool packed)
{
    struct file file = file_read(path);
    char gzip_path[PATH_MAX];
    struct bench bench;
    start_device(&bench, scene, image);
    if (packed) {
        struct file gzip = file_gzip(file.bytes, file.size);
        path = scene_file(scene, gzip_path, "packed.gz", gzip.bytes, gzip.size);
        free(gzip.bytes);
    }
    send_file(&bench, scene, path);
    push_expect_flash(&bench.device, 0, file.bytes, file.size, true);
    free(file.bytes);
}

static void a_garden(struct scene *scene, bool packed)
{
    char image[PATH_MAX], path[PATH_MAX];
    expect_installed(scene, push_garden_path(image, "garden-1.bin"), push_garden_path(path, "garden-2.bin"),
                     packed);
}

static void real_firmware(struct scene *scene, bool packed)
{
    char image[PATH_MAX], path[PATH_MAX];
    if (!push_firmware_path(image, "tasmota-8.1.0.1.bin") ||
        !push_firmware_path(path, "tasmota-8.1.0.2.bin")) {
        print_message("skipped: no %s\n", image);
        skip();
    }
    expect_installed(scene, image, path, packed);
}

static void a_serial_line_brings_an_update(void **state)
{
    a_garden(*state, false);
}

static void a_gzip_comes_so_too(void **state)
{
    a_garden(*state, true);
}

static void real_firmware_comes_so_too(void **state)
{
    real_firmware(*state, false);
}

static void so_does_a_gzip_of_it(void **state)
{
    real_firmware(*state, true);
}

/* The old firmware runs on, and the next update is taken. */
static void a_stalled_line_is_a_stream_error(void **state)
{
    struct bench bench;
    char path[PATH_MAX], again[PATH_MAX];
    struct file image = file_read(push_garden_path(path, "garden-2.bin"));
    start_garden(&bench, *state);
    int line = open_line(&bench);
    dprintf(line, "%zu\n", image.size);
    put(line, image.bytes, 100000);
    expect_line(&bench, "update failed (serial line): ERROR[6]: Stream Read Timeout");
    expect_answer(line, "ERROR[6]: Stream Read Timeout\n");
    close(line);
    virtual_device_command(&bench.device, "reset", again, sizeof(again));
    virtual_device_wait_restart(&bench.device);
    assert_string_equal(push_running(&bench.device).version, "1.0.0");
    send_file(&bench, *state, path);
    assert_string_equal(push_running(&bench.device).version, "2.0.0");
    free(image.bytes);
}

static void the_md5_may_stand_behind_the_size(void **state)
{
    struct bench bench;
    char path[PATH_MAX], md5[33];
    struct file image = file_read(push_garden_path(path, "garden-2.bin"));
    digest_md5(md5, image.bytes, image.size);
    start_garden(&bench, *state);
    int line = open_line(&bench);
    dprintf(line, "%zu 00000000000000000000000000000000\n", image.size);
    put(line, image.bytes, image.size);
    expect_answer(line, "ERROR[7]: MD5 verification failed: expected: 0000");
    expect_line(&bench, "ready again");
    dprintf(line, "%zu %s\n", image.size, md5);
    put(line, image.bytes, image.size);
    expect_answer(line, "OK\n");
    virtual_device_wait_restart(&bench.device);
    push_expect_flash(&bench.device, 0, image.bytes, image.size, true);
    close(line);
    free(image.bytes);
}

static void noise_is_no_update(void **state)
{
    static const char *const noise[] = {
        "hello\n",         "\n",         "-5\n",
        "12 not an md5\n", "99999999\n", "0123456789012345678901234567890123456789012345678901234567890123"};
    struct bench bench;
    char path[PATH_MAX];
    start_garden(&bench, *state);
    uint64_t before = virtual_device_flash_operations(&bench.device);
    int line = open_line(&bench);
    for (size_t i = 0; i < TEST_COUNT(noise); i++) {
        put(line, noise[i], strlen(noise[i]));
        expect_line(&bench, "update failed (serial line)");
        expect_line(&bench, "ready again");
    }
    close(line);
    assert_int_equal(virtual_device_flash_operations(&bench.device), before);
    send_file(&bench, *state, push_garden_path(path, "garden-2.bin"));
    assert_string_equal(push_running(&bench.device).version, "2.0.0");
}

/* --- a file --------------------------------------------------------------------------------------- */

static void a_file_is_taken_once(void **state)
{
    struct virtual_device device;
    char image[PATH_MAX], path[PATH_MAX], answer[64];
    struct file file = file_read(push_garden_path(path, "garden-2.bin"));
    virtual_device_start(&device, *state, "device", "--image", push_garden_path(image, "garden-1.bin"),
                         "--update-from", path, NULL);
    virtual_device_wait_restart(&device);
    assert_non_null(process_wait_line(device.process, "confirmed", VIRTUAL_DEVICE_WAIT_MS));
    push_expect_flash(&device, 0, file.bytes, file.size, true);
    uint64_t operations = virtual_device_flash_operations(&device);
    virtual_device_command(&device, "reset", answer, sizeof(answer));
    virtual_device_wait_restart(&device);
    assert_int_equal(virtual_device_flash_operations(&device), operations);
    free(file.bytes);
}

static void a_cut_file_changes_nothing(void **state)
{
    struct virtual_device device;
    char image[PATH_MAX], path[PATH_MAX];
    struct file file = file_read(push_garden_path(path, "garden-2.bin"));
    scene_file(*state, path, "cut.bin", file.bytes, file.size - 1000);
    virtual_device_start(&device, *state, "device", "--image", push_garden_path(image, "garden-1.bin"),
                         "--update-from", path, NULL);
    assert_non_null(
        process_wait_line(device.process, "update failed (file): ERROR[17]", VIRTUAL_DEVICE_WAIT_MS));
    assert_string_equal(push_running(&device).version, "1.0.0");
    free(file.bytes);
}

static void a_file_that_is_not_there_is_said(void **state)
{
    char flash[PATH_MAX], path[PATH_MAX];
    struct process *process =
        scene_start(*state, OTTER_SIM_PROGRAM, "--flash", scene_path(*state, flash, "flash"), "--port", "0",
                    "--update-from", scene_path(*state, path, "nothing"), NULL);
    assert_true(process_ends(process, FILE_UNUSABLE, VIRTUAL_DEVICE_WAIT_MS,
                             PROCESS_STRINGS(path, "No such file or directory", NULL)));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_serial_line_brings_an_update),
        TEST(a_gzip_comes_so_too),
        TEST(real_firmware_comes_so_too),
        TEST(so_does_a_gzip_of_it),
        TEST(a_stalled_line_is_a_stream_error),
        TEST(the_md5_may_stand_behind_the_size),
        TEST(noise_is_no_update),
        TEST(a_file_is_taken_once),
        TEST(a_cut_file_changes_nothing),
        TEST(a_file_that_is_not_there_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
