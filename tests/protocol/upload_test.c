/* `otter upload` against whatever a device's web server may say, from the Arduino core's of every age to none
 * at all. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/require.h"
#include "tests/support/sample.h"
#include "tests/support/scene.h"
#include "tests/support/test.h"
#include "tests/support/web_peer.h"

/* Of enum otter_exit, as `otter help upload` documents them. */
enum {
    UPDATED = 0,
    USAGE = 2,
    BAD_FILE = 3,
    NO_ANSWER = 4,
    PASSWORD = 5,
    REFUSED = 6,
    BROKEN = 8,
    REJECTED = 9
};
#define INTERRUPTED 130

#define IMAGE_SIZE 200000
#define LARGE_SIZE 3200000
#define WAIT_MS    90000
#define OPTIONS    24

#define BASIC "WWW-Authenticate: Basic realm=\"Login Required\"\r\n"

struct desk {
    struct scene scene;
    struct web_peer device;
    struct process *uploader;
    char url[64];
    char file[PATH_MAX];
    uint8_t *image;
    size_t size;
};

static int setup(void **state)
{
    struct desk *desk = calloc(1, sizeof(*desk));
    *state = desk;
    scene_open(&desk->scene);
    web_peer_open(&desk->device);
    snprintf(desk->url, sizeof(desk->url), "127.0.0.1:%u", desk->device.port);
    desk->size = IMAGE_SIZE;
    desk->image = malloc(LARGE_SIZE);
    sample_image(desk->image, IMAGE_SIZE, 1);
    scene_file(&desk->scene, desk->file, "firmware.bin", desk->image, IMAGE_SIZE);
    return 0;
}

static int teardown(void **state)
{
    struct desk *desk = *state;
    web_peer_close(&desk->device);
    scene_close(&desk->scene);
    free(desk->image);
    free(desk);
    return 0;
}

/* Larger than what sockets buffer. */
static void use_large_file(struct desk *desk)
{
    desk->size = LARGE_SIZE;
    sample_image(desk->image, LARGE_SIZE, 2);
    scene_file(&desk->scene, desk->file, "large.bin", desk->image, LARGE_SIZE);
}

static void upload_options(struct desk *desk, const char *const options[])
{
    const char *argv[OPTIONS + 5] = {OTTER_PROGRAM, "upload"};
    size_t count = 2;
    for (; *options; options++) {
        REQUIRE(count < OPTIONS, "too many options");
        argv[count++] = *options;
    }
    argv[count++] = desk->url;
    argv[count] = desk->file;
    desk->uploader = scene_start_arguments(&desk->scene, argv);
}
#define upload(desk, ...) upload_options(desk, PROCESS_STRINGS(__VA_ARGS__))

static void ends_saying(struct desk *desk, int status, const char *const texts[])
{
    assert_true(process_ends(desk->uploader, status, WAIT_MS, texts));
}
#define ends(desk, status, ...) ends_saying(desk, status, PROCESS_STRINGS(__VA_ARGS__))

/* The form that was heard has one part: FIELD, with the file byte for byte. */
static void assert_form(const struct desk *desk, const char *field)
{
    const struct web_peer *device = &desk->device;
    char boundary[128] = "", start[512];
    const char *type = strstr(device->head, "boundary=");
    assert_non_null(type);
    assert_int_equal(sscanf(type, "boundary=%120s", boundary), 1);
    int length = snprintf(start, sizeof(start),
                          "--%s\r\nContent-Disposition: form-data; name=\"%s\"; filename=\"firmware.bin\"\r\n"
                          "Content-Type: application/octet-stream\r\n\r\n",
                          boundary, field);
    assert_int_equal(device->length, (size_t)length + desk->size + strlen(boundary) + 8);
    assert_memory_equal(device->body, start, length);
    assert_memory_equal(device->body + length, desk->image, desk->size);
}

/* An old device hears everything, and answers. */
static void take_form_and_say(struct desk *desk, const char *status, const char *body)
{
    web_peer_shows_old_page(&desk->device);
    web_peer_hears(&desk->device, "POST /update ");
    web_peer_says(&desk->device, status, "", body);
}

