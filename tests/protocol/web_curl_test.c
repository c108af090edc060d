/* The update page against the real curl (spec/web.md; spec/transcripts.md, section 3). */
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/push.h"
#include "tests/support/require.h"
#include "tests/support/sample.h"
#include "tests/support/web.h"

#define FAILURE                                                                                              \
    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nAccess-Control-Allow-Headers: "                           \
    "*\r\nAccess-Control-Allow-Origin: *\r\n"

#define expect(text, part) REQUIRE(strstr(text, part), "no \"%s\" in:\n%s", part, text)

static const char *field(const char *name, const char *file)
{
    static char out[PATH_MAX + 32];
    return web_field(out, name, file);
}

/* --- what can be had ----------------------------------------------------------------------------- */

static void the_page_comes_packed_and_plain(void **state)
{
    struct web *web = *state;
    expect(web_curl(web, "-o", "/dev/null", "-D", "-", "--compressed"), "Content-Encoding: gzip\r\n");
    const char *page = web_curl(web, "--compressed");
    const char *plain = web_curl(web, "-A", "old");
    static const char *const parts[] = {"name=\"firmware\"", "name=\"filesystem\"",
                                        "value=\"Update Firmware\"", "value=\"Update FileSystem\"",
                                        ".bin,.bin.gz"};
    for (size_t i = 0; i < TEST_COUNT(parts); i++)
        expect(page, parts[i]);
    expect(plain, "name=firmware");
    expect(plain, "name=filesystem");
    expect(plain, "enctype=multipart/form-data");
    assert_null(strstr(plain, "Content-Encoding"));
    expect(web_curl(web, "--compressed", "-0"), "id=\"firmware\"");
}

static void head_options_and_other_requests_are_answered(void **state)
{
    struct web *web = *state;
    const char *head = web_curl(web, "--head");
    expect(head, "HTTP/1.1 200 OK\r\n");
    assert_string_equal(strstr(head, "\r\n\r\n"), "\r\n\r\n");
    expect(web_curl(web, "-X", "OPTIONS"), FAILURE "Content-Length: 1\r\nConnection: close\r\n\r\ny");
    expect(web_curl(web, "-X", "PUT"), "HTTP/1.1 405 Method Not Allowed\r\n");
    expect(web_curl(web, "-X", "DELETE"), "Allow: GET, HEAD, POST, OPTIONS\r\n");
    expect(web_curl_arguments(web, "r", PROCESS_STRINGS(NULL)), "HTTP/1.1 404 Not Found\r\n");
    expect(web_curl_arguments(web, "/../", PROCESS_STRINGS(NULL)), "\r\n\r\nNot found: /");
    expect(web_curl_arguments(web, "?x=1", PROCESS_STRINGS(NULL)), "HTTP/1.1 200 OK\r\n");
}

static void the_information_is_json(void **state)
{
    struct web *web = *state;
    expect(web_curl_arguments(web, "/info", PROCESS_STRINGS(NULL)), "\"sketch_size\":0,");
    web_update(web, NULL);
    const char *info = web_curl_arguments(web, "/info", PROCESS_STRINGS(NULL));
    struct push_firmware running = push_running(&web->device);
    char md5[64];
    snprintf(md5, sizeof(md5), "\"sketch_md5\":\"%s\"", running.md5);
    expect(info, "Content-Type: application/json\r\n");
    expect(info, md5);
    expect(info, "\"sketch_size\":20000,");
    expect(info, "\"filesystem_size\":1024000,\"flash_size\":4194304,\"uptime_ms\":");
    expect(info, "\"trial\":false}");
}

/* --- uploads ------------------------------------------------------------------------------------- */

static void any_field_but_filesystem_is_a_sketch(void **state)
{
    struct web *web = *state;
    static const char *const names[] = {"firmware", "update", "data", "FILESYSTEM", "filesystem2"};
    for (size_t i = 0; i < TEST_COUNT(names); i++) {
        sample_image(web->image, sizeof(web->image), i);
        scene_file(&web->scene, web->file, "firmware.bin", web->image, sizeof(web->image));
        expect(web_curl(web, "-F", field(names[i], web->file)), WEB_SUCCESS);
        virtual_device_wait_restart(&web->device);
        push_expect_flash(&web->device, 0, web->image, sizeof(web->image), true);
    }
}

