/* Pull by HTTPS, from a real nginx with all kinds of certificates. */
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/certificates.h"
#include "tests/support/nginx.h"
#include "tests/support/push.h"
#include "tests/support/require.h"

#define REFUSED "pull, -1"

struct stage {
    struct scene scene;
    struct file image;
    struct nginx nginx;
    struct virtual_device device;
    unsigned devices; /* so far */
};

static int setup(void **state)
{
    struct stage *stage = calloc(1, sizeof *stage);
    char path[PATH_MAX];
    scene_open(&stage->scene);
    certificates_make(&stage->scene);
    stage->image = file_read(push_garden_path(path, "garden-2.bin"));
    scene_file(&stage->scene, path, "garden.bin", stage->image.bytes, stage->image.size);
    *state = stage;
    return 0;
}

static int teardown(void **state)
{
    struct stage *stage = *state;
    scene_close(&stage->scene);
    free(stage->image.bytes);
    free(stage);
    return 0;
}

/* nginx with CERTIFICATE of certificates.h, and MORE of both its servers. */
static void serve(struct stage *stage, const char *certificate, const char *http, const char *https)
{
    char settings[500];
    snprintf(settings, sizeof settings, "ssl_certificate %s.pem; ssl_certificate_key %s.key;\n%s",
             certificate, certificate, https);
    nginx_start(&stage->nginx, &stage->scene, http, settings);
}

/* A device that runs garden-1 and pulls URL, trusting as OPTION and VALUE say. */
static void start_device(struct stage *stage, const char *url, const char *option, const char *value)
{
    char name[16], image[PATH_MAX];
    snprintf(name, sizeof name, "device-%u", stage->devices++);
    virtual_device_start(&stage->device, &stage->scene, name, "--image",
                         push_garden_path(image, "garden-1.bin"), "--pull", url, "--pull-follow", option,
                         value, NULL);
}

static const char *url_of(const struct stage *stage, const char *scheme, const char *host)
{
    static char url[100];
    const unsigned port = strcmp(scheme, "https") == 0 ? stage->nginx.secure_port : stage->nginx.port;
    snprintf(url, sizeof url, "%s://%s:%u/garden.bin", scheme, host, port);
    return url;
}

static void expect_line(struct stage *stage, const char *text)
{
    struct process *process = stage->device.process;
    REQUIRE(process_wait_line(process, text, VIRTUAL_DEVICE_WAIT_MS), "no \"%s\" in:\n%s", text,
            process->text);
}

static void expect_installed(struct stage *stage)
{
    expect_line(stage, "pulled; restarting");
    virtual_device_wait_restart(&stage->device);
    push_expect_flash(&stage->device, 0, stage->image.bytes, stage->image.size, true);
    process_stop(stage->device.process);
}

static void expect_refused(struct stage *stage, const char *reason)
{
    expect_line(stage, reason);
    assert_int_equal(virtual_device_flash_operations(&stage->device), 0);
    process_stop(stage->device.process);
}

/* --- tests -------------------------------------------------------------------------------------- */

static void trusted_servers_update_the_device(void **state)
{
    static const char *const servers[][2] = {{"ec", "ca.pem"}, {"chain", "ca.pem"}, {"rsa", "ca-rsa.pem"}};
    struct stage *stage = *state;
    char path[PATH_MAX];
    for (size_t i = 0; i < TEST_COUNT(servers); i++) {
        serve(stage, servers[i][0], "", "");
        start_device(stage, url_of(stage, "https", "localhost"), "--ca",
                     scene_path(&stage->scene, path, servers[i][1]));
        expect_installed(stage);
        nginx_stop(&stage->nginx);
    }
}

static void pins_do_without_name_and_date(void **state)
{
    struct stage *stage = *state;
    char pin[65], fingerprint[96];
    serve(stage, "expired", "", "");
    certificates_key(&stage->scene, "expired", pin);
    start_device(stage, url_of(stage, "https", "127.0.0.1"), "--pin", pin);
    expect_installed(stage);
    certificates_fingerprint(&stage->scene, "expired", fingerprint);
    start_device(stage, url_of(stage, "https", "localhost"), "--fingerprint", fingerprint);
    expect_installed(stage);
    nginx_stop(&stage->nginx);
}

