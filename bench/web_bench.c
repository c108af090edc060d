/* Uploads by curl to the update page of a virtual device without flash time, beside the same form posted to a
 * server that reads it and throws it away, and to one that takes its MD5, as the device has to; and how long
 * the page takes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/table.h"
#include "crypto/crypto.h"
#include "tests/support/deadline.h"
#include "tests/support/require.h"
#include "tests/support/sample.h"
#include "tests/support/seed.h"
#include "tests/support/socket.h"
#include "tests/support/web.h"

enum { MIB = 1024 * 1024, RUNS = 5, PAGES = 500, LIMIT_MS = 60000 };

static const double target = 0.6; /* of the rate to the sink */

struct upload {
    const char *name;
    const char *field;
    uint32_t size;
};

static const struct upload uploads[] = {
    {"filesystem of 12 MiB, MB/s", "filesystem", 12 * MIB},
    {"sketch of 1 MiB, MB/s", "firmware", MIB},
};

/* Seconds of a whole curl, its start and end included. */
static double post(struct scene *scene, const char *field, const char *url)
{
    int64_t start = clock_ns();
    struct process *curl =
        scene_start(scene, "/usr/bin/curl", "-sS", "--noproxy", "*", "-F", field, url, NULL);
    int status = process_wait_exit(curl, LIMIT_MS);
    double seconds = clock_seconds_since(start);
    REQUIRE(status == 0, "curl: exit status %d\n%s", status, curl->text);
    return seconds;
}

/* --- the sink ------------------------------------------------------------------------------------ */

static void swallow(int tcp, bool hash)
{
    struct otter_md5 md5;
    static char bytes[65536];
    size_t left = SIZE_MAX, length = 0;
    otter_md5_init(&md5);
    while (left > 0) {
        int count = socket_read(tcp, bytes + length, sizeof(bytes) - 1 - length, LIMIT_MS);
        REQUIRE(count > 0, "curl hung up");
        if (left != SIZE_MAX) {
            if (hash)
                otter_md5_update(&md5, bytes, (size_t)count);
            left -= (size_t)count;
            continue;
        }
        length += (size_t)count;
        bytes[length] = '\0';
        const char *end = strstr(bytes, "\r\n\r\n"), *field = strstr(bytes, "Content-Length: ");
        if (end == NULL)
            continue;
        if (strstr(bytes, "Expect: "))
            (void)socket_send(tcp, "HTTP/1.1 100 Continue\r\n\r\n", 25, 25, LIMIT_MS);
        left = strtoul(field + 16, NULL, 10) - (length - (size_t)(end + 4 - bytes));
        length = 0;
    }
}

/* Seconds of the same post to a process that answers once it has read it. */
static double post_to_sink(struct scene *scene, const char *field, bool hash)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    char url[64];
    int listener = socket_bound(SOCK_STREAM, "127.0.0.1");
    REQUIRE(listen(listener, 1) == 0, "cannot listen");
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/", socket_port(listener));
    pid_t sink = fork();
    REQUIRE(sink >= 0, "cannot fork");
    if (sink == 0) {
        int tcp = socket_accept(listener, NULL, LIMIT_MS);
        swallow(tcp, hash);
        (void)socket_send(tcp, answer, sizeof(answer) - 1, sizeof(answer) - 1, LIMIT_MS);
        _exit(0);
    }
    close(listener);
    double seconds = post(scene, field, url);
    waitpid(sink, NULL, 0);
    return seconds;
}

/* --- the device ---------------------------------------------------------------------------------- */

static double post_to_device(const struct upload *upload, const char *path)
{
    void *state;
    char field[PATH_MAX + 32];
    web_open(&state, PROCESS_STRINGS("--layout", "16m14m", NULL));
    struct web *web = state;
    double seconds = post(&web->scene, web_field(field, upload->field, path), web->url);
    virtual_device_wait_restart(&web->device);
    web_teardown(&state);
    return seconds;
}

static double best(double a, double b)
{
    return a > 0 && a < b ? a : b;
}

static bool measure(const struct upload *upload)
{
    struct scene scene;
    char path[PATH_MAX], field[PATH_MAX + 32];
    uint8_t *bytes = malloc(upload->size);
    double sink = 0, hashing = 0, device = 0, mb = upload->size / 1e6;
    scene_open(&scene);
    sample_image(bytes, upload->size, 1);
    scene_file(&scene, path, "image.bin", bytes, upload->size);
    web_field(field, upload->field, path);
    for (int i = 0; i < RUNS; i++) {
        sink = best(sink, post_to_sink(&scene, field, false));
        hashing = best(hashing, post_to_sink(&scene, field, true));
        device = best(device, post_to_device(upload, path));
    }
    scene_close(&scene);
    free(bytes);
    struct table_row row = {.name = upload->name,
                            .reference = mb / sink,
                            .measured = mb / device,
                            .ratio = sink / device,
                            .goal = TABLE_AT_LEAST,
                            .target = target};
    bool met = table_print(&row);
    row = (struct table_row){.name = "  beside a sink that takes its MD5",
                             .reference = mb / hashing,
                             .measured = mb / device,
                             .ratio = hashing / device};
    (void)table_print(&row);
    return met;
}

static void measure_page(void)
{
    void *state;
    char answer[16384];
    web_open(&state, PROCESS_STRINGS(NULL));
    struct web *web = state;
    int64_t start = clock_ns();
    for (int i = 0; i < PAGES; i++) {
        int tcp = web_connect(web);
        web_say(tcp, "GET /update HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n");
        web_hear(tcp, answer, sizeof(answer));
        socket_close(&tcp);
    }
    printf("%-34s %14s %14.3f\n", "the page, ms from connect to end", "",
           clock_seconds_since(start) * 1000 / PAGES);
    web_teardown(&state);
}

int main(void)
{
    bool met = true;
    table_head("Upload by curl on loopback, best of 5", "to a sink", "to the device", "ratio");
    for (size_t i = 0; i < sizeof(uploads) / sizeof(uploads[0]); i++)
        met = measure(&uploads[i]) && met;
    measure_page();
    return met ? EXIT_SUCCESS : EXIT_FAILURE;
}