/* An old device has heard BYTES of a file that is larger than what sockets buffer. */
static void take_part_of_large_file(struct desk *desk, size_t bytes)
{
    use_large_file(desk);
    upload(desk, NULL);
    web_peer_shows_old_page(&desk->device);
    web_peer_hears_head(&desk->device, "POST /update ");
    web_peer_takes(&desk->device, bytes);
}

/* --- devices of the Arduino core --- */

static void sends_the_form_of_the_page(void **state)
{
    struct desk *desk = *state;
    upload(desk, "--no-wait", NULL);
    web_peer_shows_old_page(&desk->device);
    web_peer_hears(&desk->device, "POST /update HTTP/1.1\r\n");
    assert_form(desk, "firmware");
    assert_null(strstr(desk->device.head, "Expect")); /* which old devices never answer */
    assert_null(strstr(desk->device.head, "Origin"));
    web_peer_says(&desk->device, "200 OK", "", WEB_PEER_SUCCESS);
    ends(desk, UPDATED, "updated: 195 KiB", NULL);
}

static void knows_the_success_of_the_oldest(void **state)
{
    struct desk *desk = *state;
    upload(desk, "--no-wait", "--filesystem", NULL);
    web_peer_shows_old_page(&desk->device);
    web_peer_hears(&desk->device, "POST /update ");
    assert_form(desk, "filesystem");
    web_peer_says(&desk->device, "200 OK", "", "OK");
    ends(desk, UPDATED, NULL);
}

static void takes_another_path(void **state)
{
    struct desk *desk = *state;
    snprintf(desk->url, sizeof(desk->url), "http://127.0.0.1:%u/fw/new/", desk->device.port);
    upload(desk, "--no-wait", NULL);
    web_peer_hears(&desk->device, "GET /fw/new/info ");
    web_peer_says(&desk->device, "404 Not Found", "", "");
    web_peer_hears(&desk->device, "GET /fw/new ");
    web_peer_says(&desk->device, "200 OK", "", "page");
    web_peer_hears(&desk->device, "POST /fw/new ");
    web_peer_says(&desk->device, "200 OK", "", WEB_PEER_SUCCESS);
    ends(desk, UPDATED, NULL);
}

static void waits_for_a_device_that_tells_nothing(void **state)
{
    struct desk *desk = *state;
    upload(desk, NULL);
    take_form_and_say(desk, "200 OK", WEB_PEER_SUCCESS);
    do {
        web_peer_hears(&desk->device, "GET /update ");
        web_peer_says(&desk->device, "200 OK", "", "page");
    } while (!process_wait_text(desk->uploader, "back after", 1200));
    ends(desk, UPDATED, NULL);
}

/* --- errors of devices --- */

static void explains_an_error(void **state)
{
    struct desk *desk = *state;
    upload(desk, NULL);
    take_form_and_say(desk, "200 OK", "Update error: ERROR[4]: Not Enough Space\n");
    ends(desk, REJECTED, "rejected the file: ERROR[4]: Not Enough Space", "With --compress it would be",
         NULL);
}

static void hears_an_error_in_the_middle(void **state)
{
    struct desk *desk = *state;
    take_part_of_large_file(desk, 1000);
    web_peer_says(&desk->device, "200 OK", "", "Update error: ERROR[1]: Flash Write Failed\n");
    int status = process_wait_exit(desk->uploader, WAIT_MS);
    assert_true(status == REJECTED || status == BROKEN); /* the reset may overtake the answer */
}

static void explains_a_refusal(void **state)
{
    struct desk *desk = *state;
    upload(desk, NULL);
    take_form_and_say(desk, "403 Forbidden", "not from <b>here</b>");
    ends(desk, REFUSED, "HTTP status 403): not from here", NULL);
}

static void takes_a_senseless_answer_for_no_result(void **state)
{
    struct desk *desk = *state;
    upload(desk, NULL);
    take_form_and_say(desk, "200 OK", "Hello\033[31m");
    ends(desk, BROKEN, "the answer is no result: Hello", NULL);
    assert_null(strchr(desk->uploader->text, '\033'));
}