static void other_servers_are_refused(void **state)
{
    static const char *const servers[][2] = {
        {"rsa", "the server's certificate is signed by nobody trusted"},
        {"self", "the server's certificate is signed by nobody trusted"},
        {"other", "the server's certificate is for another name"},
        {"expired", "the server's certificate is expired, or not valid yet; or the clock is wrong"},
        {"future", "the server's certificate is expired, or not valid yet; or the clock is wrong"},
    };
    struct stage *stage = *state;
    char path[PATH_MAX];
    for (size_t i = 0; i < TEST_COUNT(servers); i++) {
        serve(stage, servers[i][0], "", "");
        start_device(stage, url_of(stage, "https", "localhost"), "--ca",
                     scene_path(&stage->scene, path, "ca.pem"));
        expect_refused(stage, servers[i][1]);
        nginx_stop(&stage->nginx);
    }
}

static void other_keys_are_refused(void **state)
{
    struct stage *stage = *state;
    char pin[65], fingerprint[96], path[PATH_MAX];
    serve(stage, "ec", "", "");
    certificates_key(&stage->scene, "rsa", pin);
    start_device(stage, url_of(stage, "https", "localhost"), "--pin", pin);
    expect_refused(stage, "the server has another key than the pinned one");
    certificates_fingerprint(&stage->scene, "renewed", fingerprint);
    start_device(stage, url_of(stage, "https", "localhost"), "--fingerprint", fingerprint);
    expect_refused(stage, "the server has another certificate than the one of the fingerprint");
    start_device(stage, url_of(stage, "https", "127.0.0.1"), "--ca",
                 scene_path(&stage->scene, path, "ca.pem"));
    expect_refused(stage, "no certificate is checked for an address: use the server's name, or pin its key");
    nginx_stop(&stage->nginx);
}

static void nothing_but_tls_is_spoken_there(void **state)
{
    struct stage *stage = *state;
    char url[100], path[PATH_MAX];
    serve(stage, "ec", "", "");
    snprintf(url, sizeof url, "https://localhost:%u/garden.bin", stage->nginx.port);
    start_device(stage, url, "--ca", scene_path(&stage->scene, path, "ca.pem"));
    expect_refused(stage, "the server does not speak TLS 1.2: is the port right?");
    nginx_stop(&stage->nginx);
}

static void redirections_lead_to_https_only(void **state)
{
    struct stage *stage = *state;
    char ca[PATH_MAX];
    scene_path(&stage->scene, ca, "ca.pem");
    serve(stage, "ec", "location = /up { return 302 https://localhost:$arg_port/garden.bin; }",
          "location = /down { return 302 http://localhost:$arg_port/garden.bin; }");
    char url[100];
    snprintf(url, sizeof url, "http://localhost:%u/up?port=%u", stage->nginx.port, stage->nginx.secure_port);
    start_device(stage, url, "--ca", ca);
    expect_installed(stage);
    snprintf(url, sizeof url, "https://localhost:%u/down?port=%u", stage->nginx.secure_port,
             stage->nginx.port);
    start_device(stage, url, "--ca", ca);
    expect_refused(stage, "from https to http");
    nginx_stop(&stage->nginx);
}

/* Power fails half way. What is staged is not fetched again. */
static void a_download_goes_on_after_a_power_cut(void **state)
{
    struct stage *stage = *state;
    char answer[100], path[PATH_MAX];
    struct nginx_request request;
    serve(stage, "ec", "", "");
    start_device(stage, "https://localhost:1/nothing", "--ca", scene_path(&stage->scene, path, "ca.pem"));
    expect_line(stage, REFUSED);
    virtual_device_command(&stage->device, "cut-at 40 landed", answer, sizeof answer);
    char command[200];
    snprintf(command, sizeof command, "pull %s", url_of(stage, "https", "localhost"));
    virtual_device_command(&stage->device, command, answer, sizeof answer);
    nginx_wait_request(&stage->nginx, &request);
    assert_string_equal(request.range, "-");
    virtual_device_wait_restart(&stage->device);
    virtual_device_command(&stage->device, command, answer, sizeof answer);
    nginx_wait_request(&stage->nginx, &request);
    assert_int_equal(request.status, 206);
    assert_true(request.body_bytes < stage->image.size);
    expect_installed(stage);
    nginx_stop(&stage->nginx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trusted_servers_update_the_device),
        cmocka_unit_test(pins_do_without_name_and_date),
        cmocka_unit_test(other_servers_are_refused),
        cmocka_unit_test(other_keys_are_refused),
        cmocka_unit_test(nothing_but_tls_is_spoken_there),
        cmocka_unit_test(redirections_lead_to_https_only),
        cmocka_unit_test(a_download_goes_on_after_a_power_cut),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
