/* The update page and clients that break off, come together, or listened to others. */
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/http_auth.h"
#include "tests/support/deadline.h"
#include "tests/support/push.h"
#include "tests/support/require.h"
#include "tests/support/sample.h"
#include "tests/support/seed.h"
#include "tests/support/socket.h"
#include "tests/support/web.h"

#define LARGE_SIZE (400u * 1024u)
#define BOUNDARY   "--sep"

#define expect(text, part) REQUIRE(strstr(text, part), "no \"%s\" in:\n%s", part, text)

/* A request as a client sends it, with a form that holds IMAGE. */
struct post {
    uint8_t bytes[LARGE_SIZE + 1024];
    size_t size;
};

static void make_post(struct post *post, const uint8_t *image, size_t size, const char *fields)
{
    static const char part[] =
        "--" BOUNDARY "\r\nContent-Disposition: form-data; name=\"firmware\"; filename=\"x\"\r\n\r\n";
    static const char end[] = "\r\n--" BOUNDARY "--\r\n";
    const size_t length = sizeof(part) - 1 + size + sizeof(end) - 1;
    int head =
        snprintf((char *)post->bytes, 512,
                 "POST /update HTTP/1.1\r\nHost: x\r\n%sContent-Type: multipart/form-data; boundary=" BOUNDARY
                 "\r\nContent-Length: %zu\r\n\r\n%s",
                 fields, length, part);
    memcpy(post->bytes + head, image, size);
    memcpy(post->bytes + (size_t)head + size, end, sizeof(end) - 1);
    post->size = (size_t)head + size + sizeof(end) - 1;
}

static struct post *large_post(void)
{
    struct post *post = malloc(sizeof(*post));
    uint8_t *image = malloc(LARGE_SIZE);
    sample_image(image, LARGE_SIZE, 3);
    make_post(post, image, LARGE_SIZE, "");
    free(image);
    return post;
}

static void wait_until(struct web *web, const char *state)
{
    char now[32] = "";
    int64_t deadline = deadline_in(VIRTUAL_DEVICE_WAIT_MS);
    while (strcmp(now, state) != 0) {
        REQUIRE(deadline_left(deadline) > 0, "the device is %s, not %s", now, state);
        virtual_device_ask(&web->device);
        virtual_device_string(&web->device, "state", now, sizeof(now));
    }
}

/* --- lost connections ---------------------------------------------------------------------------- */

static void break_off(struct web *web, const struct post *post, size_t at, bool reset)
{
    int tcp = web_connect(web);
    REQUIRE(socket_send(tcp, post->bytes, at, 65536, WEB_WAIT_MS), "nothing taken at %zu", at);
    if (at > 1024)
        wait_until(web, "updating");
    if (reset)
        socket_reset(tcp);
    else
        socket_close(&tcp);
    wait_until(web, "listening");
}

static void lost_connections_leave_the_old_firmware(void **state)
{
    struct web *web = *state;
    uint64_t seed = 20261122;
    web_update(web, NULL);
    struct push_firmware before = push_running(&web->device);
    struct post *post = large_post();
    for (size_t at = 0; at < post->size; at += 65536)
        break_off(web, post, at, at / 65536 % 2);
    for (unsigned i = 0; i < 30; i++) {
        uint64_t start = seed;
        size_t at = seed_below(&seed, (uint32_t)post->size);
        break_off(web, post, at, seed_below(&seed, 2));
        struct push_firmware now = push_running(&web->device);
        REQUIRE(strcmp(now.md5, before.md5) == 0, "cut at %zu, seed %llu", at, (unsigned long long)start);
    }
    free(post);
    assert_int_equal(virtual_device_number(&web->device, "boots"), 2);
    sample_image(web->image, sizeof(web->image), 99);
    scene_file(&web->scene, web->file, "firmware.bin", web->image, sizeof(web->image));
    web_update(web, NULL);
    push_expect_flash(&web->device, 0, web->image, sizeof(web->image), true);
}

/* The image is whole, and the client is gone before it was told: it is installed. */
static void a_client_that_does_not_wait_for_the_answer_gets_its_update(void **state)
{
    struct web *web = *state;
    struct post *post = large_post();
    int tcp = web_connect(web);
    REQUIRE(socket_send(tcp, post->bytes, post->size, 65536, WEB_WAIT_MS), "not taken");
    socket_close(&tcp);
    virtual_device_wait_restart(&web->device);
    assert_int_equal(push_running(&web->device).size, LARGE_SIZE);
    free(post);
}

static void power_cuts_leave_the_old_firmware_or_the_new_one_whole(void **state)
{
    static const char *const outcomes[] = {"not-started", "landed", "torn-prefix", "torn-random",
                                           "half-erased"};
    struct web *web = *state;
    char field[PATH_MAX + 32], command[64], answer[64];
    web_update(web, NULL);
    struct push_firmware before = push_running(&web->device);
    uint8_t large[65536];
    sample_image(large, sizeof(large), 5);
    scene_file(&web->scene, web->file, "firmware.bin", large, sizeof(large));
    for (unsigned cut = 0; cut < 25; cut++) {
        snprintf(command, sizeof(command), "cut-at %u %s", 1 + 10 * cut,
                 outcomes[cut % TEST_COUNT(outcomes)]);
        virtual_device_command(&web->device, command, answer, sizeof(answer));
        (void)web_curl(web, "-F", web_field(field, "firmware", web->file));
        virtual_device_wait_restart(&web->device);
        struct push_firmware now = push_running(&web->device);
        REQUIRE(strcmp(now.md5, before.md5) == 0, "after %s: %s", command, now.md5);
    }
    web_update(web, NULL);
    push_expect_flash(&web->device, 0, large, sizeof(large), true);
}

