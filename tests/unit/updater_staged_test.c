/* An update is staged, its sender was told so, and the restart is still to come: nothing else may begin. */
#include <stdio.h>
#include <string.h>

#include "tests/support/pull_rig.h"
#include "tests/support/push_rig.h"
#include "tests/support/test.h"
#include "tests/support/web_rig.h"

#define RUNNING "ERROR[15]: Update already running"

static void stage(struct updater_rig *rig, const uint8_t *image, size_t size)
{
    assert_int_equal(updater_rig_send(rig, OTTER_UPDATE_SKETCH, image, size, size), OTTER_OK);
    assert_int_equal(otter_updater_end(&rig->updater, false), OTTER_OK);
    assert_false(otter_updater_is_running(&rig->updater));
}

static void nothing_begins(struct updater_rig *rig)
{
    assert_int_equal(otter_updater_begin(&rig->updater, 4096, OTTER_UPDATE_SKETCH), OTTER_ERROR_RUNNING);
    assert_int_equal(otter_updater_begin(&rig->updater, 4096, OTTER_UPDATE_FILESYSTEM), OTTER_ERROR_RUNNING);
    assert_true(updater_rig_boot_command(rig));
    assert_int_equal(otter_updater_error(&rig->updater), OTTER_OK);
}

static void while_push_waits_to_restart(void **state)
{
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, NULL);
    push_rig_start(&rig, "\n");
    push_rig_send(&rig, 0, PUSH_RIG_SIZE);
    assert_true(otter_push_is_busy(&rig.push));
    nothing_begins(&rig.device);
    push_rig_run(&rig, 1000);
    push_rig_output_ends(&rig, "OK");
    nothing_begins(&rig.device);
    push_rig_hang_up(&rig);
    push_rig_expect_success(&rig);
    push_rig_close(&rig);
}

static void push_is_refused(void **state)
{
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, NULL);
    stage(&rig.device, rig.image, sizeof(rig.image));
    push_rig_invite(&rig, 0, "\n");
    push_rig_expect(&rig, "ERR: " RUNNING "\n");
    assert_true(updater_rig_boot_command(&rig.device));
    push_rig_close(&rig);
}

static void the_web_is_refused(void **state)
{
    (void)state;
    struct web_rig rig;
    web_rig_open(&rig, NULL);
    stage(&rig.device, rig.image, sizeof(rig.image));
    struct otter_sim_visitor *visitor = web_rig_upload(&rig, "", SIZE_MAX);
    web_rig_holds(visitor, "Update error: " RUNNING "\n");
    assert_true(updater_rig_boot_command(&rig.device));
    assert_int_equal(rig.device.sim.restarts, 0);
    otter_updater_release(&rig.device.updater); /* the application does not restart after all */
    visitor = web_rig_upload(&rig, "", SIZE_MAX);
    web_rig_begins(visitor, "HTTP/1.1 200 OK\r\n");
    web_rig_run(&rig, 1000);
    assert_int_equal(rig.device.sim.restarts, 1);
    web_rig_close(&rig);
}

static void pull_is_refused(void **state)
{
    (void)state;
    struct pull_rig rig;
    pull_rig_open(&rig, NULL);
    stage(&rig.device, rig.image, sizeof(rig.image));
    pull_rig_serve(&rig, NULL, 0, sizeof(rig.image), 0);
    pull_rig_pull(&rig, OTTER_PULL_SKETCH, 100000);
    pull_rig_expect(&rig, OTTER_PULL_FAILED, 15);
    assert_true(updater_rig_boot_command(&rig.device));
    pull_rig_close(&rig);
}

#define LINE "--b\r\n"

static size_t add_file(char *form, const char *name, const uint8_t *bytes, size_t size)
{
    const int head = sprintf(form,
                             LINE "Content-Disposition: form-data; name=\"%s\"; filename=\"f\"\r\n"
                                  "Content-Type: application/octet-stream\r\n\r\n",
                             name);
    memcpy(form + head, bytes, size);
    return (size_t)head + size + (size_t)sprintf(form + head + size, "\r\n");
}

/* A form may bring both: the sketch, which is staged, and the filesystem, in place. */
static void the_files_of_a_form_belong_together(void **state)
{
    (void)state;
    static char form[WEB_RIG_SIZE + 10000];
    static const uint8_t filesystem[5000] = {1, 2, 3};
    char head[200];
    struct web_rig rig;
    web_rig_open(&rig, NULL);
    size_t size = add_file(form, "firmware", rig.image, sizeof(rig.image));
    size += add_file(form + size, "filesystem", filesystem, sizeof(filesystem));
    size += (size_t)sprintf(form + size, "--b--\r\n");
    sprintf(head,
            "POST /update HTTP/1.1\r\nHost: d\r\nContent-Type: multipart/form-data; boundary=b\r\n"
            "Content-Length: %zu\r\n\r\n",
            size);
    struct otter_sim_visitor *visitor = web_rig_visit(&rig, head);
    web_rig_say(&rig, visitor, form, size);
    web_rig_begins(visitor, "HTTP/1.1 200 OK\r\n");
    nothing_begins(&rig.device);
    const struct otter_port *port = &rig.device.sim.port;
    const uint32_t staged =
        port->layout->filesystem_start - 7 * OTTER_FLASH_SECTOR; /* room for all of the form */
    updater_rig_will_copy(&rig.device, staged, 0, sizeof(rig.image));
    assert_true(updater_rig_holds(&rig.device, staged, rig.image, sizeof(rig.image)));
    assert_true(
        updater_rig_holds(&rig.device, port->layout->filesystem_start, filesystem, sizeof(filesystem)));
    web_rig_run(&rig, 1000);
    assert_int_equal(rig.device.sim.restarts, 1);
    /* the rig looks for what differs outside the last update, and this was the first one */
    assert_int_equal(port->flash.read(port->context, staged, rig.device.before + staged, sizeof(rig.image)),
                     0);
    memset(rig.device.before + staged + sizeof(rig.image), 0xFF, 5 * OTTER_FLASH_SECTOR - sizeof(rig.image));
    web_rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(while_push_waits_to_restart),
        cmocka_unit_test(push_is_refused),
        cmocka_unit_test(the_web_is_refused),
        cmocka_unit_test(pull_is_refused),
        cmocka_unit_test(the_files_of_a_form_belong_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
