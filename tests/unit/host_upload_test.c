/* The parts of `otter upload`: addresses, what a device tells, what it answers, and what to do about that. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/upload_failure.h"
#include "tests/support/file.h"
#include "tests/support/sample.h"
#include "tests/support/test.h"

/* --- addresses --- */

static void takes_every_form_of_address(void **state)
{
    static const struct {
        const char *text, *page, *info, *name, *host;
        unsigned port;
        bool named;
    } forms[] = {
        {"kitchen.local", "http://kitchen.local/update", "http://kitchen.local/update/info", "kitchen.local",
         "kitchen.local", 80, true},
        {"192.168.1.40", "http://192.168.1.40/update", "http://192.168.1.40/update/info", "192.168.1.40",
         "192.168.1.40", 80, false},
        {"192.168.1.40:8080", "http://192.168.1.40:8080/update", "http://192.168.1.40:8080/update/info",
         "192.168.1.40:8080", "192.168.1.40", 8080, false},
        {"kitchen/", "http://kitchen/update", "http://kitchen/update/info", "kitchen", "kitchen", 80, true},
        {"kitchen/fw/", "http://kitchen/fw", "http://kitchen/fw/info", "kitchen", "kitchen", 80, true},
        {"https://kitchen/a/b?c#d", "https://kitchen/a/b", "https://kitchen/a/b/info", "kitchen", "kitchen",
         443, true},
        {"http://kitchen:81", "http://kitchen:81/update", "http://kitchen:81/update/info", "kitchen:81",
         "kitchen", 81, true},
        {"[fe80::1]:81", "http://[fe80::1]:81/update", "http://[fe80::1]:81/update/info", "[fe80::1]:81",
         "fe80::1", 81, false},
        {"fe80::1", "http://[fe80::1]/update", "http://[fe80::1]/update/info", "[fe80::1]", "fe80::1", 80,
         false},
    };
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(forms); i++) {
        struct otter_upload_url url;
        assert_true(otter_upload_url_parse(&url, forms[i].text));
        assert_string_equal(url.page, forms[i].page);
        assert_string_equal(url.info, forms[i].info);
        assert_string_equal(url.name, forms[i].name);
        assert_string_equal(url.device.host, forms[i].host);
        assert_int_equal(url.device.port, forms[i].port);
        assert_int_equal(url.named, forms[i].named);
        assert_string_equal(url.user, "");
    }
}

static void keeps_the_zone_of_an_address(void **state)
{
    struct otter_upload_url url;
    (void)state;
    assert_true(otter_upload_url_parse(&url, "fe80::1%wlan0"));
    assert_string_equal(url.device.host, "fe80::1%wlan0");
    assert_string_equal(url.page, "http://[fe80::1%25wlan0]/update");
}

static void takes_credentials_out_of_an_address(void **state)
{
    struct otter_upload_url url;
    (void)state;
    assert_true(otter_upload_url_parse(&url, "http://me:p%40ss@kitchen/update"));
    assert_string_equal(url.user, "me");
    assert_string_equal(url.password, "p@ss");
    assert_string_equal(url.page, "http://kitchen/update");
    assert_string_equal(url.name, "kitchen");
    assert_true(otter_upload_url_parse(&url, "me:pw@kitchen:81"));
    assert_string_equal(url.page, "http://kitchen:81/update");
}

static void refuses_what_is_no_address(void **state)
{
    static const char *const texts[] = {
        "",       "http://",      "ftp://kitchen/", "kitchen:port", "kitchen:70000",
        "a b",    "file:///etc/", "http://[::1",    "/update",      ":80",
        "https:/"};
    char long_text[2 * OTTER_UPLOAD_URL_SIZE];
    struct otter_upload_url url;
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(texts); i++) {
        if (otter_upload_url_parse(&url, texts[i]))
            fail_msg("\"%s\" became %s", texts[i], url.page);
    }
    memset(long_text, 'a', sizeof(long_text) - 1);
    long_text[sizeof(long_text) - 1] = '\0';
    assert_false(otter_upload_url_parse(&url, long_text));
    long_text[7] = '/';
    assert_false(otter_upload_url_parse(&url, long_text));
}

