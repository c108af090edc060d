/* otter as its user meets it: commands, help, options, and the screen. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/desk.h"
#include "tests/support/file.h"
#include "tests/support/require.h"
#include "tests/support/sample.h"
#include "tests/support/test.h"

/* Of enum otter_exit, as `otter help push` documents them. */
enum { DONE = 0, USAGE = 2, FILE_UNUSABLE = 3, NO_ANSWER = 4, SEVERAL = 10 };

#define WORDS_MAX 8
#define WAIT_MS   10000

/* `otter WORDS` ends with STATUS and says TEXT. */
static void expect(struct scene *scene, int status, const char *text, const char *const words[WORDS_MAX])
{
    const char *argv[WORDS_MAX + 2] = {OTTER_PROGRAM};
    for (size_t i = 0; i < WORDS_MAX && words[i] != NULL; i++)
        argv[i + 1] = words[i];
    struct process *process = scene_start_arguments(scene, argv);
    REQUIRE(process_ends(process, status, WAIT_MS, (const char *const[]){text, NULL}), "otter %s",
            words[0] != NULL ? words[0] : "");
}

#define EXPECT(status, text, ...) expect(*state, status, text, (const char *const[WORDS_MAX]){__VA_ARGS__})

static void has_a_version_and_help(void **state)
{
    EXPECT(DONE, "otter 0.", "--version");
    EXPECT(DONE, "image info", "help");
    EXPECT(DONE, "image info", "--help");
    EXPECT(DONE, "Exit status", "help", "push");
    EXPECT(DONE, "Exit status", "push", "--help");
    EXPECT(DONE, "Usage: otter image make", "help", "image", "make");
    EXPECT(DONE, "Usage: otter image make", "help", "image");
    EXPECT(DONE, "Usage: otter image adopt", "help", "image", "adopt");
    EXPECT(DONE, "Usage: otter image flash", "image", "flash", "--help");
    EXPECT(DONE, "--host_port", "espota", "--help");
    EXPECT(USAGE, "otter help", NULL);
    EXPECT(USAGE, "no command `fly`", "fly");
    EXPECT(USAGE, "no command `fly`", "help", "fly");
    EXPECT(USAGE, "no command `image`", "image");
    EXPECT(USAGE, "no command `image inf`", "image", "inf");
}

static void explains_wrong_command_lines(void **state)
{
    static const char sketch[] = OTTER_IMAGES_DIR "/garden-1.bin";
    EXPECT(USAGE, "which DEVICE and which FILE", "push");
    EXPECT(USAGE, "which DEVICE and which FILE", "push", "file.bin");
    EXPECT(USAGE, "unrecognized option '--fast'", "push", "--fast", "a", "b");
    EXPECT(USAGE, "--port can't be `0x10`", "push", "--port", "0x10", "a", "b");
    EXPECT(USAGE, "--timeout can't be `soon`", "push", "--timeout", "soon", "a", "b");
    EXPECT(USAGE, "--timeout can't be `nan`", "push", "--timeout", "nan", "a", "b");
    EXPECT(USAGE, "too high for 2 devices", "push", "--host-port", "65535", "a", "b", sketch);
    EXPECT(USAGE, "--compress is for sketches", "push", "-s", "-z", "a", "b");
    EXPECT(USAGE, "--adopt is for sketches", "push", "-s", "--adopt", "a", "b");
    EXPECT(USAGE, "no layout `5m`; there are 512k ", "image", "flash", "-l", "5m");
    EXPECT(1, "needs --ip and --file", "espota", "-i", "a");
}

static void explains_unusable_files(void **state)
{
    char path[PATH_MAX];
    EXPECT(FILE_UNUSABLE, "/no/such/file: No such file", "push", "127.0.0.1", "/no/such/file");
    EXPECT(FILE_UNUSABLE, "/: not a regular file", "push", "127.0.0.1", "/");
    scene_file(*state, path, "empty", "", 0);
    EXPECT(FILE_UNUSABLE, "empty: empty", "push", "127.0.0.1", path);
    EXPECT(FILE_UNUSABLE, "empty: empty", "push", "--filesystem", "127.0.0.1", path);
    scene_file(*state, path, "text", "hello", 5);
    EXPECT(FILE_UNUSABLE, "text: not an ESP8266 image", "push", "127.0.0.1", path);
    EXPECT(FILE_UNUSABLE, "/no/such/file: No such file", "push", "--password-file", "/no/such/file", "a",
           "b");
}

static void warns_of_a_sketch_for_the_filesystem(void **state)
{
    char path[PATH_MAX];
    uint8_t image[4096];
    sample_image(image, sizeof(image), 1);
    scene_file(*state, path, "sketch.bin", image, sizeof(image));
    EXPECT(NO_ANSWER, "sketch.bin: a sketch's image, sent as a filesystem", "push", "-s", "-t", "1",
           "127.0.0.1:1", path);
    struct file gzip = file_gzip(image, sizeof(image));
    scene_file(*state, path, "sketch.gz", gzip.bytes, gzip.size);
    free(gzip.bytes);
    EXPECT(NO_ANSWER, "sketch.gz: a sketch's image, sent as a filesystem", "push", "-s", "-t", "1",
           "127.0.0.1:1", path);
}