static void a_filesystem_goes_to_its_place(void **state)
{
    struct web *web = *state;
    expect(web_curl(web, "-F", field("filesystem", web->file)), WEB_SUCCESS);
    virtual_device_wait_restart(&web->device);
    push_expect_flash(&web->device, 0x300000, web->image, sizeof(web->image), false);
}

static void two_files_of_one_form_are_both_installed(void **state)
{
    struct web *web = *state;
    char sketch[PATH_MAX + 32], filesystem[PATH_MAX + 32];
    expect(web_curl(web, "-F", "note=hello", "-F", web_field(sketch, "firmware", web->file), "-F",
                    web_field(filesystem, "filesystem", web->file)),
           WEB_SUCCESS);
    virtual_device_wait_restart(&web->device);
    push_expect_flash(&web->device, 0, web->image, sizeof(web->image), true);
    push_expect_flash(&web->device, 0x300000, web->image, sizeof(web->image), false);
}

/* A sketch that is staged must not be installed if what follows it fails. */
static void of_two_files_none_is_installed_if_one_fails(void **state)
{
    struct web *web = *state;
    char large[PATH_MAX], sketch[PATH_MAX + 32], filesystem[PATH_MAX + 32], answer[64];
    uint8_t *bytes = calloc(1, 1100000);
    scene_file(&web->scene, large, "large.bin", bytes, 1100000);
    free(bytes);
    expect(web_curl(web, "-F", web_field(sketch, "firmware", web->file), "-F",
                    web_field(filesystem, "filesystem", large)),
           "Update error: ERROR[4]: Not Enough Space\n");
    virtual_device_command(&web->device, "reset", answer, sizeof(answer));
    virtual_device_wait_restart(&web->device);
    assert_int_equal(push_running(&web->device).size, 0);
}

static void old_and_careful_clients_are_served(void **state)
{
    struct web *web = *state;
    expect(web_curl(web, "-0", "-F", field("firmware", web->file)), WEB_SUCCESS);
    virtual_device_wait_restart(&web->device);
    const char *careful = web_curl(web, "-H", "Expect: 100-continue", "-F", field("firmware", web->file));
    expect(careful, "HTTP/1.1 100 Continue\r\n\r\n" WEB_SUCCESS);
    virtual_device_wait_restart(&web->device);
    expect(web_curl(web, "-H", "Expect:", "-F", field("firmware", web->file)), WEB_SUCCESS);
    virtual_device_wait_restart(&web->device);
}

static void failures_are_told_as_they_always_were(void **state)
{
    struct web *web = *state;
    char path[PATH_MAX];
    uint8_t *bytes = calloc(1, 4000000);
    scene_file(&web->scene, path, "zeros.bin", bytes, 5000);
    expect(
        web_curl(web, "-F", field("firmware", path)), FAILURE
        "Content-Length: 48\r\nConnection: close\r\n\r\nUpdate error: ERROR[10]: Magic byte is not 0xE9\n");
    scene_file(&web->scene, path, "empty.bin", bytes, 0);
    expect(web_curl(web, "-F", field("firmware", path)), FAILURE
           "Content-Length: 42\r\nConnection: close\r\n\r\nUpdate error: ERROR[13]: No data supplied\n");
    expect(web_curl(web, "-F", "note=hello"), "Update error: ERROR[13]: No data supplied\n");
    uint64_t before = virtual_device_flash_operations(&web->device);
    scene_file(&web->scene, path, "large.bin", bytes, 1100000);
    expect(web_curl(web, "-F", field("filesystem", path)), FAILURE
           "Content-Length: 41\r\nConnection: close\r\n\r\nUpdate error: ERROR[4]: Not Enough Space\n");
    assert_int_equal(virtual_device_flash_operations(&web->device), before);
    memcpy(bytes, web->image, 16);
    scene_file(&web->scene, path, "large.bin", bytes, 4000000);
    expect(web_curl(web, "-F", field("firmware", path)), "Update error: ERROR[4]: Not Enough Space\n");
    free(bytes);
    expect(web_curl(web, "-d", "firmware=x"), "HTTP/1.1 400 Bad Request\r\n");
    expect(web_curl(web, "-H", "Transfer-Encoding: chunked", "-F", field("firmware", web->file)),
           "HTTP/1.1 411 Length Required\r\n");
    expect(web_curl(web, "-H", "Content-Length: 99999999", "-F", field("firmware", web->file)),
           "HTTP/1.1 413 Content Too Large\r\n");
    web_update(web, NULL);
}

