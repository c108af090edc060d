/* A virtual device pulls from a real nginx. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/digest.h"
#include "tests/support/nginx.h"
#include "tests/support/push.h"
#include "tests/support/require.h"
#include "tests/support/test.h"

#define WAIT_MS 60000

/* --- the scene ------------------------------------------------------------------------------------ */

static void start_nginx(struct nginx *nginx, struct scene *scene, const char *directives)
{
    nginx_start(nginx, scene, directives, NULL);
}

/* Puts FILE where nginx serves it as NAME. */
static void publish(struct scene *scene, const char *name, const struct file *file)
{
    char path[PATH_MAX];
    scene_file(scene, path, name, file->bytes, file->size);
}

static struct file garden(const char *name)
{
    char path[PATH_MAX];
    return file_read(push_garden_path(path, name));
}

static void start_garden(struct scene *scene, struct virtual_device *device, const char *option)
{
    char path[PATH_MAX];
    virtual_device_start(device, scene, "device", "--image", push_garden_path(path, "garden-1.bin"), option,
                         NULL);
}

/* Has the device do COMMAND ("pull", "check", ...) with a URL at nginx's: what the console says of it begins
 * with SAYS. */
static void pull(struct virtual_device *device, const struct nginx *nginx, const char *command,
                 const char *path, const char *says)
{
    char line[300], answer[100];
    snprintf(line, sizeof(line), "%s http://127.0.0.1:%u%s", command, nginx->port, path);
    virtual_device_command(device, line, answer, sizeof(answer));
    assert_string_equal(answer, "ok\n");
    REQUIRE(process_wait_line(device->process, says, WAIT_MS), "not said: \"%s\" but\n%s", says,
            device->process->text);
}

static void expect_error(struct virtual_device *device, int error)
{
    char outcome[20];
    virtual_device_ask(device);
    assert_string_equal(virtual_device_string(device, "pull", outcome, sizeof(outcome)), "failed");
    assert_int_equal((int)virtual_device_number(device, "pull_error"), error);
}

static void expect_update(struct virtual_device *device, const struct file *file)
{
    virtual_device_wait_restart(device);
    push_expect_flash(device, 0, file->bytes, file->size, true);
}

/* --- updates -------------------------------------------------------------------------------------- */

static void takes_an_update_once(void **state)
{
    struct nginx nginx;
    struct virtual_device device;
    struct nginx_request request;
    char directives[200], md5[33];
    struct file file = garden("garden-2.bin");
    digest_md5(md5, file.bytes, file.size);
    snprintf(directives, sizeof(directives),
             "add_header x-MD5 %s; if ($http_x_esp8266_sketch_md5 = %s) { return 304; }", md5, md5);
    publish(*state, "fw.bin", &file);
    start_nginx(&nginx, *state, directives);
    start_garden(*state, &device, NULL);
    pull(&device, &nginx, "pull", "/fw.bin", "update complete, pulled; restarting");
    expect_update(&device, &file);
    nginx_wait_request(&nginx, &request);
    assert_int_equal(request.status, 200);
    assert_int_equal(request.body_bytes, file.size);
    assert_string_equal(request.range, "-");
    pull(&device, &nginx, "pull", "/fw.bin", "pull: there is no update");
    nginx_wait_request(&nginx, &request);
    assert_int_equal(request.status, 304);
    free(file.bytes);
}

static void checks_the_md5(void **state)
{
    struct nginx nginx;
    struct virtual_device device;
    struct file file = garden("garden-2.bin");
    publish(*state, "fw.bin", &file);
    start_nginx(&nginx, *state, "add_header x-MD5 00000000000000000000000000000000;");
    start_garden(*state, &device, NULL);
    pull(&device, &nginx, "pull", "/fw.bin",
         "update failed (pull, 7): Update error: ERROR[7]: MD5 verification");
    expect_error(&device, 7);
    free(file.bytes);
}