/* --- several at once ----------------------------------------------------------------------------- */

static void one_update_at_a_time(void **state)
{
    struct web *web = *state;
    char field[PATH_MAX + 32];
    struct post *post = large_post();
    int tcp = web_connect(web);
    REQUIRE(socket_send(tcp, post->bytes, post->size / 2, 65536, WEB_WAIT_MS), "not taken");
    wait_until(web, "updating");
    expect(web_curl(web, "-F", web_field(field, "firmware", web->file)),
           "HTTP/1.1 503 Service Unavailable\r\n");
    expect(web_curl(web, "-H", "Expect: 100-continue", "-F", field),
           "Update error: ERROR[15]: Update already running\n");
    expect(web_curl_arguments(web, "/info", PROCESS_STRINGS(NULL)), "HTTP/1.1 200 OK\r\n");
    struct process *push = push_start(&web->scene, &web->device, web->file, NULL);
    REQUIRE(process_wait_exit(push, PUSH_WAIT_MS) != 0, "pushed meanwhile");
    expect(push->text, "already");
    REQUIRE(socket_send(tcp, post->bytes + post->size / 2, post->size - post->size / 2, 65536, WEB_WAIT_MS),
            "not taken");
    char answer[1024];
    assert_string_equal(web_hear(tcp, answer, sizeof(answer)), WEB_SUCCESS);
    socket_close(&tcp);
    virtual_device_wait_restart(&web->device);
    free(post);
}

/* Browsers open connections to spare, which must not keep others out. */
static void silent_connections_give_way(void **state)
{
    struct web *web = *state;
    int spare[6];
    for (size_t i = 0; i < TEST_COUNT(spare); i++)
        spare[i] = web_connect(web);
    expect(web_curl(web, "--compressed"), "HTTP/1.1 200 OK\r\n");
    for (size_t i = 0; i < TEST_COUNT(spare); i++)
        socket_close(&spare[i]);
    web_update(web, NULL);
}

/* --- Digest -------------------------------------------------------------------------------------- */

static void copy_nonce(char nonce[64], const char *challenge)
{
    const char *at = strstr(challenge, "nonce=\"");
    REQUIRE(at && sscanf(at, "nonce=\"%63[^\"]", nonce) == 1, "no nonce: %s", challenge);
}

/* The status line, and what follows it, for GET with these credentials. */
static const char *get(struct web *web, enum otter_text_hash_algorithm algorithm, const char *password,
                       const char *nonce, const char *count)
{
    static char answer[16384];
    char request[1024], response[OTTER_TEXT_HASH_SIZE];
    const struct otter_http_digest digest = {.algorithm = algorithm,
                                             .user = "admin",
                                             .password = password,
                                             .realm = "Login Required",
                                             .method = "GET",
                                             .uri = "/update",
                                             .nonce = nonce,
                                             .count = count,
                                             .cnonce = "0a4f113b"};
    otter_http_digest_response(&digest, response);
    snprintf(request, sizeof(request),
             "GET /update HTTP/1.1\r\nHost: x\r\nAuthorization: Digest username=\"admin\", realm=\"Login "
             "Required\", "
             "nonce=\"%s\", uri=\"/update\", algorithm=%s, qop=auth, nc=%s, cnonce=\"0a4f113b\", "
             "response=\"%s\"\r\n\r\n",
             nonce, algorithm == OTTER_TEXT_HASH_MD5 ? "MD5" : "SHA-256", count, response);
    int tcp = web_connect(web);
    web_say(tcp, request);
    web_hear(tcp, answer, sizeof(answer));
    socket_close(&tcp);
    return answer;
}

static void what_was_overheard_is_worth_nothing(void **state)
{
    struct web *web = *state;
    char nonce[64], other[64];
    for (enum otter_text_hash_algorithm algorithm = OTTER_TEXT_HASH_MD5; algorithm <= OTTER_TEXT_HASH_SHA256;
         algorithm++) {
        copy_nonce(nonce, web_curl(web, "-A", "x"));
        copy_nonce(other, web_curl(web, "-A", "x"));
        assert_string_not_equal(nonce, other);
        expect(get(web, algorithm, "wrong", nonce, "00000001"), "HTTP/1.1 401 ");
        assert_null(strstr(get(web, algorithm, "wrong", nonce, "00000001"), "stale"));
        expect(get(web, algorithm, "secret", nonce, "00000001"), "HTTP/1.1 200 OK\r\n");
        expect(get(web, algorithm, "secret", nonce, "00000001"), "stale=true");
        expect(get(web, algorithm, "secret", nonce, "00000003"), "HTTP/1.1 200 OK\r\n");
        expect(get(web, algorithm, "secret", nonce, "00000002"), "stale=true");
        expect(get(web, algorithm, "secret", other, "00000001"), "HTTP/1.1 200 OK\r\n");
        nonce[0] = nonce[0] == '0' ? '1' : '0';
        expect(get(web, algorithm, "secret", nonce, "00000001"), "stale=true");
        expect(get(web, algorithm, "secret", "short", "00000001"), "stale=true");
        expect(get(web, algorithm, "secret", other, "2"), "stale=true");
    }
}

int main(void)
{
#define TEST(name, setup) cmocka_unit_test_setup_teardown(name, setup, web_teardown)
    const struct CMUnitTest tests[] = {
        TEST(lost_connections_leave_the_old_firmware, web_setup_free),
        TEST(a_client_that_does_not_wait_for_the_answer_gets_its_update, web_setup_free),
        TEST(power_cuts_leave_the_old_firmware_or_the_new_one_whole, web_setup_free),
        TEST(one_update_at_a_time, web_setup_free),
        TEST(silent_connections_give_way, web_setup_free),
        TEST(what_was_overheard_is_worth_nothing, web_setup_digest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
