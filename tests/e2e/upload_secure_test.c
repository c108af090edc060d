/* `otter upload` by HTTPS: a virtual device behind a real nginx, with certificates to trust and others. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/certificates.h"
#include "tests/support/nginx.h"
#include "tests/support/push.h"
#include "tests/support/require.h"
#include "tests/support/test.h"

enum { UPDATED = 0, LOCAL = 1, NO_ANSWER = 4 };

struct stage {
    struct scene scene;
    struct virtual_device device;
    struct nginx nginx;
};

static int setup(void **state)
{
    struct stage *stage = calloc(1, sizeof(*stage));
    char image[PATH_MAX];
    *state = stage;
    scene_open(&stage->scene);
    certificates_make(&stage->scene);
    virtual_device_start(&stage->device, &stage->scene, "device", "--image",
                         push_garden_path(image, "garden-1.bin"), "--web-password", "secret", NULL);
    return 0;
}

static int teardown(void **state)
{
    struct stage *stage = *state;
    scene_close(&stage->scene);
    free(stage);
    return 0;
}

static void serve(struct stage *stage, const char *certificate)
{
    char settings[512];
    virtual_device_ask(&stage->device);
    snprintf(settings, sizeof(settings),
             "ssl_certificate %s.pem; ssl_certificate_key %s.key; client_max_body_size 8m;\n"
             "location / { proxy_pass http://127.0.0.1:%u; proxy_request_buffering off; }\n",
             certificate, certificate, (unsigned)virtual_device_number(&stage->device, "web_port"));
    nginx_start(&stage->nginx, &stage->scene, "", settings);
}

static void upload(struct stage *stage, const char *authority, int status, const char *const texts[])
{
    char url[64], cacert[PATH_MAX], image[PATH_MAX];
    snprintf(url, sizeof(url), "https://localhost:%u/update", stage->nginx.secure_port);
    struct process *process = scene_start(&stage->scene, OTTER_PROGRAM, "upload", "--password", "secret",
                                          "--cacert", scene_path(&stage->scene, cacert, authority), url,
                                          push_garden_path(image, "garden-2.bin"), NULL);
    REQUIRE(process_ends(process, status, PUSH_WAIT_MS, texts), "the device said:\n%s",
            stage->device.process->text);
}

static void trusts_a_given_certificate(void **state)
{
    struct stage *stage = *state;
    serve(stage, "ec");
    upload(stage, "ca.pem", UPDATED, PROCESS_STRINGS("garden 2.0.0, back after", NULL));
    assert_string_equal(push_running(&stage->device).version, "2.0.0");
}

static void trusts_no_other(void **state)
{
    struct stage *stage = *state;
    serve(stage, "ec");
    upload(stage, "ca-false.pem", NO_ANSWER, PROCESS_STRINGS("can't be trusted", "--cacert FILE", NULL));
    upload(stage, "no-such-file", LOCAL, PROCESS_STRINGS("can't use the file of --cacert", NULL));
    assert_string_equal(push_running(&stage->device).version, "1.0.0");
}

static void wants_the_right_name(void **state)
{
    struct stage *stage = *state;
    serve(stage, "other");
    upload(stage, "ca.pem", NO_ANSWER, PROCESS_STRINGS("can't be trusted", NULL));
}

static void wants_a_certificate_in_its_time(void **state)
{
    struct stage *stage = *state;
    serve(stage, "expired");
    upload(stage, "ca.pem", NO_ANSWER, PROCESS_STRINGS("can't be trusted", "expired", NULL));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(trusts_a_given_certificate),
        TEST(trusts_no_other),
        TEST(wants_the_right_name),
        TEST(wants_a_certificate_in_its_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