static void knows_that_it_does_not_know(void **state)
{
    struct desk *desk = *state;
    upload(desk, NULL);
    web_peer_shows_old_page(&desk->device);
    web_peer_hears(&desk->device, "POST /update ");
    web_peer_hangs_up(&desk->device);
    ends(desk, BROKEN, "no result came", "look at it before", NULL);
}

static void notices_a_reset_in_the_middle(void **state)
{
    struct desk *desk = *state;
    take_part_of_large_file(desk, 65536);
    web_peer_resets(&desk->device);
    ends(desk, BROKEN, "broke off after", "of 3200000 bytes", "keeps its old firmware", NULL);
}

static void is_interrupted(void **state)
{
    struct desk *desk = *state;
    take_part_of_large_file(desk, 65536);
    kill(desk->uploader->pid, SIGINT);
    ends(desk, INTERRUPTED, "interrupted", NULL);
}

/* --- no device --- */

static void says_that_nobody_answers(void **state)
{
    struct desk *desk = *state;
    web_peer_close(&desk->device);
    desk->device = (struct web_peer){.listener = -1, .tcp = -1};
    upload(desk, NULL);
    ends(desk, NO_ANSWER, "no answer from http://127.0.0.1:", "/update", NULL);
}

static void gives_up_a_silent_device(void **state)
{
    struct desk *desk = *state;
    upload(desk, "--timeout", "0.3", NULL);
    web_peer_hears(&desk->device, "GET /update/info ");
    ends(desk, NO_ANSWER, "it is silent", NULL);
}

static void says_that_there_is_no_page(void **state)
{
    struct desk *desk = *state;
    upload(desk, NULL);
    web_peer_hears(&desk->device, "GET /update/info ");
    web_peer_says(&desk->device, "404 Not Found", "", "");
    web_peer_hears(&desk->device, "GET /update ");
    web_peer_says(&desk->device, "404 Not Found", "", "");
    ends(desk, NO_ANSWER, "no update page at http://127.0.0.1:", "(HTTP status 404)", NULL);
}

static void wants_sense_in_its_arguments(void **state)
{
    struct desk *desk = *state;
    upload(desk, "--filesystem", "--compress", NULL);
    ends(desk, USAGE, "--compress is for sketches", NULL);
    snprintf(desk->url, sizeof(desk->url), "ftp://127.0.0.1/update");
    upload(desk, NULL);
    ends(desk, USAGE, "`ftp://127.0.0.1/update` is no address", NULL);
}

static void sends_nothing_that_is_no_image(void **state)
{
    struct desk *desk = *state;
    scene_file(&desk->scene, desk->file, "no.bin",
               "\x7F"
               "ELF",
               4);
    upload(desk, NULL);
    ends(desk, BAD_FILE, "an ELF executable", "nothing was sent", NULL);
}

/* --- credentials --- */

static void hears_401(struct desk *desk, const char *start, const char *headers)
{
    web_peer_hears(&desk->device, start);
    assert_null(strstr(desk->device.head, "Authorization"));
    web_peer_says(&desk->device, "401 Unauthorized", headers, "");
}

static void gives_basic_credentials(void **state)
{
    struct desk *desk = *state;
    upload(desk, "--no-wait", "--user", "user", "--password", "pw", NULL);
    hears_401(desk, "GET /update/info ", BASIC);
    web_peer_hears(&desk->device, "GET /update/info ");
    assert_non_null(strstr(desk->device.head, "Authorization: Basic dXNlcjpwdw==\r\n"));
    web_peer_says(&desk->device, "404 Not Found", "", "");
    web_peer_hears(&desk->device, "GET /update ");
    assert_non_null(strstr(desk->device.head, "Authorization: Basic dXNlcjpwdw==\r\n"));
    web_peer_says(&desk->device, "200 OK", "", "page");
    web_peer_hears(&desk->device, "POST /update ");
    assert_non_null(strstr(desk->device.head, "Authorization: Basic dXNlcjpwdw==\r\n"));
    assert_form(desk, "firmware");
    web_peer_says(&desk->device, "200 OK", "", WEB_PEER_SUCCESS);
    ends(desk, UPDATED, NULL);
}