/* --- what a device tells --- */

static void reads_what_a_device_tells(void **state)
{
    const char *text = "{\"name\":\"garden\",\"version\":\"1.0.0\",\"board\":null,\"sketch_size\":215296,"
                       "\"sketch_md5\":\"c160b08c26ed619b9dc42cb7cb7c2187\",\"free_space\":null,\"filesystem_"
                       "size\":9223372036854775807,"
                       "\"uptime_ms\":12.5,\"flash_size\":-1,\"more\":[{}]}";
    struct otter_upload_info info;
    char label[OTTER_UPLOAD_INFO_LABEL];
    (void)state;
    otter_upload_info_read(&info, text, strlen(text));
    assert_true(info.told);
    assert_string_equal(info.name, "garden");
    assert_string_equal(info.board, "");
    assert_int_equal(info.sketch_size, 215296);
    assert_int_equal(info.free_space, -1);
    assert_int_equal(info.filesystem_size, -1);
    assert_int_equal(info.flash_size, -1);
    assert_int_equal(info.uptime_ms, -1);
    otter_upload_info_label(label, &info);
    assert_string_equal(label, "garden 1.0.0");
    info.version[0] = '\0';
    otter_upload_info_label(label, &info);
    assert_string_equal(label, "firmware c160b08c");
}

static void takes_anything_else_for_nothing(void **state)
{
    static const char *const texts[] = {"", "<html>", "[]", "3", "{\"name\":", "{\"name\":\"\xFF\"}"};
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(texts); i++) {
        struct otter_upload_info info;
        char label[OTTER_UPLOAD_INFO_LABEL];
        otter_upload_info_read(&info, texts[i], strlen(texts[i]));
        assert_false(info.told);
        assert_int_equal(info.uptime_ms, -1);
        otter_upload_info_label(label, &info);
        assert_string_equal(label, "firmware of unknown version");
    }
}

/* --- what it answers --- */

static void assert_judged(int status, const char *body, enum otter_upload_failure failure, const char *text)
{
    char said[161];
    assert_int_equal(otter_upload_judge(said, sizeof(said), status, body), failure);
    assert_string_equal(said, text);
}

static void knows_success(void **state)
{
    (void)state;
    assert_judged(200, "<META http-equiv=\"refresh\" content=\"15;URL=/\">Update Success! Rebooting...",
                  OTTER_UPLOAD_FAILURE_NONE, "Update Success! Rebooting...");
    assert_judged(200, "OK", OTTER_UPLOAD_FAILURE_NONE, "OK");
    assert_judged(200, "OK\r\n", OTTER_UPLOAD_FAILURE_NONE, "OK");
}

static void knows_rejection(void **state)
{
    (void)state;
    assert_judged(200, "Update error: ERROR[4]: Not Enough Space\n", OTTER_UPLOAD_FAILURE_REJECTED,
                  "ERROR[4]: Not Enough Space");
    assert_judged(500, "ERROR[10]: Magic byte is not 0xE9", OTTER_UPLOAD_FAILURE_REJECTED,
                  "ERROR[10]: Magic byte is not 0xE9");
    assert_judged(200, "<p>Update Error: Could Not Activate The Firmware", OTTER_UPLOAD_FAILURE_REJECTED,
                  "Update Error: Could Not Activate The Firmware");
    assert_judged(200, "FAIL", OTTER_UPLOAD_FAILURE_REJECTED, "FAIL");
}

static void knows_refusal(void **state)
{
    (void)state;
    assert_judged(401, "", OTTER_UPLOAD_FAILURE_PASSWORD_WRONG, "");
    assert_judged(403, "<h1>\tnot\n from here</h1>", OTTER_UPLOAD_FAILURE_REFUSED, "not from here");
    assert_judged(404, "OK", OTTER_UPLOAD_FAILURE_REFUSED, "OK");
}

