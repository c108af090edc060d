/* What the pull client makes of every answer (spec/transcripts.md, section 1.2). */
#include <stdio.h>
#include <string.h>

#include "tests/support/file.h"
#include "tests/support/pull_rig.h"
#include "tests/support/require.h"
#include "tests/support/test.h"

#include <stdlib.h>

#define SIZE    "Content-Length: 20000\n"
#define FOREVER 100000u /* ms */
#define NO_MD5  "00000000000000000000000000000000"
#define CLOSED  OTTER_ERROR_CLOSED

static void takes_a_sketch(void **state)
{
    (void)state;
    for (size_t segment = 0; segment < 4000; segment = segment * 3 + 1) {
        struct pull_rig rig;
        pull_rig_open(&rig, NULL);
        rig.network->segment = segment;
        pull_rig_serve(&rig, NULL, 0, PULL_RIG_SIZE, 0);
        pull_rig_pull(&rig, OTTER_PULL_SKETCH, FOREVER);
        pull_rig_expect_update(&rig);
        assert_int_equal(rig.starts, 1);
        assert_int_equal(rig.announced, PULL_RIG_SIZE);
        assert_string_equal(rig.text, "No Error");
        assert_int_equal(rig.network->connected_to.port, 80);
        assert_int_equal(rig.network->connected_to.ip[3], 1);
        assert_string_equal(rig.network->name, "updates.example");
        pull_rig_close(&rig);
    }
}

static void takes_a_gzip(void **state)
{
    struct pull_rig rig;
    char head[100];
    (void)state;
    pull_rig_open(&rig, NULL);
    struct file gzip = file_gzip(rig.image, PULL_RIG_SIZE);
    snprintf(head, sizeof(head), "HTTP/1.0 200 OK\nContent-Length: %zu\n", gzip.size);
    pull_rig_answer(&rig, head, gzip.bytes, gzip.size, CLOSED);
    pull_rig_pull(&rig, OTTER_PULL_SKETCH, FOREVER);
    pull_rig_expect(&rig, OTTER_PULL_OK, 0);
    free(gzip.bytes);
    pull_rig_close(&rig);
}

/* Whatever it holds, and without a restart. */
static void takes_a_filesystem(void **state)
{
    struct pull_rig rig;
    (void)state;
    pull_rig_open(&rig, NULL);
    rig.image[0] = 0;
    pull_rig_answer(&rig, "HTTP/1.1 200 OK\n" SIZE, rig.image, PULL_RIG_SIZE, 0);
    pull_rig_pull(&rig, OTTER_PULL_FILESYSTEM, FOREVER);
    pull_rig_expect(&rig, OTTER_PULL_OK, 0);
    assert_true(updater_rig_holds(&rig.device, rig.device.sim.port.layout->filesystem_start, rig.image,
                                  PULL_RIG_SIZE));
    assert_int_equal(rig.device.sim.restarts, 0);
    pull_rig_close(&rig);
}

static void stays_if_it_is_told_to(void **state)
{
    const struct otter_pull_settings settings = {.stay = true};
    struct pull_rig rig;
    (void)state;
    pull_rig_open(&rig, &settings);
    pull_rig_serve(&rig, NULL, 0, PULL_RIG_SIZE, 0);
    pull_rig_pull(&rig, OTTER_PULL_SKETCH, FOREVER);
    pull_rig_expect(&rig, OTTER_PULL_OK, 0);
    assert_int_equal(rig.device.sim.restarts, 0);
    pull_rig_close(&rig);
}