static void gives_the_credentials_of_the_url(void **state)
{
    struct desk *desk = *state;
    snprintf(desk->url, sizeof(desk->url), "http://user:pw@127.0.0.1:%u/update", desk->device.port);
    upload(desk, "--no-wait", NULL);
    hears_401(desk, "GET /update/info ", BASIC);
    web_peer_hears(&desk->device, "GET /update/info ");
    assert_non_null(strstr(desk->device.head, "Authorization: Basic dXNlcjpwdw==\r\n"));
    web_peer_says(&desk->device, "401 Unauthorized", BASIC, "");
    ends(desk, PASSWORD, "refused the user name or the password", NULL);
    assert_null(strstr(desk->uploader->text, "pw@"));
}

static void prefers_digest(void **state)
{
    struct desk *desk = *state;
    upload(desk, "--no-wait", "--user", "user", "--password", "pw", NULL);
    hears_401(desk, "GET /update/info ",
              "WWW-Authenticate: Digest realm=\"device\", nonce=\"0123\", qop=\"auth\", "
              "algorithm=SHA-256\r\n" BASIC);
    web_peer_hears(&desk->device, "GET /update/info ");
    assert_non_null(strstr(desk->device.head, "Authorization: Digest username=\"user\""));
    web_peer_says(&desk->device, "200 OK", "", "{\"name\":\"garden\",\"version\":\"1.0.0\"}");
    web_peer_hears(&desk->device, "POST /update ");
    assert_non_null(strstr(desk->device.head, "Authorization: Digest username=\"user\""));
    assert_non_null(strstr(desk->device.head, "nc=00000002"));
    assert_form(desk, "firmware");
    web_peer_says(&desk->device, "200 OK", "", WEB_PEER_SUCCESS);
    ends(desk, UPDATED, NULL);
}

static void says_that_credentials_are_missing(void **state)
{
    struct desk *desk = *state;
    upload(desk, NULL);
    hears_401(desk, "GET /update/info ", BASIC);
    ends(desk, PASSWORD, "wants a user name and a password", "--user NAME", NULL);
}

static void asks_for_the_password_on_a_terminal(void **state)
{
    struct desk *desk = *state;
    desk->uploader = scene_start_on_terminal(
        &desk->scene, PROCESS_STRINGS(OTTER_PROGRAM, "upload", "--no-wait", desk->url, desk->file, NULL));
    hears_401(desk, "GET /update/info ", BASIC);
    assert_true(process_wait_text(desk->uploader, "Password of 127.0.0.1:", WAIT_MS));
    process_type(desk->uploader, "pw\n");
    web_peer_hears(&desk->device, "GET /update/info ");
    assert_non_null(strstr(desk->device.head, "Authorization: Basic YWRtaW46cHc=\r\n")); /* admin:pw */
    web_peer_says(&desk->device, "200 OK", "", "{}");
    web_peer_hears(&desk->device, "POST /update ");
    web_peer_says(&desk->device, "200 OK", "", WEB_PEER_SUCCESS);
    ends(desk, UPDATED, "updated", NULL);
    assert_null(strstr(desk->uploader->text, "pw"));
}

/* --- devices with otter --- */

#define INFO(version, md5, uptime)                                                                           \
    "{\"name\":\"garden\",\"version\":\"" version "\",\"sketch_md5\":\"" md5                                 \
    "\",\"sketch_size\":180000,\"free_space\":1000000,\"filesystem_size\":null,\"flash_size\":4194304,"      \
    "\"uptime_ms\":" uptime "}"

#define MD5_1 "c160b08c26ed619b9dc42cb7cb7c2187"
#define MD5_2 "a6fba57c01cef79977020adaf249724d"