static void knows_that_it_knows_nothing(void **state)
{
    (void)state;
    assert_judged(200, "", OTTER_UPLOAD_FAILURE_NO_RESULT, "");
    assert_judged(200, "OK computer \033[31m", OTTER_UPLOAD_FAILURE_NO_RESULT, "OK computer [31m");
    assert_judged(200, "<never ended", OTTER_UPLOAD_FAILURE_NO_RESULT, "");
}

static void cuts_a_long_answer(void **state)
{
    char body[1000], text[161];
    (void)state;
    memset(body, 'x', sizeof(body) - 1);
    body[sizeof(body) - 1] = '\0';
    assert_int_equal(otter_upload_judge(text, sizeof(text), 200, body), OTTER_UPLOAD_FAILURE_NO_RESULT);
    assert_int_equal(strlen(text), 160);
}

/* --- what fits --- */

#define IMAGE_SIZE 200000u

static const struct otter_upload_info nothing_told = {
    .sketch_size = -1, .free_space = -1, .filesystem_size = -1, .flash_size = -1, .uptime_ms = -1};

struct shelf {
    uint8_t image[IMAGE_SIZE];
    struct otter_push_file file;
};

static void put_on_shelf(struct shelf *shelf)
{
    sample_image(shelf->image, sizeof(shelf->image), 3); /* for 1 MiB of flash and more */
    shelf->file.sent = (struct otter_file){shelf->image, sizeof(shelf->image)};
    otter_inspect(&shelf->file.inspection, shelf->image, sizeof(shelf->image));
    assert_int_equal(shelf->file.inspection.error, OTTER_OK);
}

static void compares_with_what_is_told(void **state)
{
    static struct shelf shelf;
    struct otter_upload_info info = nothing_told;
    char text[161];
    (void)state;
    put_on_shelf(&shelf);
    assert_true(otter_upload_fits(text, sizeof(text), &shelf.file, false, &info));
    info.free_space = info.filesystem_size = IMAGE_SIZE;
    assert_true(otter_upload_fits(text, sizeof(text), &shelf.file, false, &info));
    info.free_space--;
    assert_false(otter_upload_fits(text, sizeof(text), &shelf.file, false, &info));
    assert_string_equal(text, "ERROR[4]: Not Enough Space");
    assert_true(otter_upload_fits(text, sizeof(text), &shelf.file, true, &info));
    info.filesystem_size--;
    assert_false(otter_upload_fits(text, sizeof(text), &shelf.file, true, &info));
    info = nothing_told;
    info.flash_size = 1 << 20;
    assert_true(otter_upload_fits(text, sizeof(text), &shelf.file, false, &info));
    info.flash_size = 512 << 10;
    assert_false(otter_upload_fits(text, sizeof(text), &shelf.file, false, &info));
    assert_string_equal(text, "ERROR[9]: new Flash config wrong, real size: 524288");
}

/* 200000 bytes are 49 sectors. */
static void counts_what_is_unpacked(void **state)
{
    static struct shelf shelf;
    struct otter_upload_info info = nothing_told;
    char text[161];
    (void)state;
    put_on_shelf(&shelf);
    struct file gzip = file_gzip(shelf.image, sizeof(shelf.image));
    shelf.file.sent = (struct otter_file){gzip.bytes, gzip.size};
    int64_t sectors = (int64_t)(gzip.size + 4095) / 4096 + 49;
    info.sketch_size = 4095;
    info.free_space = (sectors - 1) * 4096;
    assert_true(otter_upload_fits(text, sizeof(text), &shelf.file, false, &info));
    info.free_space--;
    assert_false(otter_upload_fits(text, sizeof(text), &shelf.file, false, &info));
    info.sketch_size = -1;
    assert_true(otter_upload_fits(text, sizeof(text), &shelf.file, false, &info));
    free(gzip.bytes);
}