static void takes_each_answer_as_recorded(void **state)
{
    static const struct {
        const char *head;
        size_t size; /* bytes of the image behind it */
        int end;
        int error;
        const char *text;
    } cases[] = {
        {"HTTP/1.1 200 OK\n" SIZE, PULL_RIG_SIZE, 0, 0, "No Error"},
        {"HTTP/1.0 200 OK\n" SIZE, PULL_RIG_SIZE, CLOSED, 0, "No Error"},
        {"HTTP/1.1 200 OK\n" SIZE "x-MD5: " NO_MD5 "\n", PULL_RIG_SIZE, 0, 7, NULL},
        {"HTTP/1.1 200 OK\n" SIZE "x-MD5: 0\n", PULL_RIG_SIZE, 0, -105, "Wrong MD5"},
        {"HTTP/1.1 200 OK\n" SIZE "x-MD5: " NO_MD5 "\nx-MD5: " NO_MD5 "\n", PULL_RIG_SIZE, 0, -105,
         "Wrong MD5"},
        {"HTTP/1.1 401 x\nWWW-Authenticate: Basic\n", 0, CLOSED, -108, "Unauthorized (401)"},
        {"HTTP/1.1 403 x\n", 0, CLOSED, -103, "Forbidden (403)"},
        {"HTTP/1.1 404 x\n" SIZE, 100, 0, -102, "File Not Found (404)"},
        {"HTTP/1.1 500 x\n", 0, CLOSED, -104, "Wrong HTTP Code"},
        {"HTTP/1.1 503 x\n", 0, CLOSED, -104, "Wrong HTTP Code"},
        {"HTTP/1.1 204 x\n", 0, CLOSED, -104, "Wrong HTTP Code"},
        {"HTTP/1.1 206 x\nContent-Range: bytes 0-19999/20000\n" SIZE, PULL_RIG_SIZE, 0, -104,
         "Wrong HTTP Code"},
        {"HTTP/1.1 302 x\nLocation: /there\n", 0, CLOSED, -104, "Wrong HTTP Code: redirection"},
        {"HTTP/1.1 302 x\n", 0, CLOSED, -104, "Wrong HTTP Code"},
        {"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n", 100, 0, -101, "Server Did Not Report Size"},
        {"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n" SIZE, 100, 0, -101, "Server Did Not Report Size"},
        {"HTTP/1.1 200 OK\nTransfer-Encoding: gzip\n" SIZE, 100, 0, -9,
         "HTTP error: Transfer-Encoding not supported"},
        {"HTTP/1.1 200 OK\n", PULL_RIG_SIZE, CLOSED, -101, "Server Did Not Report Size"},
        {"HTTP/1.1 200 OK\nContent-Length: 0\n", 0, CLOSED, -101, "Server Did Not Report Size"},
        {"HTTP/1.1 200 OK\nContent-Length: 20000x\n", PULL_RIG_SIZE, CLOSED, -101,
         "Server Did Not Report Size"},
        {"HTTP/1.1 200 OK\n" SIZE "Content-Length: 1\n", PULL_RIG_SIZE, 0, -101,
         "Server Did Not Report Size"},
        {"HTTP/1.1 200 OK\nContent-Length: 1000000\n", 100, 0, -100, "Not Enough space"},
        {"HTTP/1.1 200 OK\nContent-Length: 4294967295\n", 100, 0, -100, "Not Enough space"},
        {"HTTP/1.1 200 OK\n" SIZE, 19999, CLOSED, 6,
         "Update error: ERROR[6]: Stream Read Timeout: the connection was lost"},
        {"HTTP/1.1 200 OK\n" SIZE, 19999, OTTER_ERROR_TRANSPORT, 6,
         "Update error: ERROR[6]: Stream Read Timeout: the connection was lost"},
        {"HTTP/1.1 200 OK\n" SIZE, 19999, 0, 6,
         "Update error: ERROR[6]: Stream Read Timeout: nothing came any more"},
        {"HTTP/1.1 200 OK\n" SIZE, 3, 0, -106, NULL},
    };
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        struct pull_rig rig;
        printf("%.60s...\n", cases[i].head);
        pull_rig_open(&rig, NULL);
        pull_rig_answer(&rig, cases[i].head, rig.image, cases[i].size, cases[i].end);
        pull_rig_pull(&rig, OTTER_PULL_SKETCH, FOREVER);
        pull_rig_expect(&rig, cases[i].error == 0 ? OTTER_PULL_OK : OTTER_PULL_FAILED, cases[i].error);
        if (cases[i].text != NULL)
            assert_string_equal(rig.text, cases[i].text);
        if (cases[i].error < 0)
            assert_true(updater_rig_untouched(&rig.device));
        assert_int_equal(rig.device.sim.restarts, cases[i].error == 0);
        assert_int_equal(updater_rig_boot_command(&rig.device), cases[i].error == 0);
        pull_rig_close(&rig);
    }
}

