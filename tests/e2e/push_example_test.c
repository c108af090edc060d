/* examples/posix/push.c: the valve is closed before an update, and opens again whatever becomes of it. */
#include "tests/support/test.h"

#include <stdio.h>
#include <unistd.h>

#include "tests/support/require.h"
#include "tests/support/sample.h"
#include "tests/support/scene.h"
#include "tests/support/socket.h"
#include "tests/support/uploader_peer.h"

enum { SIZE = 20000, WAIT_MS = 20000 };

struct garden {
    struct scene scene;
    struct process *process;
    struct uploader_peer uploader;
};

static uint16_t free_port(void)
{
    int udp = socket_bound(SOCK_DGRAM, "127.0.0.1");
    uint16_t port = socket_port(udp);
    close(udp);
    return port;
}

static void expect_line(struct garden *garden, const char *text)
{
    REQUIRE(process_wait_line(garden->process, text, WAIT_MS), "no \"%s\" in its place in:\n%s", text,
            garden->process->text);
}

/* The valve has closed when the garden says OK. */
static void push(struct garden *garden, const void *bytes, const char *result)
{
    struct uploader_peer *uploader = &garden->uploader;
    uploader_agree(uploader, UPLOADER_SKETCH, bytes, SIZE, DIGEST_ERA_MD5, "sesame");
    expect_line(garden, "valve closes");
    uploader_accept(uploader);
    (void)uploader_send_blocks(uploader, bytes, SIZE, 1460);
    assert_true(uploader_hears_text(uploader, result, WAIT_MS));
    uploader_hang_up(uploader);
}

static void waters_on_after_failure_and_success(void **state)
{
    struct garden garden;
    char flash[PATH_MAX], port[8];
    static uint8_t image[SIZE], wrong[SIZE];
    (void)state;
    uint16_t number = free_port();
    snprintf(port, sizeof(port), "%u", number);
    sample_image(image, sizeof(image), 1);
    scene_open(&garden.scene);
    scene_path(&garden.scene, flash, "flash");
    garden.process = scene_start(&garden.scene, OTTER_EXAMPLES_DIR "/push", flash, port, NULL);
    uploader_open(&garden.uploader, "127.0.0.1", "127.0.0.1", number);

    expect_line(&garden, "valve opens");
    push(&garden, wrong, "ERROR[10]: Magic byte is not 0xE9");
    expect_line(&garden, "no update: ERROR[10]");
    expect_line(&garden, "valve opens");
    push(&garden, image, "OK");
    expect_line(&garden, "new firmware in place");
    expect_line(&garden, "valve opens");

    uploader_close(&garden.uploader);
    scene_close(&garden.scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waters_on_after_failure_and_success),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