struct real {
    const char *layout, *running, *pulled;
    bool gzip;
};

static void takes_a_real_image(struct scene *scene, const struct real *real)
{
    struct nginx nginx;
    struct virtual_device device;
    char running[PATH_MAX], path[PATH_MAX];
    if (!push_firmware_path(running, real->running) || !push_firmware_path(path, real->pulled)) {
        print_message("skipped: no %s\n", running);
        skip();
    }
    struct file file = file_read(path);
    struct file sent = real->gzip ? file_gzip(file.bytes, file.size) : file;
    publish(scene, "fw.bin", &sent);
    start_nginx(&nginx, scene, "");
    virtual_device_start(&device, scene, "device", "--layout", real->layout, "--image", running, NULL);
    pull(&device, &nginx, "pull", "/fw.bin", "update complete");
    expect_update(&device, &file);
    if (real->gzip)
        free(sent.bytes);
    free(file.bytes);
}

static void takes_tasmota(void **state)
{
    takes_a_real_image(*state, &(struct real){"1m64", "tasmota-8.1.0.1.bin", "tasmota-8.1.0.2.bin", false});
}

static void takes_tasmota_as_gzip(void **state)
{
    takes_a_real_image(*state, &(struct real){"1m64", "tasmota-8.1.0.2.bin", "tasmota-8.1.0.1.bin", true});
}

static void takes_micropython(void **state)
{
    takes_a_real_image(*state,
                       &(struct real){"4m1m", "micropython-1.9.4.bin", "micropython-1.10.bin", false});
}

static void takes_micropython_as_gzip(void **state)
{
    takes_a_real_image(*state, &(struct real){"4m1m", "micropython-1.10.bin", "micropython-1.9.4.bin", true});
}

static void takes_a_filesystem(void **state)
{
    enum { FILESYSTEM_START = 0x300000 };
    struct nginx nginx;
    struct virtual_device device;
    struct file file = garden("garden-2.bin");
    publish(*state, "fs.bin", &file);
    start_nginx(&nginx, *state, "");
    start_garden(*state, &device, NULL);
    pull(&device, &nginx, "pull-filesystem", "/fs.bin", "update complete, pulled");
    push_expect_flash(&device, FILESYSTEM_START, file.bytes, file.size, false);
    virtual_device_ask(&device);
    assert_int_equal(virtual_device_number(&device, "boots"), 1);
    free(file.bytes);
}

/* --- what servers do ------------------------------------------------------------------------------ */

static void follows_redirections_only_if_it_may(void **state)
{
    struct nginx nginx;
    struct virtual_device device;
    struct file file = garden("garden-2.bin");
    publish(*state, "fw.bin", &file);
    start_nginx(&nginx, *state, "location /old { return 302 /fw.bin; } location /loop { return 301 /loop; }");
    start_garden(*state, &device, NULL);
    pull(&device, &nginx, "pull", "/old", "update failed (pull, -104): Wrong HTTP Code");
    virtual_device_command(&device, "quit", (char[100]){0}, 100);
    assert_int_equal(process_wait_exit(device.process, WAIT_MS), 0);

    start_garden(*state, &device, "--pull-follow");
    pull(&device, &nginx, "pull", "/loop", "update failed (pull, -104): Wrong HTTP Code");
    pull(&device, &nginx, "pull", "/old", "update complete");
    expect_update(&device, &file);
    free(file.bytes);
}

