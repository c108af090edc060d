/* `otter push` beside an uploader that sends one block of 1460 bytes per round trip, as espota does: 1 MiB
 * into a virtual device without flash time, over lines of several round-trip times. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/table.h"
#include "tests/support/deadline.h"
#include "tests/support/relay.h"
#include "tests/support/require.h"
#include "tests/support/sample.h"
#include "tests/support/socket.h"
#include "tests/support/uploader_peer.h"
#include "tests/support/virtual_device.h"

enum { MIB = 1024 * 1024, BLOCK = 1460, LIMIT_MS = 120000 };

struct setting {
    const char *name;
    unsigned round_trip_us; /* 0: loopback, no relay */
    const char *window;     /* of the device, bytes; NULL: the system's */
    double target;          /* at least so many times faster; 0: none */
};

static const struct setting settings[] = {
    {"loopback", 0, NULL, 0},
    {"2 ms", 2000, NULL, 0},
    {"10 ms", 10000, NULL, 40},
    {"50 ms", 50000, NULL, 0},
    {"2 ms, window of 5840 bytes", 2000, "5840", 0},
    {"10 ms, window of 5840 bytes", 10000, "5840", 3.5},
};

static uint8_t image[MIB];

static void start_device(struct virtual_device *device, struct scene *scene, const struct relay *relay,
                         const struct setting *setting)
{
    const char *const options[] = {"--layout", "4m1m", setting->window ? "--window" : NULL, setting->window,
                                   NULL};
    const char *ip = relay ? RELAY_DEVICE_IP : "127.0.0.1";
    scene->netns = relay ? relay->netns[RELAY_DEVICE] : -1;
    virtual_device_start_at(device, scene, "device", ip, options);
    scene->netns = relay ? relay->netns[RELAY_UPLOADER] : -1;
}

/* True once TEXT is a count of BLOCK bytes, or two counts that add up to it, as come where a sector ends. */
static bool adds_up(const char *text, size_t block)
{
    size_t length = strlen(text);
    for (size_t first = 0; first < length; first++) {
        char digits[16];
        snprintf(digits, sizeof(digits), "%.*s", (int)first, text);
        if (strtoul(digits, NULL, 10) + strtoul(text + first, NULL, 10) == block)
            return true;
    }
    return false;
}

static void send_block(struct uploader_peer *uploader, const uint8_t *bytes, size_t block)
{
    char counts[16] = "";
    size_t length = 0;
    REQUIRE(socket_send(uploader->tcp, bytes, block, block, UPLOADER_WAIT_MS), "the device hung up");
    while (!adds_up(counts, block)) {
        int came = socket_read(uploader->tcp, counts + length, sizeof(counts) - 1 - length, UPLOADER_WAIT_MS);
        REQUIRE(came > 0, "no count of %zu bytes: \"%s\"", block, counts);
        length += (size_t)came;
        counts[length] = '\0';
    }
}

/* Seconds from the first datagram to the result, block by block. */
static double push_by_blocks(const struct relay *relay, const struct setting *setting)
{
    struct scene scene;
    struct virtual_device device;
    struct uploader_peer uploader;
    scene_open(&scene);
    start_device(&device, &scene, relay, setting);
    if (relay)
        relay_enter(relay, RELAY_UPLOADER);
    uploader_open(&uploader, relay ? RELAY_UPLOADER_IP : "127.0.0.1", relay ? RELAY_DEVICE_IP : "127.0.0.1",
                  device.port);
    int64_t start = clock_ns();
    uploader_agree(&uploader, UPLOADER_SKETCH, image, MIB, DIGEST_ERA_MD5, NULL);
    uploader_accept(&uploader);
    for (size_t sent = 0; sent < MIB; sent += BLOCK)
        send_block(&uploader, image + sent, MIB - sent < BLOCK ? MIB - sent : BLOCK);
    REQUIRE(uploader_hears_text(&uploader, "OK", UPLOADER_WAIT_MS), "no OK: %s", uploader.heard);
    double seconds = clock_seconds_since(start);
    uploader_close(&uploader);
    scene_close(&scene);
    return seconds;
}

/* Seconds of a whole `otter push`, its start and end included. */
static double push_by_otter(const struct relay *relay, const struct setting *setting)
{
    struct scene scene;
    struct virtual_device device;
    char file[PATH_MAX];
    scene_open(&scene);
    scene_file(&scene, file, "firmware.bin", image, MIB);
    start_device(&device, &scene, relay, setting);
    int64_t start = clock_ns();
    struct process *push = scene_start(&scene, OTTER_PROGRAM, "push", device.address, file, NULL);
    int status = process_wait_exit(push, LIMIT_MS);
    double seconds = clock_seconds_since(start);
    REQUIRE(status == 0, "otter push: exit status %d\n%s", status, push->text);
    scene_close(&scene);
    return seconds;
}

static bool measure(const struct setting *setting)
{
    struct table_row row = {.name = setting->name, .goal = setting->target > 0 ? TABLE_AT_LEAST : TABLE_NONE};
    struct relay relay, *line = NULL;
    if (setting->round_trip_us > 0) {
        const struct relay_settings delay = {.delay_us = setting->round_trip_us / 2};
        line = &relay;
        if (!relay_open(&relay, &delay)) {
            printf("%-34s not measured: %s\n", setting->name, relay.denied);
            return true;
        }
    }
    row.reference = push_by_blocks(line, setting);
    row.measured = push_by_otter(line, setting);
    row.ratio = row.reference / row.measured;
    row.target = setting->target;
    if (line)
        relay_close(line);
    return table_print(&row);
}

int main(void)
{
    bool met = true;
    sample_image(image, MIB, 1);
    table_head("Push of 1 MiB by round-trip time, seconds", "block by block", "otter push", "times");
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
        met = measure(&settings[i]) && met;
    return met ? EXIT_SUCCESS : EXIT_FAILURE;
}
