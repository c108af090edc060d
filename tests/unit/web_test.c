/* The update page over a network by script. */
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/sample.h"
#include "tests/support/seed.h"
#include "tests/support/web_rig.h"

#define ALL       SIZE_MAX
#define HALF      10000u
#define SUCCESS   "Update Success! Rebooting..."
#define BODY_MS   20000u
#define HEAD_MS   5000u
#define BASIC     "Authorization: Basic YWRtaW46c2VjcmV0\r\n" /* admin:secret */
#define BASIC_NEW "Authorization: Basic YWRtaW46bmV3\r\n"     /* admin:new */
#define PROTECTED                                                                                            \
    &(struct otter_web_settings)                                                                             \
    {                                                                                                        \
        .user = "admin", .password = "secret"                                                                \
    }

/* --- beginning ---------------------------------------------------------------------------------- */

static void what_makes_no_sense_is_refused(void **state)
{
    (void)state;
    static const struct otter_web_settings wrong[] = {
        {.path = "update"},
        {.path = ""},
        {.path = "/a b"},
        {.path = "/a?b"},
        {.user = "a:b"},
        {.path = "/1234567890123456789012345678901234567890123456789012345678901234"},
        {.user = "12345678901234567890123456789012345678901234567890123456789012345"},
        {.password = "12345678901234567890123456789012345678901234567890123456789012345"},
    };
    struct web_rig rig;
    web_rig_open(&rig, NULL);
    assert_int_equal(rig.network->listen_port, 80);
    assert_int_equal(otter_web_begin(&rig.web, &rig.device.sim.port, &rig.device.updater, &wrong[0]),
                     OTTER_ERROR_RUNNING);
    otter_web_end(&rig.web);
    otter_web_end(&rig.web);
    assert_int_equal(otter_web_step(&rig.web, 0), OTTER_NEVER);
    for (size_t i = 0; i < TEST_COUNT(wrong); i++)
        assert_int_equal(otter_web_begin(&rig.web, &rig.device.sim.port, &rig.device.updater, &wrong[i]),
                         OTTER_ERROR_ARGUMENT);
    rig.device.sim.no_entropy = true;
    assert_int_equal(otter_web_begin(&rig.web, &rig.device.sim.port, &rig.device.updater, PROTECTED),
                     OTTER_ERROR_ENTROPY);
    rig.device.sim.no_entropy = false;
    rig.network->listen_refused = true;
    assert_int_equal(otter_web_begin(&rig.web, &rig.device.sim.port, &rig.device.updater, PROTECTED),
                     OTTER_ERROR_TRANSPORT);
    web_rig_close(&rig);
}

static void the_path_may_be_another(void **state)
{
    (void)state;
    static const char *const paths[][4] = {{"/", "/", "/info", "/update"},
                                           {"/ota/", "/ota", "/ota/info", "/otb"},
                                           {"/x", "/x/", "/x/info", "/xinfo"}};
    for (size_t i = 0; i < TEST_COUNT(paths); i++) {
        struct web_rig rig;
        web_rig_open(&rig, &(struct otter_web_settings){.path = paths[i][0], .port = 8080});
        assert_int_equal(rig.network->listen_port, 8080);
        for (size_t j = 1; j < 4; j++) {
            char request[64];
            snprintf(request, sizeof(request), "GET %s HTTP/1.0\r\n\r\n", paths[i][j]);
            struct otter_sim_visitor *visitor = web_rig_visit(&rig, request);
            web_rig_begins(visitor, j < 3 ? "HTTP/1.1 200 OK\r\n" : "HTTP/1.1 404 Not Found\r\n");
            web_rig_holds(visitor, j == 1   ? "text/html"
                                   : j == 2 ? "application/json"
                                            : "\r\n\r\nNot found: /");
            assert_false(visitor->open);
        }
        web_rig_close(&rig);
    }
}

/* --- heads -------------------------------------------------------------------------------------- */

