/* Pushes over a line that delays, reorders and loses a fifth of all packets: each ends in success or in a
 * clean, right error, within bounds, and the device takes the next one. */
#include <stdio.h>
#include <string.h>

#include "tests/support/digest.h"
#include "tests/support/push.h"
#include "tests/support/relay.h"
#include "tests/support/require.h"
#include "tests/support/sample.h"
#include "tests/support/test.h"

enum {
    SKIPPED = 77,
    DEVICES = 12,
    ROUNDS = 3,
    SIZE = 12000,
    BOUND_MS = 100000, /* of one push */
    /* Of enum otter_exit, as `otter help push` documents them. */
    NO_ANSWER = 4,
    NO_CONNECTION = 7,
    BROKEN = 8,
    REJECTED = 9,
};

static const uint64_t seed = 20240229;

/* Of the rounds with a bad line: packets lost, percent. Then the line is dead, and then good. */
static const unsigned drops[ROUNDS] = {20, 20, 30};

struct line {
    struct scene scene;
    struct relay relay;
    struct virtual_device devices[DEVICES];
    struct process *pushes[DEVICES];
    char file[PATH_MAX];
    uint8_t image[SIZE];
};

static void start_devices(struct line *line)
{
    static const char *const options[] = {"--layout", "1m64", "--password", "secret", NULL};
    char name[24];
    line->scene.netns = line->relay.netns[RELAY_DEVICE];
    for (int i = 0; i < DEVICES; i++) {
        snprintf(name, sizeof(name), "device-%d", i);
        virtual_device_start_at(&line->devices[i], &line->scene, name, RELAY_DEVICE_IP, options);
    }
    line->scene.netns = line->relay.netns[RELAY_UPLOADER];
}

/* Success, or an error that a bad line explains. */
static bool is_right(int status, const struct process *push)
{
    return status == 0 || status == NO_ANSWER || status == NO_CONNECTION || status == BROKEN ||
           (status == REJECTED && strstr(push->text, "ERROR[6]: Stream Read Timeout"));
}

/* Pushes to all devices, side by side; how many succeeded. */
static int push_to_all(struct line *line, unsigned drop_percent, unsigned round)
{
    int succeeded = 0;
    line->relay.settings->drop_percent = drop_percent;
    sample_image(line->image, SIZE, round);
    scene_file(&line->scene, line->file, "firmware.bin", line->image, SIZE);
    for (int i = 0; i < DEVICES; i++)
        line->pushes[i] =
            push_start(&line->scene, &line->devices[i], line->file, "--password", "secret", NULL);
    for (int i = 0; i < DEVICES; i++) {
        int status = process_wait_exit(line->pushes[i], BOUND_MS);
        REQUIRE(is_right(status, line->pushes[i]), "seed %llu, round %u, device %d: exit status %d\n%s",
                (unsigned long long)seed, round, i, status, line->pushes[i]->text);
        succeeded += status == 0;
    }
    printf("%u%% lost: %d of %d succeeded\n", drop_percent, succeeded, DEVICES);
    return succeeded;
}

/* Whatever happened before, a device that can be reached takes the next push. */
static void expect_all_well(struct line *line)
{
    assert_int_equal(push_to_all(line, 0, ROUNDS), DEVICES);
    for (int i = 0; i < DEVICES; i++) {
        char md5[33];
        digest_md5(md5, line->image, SIZE);
        while (strcmp(push_running(&line->devices[i]).md5, md5) != 0)
            virtual_device_wait_restart(&line->devices[i]);
        push_expect_flash(&line->devices[i], 0, line->image, SIZE, true);
    }
}

static void every_push_ends_well_or_says_why(void **state)
{
    struct line *line = *state;
    int succeeded = 0;
    start_devices(line);
    for (unsigned round = 0; round < ROUNDS; round++)
        succeeded += push_to_all(line, drops[round], round);
    assert_true(succeeded > 0);
    assert_int_equal(push_to_all(line, 100, ROUNDS), 0);
    expect_all_well(line);
}

static int open_line(void **state)
{
    struct line *line = *state;
    scene_open(&line->scene);
    return 0;
}

static int close_line(void **state)
{
    struct line *line = *state;
    scene_close(&line->scene);
    return 0;
}

int main(void)
{
    static struct line line;
    struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate_setup_teardown(every_push_ends_well_or_says_why, open_line, close_line,
                                                 &line),
    };
    const struct relay_settings settings = {.delay_us = 2000, .jitter_us = 6000, .seed = seed};
    if (!relay_open(&line.relay, &settings)) {
        printf("skipped: this machine does not allow %s\n", line.relay.denied);
        return SKIPPED;
    }
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    relay_close(&line.relay);
    return failed;
}