static void names_both_md5s(void **state)
{
    struct pull_rig rig;
    char text[200];
    (void)state;
    pull_rig_open(&rig, NULL);
    pull_rig_answer(&rig, "HTTP/1.1 200 OK\n" SIZE "x-MD5: " NO_MD5 "\n", rig.image, PULL_RIG_SIZE, 0);
    pull_rig_pull(&rig, OTTER_PULL_SKETCH, FOREVER);
    snprintf(text, sizeof(text),
             "Update error: ERROR[7]: MD5 verification failed: expected: " NO_MD5 ", calculated: %s",
             rig.md5);
    assert_string_equal(rig.text, text);
    pull_rig_close(&rig);
}

static void there_may_be_no_update(void **state)
{
    struct pull_rig rig;
    (void)state;
    pull_rig_open(&rig, NULL);
    pull_rig_answer(&rig, "HTTP/1.1 304 Not Modified\n", NULL, 0, CLOSED);
    pull_rig_pull(&rig, OTTER_PULL_SKETCH, FOREVER);
    pull_rig_expect(&rig, OTTER_PULL_NO_UPDATES, 0);
    assert_int_equal(rig.asked, 0);
    pull_rig_close(&rig);
}

static void looks_at_the_first_bytes(void **state)
{
    static const struct {
        size_t offset;
        uint8_t value;
        int error;
        const char *text;
    } cases[] = {
        {0, 0x00, -106, "Verify Bin Header Failed"},
        {3, 0x90, -107, "New Binary Does Not Fit Flash Size"},
        {1, 0x00, 17, "Update error: ERROR[17]: Image is damaged"},
    };
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        struct pull_rig rig;
        pull_rig_open(&rig, NULL);
        rig.image[cases[i].offset] = cases[i].value;
        pull_rig_serve(&rig, "\"etag\"", 0, PULL_RIG_SIZE, 0);
        pull_rig_pull(&rig, OTTER_PULL_SKETCH, FOREVER);
        pull_rig_expect(&rig, OTTER_PULL_FAILED, cases[i].error);
        assert_string_equal(rig.text, cases[i].text);
        assert_true(updater_rig_untouched(&rig.device));
        pull_rig_close(&rig);
    }
}

static void more_than_announced_is_dropped(void **state)
{
    struct pull_rig rig;
    uint8_t body[PULL_RIG_SIZE + 100] = {0};
    (void)state;
    pull_rig_open(&rig, NULL);
    memcpy(body, rig.image, PULL_RIG_SIZE);
    pull_rig_answer(&rig, "HTTP/1.1 200 OK\n" SIZE, body, sizeof(body), 0);
    pull_rig_pull(&rig, OTTER_PULL_SKETCH, FOREVER);
    pull_rig_expect_update(&rig);
    pull_rig_close(&rig);
}

static void says_how_a_connection_fails(void **state)
{
    static const struct {
        const char *head; /* NULL: nothing comes */
        int found, connect, end, output_error;
        uint32_t ms;
        int error;
        const char *text;
    } cases[] = {
        {NULL, OTTER_ERROR_TRANSPORT, 1, 0, 0, 0, -1, "HTTP error: connection failed"},
        {NULL, 0, 1, 0, 0, 8000, -1, "HTTP error: connection failed"},
        {NULL, 1, OTTER_ERROR_TRANSPORT, 0, 0, 0, -1, "HTTP error: connection failed"},
        {NULL, 1, 0, 0, 0, 8000, -1, "HTTP error: connection failed"},
        {NULL, 1, 1, 0, OTTER_ERROR_TRANSPORT, 0, -2, "HTTP error: send header failed"},
        {"", 1, 1, CLOSED, 0, 0, -5, "HTTP error: connection lost"},
        {"HTTP/1.1 200 OK\n", 1, 1, OTTER_ERROR_TRANSPORT, 0, 0, -5, "HTTP error: connection lost"},
        {"220 ready\n", 1, 1, 0, 0, 0, -7, "HTTP error: no HTTP server"},
        {NULL, 1, 1, 0, 0, 8000, -11, "HTTP error: read Timeout"},
    };
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        struct pull_rig rig;
        printf("case %zu: %s\n", i, cases[i].text);
        pull_rig_open(&rig, NULL);
        rig.network->found = cases[i].found;
        rig.network->connect = cases[i].connect;
        rig.network->output_error = cases[i].output_error;
        if (cases[i].head != NULL)
            snprintf(pull_rig_answer(&rig, "", NULL, 0, cases[i].end)->head, 100, "%s", cases[i].head);
        assert_int_equal(otter_pull_start(&rig.pull, PULL_RIG_URL, OTTER_PULL_SKETCH), OTTER_OK);
        if (cases[i].ms > 0) {
            pull_rig_run(&rig, cases[i].ms - 1);
            assert_int_equal(rig.ends, 0);
        }
        pull_rig_run(&rig, 20);
        pull_rig_expect(&rig, OTTER_PULL_FAILED, cases[i].error);
        assert_string_equal(rig.text, cases[i].text);
        pull_rig_close(&rig);
    }
}

