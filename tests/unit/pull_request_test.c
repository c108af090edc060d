/* What the pull client asks, byte for byte as ESPhttpUpdate does (spec/transcripts.md, section 1.1). */
#include <stdio.h>
#include <string.h>

#include "otter/sketch.h"
#include "tests/support/pull_rig.h"
#include "tests/support/test.h"

#define MAC                                                                                                  \
    {                                                                                                        \
        0xDE, 0xBA, 0x7A, 0xB1, 0xE0, 0x42                                                                   \
    }

/* Pulls URL, and the request is the recorded one: HOST, and lines (each ended by CR LF) at three places. */
static void expect_request(const struct otter_pull_settings *settings, const char *url,
                           enum otter_pull_kind kind, const char *path, const char *host,
                           const char *authorization, const char *device, const char *version)
{
    struct pull_rig rig;
    char expected[2000];
    pull_rig_open(&rig, settings);
    pull_rig_answer(&rig, "HTTP/1.1 403 Forbidden\n", NULL, 0, OTTER_ERROR_CLOSED);
    assert_int_equal(otter_pull_start(&rig.pull, url, kind), OTTER_OK);
    pull_rig_run(&rig, 1000);
    snprintf(expected, sizeof(expected),
             "GET %s HTTP/1.0\r\n"
             "Host: %s\r\n"
             "User-Agent: ESP8266-http-Update\r\n"
             "%s"
             "Connection: close\r\n"
             "%s"
             "%s"
             "Content-Length: 0\r\n"
             "\r\n",
             path, host, authorization, device, version);
    assert_string_equal(rig.request, expected);
    pull_rig_close(&rig);
}

/* The lines of a device that runs the rig's sketch. */
static const char *device_lines(char out[1000], const char *chip_id, const char *mac, const char *ap_mac,
                                const char *sdk, const char *mode)
{
    struct pull_rig rig;
    char md5[33];
    pull_rig_open(&rig, NULL);
    assert_int_equal(otter_sketch_md5(&rig.device.sim.port, md5), OTTER_OK);
    snprintf(out, 1000,
             "x-ESP8266-Chip-ID: %s\r\n"
             "x-ESP8266-STA-MAC: %s\r\n"
             "x-ESP8266-AP-MAC: %s\r\n"
             "x-ESP8266-free-space: %d\r\n"
             "x-ESP8266-sketch-size: %d\r\n"
             "x-ESP8266-sketch-md5: %s\r\n"
             "x-ESP8266-chip-size: 1048576\r\n"
             "x-ESP8266-sdk-version: %s\r\n"
             "x-ESP8266-mode: %s\r\n",
             chip_id, mac, ap_mac, otter_sketch_free_space(&rig.device.sim.port),
             otter_sketch_size(&rig.device.sim.port), md5, sdk, mode);
    pull_rig_close(&rig);
    return out;
}

static void asks_for_each_kind(void **state)
{
    static const char *const modes[] = {
        [OTTER_PULL_SKETCH] = "sketch", [OTTER_PULL_FILESYSTEM] = "spiffs", [OTTER_PULL_CHECK] = "version"};
    const struct otter_pull_settings settings = {.mac = MAC, .chip_id = 15602487, .sdk_version = "2.5.0"};
    char device[1000];
    (void)state;
    for (unsigned kind = 0; kind < TEST_COUNT(modes); kind++)
        expect_request(
            &settings, "http://127.0.0.1:19201/firmware.bin", (enum otter_pull_kind)kind, "/firmware.bin",
            "127.0.0.1:19201", "",
            device_lines(device, "15602487", "DE:BA:7A:B1:E0:42", "DE:BA:7A:B1:E0:42", "2.5.0", modes[kind]),
            "");
}

static void tells_the_version(void **state)
{
    const struct otter_pull_settings settings = {
        .mac = MAC, .access_point_mac = {0xDE, 0xBA, 0x7A, 0xB1, 0xE0, 0x43}, .version = "1.2.3"};
    char device[1000];
    (void)state;
    expect_request(
        &settings, "http://h", OTTER_PULL_SKETCH, "/", "h", "",
        device_lines(device, "11657282", "DE:BA:7A:B1:E0:42", "DE:BA:7A:B1:E0:43", "otter", "sketch"),
        "x-ESP8266-version: 1.2.3\r\n");
}

static void names_the_host(void **state)
{
    static const struct {
        const char *url, *path, *host;
    } cases[] = {
        {"http://h:80/a?b=c", "/a?b=c", "h"},
        {"http://h:443/", "/", "h"},
        {"http://h:8080/", "/", "h:8080"},
        {"http://[::1]/", "/", "[::1]"},
        {"http://[fe80::1]:81/", "/", "[fe80::1]:81"},
    };
    char device[1000];
    (void)state;
    device_lines(device, "66059", "18:FE:AA:01:02:0B", "18:FE:AA:01:02:0B", "otter", "sketch");
    for (size_t i = 0; i < TEST_COUNT(cases); i++)
        expect_request(NULL, cases[i].url, OTTER_PULL_SKETCH, cases[i].path, cases[i].host, "", device, "");
}

static void authenticates(void **state)
{
    static const struct {
        const char *user, *password, *url, *line;
    } cases[] = {
        {"user", "pw", "http://h/x", "Authorization: Basic dXNlcjpwdw==\r\n"},
        {"user", NULL, "http://h/x", "Authorization: Basic dXNlcjo=\r\n"},
        {NULL, NULL, "http://user:pw@h/x", "Authorization: Basic dXNlcjpwdw==\r\n"},
        {"user", "pw", "http://other:x@h/x", "Authorization: Basic dXNlcjpwdw==\r\n"},
    };
    char device[1000];
    (void)state;
    device_lines(device, "11657282", "DE:BA:7A:B1:E0:42", "DE:BA:7A:B1:E0:42", "otter", "sketch");
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const struct otter_pull_settings settings = {
            .mac = MAC, .user = cases[i].user, .password = cases[i].password};
        expect_request(&settings, cases[i].url, OTTER_PULL_SKETCH, "/x", "h", cases[i].line, device, "");
    }
}

