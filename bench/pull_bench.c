/* A pull by a virtual device without flash time, beside curl and md5sum: a filesystem image of 12 MiB from
 * the same nginx, on loopback and over a line of 50 ms. */
#include <stdio.h>
#include <stdlib.h>

#include "bench/table.h"
#include "tests/support/deadline.h"
#include "tests/support/digest.h"
#include "tests/support/nginx.h"
#include "tests/support/relay.h"
#include "tests/support/require.h"
#include "tests/support/seed.h"
#include "tests/support/virtual_device.h"

enum { SIZE = 12 * 1024 * 1024, ROUNDS = 5, LIMIT_MS = 120000 };

static uint8_t image[SIZE];

struct desk {
    struct scene scene;
    struct nginx nginx;
    struct virtual_device device;
    char url[100];
};

static void open_desk(struct desk *desk, const struct relay *relay)
{
    const char *const options[] = {"--layout", "16m14m", NULL};
    const char *server = relay ? RELAY_UPLOADER_IP : "127.0.0.1";
    char path[PATH_MAX], directives[100], md5[33];
    scene_open(&desk->scene);
    scene_file(&desk->scene, path, "fs.bin", image, SIZE);
    digest_md5(md5, image, SIZE);
    snprintf(directives, sizeof(directives), "add_header x-MD5 %s;", md5);
    desk->scene.netns = relay ? relay->netns[RELAY_UPLOADER] : -1;
    nginx_start_at(&desk->nginx, &desk->scene, server, directives, NULL);
    desk->scene.netns = relay ? relay->netns[RELAY_DEVICE] : -1;
    virtual_device_start_at(&desk->device, &desk->scene, "device", relay ? RELAY_DEVICE_IP : "127.0.0.1",
                            options);
    snprintf(desk->url, sizeof(desk->url), "http://%s:%u/fs.bin", server, desk->nginx.port);
}

static double time_curl(struct desk *desk)
{
    char command[200];
    snprintf(command, sizeof(command), "curl -s %s | md5sum", desk->url);
    int64_t start = clock_ns();
    struct process *shell = scene_start(&desk->scene, "/bin/sh", "-c", command, NULL);
    int status = process_wait_exit(shell, LIMIT_MS);
    REQUIRE(status == 0, "%s: exit status %d\n%s", command, status, shell->text);
    return clock_seconds_since(start);
}

/* ROUND makes it another URL: of the same one, what has come before need not come again. */
static double time_pull(struct desk *desk, unsigned round)
{
    char command[200], answer[100];
    snprintf(command, sizeof(command), "pull-filesystem %s?%u", desk->url, round);
    int64_t start = clock_ns();
    virtual_device_command(&desk->device, command, answer, sizeof(answer));
    REQUIRE(process_wait_line(desk->device.process, "update complete, pulled", LIMIT_MS),
            "the device said:\n%s", desk->device.process->text);
    return clock_seconds_since(start);
}

static double lesser(double left, double right)
{
    return left < right ? left : right;
}

/* The best of ROUNDS, one after the other. */
static void measure(struct desk *desk, struct table_row *row)
{
    row->reference = row->measured = LIMIT_MS;
    for (unsigned round = 0; round < ROUNDS; round++) {
        row->reference = lesser(row->reference, time_curl(desk));
        row->measured = lesser(row->measured, time_pull(desk, round));
    }
}

static bool on_loopback(void)
{
    struct desk desk;
    struct table_row row = {.name = "loopback: share of curl's rate", .goal = TABLE_AT_LEAST, .target = 0.6};
    open_desk(&desk, NULL);
    measure(&desk, &row);
    scene_close(&desk.scene);
    row.ratio = row.reference / row.measured;
    return table_print(&row);
}

static bool over_a_line(void)
{
    struct desk desk;
    struct table_row row = {.name = "50 ms: times of curl's time", .goal = TABLE_AT_MOST, .target = 1.2};
    const struct relay_settings delay = {.delay_us = 25000};
    struct relay relay;
    if (!relay_open(&relay, &delay)) {
        printf("%-34s not measured: %s\n", row.name, relay.denied);
        return true;
    }
    open_desk(&desk, &relay);
    measure(&desk, &row);
    scene_close(&desk.scene);
    relay_close(&relay);
    row.ratio = row.measured / row.reference;
    return table_print(&row);
}

int main(void)
{
    uint64_t seed = 1;
    seed_fill(&seed, image, SIZE);
    table_head("Pull of 12 MiB from nginx, seconds", "curl | md5sum", "pull", "ratio");
    bool met = on_loopback();
    met = over_a_line() && met;
    return met ? EXIT_SUCCESS : EXIT_FAILURE;
}