/* Eight seconds are for the whole head, not for each byte. */
static void a_trickle_of_a_head_ends(void **state)
{
    struct pull_rig rig;
    (void)state;
    pull_rig_open(&rig, NULL);
    assert_int_equal(otter_pull_start(&rig.pull, PULL_RIG_URL, OTTER_PULL_SKETCH), OTTER_OK);
    pull_rig_run(&rig, 10);
    otter_sim_network_input(rig.network, "HTTP/1.1 200 OK\r\n", 17);
    for (unsigned i = 0; i < 20 && rig.ends == 0; i++) {
        otter_sim_network_input(rig.network, "a: b\r\n", 6);
        pull_rig_run(&rig, 500);
    }
    pull_rig_expect(&rig, OTTER_PULL_FAILED, -11);
    pull_rig_close(&rig);
}

static void a_head_without_end_ends(void **state)
{
    struct pull_rig rig;
    (void)state;
    pull_rig_open(&rig, NULL);
    assert_int_equal(otter_pull_start(&rig.pull, PULL_RIG_URL, OTTER_PULL_SKETCH), OTTER_OK);
    pull_rig_run(&rig, 10);
    otter_sim_network_input(rig.network, "HTTP/1.1 200 OK\r\n", 17);
    for (unsigned i = 0; i < 20000; i++)
        otter_sim_network_input(rig.network, "a: b\r\n", 6);
    pull_rig_run(&rig, 10);
    pull_rig_expect(&rig, OTTER_PULL_FAILED, -8);
    assert_true(rig.network->input_read < 20000);
    pull_rig_close(&rig);
}

static void a_stalled_body_ends(void **state)
{
    struct pull_rig rig;
    (void)state;
    pull_rig_open(&rig, NULL);
    pull_rig_serve(&rig, NULL, 0, 9999, 0);
    assert_int_equal(otter_pull_start(&rig.pull, PULL_RIG_URL, OTTER_PULL_SKETCH), OTTER_OK);
    pull_rig_run(&rig, 59000);
    assert_int_equal(rig.ends, 0);
    pull_rig_run(&rig, 2000);
    pull_rig_expect(&rig, OTTER_PULL_FAILED, 6);
    pull_rig_close(&rig);
}

static void a_trickling_body_ends(void **state)
{
    struct pull_rig rig;
    (void)state;
    pull_rig_open(&rig, NULL);
    pull_rig_serve(&rig, NULL, 0, 9999, 0);
    assert_int_equal(otter_pull_start(&rig.pull, PULL_RIG_URL, OTTER_PULL_SKETCH), OTTER_OK);
    pull_rig_run(&rig, 100);
    for (unsigned i = 0; i < 10 && rig.ends == 0; i++) {
        otter_sim_network_input(rig.network, "x", 1);
        pull_rig_run(&rig, 10000);
    }
    pull_rig_expect(&rig, OTTER_PULL_FAILED, 6);
    pull_rig_close(&rig);
}

static void https_needs_tls(void **state)
{
    struct pull_rig rig;
    (void)state;
    pull_rig_open(&rig, NULL);
    assert_int_equal(otter_pull_start(&rig.pull, "https://updates.example/x", OTTER_PULL_SKETCH), OTTER_OK);
    pull_rig_run(&rig, 10);
    pull_rig_expect(&rig, OTTER_PULL_FAILED, -1);
    assert_string_equal(rig.text, "HTTP error: connection failed: no TLS in this firmware");
    assert_int_equal(rig.network->connections, 0);
    pull_rig_close(&rig);
}

/* --- the application's say ------------------------------------------------------------------------ */