static void shows_no_control_characters_of_a_file_name(void **state)
{
    char path[PATH_MAX];
    uint8_t image[4096];
    scene_file(*state, path, "\x1B[2Jtext", "hello", 5);
    EXPECT(FILE_UNUSABLE, "/?[2Jtext: not an ESP8266 image", "push", "127.0.0.1", path);
    sample_image(image, sizeof(image), 1);
    scene_file(*state, path, "\x1B[2Jsound", image, sizeof(image));
    EXPECT(DONE, "/?[2Jsound\n", "image", "info", path);
    EXPECT(NO_ANSWER, "/?[2Jsound: 4 KiB", "push", "no-such-device.invalid", path);
}

static void tells_whose_bootloader_an_image_has(void **state)
{
    char path[PATH_MAX];
    uint8_t image[4096];
    EXPECT(DONE, "otter's: power cuts do it no harm", "image", "info", OTTER_IMAGES_DIR "/garden-1.bin");
    EXPECT(DONE, "\"otter_bootloader\":2", "image", "info", "--json", OTTER_IMAGES_DIR "/garden-1.bin");
    sample_image(image, sizeof(image), 1);
    scene_file(*state, path, "single.bin", image, sizeof(image));
    EXPECT(DONE, "Bootloader  none", "image", "info", path);
    EXPECT(DONE, "\"otter_bootloader\":0", "image", "info", "--json", path);
}

static void a_device_must_have_a_name(void **state)
{
    char path[PATH_MAX];
    scene_file(*state, path, "text", "hello", 5);
    EXPECT(USAGE, "`a:b` is no device", "push", "--force", "a:b", path);
    EXPECT(USAGE, "no local address", "push", "--force", "--host-ip", "[", "127.0.0.1", path);
}

/* --- the screen ------------------------------------------------------------------------------------ */

static struct process *push_on_terminal(struct desk *desk)
{
    const char *const argv[] = {OTTER_PROGRAM, "push", desk->device_address, desk->file, NULL};
    REQUIRE(desk->scene.count < SCENE_PROCESSES_MAX, "too many programs");
    setenv("TERM", "xterm", 1);
    struct process *process = &desk->scene.processes[desk->scene.count++];
    process_start_on_terminal(process, argv, -1);
    return process;
}

static void says_who_failed_and_how(void **state)
{
    struct desk *desk = *state;
    desk_push(desk, "--timeout", "1", "no-such-device.invalid", NULL);
    device_peer_agree(&desk->device, 0, DIGEST_ERA_MD5, NULL);
    desk_ends(desk, SEVERAL, "no-such-device.invalid: failed: unknown name", "failed: did not connect back",
              "0 of 2 devices updated", NULL);
}

static void speaks_json(void **state)
{
    struct desk *desk = *state;
    desk_push(desk, "--json", NULL);
    desk_transfer(desk);
    device_peer_say(&desk->device, "OK");
    desk_ends(desk, DONE, "{\"event\":\"state\",\"device\":\"127.0.0.1:", "\"state\":\"inviting\"}",
              "\"updated\":true,\"outcome\":\"done\",\"status\":0,\"bytes\":20000,\"total\":20000", NULL);
}

static void tells_in_json_that_it_sends_before_how_far_it_is(void **state)
{
    struct desk *desk = *state;
    desk_push(desk, "--json", NULL);
    desk_transfer(desk);
    device_peer_say(&desk->device, "OK");
    desk_ends(desk, DONE, "\"event\":\"progress\"", NULL);
    const char *text = desk->uploader->text, *progress = strstr(text, "\"event\":\"progress\"");
    const char *sending = strstr(text, "\"state\":\"sending\""), *end = strstr(text, "\"event\":\"end\"");
    assert_true(sending != NULL && sending < progress && progress < end);
}

static void is_quiet_when_asked(void **state)
{
    struct desk *desk = *state;
    desk_push(desk, "--quiet", NULL);
    desk_transfer(desk);
    device_peer_say(&desk->device, "OK");
    desk_ends(desk, DONE, NULL);
    assert_string_equal(desk->uploader->text, "");
}

static void draws_in_place_on_a_terminal(void **state)
{
    struct desk *desk = *state;
    struct process *process = push_on_terminal(desk);
    desk_transfer(desk);
    device_peer_say(&desk->device, "OK");
    assert_true(
        process_ends(process, DONE, WAIT_MS, (const char *const[]){"\x1B[1A", "updated: ", "20 KiB", NULL}));
}

static void does_not_draw_elsewhere(void **state)
{
    struct desk *desk = *state;
    desk_push(desk, NULL);
    desk_transfer(desk);
    device_peer_say(&desk->device, "OK");
    desk_ends(desk, DONE, "updated: 20 KiB", NULL);
    assert_null(strchr(desk->uploader->text, '\x1B'));
}

int main(void)
{
#define SCENE_TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)
#define DESK_TEST(name)  cmocka_unit_test_setup_teardown(name, desk_setup, desk_teardown)
    const struct CMUnitTest tests[] = {
        SCENE_TEST(has_a_version_and_help),
        SCENE_TEST(explains_wrong_command_lines),
        SCENE_TEST(explains_unusable_files),
        SCENE_TEST(a_device_must_have_a_name),
        SCENE_TEST(warns_of_a_sketch_for_the_filesystem),
        SCENE_TEST(shows_no_control_characters_of_a_file_name),
        SCENE_TEST(tells_whose_bootloader_an_image_has),
        DESK_TEST(says_who_failed_and_how),
        DESK_TEST(speaks_json),
        DESK_TEST(tells_in_json_that_it_sends_before_how_far_it_is),
        DESK_TEST(is_quiet_when_asked),
        DESK_TEST(draws_in_place_on_a_terminal),
        DESK_TEST(does_not_draw_elsewhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