static void sends_in_any_portions(void **state)
{
    struct pull_rig whole, portions;
    (void)state;
    pull_rig_open(&whole, NULL);
    pull_rig_open(&portions, NULL);
    pull_rig_answer(&whole, "HTTP/1.1 404 Not Found\n", NULL, 0, 0);
    pull_rig_answer(&portions, "HTTP/1.1 404 Not Found\n", NULL, 0, 0);
    pull_rig_pull(&whole, OTTER_PULL_SKETCH, 1000);
    assert_int_equal(otter_pull_start(&portions.pull, PULL_RIG_URL, OTTER_PULL_SKETCH), OTTER_OK);
    for (unsigned i = 0; i < 100; i++) {
        portions.network->room = 7;
        pull_rig_run(&portions, OTTER_PULL_LINE_SIZE / 10);
    }
    assert_int_equal(portions.ends, 1);
    assert_string_equal(portions.request, whole.request);
    pull_rig_close(&whole);
    pull_rig_close(&portions);
}

static void the_longest_url_fits(void **state)
{
    struct pull_rig rig;
    char url[400], line[500];
    (void)state;
    pull_rig_open(&rig, NULL);
    snprintf(url, sizeof(url), "http://h/%0*d", (int)(OTTER_URL_SIZE - 4), 0);
    snprintf(line, sizeof(line), "GET %s HTTP/1.0\r\nHost: h\r\nUser-Agent", url + strlen("http://h"));
    pull_rig_answer(&rig, "HTTP/1.1 404 Not Found\n", NULL, 0, 0);
    assert_int_equal(otter_pull_start(&rig.pull, url, OTTER_PULL_SKETCH), OTTER_OK);
    pull_rig_run(&rig, 1000);
    rig.request[strlen(line)] = '\0';
    assert_string_equal(rig.request, line);
    pull_rig_close(&rig);
}

static void refuses_what_cannot_be_asked(void **state)
{
    static const char long_user[] = "01234567890123456789012345678901234567890123456789012345678901234567890";
    const struct otter_pull_settings settings = {.user = long_user};
    struct pull_rig rig;
    char url[400];
    (void)state;
    pull_rig_open(&rig, NULL);
    assert_int_equal(otter_pull_start(&rig.pull, "ftp://h/", OTTER_PULL_SKETCH), OTTER_ERROR_MALFORMED);
    assert_int_equal(otter_pull_start(&rig.pull, "http://u:%zz@h/", OTTER_PULL_SKETCH),
                     OTTER_ERROR_MALFORMED);
    snprintf(url, sizeof(url), "http://h/%0*d", (int)OTTER_URL_SIZE, 0);
    assert_int_equal(otter_pull_start(&rig.pull, url, OTTER_PULL_SKETCH), OTTER_ERROR_BUFFER);
    assert_false(otter_pull_is_busy(&rig.pull));
    assert_int_equal(otter_pull_step(&rig.pull, 0), OTTER_NEVER);
    assert_int_equal(rig.ends, 0);
    pull_rig_close(&rig);
    assert_int_equal(otter_pull_start(&rig.pull, PULL_RIG_URL, OTTER_PULL_SKETCH), OTTER_ERROR_IDLE);

    pull_rig_open(&rig, &settings);
    assert_int_equal(otter_pull_start(&rig.pull, PULL_RIG_URL, OTTER_PULL_SKETCH), OTTER_ERROR_BUFFER);
    pull_rig_close(&rig);
}

static void one_pull_at_a_time(void **state)
{
    struct pull_rig rig;
    (void)state;
    pull_rig_open(&rig, NULL);
    assert_int_equal(otter_pull_begin(&rig.pull, &rig.device.sim.port, &rig.device.updater,
                                      &(struct otter_pull_settings){0}),
                     OTTER_ERROR_RUNNING);
    assert_int_equal(otter_pull_start(&rig.pull, PULL_RIG_URL, OTTER_PULL_SKETCH), OTTER_OK);
    assert_int_equal(otter_pull_start(&rig.pull, PULL_RIG_URL, OTTER_PULL_SKETCH), OTTER_ERROR_RUNNING);
    otter_pull_end(&rig.pull);
    pull_rig_expect(&rig, OTTER_PULL_FAILED, 35);
    assert_string_equal(rig.text, "Update error: ERROR: Aborted by the application");
    pull_rig_close(&rig);

    pull_rig_open(&rig, NULL);
    assert_int_equal(otter_updater_begin(&rig.device.updater, 100, OTTER_UPDATE_SKETCH), OTTER_OK);
    assert_int_equal(otter_pull_start(&rig.pull, PULL_RIG_URL, OTTER_PULL_SKETCH), OTTER_ERROR_RUNNING);
    otter_updater_abort(&rig.device.updater);
    pull_rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asks_for_each_kind),
        cmocka_unit_test(tells_the_version),
        cmocka_unit_test(names_the_host),
        cmocka_unit_test(authenticates),
        cmocka_unit_test(sends_in_any_portions),
        cmocka_unit_test(the_longest_url_fits),
        cmocka_unit_test(refuses_what_cannot_be_asked),
        cmocka_unit_test(one_pull_at_a_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
