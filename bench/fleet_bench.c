/* One `otter push` to fifty devices at once beside one to a single device, with real flash timing: the flash
 * of the slowest device is what it ought to take. */
#include <stdio.h>
#include <stdlib.h>

#include "bench/table.h"
#include "tests/support/deadline.h"
#include "tests/support/require.h"
#include "tests/support/sample.h"
#include "tests/support/virtual_device.h"

enum { SIZE = 1024 * 1024, DEVICES = 50, LIMIT_MS = 120000 };

/* Seconds of one `otter push` of FILE to COUNT devices. */
static double push(unsigned count, const uint8_t *image)
{
    static struct virtual_device devices[DEVICES];
    const char *argv[DEVICES + 4] = {OTTER_PROGRAM, "push"};
    char file[PATH_MAX], name[24];
    struct scene scene;
    scene_open(&scene);
    for (unsigned i = 0; i < count; i++) {
        snprintf(name, sizeof(name), "device-%u", i);
        virtual_device_start(&devices[i], &scene, name, "--layout", "4m1m", "--timing", "real", NULL);
        argv[2 + i] = devices[i].address;
    }
    argv[2 + count] = scene_file(&scene, file, "firmware.bin", image, SIZE);
    int64_t start = clock_ns();
    struct process *otter = scene_start_arguments(&scene, argv);
    int status = process_wait_exit(otter, LIMIT_MS);
    double seconds = clock_seconds_since(start);
    REQUIRE(status == 0, "otter push: exit status %d\n%s", status, otter->text);
    scene_close(&scene);
    return seconds;
}

int main(void)
{
    static uint8_t image[SIZE];
    sample_image(image, SIZE, 1);
    table_head("Push of 1 MiB with real flash timing, seconds", "one device", "50 devices", "times");
    struct table_row row = {.name = "50 at once", .goal = TABLE_AT_MOST, .target = 1.2};
    row.reference = push(1, image);
    row.measured = push(DEVICES, image);
    row.ratio = row.measured / row.reference;
    return table_print(&row) ? EXIT_SUCCESS : EXIT_FAILURE;
}