static void the_application_may_refuse(void **state)
{
    struct pull_rig rig;
    (void)state;
    pull_rig_open(&rig, NULL);
    rig.decision = OTTER_PULL_START_REFUSE;
    pull_rig_serve(&rig, NULL, 0, PULL_RIG_SIZE, 0);
    pull_rig_pull(&rig, OTTER_PULL_SKETCH, 10);
    pull_rig_expect(&rig, OTTER_PULL_FAILED, 34);
    assert_true(updater_rig_untouched(&rig.device));
    pull_rig_close(&rig);
}

static void the_application_may_wait(void **state)
{
    struct pull_rig rig;
    (void)state;
    pull_rig_open(&rig, NULL);
    rig.decision = OTTER_PULL_START_WAIT;
    pull_rig_serve(&rig, NULL, 0, PULL_RIG_SIZE, 0);
    assert_int_equal(otter_pull_start(&rig.pull, PULL_RIG_URL, OTTER_PULL_SKETCH), OTTER_OK);
    pull_rig_run(&rig, 7000);
    assert_true(rig.asked > 10);
    assert_true(updater_rig_untouched(&rig.device));
    rig.decision = OTTER_PULL_START_GO;
    pull_rig_run(&rig, 1000);
    pull_rig_expect_update(&rig);
    pull_rig_close(&rig);

    pull_rig_open(&rig, NULL);
    rig.decision = OTTER_PULL_START_WAIT;
    pull_rig_serve(&rig, NULL, 0, PULL_RIG_SIZE, 0);
    pull_rig_pull(&rig, OTTER_PULL_SKETCH, 8100);
    pull_rig_expect(&rig, OTTER_PULL_FAILED, 40);
    pull_rig_close(&rig);
}

/* --- checks --------------------------------------------------------------------------------------- */

static void checks_for_a_version(void **state)
{
    static const struct {
        const char *head;
        int error;
        const char *version;
    } cases[] = {
        {"HTTP/1.1 200 OK\nx-version: 2.0.0\n", 0, "2.0.0"},
        {"HTTP/1.1 200 OK\nx-version: 2.0.0\n" SIZE, 0, "2.0.0"},
        {"HTTP/1.1 200 OK\n", -109, ""},
        {"HTTP/1.1 200 OK\nx-version:\n", -109, ""},
        {"HTTP/1.1 304 x\nx-version: 2.0.0\n", -104, "2.0.0"},
        {"HTTP/1.1 404 x\n", -102, ""},
        {"HTTP/1.1 403 x\n", -103, ""},
        {"HTTP/1.1 401 x\n", -108, ""},
        {"HTTP/1.1 500 x\n", -104, ""},
    };
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        struct pull_rig rig;
        pull_rig_open(&rig, NULL);
        pull_rig_answer(&rig, cases[i].head, rig.image, PULL_RIG_SIZE, 0);
        pull_rig_pull(&rig, OTTER_PULL_CHECK, 10);
        pull_rig_expect(&rig, cases[i].error == 0 ? OTTER_PULL_OK : OTTER_PULL_FAILED, cases[i].error);
        assert_string_equal(otter_pull_version(&rig.pull), cases[i].version);
        assert_int_equal(rig.asked, 0);
        assert_int_equal(rig.device.sim.restarts, 0);
        assert_true(updater_rig_untouched(&rig.device));
        pull_rig_close(&rig);
    }
}

/* --- redirections --------------------------------------------------------------------------------- */

static const struct otter_pull_settings following = {
    .user = "user", .password = "pw", .follow_redirects = true};

static bool has(const struct pull_rig *rig, const char *text)
{
    return strstr(rig->request, text) != NULL;
}

