/* examples/posix: each way in brings garden 2 to a board that runs garden 1, and its bootloader installs it.
 */
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/support/file.h"
#include "tests/support/nginx.h"
#include "tests/support/require.h"
#include "tests/support/scene.h"
#include "tests/support/socket.h"

enum { WAIT_MS = 20000, FAILED = 1, USAGE = 2 };

struct example {
    struct scene scene;
    struct file new; /* garden 2 */
    char new_path[PATH_MAX];
    char flash[PATH_MAX];
};

static int open_example(void **state)
{
    struct example *example = calloc(1, sizeof(*example));
    struct file old = file_read(OTTER_IMAGES_DIR "/garden-1.bin");
    uint8_t *flash = malloc(4u << 20);
    assert_non_null(example);
    assert_non_null(flash);
    *state = example;
    scene_open(&example->scene);
    example->new = file_read(OTTER_IMAGES_DIR "/garden-2.bin");
    scene_file(&example->scene, example->new_path, "new.bin", example->new.bytes, example->new.size);
    memset(flash, 0xFF, 4u << 20);
    memcpy(flash, old.bytes, old.size);
    scene_file(&example->scene, example->flash, "flash", flash, 4u << 20);
    free(flash);
    free(old.bytes);
    return 0;
}

static int close_example(void **state)
{
    struct example *example = *state;
    scene_close(&example->scene);
    free(example->new.bytes);
    free(example);
    return 0;
}

static void expect_installed(const struct example *example)
{
    struct file flash = file_read(example->flash);
    assert_memory_equal(flash.bytes, example->new.bytes, example->new.size);
    free(flash.bytes);
}

static void a_file(void **state)
{
    struct example *example = *state;
    struct process *process =
        scene_start(&example->scene, OTTER_EXAMPLES_DIR "/file", example->flash, example->new_path, NULL);
    assert_true(process_ends(process, 0, WAIT_MS, PROCESS_STRINGS("new firmware in place", NULL)));
    expect_installed(example);
}

static void a_file_that_is_none(void **state)
{
    struct example *example = *state;
    struct process *process =
        scene_start(&example->scene, OTTER_EXAMPLES_DIR "/file", example->flash, "/bin/sh", NULL);
    assert_true(process_ends(process, FAILED, WAIT_MS, PROCESS_STRINGS("no update: ERROR[10]", NULL)));
    process = scene_start(&example->scene, OTTER_EXAMPLES_DIR "/file", example->flash, NULL);
    assert_true(process_ends(process, USAGE, WAIT_MS, PROCESS_STRINGS("usage: ", NULL)));
}

static void a_web_server(void **state)
{
    struct example *example = *state;
    struct nginx nginx;
    char url[64];
    nginx_start(&nginx, &example->scene, "", NULL);
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/new.bin", nginx.port);
    struct process *process =
        scene_start(&example->scene, OTTER_EXAMPLES_DIR "/pull", example->flash, url, NULL);
    assert_true(
        process_ends(process, 0, WAIT_MS, PROCESS_STRINGS("an update came", "new firmware in place", NULL)));
    expect_installed(example);
}

static void a_web_server_that_has_none(void **state)
{
    struct example *example = *state;
    struct nginx nginx;
    char url[64];
    nginx_start(&nginx, &example->scene, "", NULL);
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/nothing.bin", nginx.port);
    struct process *process =
        scene_start(&example->scene, OTTER_EXAMPLES_DIR "/pull", example->flash, url, NULL);
    assert_true(process_ends(process, FAILED, WAIT_MS, PROCESS_STRINGS("File Not Found (404)", NULL)));
    process = scene_start(&example->scene, OTTER_EXAMPLES_DIR "/pull", example->flash, "gopher", NULL);
    assert_true(process_ends(process, USAGE, WAIT_MS, PROCESS_STRINGS("gopher is no URL", NULL)));
}

/* The port is free only until somebody else takes it. */
static struct process *start_web(struct example *example, char url[64])
{
    int tcp = socket_bound(SOCK_STREAM, "127.0.0.1");
    char port[8];
    snprintf(port, sizeof(port), "%u", socket_port(tcp));
    snprintf(url, 64, "http://127.0.0.1:%s/update", port);
    socket_close(&tcp);
    return scene_start(&example->scene, OTTER_EXAMPLES_DIR "/web", example->flash, port, NULL);
}

static void expect_line(struct process *process, const char *text)
{
    REQUIRE(process_wait_line(process, text, WAIT_MS), "no \"%s\" in:\n%s", text, process->text);
}

static void upload(struct example *example, const char *user, const char *file, const char *url,
                   const char *answer)
{
    char field[PATH_MAX + 16];
    snprintf(field, sizeof(field), "firmware=@%s", file);
    struct process *curl =
        scene_start(&example->scene, "/usr/bin/curl", "-sS", "--digest", "-u", user, "-F", field, url, NULL);
    assert_true(process_ends(curl, 0, WAIT_MS, PROCESS_STRINGS(answer, NULL)));
}

static void a_page(void **state)
{
    struct example *example = *state;
    char url[64];
    struct process *process = start_web(example, url);
    expect_line(process, url);
    upload(example, "admin:sesame", "/bin/true", url, "ERROR[10]");
    expect_line(process, "no update: ERROR[10]");
    upload(example, "admin:sesame", example->new_path, url, "Update Success");
    expect_line(process, "new firmware in place");
    expect_line(process, url);
    expect_installed(example);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_example, close_example)
    const struct CMUnitTest tests[] = {
        TEST(a_page), TEST(a_web_server),        TEST(a_web_server_that_has_none),
        TEST(a_file), TEST(a_file_that_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