static void take_update(struct desk *desk, const char *info)
{
    web_peer_hears(&desk->device, "GET /update/info ");
    web_peer_says(&desk->device, "200 OK", "", info);
    web_peer_hears(&desk->device, "POST /update ");
    web_peer_says(&desk->device, "200 OK", "", WEB_PEER_SUCCESS);
}

static void tells_what_runs_before_and_after(void **state)
{
    struct desk *desk = *state;
    upload(desk, NULL);
    take_update(desk, INFO("1.0.0", MD5_1, "500000"));
    web_peer_hears(&desk->device, "GET /update/info "); /* not restarted yet */
    web_peer_says(&desk->device, "200 OK", "", INFO("1.0.0", MD5_1, "501000"));
    web_peer_hears(&desk->device, "GET /update/info ");
    web_peer_resets(&desk->device);
    web_peer_hears(&desk->device, "GET /update/info ");
    web_peer_says(&desk->device, "200 OK", "", INFO("2.0.0", MD5_2, "100"));
    ends(desk, UPDATED, "garden 1.0.0", "garden 2.0.0, back after", NULL);
}

static void tells_the_same_as_json(void **state)
{
    struct desk *desk = *state;
    upload(desk, "--json", NULL);
    take_update(desk, INFO("1.0.0", MD5_1, "500000"));
    web_peer_hears(&desk->device, "GET /update/info ");
    web_peer_says(&desk->device, "200 OK", "", INFO("2.0.0", MD5_2, "100"));
    ends(desk, UPDATED, "\"state\":\"asking\"", "\"state\":\"restarting\"",
         "\"updated\":true,\"outcome\":\"done\",\"status\":0,\"bytes\":200000,\"total\":200000",
         "\"before\":{\"name\":\"garden\",\"version\":\"1.0.0\"",
         "\"after\":{\"name\":\"garden\",\"version\":\"2.0.0\"", NULL);
}

static void sends_nothing_that_does_not_fit(void **state)
{
    struct desk *desk = *state;
    use_large_file(desk);
    upload(desk, NULL);
    web_peer_hears(&desk->device, "GET /update/info ");
    web_peer_says(&desk->device, "200 OK", "", INFO("1.0.0", MD5_1, "500000"));
    ends(desk, REFUSED, "nothing was sent: ERROR[4]: Not Enough Space", "at most 1000000", NULL);
}

static void says_that_a_device_kept_what_it_ran(void **state)
{
    struct desk *desk = *state;
    const char *image = OTTER_IMAGES_DIR "/garden-2.bin";
    snprintf(desk->file, sizeof(desk->file), "%s", image);
    upload(desk, NULL);
    take_update(desk, INFO("1.0.0", MD5_1, "500000"));
    web_peer_hears(&desk->device, "GET /update/info ");
    web_peer_says(&desk->device, "200 OK", "", INFO("1.0.0", MD5_1, "100"));
    ends(desk, REJECTED, "runs garden 1.0.0, not garden 2.0.0", NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(sends_the_form_of_the_page),
        TEST(knows_the_success_of_the_oldest),
        TEST(takes_another_path),
        TEST(waits_for_a_device_that_tells_nothing),
        TEST(explains_an_error),
        TEST(hears_an_error_in_the_middle),
        TEST(explains_a_refusal),
        TEST(takes_a_senseless_answer_for_no_result),
        TEST(knows_that_it_does_not_know),
        TEST(notices_a_reset_in_the_middle),
        TEST(is_interrupted),
        TEST(says_that_nobody_answers),
        TEST(gives_up_a_silent_device),
        TEST(says_that_there_is_no_page),
        TEST(wants_sense_in_its_arguments),
        TEST(sends_nothing_that_is_no_image),
        TEST(gives_basic_credentials),
        TEST(gives_the_credentials_of_the_url),
        TEST(prefers_digest),
        TEST(says_that_credentials_are_missing),
        TEST(asks_for_the_password_on_a_terminal),
        TEST(tells_what_runs_before_and_after),
        TEST(tells_the_same_as_json),
        TEST(sends_nothing_that_does_not_fit),
        TEST(says_that_a_device_kept_what_it_ran),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