static void compares_what_runs_with_the_file(void **state)
{
    static struct otter_push_file file;
    struct otter_upload_session session = {.file = &file};
    (void)state;
    assert_false(otter_upload_is_unchanged(&session));
    file.inspection.has_firmware = true;
    file.inspection.firmware = (struct otter_firmware){"garden", "2.0.0"};
    assert_false(otter_upload_is_unchanged(&session)); /* the device does not tell */
    session.after = (struct otter_upload_info){.name = "garden", .version = "2.0.0"};
    assert_false(otter_upload_is_unchanged(&session));
    snprintf(session.after.version, sizeof(session.after.version), "1.0.0");
    assert_true(otter_upload_is_unchanged(&session));
    session.filesystem = true;
    assert_false(otter_upload_is_unchanged(&session));
}

/* --- explanations --- */

static char explanation[4096];

static const char *explain(struct otter_upload_session *session, enum otter_upload_failure failure)
{
    static uint8_t bytes[10];
    static struct otter_push_file file = {.sent = {bytes, sizeof(bytes)}};
    FILE *out = fmemopen(explanation, sizeof(explanation), "w");
    assert_non_null(out);
    session->file = &file;
    session->failure = failure;
    session->before = nothing_told;
    assert_true(otter_upload_url_parse(&session->url, "kitchen"));
    otter_upload_failure_describe(out, session);
    fputc('\n', out);
    otter_upload_failure_advise(out, session, "  ");
    fclose(out);
    return explanation;
}

static void says_what_to_do_about_every_failure(void **state)
{
    (void)state;
    for (enum otter_upload_failure failure = OTTER_UPLOAD_FAILURE_NONE + 1;
         failure <= OTTER_UPLOAD_FAILURE_INTERRUPTED; failure++) {
        struct otter_upload_session session = {.text = "ERROR[4]: Not Enough Space", .status = 403};
        char *text = strdup(explain(&session, failure));
        assert_int_not_equal(otter_upload_failure_status(failure), OTTER_EXIT_OK);
        assert_non_null(otter_upload_failure_word(failure));
        assert_non_null(strtok(text, "\n")); /* what is wrong */
        for (const char *line; (line = strtok(NULL, "\n")) != NULL;)
            assert_true(strlen(line) <= 80 && strncmp(line, "  ", 2) == 0);
        assert_non_null(strstr(explanation, "\n  "));
        free(text);
    }
}

static void tells_a_spoilt_filesystem(void **state)
{
    struct otter_upload_session session = {.filesystem = true, .acknowledged = 5, .text = "reset"};
    (void)state;
    assert_non_null(strstr(explain(&session, OTTER_UPLOAD_FAILURE_BROKEN), "half written"));
    assert_non_null(strstr(explanation, "after 5 of 10 bytes: reset"));
    assert_non_null(strstr(explain(&session, OTTER_UPLOAD_FAILURE_INTERRUPTED), "half written"));
    session.filesystem = false;
    assert_non_null(strstr(explain(&session, OTTER_UPLOAD_FAILURE_BROKEN), "keeps its old firmware"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_every_form_of_address),
        cmocka_unit_test(keeps_the_zone_of_an_address),
        cmocka_unit_test(takes_credentials_out_of_an_address),
        cmocka_unit_test(refuses_what_is_no_address),
        cmocka_unit_test(reads_what_a_device_tells),
        cmocka_unit_test(takes_anything_else_for_nothing),
        cmocka_unit_test(knows_success),
        cmocka_unit_test(knows_rejection),
        cmocka_unit_test(knows_refusal),
        cmocka_unit_test(knows_that_it_knows_nothing),
        cmocka_unit_test(cuts_a_long_answer),
        cmocka_unit_test(compares_with_what_is_told),
        cmocka_unit_test(counts_what_is_unpacked),
        cmocka_unit_test(compares_what_runs_with_the_file),
        cmocka_unit_test(says_what_to_do_about_every_failure),
        cmocka_unit_test(tells_a_spoilt_filesystem),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