static void pages_of_other_sites_are_refused(void **state)
{
    struct web *web = *state;
    char own[64];
    snprintf(own, sizeof(own), "Origin: http://127.0.0.1:%u", web->port);
    static const char *const foreign[] = {"Origin: http://evil.example", "Origin: null",
                                          "Origin: http://127.0.0.1", "Origin: http://127.0.0.1:1"};
    uint64_t before = virtual_device_flash_operations(&web->device);
    for (size_t i = 0; i < TEST_COUNT(foreign); i++)
        expect(web_curl(web, "-H", foreign[i], "-F", field("firmware", web->file)),
               "HTTP/1.1 403 Forbidden\r\n");
    assert_int_equal(virtual_device_flash_operations(&web->device), before);
    expect(web_curl(web, "-H", own, "-F", field("firmware", web->file)), WEB_SUCCESS);
}

/* --- credentials --------------------------------------------------------------------------------- */

/* Without the right ones nothing is to be had, and flash is not touched; but the answer gets there, although
 * the client sends a large body without waiting. */
static void expect_denied(struct web *web, const char *mode, const char *credentials)
{
    char path[PATH_MAX];
    enum { LARGE = 2000000 };
    uint8_t *bytes = calloc(1, LARGE);
    scene_file(&web->scene, path, "large.bin", bytes, LARGE);
    free(bytes);
    uint64_t before = virtual_device_flash_operations(&web->device);
    static const char *const expectations[] = {"Expect:", "Expect: 100-continue"};
    for (size_t i = 0; i < TEST_COUNT(expectations); i++) {
        const char *text =
            web_curl(web, mode, "-u", credentials, "-H", expectations[i], "-F", field("firmware", path));
        expect(text, "HTTP/1.1 401 Unauthorized\r\nContent-Type: text/html\r\nWWW-Authenticate: ");
        assert_null(strstr(text, "100 Continue"));
    }
    expect(web_curl(web, mode, "-u", credentials), "HTTP/1.1 401 Unauthorized\r\n");
    expect(web_curl_arguments(web, "/info", PROCESS_STRINGS(mode, "-u", credentials, NULL)),
           "HTTP/1.1 401 Unauthorized\r\n");
    assert_int_equal(virtual_device_flash_operations(&web->device), before);
}

static void basic_lets_in_who_has_the_password(void **state)
{
    struct web *web = *state;
    expect(web_curl(web, "-A", "x"),
           "WWW-Authenticate: Basic realm=\"Login Required\"\r\nContent-Length: 0\r\n");
    static const char *const wrong[] = {"admin:secre", "admin:secret2", "Admin:secret",
                                        ":secret",     "admin:",        "admin:SECRET"};
    for (size_t i = 0; i < TEST_COUNT(wrong); i++)
        expect(web_curl(web, "-u", wrong[i]), "HTTP/1.1 401 Unauthorized\r\n");
    expect_denied(web, "--basic", "admin:wrong");
    expect_denied(web, "--digest", "admin:secret");
    expect(web_curl(web, "-X", "OPTIONS"), "HTTP/1.1 200 OK\r\n");
    expect(web_curl(web, "-u", "admin:secret", "-F", field("firmware", web->file)), WEB_SUCCESS);
}