/* htpasswd of "user", "pw" */
static void authenticates(void **state)
{
    static const char passwords[] = "user:{PLAIN}pw\n";
    struct nginx nginx;
    struct virtual_device device;
    struct file file = garden("garden-2.bin");
    char path[PATH_MAX], line[300];
    publish(*state, "fw.bin", &file);
    scene_file(*state, path, "passwords", passwords, sizeof(passwords) - 1);
    start_nginx(&nginx, *state, "auth_basic \"updates\"; auth_basic_user_file passwords;");
    start_garden(*state, &device, NULL);
    pull(&device, &nginx, "pull", "/fw.bin", "update failed (pull, -108): Unauthorized (401)");
    snprintf(line, sizeof(line), "pull http://user:wrong@127.0.0.1:%u/fw.bin", nginx.port);
    virtual_device_command(&device, line, (char[100]){0}, 100);
    assert_non_null(process_wait_line(device.process, "update failed (pull, -108)", WAIT_MS));
    assert_int_equal(virtual_device_flash_operations(&device), 0);
    snprintf(line, sizeof(line), "pull http://user:pw@127.0.0.1:%u/fw.bin", nginx.port);
    virtual_device_command(&device, line, (char[100]){0}, 100);
    expect_update(&device, &file);
    free(file.bytes);
}

static void tells_what_the_server_answered(void **state)
{
    static const struct {
        const char *path, *says;
        int error;
    } cases[] = {
        {"/nothing", "update failed (pull, -102): File Not Found (404)", -102},
        {"/denied", "update failed (pull, -103): Forbidden (403)", -103},
        {"/broken", "update failed (pull, -104): Wrong HTTP Code", -104},
        {"/text", "update failed (pull, -106): Verify Bin Header Failed", -106},
        {"/empty", "update failed (pull, -101): Server Did Not Report Size", -101},
        {"/huge", "update failed (pull, -100): Not Enough space", -100},
    };
    static uint8_t huge[3000000];
    const struct file text = {(uint8_t *)"hello, this is no image", 23};
    struct nginx nginx;
    struct virtual_device device;
    publish(*state, "text", &text);
    publish(*state, "empty", &(struct file){(uint8_t *)"", 0});
    publish(*state, "huge", &(struct file){huge, sizeof(huge)});
    start_nginx(&nginx, *state, "location /denied { return 403; } location /broken { return 500; }");
    start_garden(*state, &device, NULL);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        pull(&device, &nginx, "pull", cases[i].path, cases[i].says);
        expect_error(&device, cases[i].error);
        assert_int_equal(virtual_device_flash_operations(&device), 0);
    }
}

static void checks_for_a_version(void **state)
{
    struct nginx nginx;
    struct virtual_device device;
    start_nginx(
        &nginx, *state,
        "location /v { add_header x-version 2.0.0; return 200; } location /n { return 200; }"
        "location /m { if ($http_x_esp8266_mode = version) { add_header x-version 3.0.0; return 200; }"
        " return 404; }");
    start_garden(*state, &device, NULL);
    pull(&device, &nginx, "check", "/v", "pull: version 2.0.0 is offered");
    pull(&device, &nginx, "check", "/m", "pull: version 3.0.0 is offered");
    pull(&device, &nginx, "check", "/n", "update failed (pull, -109)");
    pull(&device, &nginx, "pull", "/m", "update failed (pull, -102)");
    assert_int_equal(virtual_device_flash_operations(&device), 0);
}

static void pulls_by_itself(void **state)
{
    struct nginx nginx;
    struct virtual_device device;
    char image[PATH_MAX], url[100];
    struct file file = garden("garden-2.bin");
    publish(*state, "fw.bin", &file);
    start_nginx(&nginx, *state, "");
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/fw.bin", nginx.port);
    virtual_device_start(&device, *state, "device", "--image", push_garden_path(image, "garden-1.bin"),
                         "--pull", url, NULL);
    expect_update(&device, &file);
    free(file.bytes);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)
    const struct CMUnitTest tests[] = {
        TEST(takes_an_update_once), TEST(checks_the_md5),
        TEST(takes_tasmota),        TEST(takes_tasmota_as_gzip),
        TEST(takes_micropython),    TEST(takes_micropython_as_gzip),
        TEST(takes_a_filesystem),   TEST(follows_redirections_only_if_it_may),
        TEST(authenticates),        TEST(tells_what_the_server_answered),
        TEST(checks_for_a_version), TEST(pulls_by_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