static void requests_come_in_any_portions(void **state)
{
    (void)state;
    static const char request[] = "GET /update HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n";
    struct web_rig rig;
    web_rig_open(&rig, NULL);
    struct otter_sim_visitor *visitor = web_rig_visit(&rig, "");
    for (size_t i = 0; i < sizeof(request) - 1; i++) {
        assert_int_equal(visitor->output.size, 0);
        web_rig_say(&rig, visitor, request + i, 1);
    }
    web_rig_begins(visitor, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n");
    assert_false(visitor->open);
    web_rig_close(&rig);
}

static void wrong_requests_are_told_so(void **state)
{
    (void)state;
    static const char *const requests[][2] = {
        {"nonsense\r\n\r\n", "400"},
        {"GET /update HTTP/1.1\r\n\r\n", "400"},
        {"GET /update HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400"},
        {"GET /update HTTP/1.1\r\nHost : a\r\n", "400"},
        {"POST /update HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n", "400"},
        {"POST /update HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n",
         "400"},
        {"POST /update HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n", "400"},
        {"POST /update HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=x\r\n\r\n", "411"},
        {"POST /update/info HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n", "405"},
        {"BREW /update HTTP/1.1\r\nHost: a\r\n\r\n", "405"},
        {"GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n", "404"},
        {"POST /update HTTP/1.1\r\nHost: a\r\nContent-Length: 4294967295\r\nContent-Type: "
         "multipart/form-data; "
         "boundary=x\r\n\r\n",
         "413"},
        {"POST /update HTTP/1.1\r\nHost: a\r\nContent-Length: 4294967296\r\n", "400"},
    };
    for (size_t i = 0; i < TEST_COUNT(requests); i++) {
        struct web_rig rig;
        char status[32];
        web_rig_open(&rig, NULL);
        struct otter_sim_visitor *visitor = web_rig_visit(&rig, requests[i][0]);
        snprintf(status, sizeof(status), "HTTP/1.1 %s ", requests[i][1]);
        web_rig_begins(visitor, status);
        web_rig_run(&rig, BODY_MS);
        assert_false(visitor->open);
        web_rig_close(&rig);
    }
}

static void slow_clients_are_cut_off(void **state)
{
    (void)state;
    struct web_rig rig;
    web_rig_open(&rig, NULL);
    struct otter_sim_visitor *silent = web_rig_visit(&rig, "");
    struct otter_sim_visitor *slow = web_rig_visit(&rig, "G");
    for (unsigned i = 0; i < 4; i++) {
        web_rig_run(&rig, HEAD_MS / 5);
        web_rig_say(&rig, slow, "E", 1);
    }
    assert_true(slow->open && silent->open);
    web_rig_run(&rig, HEAD_MS / 5);
    assert_false(silent->open);
    assert_int_equal(silent->output.size, 0);
    web_rig_begins(slow, "HTTP/1.1 408 Request Timeout\r\n");
    web_rig_run(&rig, 1000);
    assert_false(slow->open);
    web_rig_close(&rig);
}

static void a_client_that_takes_no_answer_is_cut_off(void **state)
{
    (void)state;
    struct web_rig rig;
    web_rig_open(&rig, NULL);
    struct otter_sim_visitor *visitor = otter_sim_network_visit(rig.network);
    visitor->room = 100;
    web_rig_say(&rig, visitor, "GET /update HTTP/1.0\r\n\r\n", 24);
    web_rig_run(&rig, BODY_MS - 1);
    assert_true(visitor->open);
    web_rig_run(&rig, 1);
    assert_false(visitor->open);
    visitor = otter_sim_network_visit(rig.network);
    visitor->flushed = 0;
    web_rig_say(&rig, visitor, "GET /update HTTP/1.0\r\n\r\n", 24);
    web_rig_run(&rig, BODY_MS - 1);
    assert_true(visitor->open);
    web_rig_run(&rig, 1);
    assert_false(visitor->open);
    web_rig_close(&rig);
}

/* --- places ------------------------------------------------------------------------------------- */

static void who_is_silent_gives_way_and_who_speaks_does_not(void **state)
{
    (void)state;
    struct web_rig rig;
    web_rig_open(&rig, NULL);
    struct otter_sim_visitor *first = web_rig_visit(&rig, "GET");
    struct otter_sim_visitor *second = web_rig_visit(&rig, "");
    struct otter_sim_visitor *third = web_rig_visit(&rig, "GET /update/info HTTP/1.0\r\n\r\n");
    assert_true(first->open && second->open && third->waiting);
    web_rig_run(&rig, 250);
    web_rig_run(&rig, 0);
    assert_true(first->open);
    assert_false(second->open);
    web_rig_begins(third, "HTTP/1.1 200 OK\r\n");
    web_rig_close(&rig);
}

static void one_update_at_a_time(void **state)
{
    (void)state;
    struct web_rig rig;
    web_rig_open(&rig, NULL);
    assert_int_equal(otter_updater_begin(&rig.device.updater, WEB_RIG_SIZE, OTTER_UPDATE_SKETCH), OTTER_OK);
    struct otter_sim_visitor *visitor = web_rig_upload(&rig, "", ALL);
    web_rig_begins(visitor, "HTTP/1.1 503 Service Unavailable\r\n");
    web_rig_holds(visitor, "Update error: ERROR[15]: Update already running\n");
    assert_true(otter_updater_is_running(&rig.device.updater));
    assert_false(otter_web_is_busy(&rig.web));
    otter_updater_abort(&rig.device.updater);
    struct otter_sim_visitor *first = web_rig_upload(&rig, "", HALF);
    struct otter_sim_visitor *second = web_rig_upload(&rig, "Expect: 100-continue\r\n", HALF);
    assert_true(otter_web_is_busy(&rig.web));
    web_rig_begins(second, "HTTP/1.1 503 Service Unavailable\r\n");
    first->input_end = OTTER_ERROR_TRANSPORT;
    second->input_end = OTTER_ERROR_CLOSED;
    web_rig_run(&rig, 0);
    assert_int_equal(rig.errors, 1);
    web_rig_close(&rig);
}

/* --- uploads ------------------------------------------------------------------------------------ */

static void assert_staged(struct web_rig *rig)
{
    assert_int_equal(rig->ends, 1);
    assert_int_equal(rig->errors, 0);
    assert_true(updater_rig_boot_command(&rig->device));
}

static void an_update_ends_in_a_restart(void **state)
{
    (void)state;
    struct web_rig rig;
    web_rig_open(&rig, NULL);
    struct otter_sim_visitor *visitor = web_rig_upload(&rig, "", ALL);
    web_rig_holds(visitor, SUCCESS);
    assert_int_equal(rig.command, OTTER_UPDATE_SKETCH);
    assert_int_equal(rig.asked, 1);
    assert_true(rig.size >= WEB_RIG_SIZE && rig.size < WEB_RIG_SIZE + 20);
    assert_true(rig.progresses > 0 && rig.done > WEB_RIG_SIZE);
    assert_int_equal(rig.ends, 0);
    web_rig_run(&rig, 99);
    assert_true(visitor->open && rig.device.sim.restarts == 0);
    web_rig_run(&rig, 1);
    assert_false(visitor->open);
    assert_int_equal(rig.device.sim.restarts, 1);
    assert_staged(&rig);
    web_rig_close(&rig);
}

static void the_restart_waits_for_the_answer_to_arrive(void **state)
{
    (void)state;
    struct web_rig rig;
    web_rig_open(&rig, NULL);
    rig.decision = OTTER_WEB_START_WAIT;
    struct otter_sim_visitor *visitor = web_rig_upload(&rig, "", ALL);
    visitor->flushed = 0;
    rig.decision = OTTER_WEB_START_GO;
    web_rig_run(&rig, 10000);
    web_rig_holds(visitor, SUCCESS);
    assert_int_equal(rig.ends, 0);
    visitor->flushed = 1;
    web_rig_run(&rig, 102);
    assert_staged(&rig);
    web_rig_close(&rig);
}

static void the_application_may_restart_itself(void **state)
{
    (void)state;
    struct web_rig rig;
    web_rig_open(&rig, &(struct otter_web_settings){.stay = true});
    (void)web_rig_upload(&rig, "", ALL);
    web_rig_run(&rig, 100);
    assert_int_equal(rig.device.sim.restarts, 0);
    assert_staged(&rig);
    web_rig_close(&rig);
}

static void the_application_decides_when(void **state)
{
    (void)state;
    struct web_rig rig;
    web_rig_open(&rig, NULL);
    rig.decision = OTTER_WEB_START_WAIT;
    struct otter_sim_visitor *visitor = web_rig_upload(&rig, "", ALL);
    web_rig_run(&rig, 5000);
    assert_true(rig.asked > 10);
    assert_int_equal(visitor->output.size, 0);
    assert_true(updater_rig_untouched(&rig.device));
    rig.decision = OTTER_WEB_START_GO;
    web_rig_run(&rig, 200);
    web_rig_holds(visitor, SUCCESS);
    assert_staged(&rig);
    web_rig_close(&rig);
}

static void the_application_may_refuse(void **state)
{
    (void)state;
    static const struct {
        enum otter_web_start decision;
        uint32_t ms;
        const char *text;
    } refusals[] = {{OTTER_WEB_START_REFUSE, 0, "Update error: ERROR: Refused by the application\n"},
                    {OTTER_WEB_START_WAIT, 8000, "Update error: ERROR: Timeout\n"}};
    for (size_t i = 0; i < TEST_COUNT(refusals); i++) {
        struct web_rig rig;
        web_rig_open(&rig, NULL);
        rig.decision = refusals[i].decision;
        struct otter_sim_visitor *visitor = web_rig_upload(&rig, "", ALL);
        web_rig_run(&rig, refusals[i].ms);
        web_rig_begins(visitor, "HTTP/1.1 200 OK\r\n");
        web_rig_holds(visitor, refusals[i].text);
        assert_true(updater_rig_untouched(&rig.device));
        assert_int_equal(rig.errors, 1);
        rig.starts = rig.errors = 0;
        web_rig_close(&rig);
    }
}

static void slow_progress_is_shown_too(void **state)
{
    (void)state;
    struct web_rig rig;
    web_rig_open(&rig, NULL);
    struct otter_sim_visitor *visitor = web_rig_upload(&rig, "", HALF);
    for (unsigned i = 0; i < 10; i++) {
        uint32_t before = rig.done;
        web_rig_say(&rig, visitor, rig.image, 10);
        assert_int_equal(rig.done, before + 10);
    }
    web_rig_close(&rig);
}

static void an_upload_that_stalls_is_given_up(void **state)
{
    (void)state;
    struct web_rig rig;
    web_rig_open(&rig, NULL);
    struct otter_sim_visitor *visitor = web_rig_upload(&rig, "", HALF);
    web_rig_run(&rig, BODY_MS - 1);
    assert_true(otter_web_is_busy(&rig.web));
    web_rig_run(&rig, 1);
    web_rig_begins(visitor, "HTTP/1.1 408 Request Timeout\r\n");
    assert_int_equal(rig.error, OTTER_ERROR_TIMEOUT);
    assert_false(otter_web_is_busy(&rig.web));
    visitor = web_rig_upload(&rig, "", ALL);
    web_rig_holds(visitor, SUCCESS);
    web_rig_close(&rig);
}

static void an_upload_that_trickles_is_given_up(void **state)
{
    (void)state;
    struct web_rig rig;
    web_rig_open(&rig, NULL);
    struct otter_sim_visitor *visitor = web_rig_upload(&rig, "", HALF);
    for (uint32_t ms = 0; ms < 2 * BODY_MS && otter_web_is_busy(&rig.web); ms += BODY_MS / 8) {
        web_rig_say(&rig, visitor, "x", 1);
        web_rig_run(&rig, BODY_MS / 8);
    }
    web_rig_begins(visitor, "HTTP/1.1 408 Request Timeout\r\n");
    assert_int_equal(rig.error, OTTER_ERROR_TIMEOUT);
    web_rig_close(&rig);
}

static void a_failing_flash_is_told(void **state)
{
    (void)state;
    struct web_rig rig;
    web_rig_open(&rig, NULL);
    rig.device.sim.flash.fail_at = 3;
    struct otter_sim_visitor *visitor = web_rig_upload(&rig, "", ALL);
    web_rig_holds(visitor, "Update error: ERROR[");
    assert_int_equal(rig.errors, 1);
    assert_false(updater_rig_boot_command(&rig.device));
    web_rig_run(&rig, BODY_MS);
    assert_false(visitor->open);
    web_rig_close(&rig);
}

static void an_end_in_between_is_an_error_or_a_success(void **state)
{
    (void)state;
    struct web_rig rig;
    web_rig_open(&rig, NULL);
    (void)web_rig_upload(&rig, "", HALF);
    otter_web_end(&rig.web);
    assert_int_equal(rig.error, OTTER_ERROR_ABORTED);
    assert_int_equal(rig.device.sim.restarts, 0);
    web_rig_close(&rig);
    web_rig_open(&rig, NULL);
    (void)web_rig_upload(&rig, "", ALL);
    otter_web_end(&rig.web);
    assert_int_equal(rig.device.sim.restarts, 0);
    assert_staged(&rig);
    web_rig_close(&rig);
}

static void a_form_without_its_end_is_no_update(void **state)
{
    (void)state;
    struct web_rig rig;
    web_rig_open(&rig, NULL);
    static const char form[] =
        "--sep\r\nContent-Disposition: form-data; name=\"firmware\"; filename=\"a\"\r\n\r\n\x1F\x8Bxx";
    char request[512];
    snprintf(request, sizeof(request),
             "POST /update HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=sep\r\n"
             "Content-Length: %zu\r\n\r\n%s",
             sizeof(form) - 1, form);
    struct otter_sim_visitor *visitor = web_rig_visit(&rig, request);
    web_rig_run(&rig, 0);
    web_rig_holds(visitor, "Update error: ERROR: Malformed message\n");
    assert_false(updater_rig_boot_command(&rig.device));
    assert_int_equal(rig.errors, 1);
    web_rig_close(&rig);
}

/* --- credentials -------------------------------------------------------------------------------- */

static void without_credentials_flash_is_not_touched(void **state)
{
    (void)state;
    struct web_rig rig;
    web_rig_open(&rig, PROTECTED);
    struct otter_sim_flash_counts before = rig.device.sim.flash.counts;
    struct otter_sim_visitor *visitor = web_rig_upload(&rig, "", ALL);
    web_rig_begins(visitor, "HTTP/1.1 401 Unauthorized\r\nContent-Type: text/html\r\n"
                            "WWW-Authenticate: Basic realm=\"Login Required\"\r\nContent-Length: 0\r\n");
    assert_int_equal(visitor->input_read, visitor->input.size);
    assert_memory_equal(&rig.device.sim.flash.counts, &before, sizeof(before));
    assert_int_equal(rig.asked, 0);
    web_rig_close(&rig);
}

/* Somebody without credentials must not hold a place for ever. */
static void who_was_denied_is_heard_for_a_while_only(void **state)
{
    (void)state;
    struct web_rig rig;
    web_rig_open(&rig, PROTECTED);
    struct otter_sim_visitor *visitor =
        web_rig_visit(&rig, "POST /update HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");
    unsigned seconds = 0;
    for (; visitor->open && seconds < 100; seconds++) {
        web_rig_say(&rig, visitor, "x", 1);
        web_rig_run(&rig, 1000);
    }
    assert_int_equal(seconds, BODY_MS / 1000);
    web_rig_close(&rig);
}

static void credentials_change_while_running(void **state)
{
    (void)state;
    struct web_rig rig;
    web_rig_open(&rig, NULL);
    web_rig_begins(web_rig_visit(&rig, "GET /update HTTP/1.0\r\n\r\n"), "HTTP/1.1 200 ");
    assert_int_equal(otter_web_set_credentials(&rig.web, "admin", "secret"), OTTER_OK);
    web_rig_begins(web_rig_visit(&rig, "GET /update HTTP/1.0\r\n\r\n"), "HTTP/1.1 401 ");
    web_rig_begins(web_rig_visit(&rig, "GET /update HTTP/1.0\r\n" BASIC "\r\n"), "HTTP/1.1 200 ");
    assert_int_equal(otter_web_set_credentials(&rig.web, "ad:min", ""), OTTER_ERROR_ARGUMENT);
    assert_int_equal(otter_web_set_credentials(&rig.web, "admin", "new"), OTTER_OK);
    web_rig_begins(web_rig_visit(&rig, "GET /update HTTP/1.0\r\n" BASIC "\r\n"), "HTTP/1.1 401 ");
    web_rig_begins(web_rig_visit(&rig, "GET /update HTTP/1.0\r\n" BASIC_NEW "\r\n"), "HTTP/1.1 200 ");
    assert_int_equal(otter_web_set_credentials(&rig.web, NULL, NULL), OTTER_OK);
    web_rig_begins(web_rig_visit(&rig, "GET /update HTTP/1.0\r\n\r\n"), "HTTP/1.1 200 ");
    web_rig_close(&rig);
}

static void other_sites_may_send_if_the_application_says_so(void **state)
{
    (void)state;
    static const char *const origins[] = {"Origin: http://evil.example\r\n", "Origin: null\r\n",
                                          "Origin: http://lamp.local.evil.example\r\n"};
    for (size_t i = 0; i < TEST_COUNT(origins); i++) {
        struct web_rig rig;
        web_rig_open(&rig, NULL);
        web_rig_begins(web_rig_upload(&rig, origins[i], ALL), "HTTP/1.1 403 Forbidden\r\n");
        assert_true(updater_rig_untouched(&rig.device));
        web_rig_holds(web_rig_upload(&rig, "Origin: http://LAMP.local\r\n", ALL), SUCCESS);
        assert_int_equal(otter_web_set_credentials(&rig.web, "admin", "secret"), OTTER_OK);
        web_rig_begins(web_rig_upload(&rig, origins[i], ALL), "HTTP/1.1 403 Forbidden\r\n");
        web_rig_close(&rig);
        web_rig_open(&rig, &(struct otter_web_settings){.cross_site = true});
        web_rig_holds(web_rig_upload(&rig, origins[i], ALL), SUCCESS);
        web_rig_close(&rig);
    }
}

/* --- noise -------------------------------------------------------------------------------------- */

/* A request that is right but for some bytes, or cut, or with others thrown in. */
static size_t spoil(uint64_t *seed, char *out, size_t size)
{
    static const char *const texts[] = {
        "GET /update HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /update/info HTTP/1.1\r\nHost: a\r\nAuthorization: Digest username=\"admin\", nonce=\"00\", "
        "response=\"00\", nc=1, qop=auth, uri=\"/update/info\"\r\n\r\n",
        "OPTIONS /update HTTP/1.0\r\nOrigin: http://a\r\nAccept-Encoding: gzip;q=0, br\r\n\r\n",
        "POST /update HTTP/1.1\r\nHost: a\r\n" BASIC "Content-Type: multipart/form-data; boundary=\"sep\"\r\n"
        "Content-Length: 120\r\nExpect: 100-continue\r\n\r\n--sep\r\nContent-Disposition: form-data; "
        "name=\"firmware\"; filename=\"x\"\r\n\r\n0123456789\r\n--sep--\r\n",
        "POST /update HTTP/1.1\r\nHost: a\r\n" BASIC "Content-Type: multipart/form-data; boundary=sep\r\n"
        "Content-Length: 99\r\n\r\n--sep\r\nContent-Disposition: form-data; "
        "name=\"firmware\"\r\n\r\n\xE9\x01\r\n--sep\r\n\r\n--sep--\r\n",
    };
    const char *text = texts[seed_below(seed, TEST_COUNT(texts))];
    size_t length = 0;
    for (; length < size && text[length] != '\0'; length++)
        out[length] = text[length];
    for (uint32_t changes = seed_below(seed, 6); changes > 0; changes--) {
        size_t at = seed_below(seed, (uint32_t)length), run = seed_below(seed, 20);
        seed_fill(seed, out + at, run < length - at ? run : length - at);
    }
    return seed_below(seed, 3) == 0 ? seed_below(seed, (uint32_t)length) : length;
}

static void ten_thousand_wrong_requests_do_no_harm(void **state)
{
    (void)state;
    uint64_t seed = 1;
    struct web_rig rig;
    web_rig_open(&rig, PROTECTED);
    for (unsigned i = 0; i < 10000; i++) {
        char request[1024];
        if (seed_below(&seed, 500) == 0)
            assert_int_equal(
                otter_web_set_credentials(&rig.web, seed_below(&seed, 2) ? "admin" : "", "secret"), OTTER_OK);
        size_t size = spoil(&seed, request, sizeof(request));
        struct otter_sim_visitor *visitor = otter_sim_network_visit(rig.network);
        for (size_t at = 0; at < size && visitor->input.size == at;) {
            size_t portion = 1 + seed_below(&seed, 200);
            portion = portion < size - at ? portion : size - at;
            web_rig_say(&rig, visitor, request + at, portion);
            at += portion;
        }
        visitor->input_end = seed_below(&seed, 2) ? OTTER_ERROR_CLOSED : OTTER_ERROR_TRANSPORT;
        web_rig_run(&rig, 200);
        if (visitor->open || visitor->waiting)
            fail_msg("still open after request %u", i);
    }
    rig.starts = rig.ends = rig.errors = 0;
    assert_int_equal(otter_web_set_credentials(&rig.web, "admin", "secret"), OTTER_OK);
    web_rig_holds(web_rig_upload(&rig, BASIC, ALL), SUCCESS);
    web_rig_run(&rig, 200);
    assert_staged(&rig);
    web_rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_makes_no_sense_is_refused),
        cmocka_unit_test(the_path_may_be_another),
        cmocka_unit_test(requests_come_in_any_portions),
        cmocka_unit_test(wrong_requests_are_told_so),
        cmocka_unit_test(slow_clients_are_cut_off),
        cmocka_unit_test(a_client_that_takes_no_answer_is_cut_off),
        cmocka_unit_test(who_is_silent_gives_way_and_who_speaks_does_not),
        cmocka_unit_test(one_update_at_a_time),
        cmocka_unit_test(an_update_ends_in_a_restart),
        cmocka_unit_test(the_restart_waits_for_the_answer_to_arrive),
        cmocka_unit_test(the_application_may_restart_itself),
        cmocka_unit_test(the_application_decides_when),
        cmocka_unit_test(the_application_may_refuse),
        cmocka_unit_test(slow_progress_is_shown_too),
        cmocka_unit_test(an_upload_that_stalls_is_given_up),
        cmocka_unit_test(an_upload_that_trickles_is_given_up),
        cmocka_unit_test(a_failing_flash_is_told),
        cmocka_unit_test(an_end_in_between_is_an_error_or_a_success),
        cmocka_unit_test(a_form_without_its_end_is_no_update),
        cmocka_unit_test(without_credentials_flash_is_not_touched),
        cmocka_unit_test(who_was_denied_is_heard_for_a_while_only),
        cmocka_unit_test(credentials_change_while_running),
        cmocka_unit_test(other_sites_may_send_if_the_application_says_so),
        cmocka_unit_test(ten_thousand_wrong_requests_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