static void digest_lets_in_who_has_the_password(void **state)
{
    struct web *web = *state;
    const char *challenge = web_curl(web, "-A", "x");
    expect(challenge,
           "WWW-Authenticate: Digest realm=\"Login Required\", qop=\"auth\", algorithm=SHA-256, nonce=\"");
    expect(challenge,
           "WWW-Authenticate: Digest realm=\"Login Required\", qop=\"auth\", algorithm=MD5, nonce=\"");
    expect_denied(web, "--digest", "admin:wrong");
    expect_denied(web, "--basic", "admin:secret");
    expect(web_curl(web, "--digest", "-u", "admin:secret", "-F", field("firmware", web->file)), WEB_SUCCESS);
    virtual_device_wait_restart(&web->device);
    expect(web_curl(web, "--anyauth", "-u", "admin:secret", "-H", "Expect: 100-continue", "-F",
                    field("firmware", web->file)),
           WEB_SUCCESS);
}

/* --- real firmware ------------------------------------------------------------------------------- */

static void upload_real(struct web *web, const char *name, bool gzip)
{
    char path[PATH_MAX];
    if (!push_firmware_path(path, name)) {
        print_message("skipped: no %s\n", path);
        skip();
    }
    struct file file = file_read(path);
    if (gzip) {
        struct file packed = file_gzip(file.bytes, file.size);
        scene_file(&web->scene, path, "firmware.bin.gz", packed.bytes, packed.size);
        free(packed.bytes);
    }
    expect(web_curl(web, "-F", field("firmware", path)), WEB_SUCCESS);
    virtual_device_wait_restart(&web->device);
    push_expect_flash(&web->device, 0, file.bytes, file.size, true);
    free(file.bytes);
}

static void real_firmware_is_in_flash_as_it_is_in_the_file(void **state)
{
    static const char *const names[] = {"tasmota-8.1.0.1.bin", "tasmota-8.1.0.2.bin", "micropython-1.9.4.bin",
                                        "micropython-1.10.bin"};
    for (size_t i = 0; i < TEST_COUNT(names); i++)
        upload_real(*state, names[i], false);
    for (size_t i = 0; i < TEST_COUNT(names); i++)
        upload_real(*state, names[i], true);
}

/* The updater keeps the firmware that runs, in steps, before the answer comes. */
static void a_new_firmware_is_on_trial(void **state)
{
    char running[PATH_MAX], path[PATH_MAX];
    web_open(state,
             PROCESS_STRINGS("--image", push_garden_path(running, "garden-1.bin"), "--no-confirm", NULL));
    struct web *web = *state;
    expect(web_curl_arguments(web, "/info", PROCESS_STRINGS(NULL)),
           "{\"name\":\"garden\",\"version\":\"1.0.0\",");
    expect(web_curl(web, "-F", field("firmware", push_garden_path(path, "garden-2.bin"))), WEB_SUCCESS);
    virtual_device_wait_restart(&web->device);
    const char *info = web_curl_arguments(web, "/info", PROCESS_STRINGS(NULL));
    expect(info, "\"version\":\"2.0.0\"");
    expect(info, "\"trial\":true}");
}

int main(void)
{
#define TEST(name, setup) cmocka_unit_test_setup_teardown(name, setup, web_teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_page_comes_packed_and_plain, web_setup_free),
        TEST(head_options_and_other_requests_are_answered, web_setup_free),
        TEST(the_information_is_json, web_setup_free),
        TEST(any_field_but_filesystem_is_a_sketch, web_setup_free),
        TEST(a_filesystem_goes_to_its_place, web_setup_free),
        TEST(two_files_of_one_form_are_both_installed, web_setup_free),
        TEST(of_two_files_none_is_installed_if_one_fails, web_setup_free),
        TEST(old_and_careful_clients_are_served, web_setup_free),
        TEST(failures_are_told_as_they_always_were, web_setup_free),
        TEST(pages_of_other_sites_are_refused, web_setup_free),
        TEST(basic_lets_in_who_has_the_password, web_setup_basic),
        TEST(digest_lets_in_who_has_the_password, web_setup_digest),
        cmocka_unit_test_teardown(a_new_firmware_is_on_trial, web_teardown),
        TEST(real_firmware_is_in_flash_as_it_is_in_the_file, web_setup_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