static void follows_redirections(void **state)
{
    static const struct {
        const char *location, *first_line, *name;
        bool authorized;
    } cases[] = {
        {"there.bin?x", "GET /there.bin?x HTTP/1.0\r\nHost: updates.example\r\n", "updates.example", true},
        {"http://updates.example:80/a", "GET /a HTTP/1.0\r\nHost: updates.example\r\n", "updates.example",
         true},
        {"http://other.example/a", "GET /a HTTP/1.0\r\nHost: other.example\r\n", "other.example", false},
        {"http://updates.example:81/a", "GET /a HTTP/1.0\r\nHost: updates.example:81\r\n", "updates.example",
         false},
    };
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        struct pull_rig rig;
        char head[200];
        pull_rig_open(&rig, &following);
        snprintf(head, sizeof(head), "HTTP/1.1 302 Found\nLocation: %s\n", cases[i].location);
        pull_rig_answer(&rig, head, NULL, 0, CLOSED);
        pull_rig_serve(&rig, NULL, 0, PULL_RIG_SIZE, 0);
        pull_rig_pull(&rig, OTTER_PULL_SKETCH, FOREVER);
        pull_rig_expect_update(&rig);
        assert_int_equal(strncmp(rig.request, cases[i].first_line, strlen(cases[i].first_line)), 0);
        assert_false(has(&rig, "x-ESP8266"));
        assert_int_equal(has(&rig, "Authorization: Basic dXNlcjpwdw==\r\n"), cases[i].authorized);
        assert_string_equal(rig.network->name, cases[i].name);
        pull_rig_close(&rig);
    }
}

/* Credentials do not come back to a place that another one names. */
static void who_was_sent_away_stays_a_stranger(void **state)
{
    struct pull_rig rig;
    (void)state;
    pull_rig_open(&rig, &following);
    pull_rig_answer(&rig, "HTTP/1.1 301 x\nLocation: http://other.example/a\n", NULL, 0, CLOSED);
    pull_rig_answer(&rig, "HTTP/1.1 307 x\nLocation: http://updates.example/b\n", NULL, 0, CLOSED);
    pull_rig_serve(&rig, NULL, 0, PULL_RIG_SIZE, 0);
    pull_rig_pull(&rig, OTTER_PULL_SKETCH, FOREVER);
    pull_rig_expect_update(&rig);
    assert_false(has(&rig, "Authorization"));
    pull_rig_close(&rig);
}

static void redirections_are_bounded(void **state)
{
    struct pull_rig rig;
    (void)state;
    pull_rig_open(&rig, &following);
    for (unsigned i = 0; i < 10; i++)
        pull_rig_answer(&rig, "HTTP/1.1 302 x\nLocation: /again\n", NULL, 0, CLOSED);
    pull_rig_pull(&rig, OTTER_PULL_SKETCH, FOREVER);
    pull_rig_expect(&rig, OTTER_PULL_FAILED, -104);
    assert_int_equal(rig.network->connections, 6);
    pull_rig_close(&rig);
}

static void refuses_to_go_astray(void **state)
{
    static const char *const locations[] = {"ftp://x/", "http://x y/", "", "//"};
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(locations); i++) {
        struct pull_rig rig;
        char head[200];
        pull_rig_open(&rig, &following);
        snprintf(head, sizeof(head), "HTTP/1.1 302 Found\nLocation: %s\n", locations[i]);
        for (unsigned j = 0; j < 8; j++)
            pull_rig_answer(&rig, head, NULL, 0, CLOSED);
        pull_rig_pull(&rig, OTTER_PULL_SKETCH, FOREVER);
        pull_rig_expect(&rig, OTTER_PULL_FAILED, -104);
        pull_rig_close(&rig);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_a_sketch),
        cmocka_unit_test(takes_a_gzip),
        cmocka_unit_test(takes_a_filesystem),
        cmocka_unit_test(stays_if_it_is_told_to),
        cmocka_unit_test(takes_each_answer_as_recorded),
        cmocka_unit_test(names_both_md5s),
        cmocka_unit_test(there_may_be_no_update),
        cmocka_unit_test(looks_at_the_first_bytes),
        cmocka_unit_test(more_than_announced_is_dropped),
        cmocka_unit_test(says_how_a_connection_fails),
        cmocka_unit_test(a_trickle_of_a_head_ends),
        cmocka_unit_test(a_head_without_end_ends),
        cmocka_unit_test(a_stalled_body_ends),
        cmocka_unit_test(a_trickling_body_ends),
        cmocka_unit_test(https_needs_tls),
        cmocka_unit_test(the_application_may_refuse),
        cmocka_unit_test(the_application_may_wait),
        cmocka_unit_test(checks_for_a_version),
        cmocka_unit_test(follows_redirections),
        cmocka_unit_test(who_was_sent_away_stays_a_stranger),
        cmocka_unit_test(redirections_are_bounded),
        cmocka_unit_test(refuses_to_go_astray),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
