/* A device and a server of the test's own, over real sockets: what the recorded ESP8266 client asked and made
 * of each answer (spec/transcripts.md, sections 1.1 to 1.3). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/support/digest.h"
#include "tests/support/require.h"
#include "tests/support/sample.h"
#include "tests/support/socket.h"
#include "tests/support/test.h"
#include "tests/support/virtual_device.h"

#define WAIT_MS 30000
#define SIZE    20000u /* bytes of the image */
#define LENGTH  "Content-Length: 20000\r\n"

struct peers {
    struct scene scene;
    struct virtual_device device;
    int listener;
    int tcp; /* the device's connection; -1: none */
    char request[2000];
    uint8_t image[SIZE];
};

static int open_peers(void **state)
{
    struct peers *peers = calloc(1, sizeof(*peers));
    char path[PATH_MAX];
    *state = peers;
    scene_open(&peers->scene);
    sample_image(peers->image, SIZE, 1);
    scene_file(&peers->scene, path, "old.bin", peers->image, SIZE);
    sample_image(peers->image, SIZE, 2);
    virtual_device_start(&peers->device, &peers->scene, "device", "--layout", "4m1m", "--image", path,
                         "--mac", "DE:BA:7A:B1:E0:42", NULL);
    peers->listener = socket_bound(SOCK_STREAM, "127.0.0.1");
    assert_int_equal(listen(peers->listener, 4), 0);
    peers->tcp = -1;
    return 0;
}

static int close_peers(void **state)
{
    struct peers *peers = *state;
    socket_close(&peers->tcp);
    socket_close(&peers->listener);
    scene_close(&peers->scene);
    free(peers);
    return 0;
}

/* The device is told to do COMMAND, and asks. */
static void hear(struct peers *peers, const char *command)
{
    char line[200], answer[100];
    size_t length = 0;
    socket_close(&peers->tcp);
    snprintf(line, sizeof(line), "%s http://127.0.0.1:%u/firmware.bin", command,
             socket_port(peers->listener));
    virtual_device_command(&peers->device, line, answer, sizeof(answer));
    assert_string_equal(answer, "ok\n");
    peers->tcp = socket_accept(peers->listener, NULL, WAIT_MS);
    assert_true(peers->tcp >= 0);
    do {
        int count =
            socket_read(peers->tcp, peers->request + length, sizeof(peers->request) - 1 - length, WAIT_MS);
        REQUIRE(count > 0, "the device asks for nothing");
        length += (size_t)count;
        peers->request[length] = '\0';
    } while (!strstr(peers->request, "\r\n\r\n"));
}

static void say(struct peers *peers, const char *head, size_t body)
{
    assert_true(socket_send(peers->tcp, head, strlen(head), 1460, WAIT_MS));
    (void)socket_send(peers->tcp, peers->image, body, 1460, WAIT_MS); /* the device may hang up first */
}

static void expect(struct peers *peers, const char *says)
{
    REQUIRE(process_wait_line(peers->device.process, says, WAIT_MS), "not said: \"%s\" but\n%s", says,
            peers->device.process->text);
}

/* --- requests ------------------------------------------------------------------------------------- */

static void asks_as_recorded(void **state)
{
    static const struct {
        const char *command, *mode;
    } cases[] = {{"pull", "sketch"}, {"pull-filesystem", "spiffs"}, {"check", "version"}};
    struct peers *peers = *state;
    virtual_device_ask(&peers->device);
    char md5[33];
    virtual_device_string(&peers->device, "md5", md5, sizeof(md5));
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char expected[2000];
        hear(peers, cases[i].command);
        snprintf(expected, sizeof(expected),
                 "GET /firmware.bin HTTP/1.0\r\n"
                 "Host: 127.0.0.1:%u\r\n"
                 "User-Agent: ESP8266-http-Update\r\n"
                 "Connection: close\r\n"
                 "x-ESP8266-Chip-ID: 11657282\r\n"
                 "x-ESP8266-STA-MAC: DE:BA:7A:B1:E0:42\r\n"
                 "x-ESP8266-AP-MAC: DE:BA:7A:B1:E0:42\r\n"
                 "x-ESP8266-free-space: 3125248\r\n"
                 "x-ESP8266-sketch-size: 20000\r\n"
                 "x-ESP8266-sketch-md5: %s\r\n"
                 "x-ESP8266-chip-size: 4194304\r\n"
                 "x-ESP8266-sdk-version: otter\r\n"
                 "x-ESP8266-mode: %s\r\n"
                 "Content-Length: 0\r\n"
                 "\r\n",
                 socket_port(peers->listener), md5, cases[i].mode);
        assert_string_equal(peers->request, expected);
        say(peers, "HTTP/1.1 404 Not Found\r\n\r\n", 0);
        expect(peers, "update failed (pull, -102): File Not Found (404)");
    }
}

/* --- answers -------------------------------------------------------------------------------------- */

enum end { STAY, CLOSE, RESET };

static void takes_each_answer_as_recorded(void **state)
{
    static const struct {
        const char *head;
        size_t body;
        enum end end;
        const char *says;
    } cases[] = {
        {"HTTP/1.1 200 OK\r\n" LENGTH "x-MD5: 0\r\n\r\n", SIZE, STAY, "(pull, -105): Wrong MD5"},
        {"HTTP/1.1 304 Not Modified\r\n\r\n", 0, STAY, "pull: there is no update"},
        {"HTTP/1.1 304 Not Modified\r\n" LENGTH "\r\n", 0, STAY, "pull: there is no update"},
        {"HTTP/1.1 401 x\r\n\r\n", 0, STAY, "(pull, -108): Unauthorized (401)"},
        {"HTTP/1.1 403 x\r\n\r\n", 0, STAY, "(pull, -103): Forbidden (403)"},
        {"HTTP/1.1 404 x\r\n\r\n", 0, STAY, "(pull, -102): File Not Found (404)"},
        {"HTTP/1.1 500 x\r\n\r\n", 0, STAY, "(pull, -104): Wrong HTTP Code"},
        {"HTTP/1.1 503 x\r\n\r\n", 0, STAY, "(pull, -104): Wrong HTTP Code"},
        {"HTTP/1.1 204 x\r\n\r\n", 0, STAY, "(pull, -104): Wrong HTTP Code"},
        {"HTTP/1.1 206 x\r\n" LENGTH "\r\n", SIZE, STAY, "(pull, -104): Wrong HTTP Code"},
        {"HTTP/1.1 302 x\r\nLocation: /x\r\n\r\n", 0, STAY, "(pull, -104): Wrong HTTP Code"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4e20\r\n", SIZE, STAY,
         "(pull, -101): Server Did Not Report Size"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n" LENGTH "\r\n", SIZE, STAY,
         "(pull, -9): HTTP error: Transfer-Encoding not supported"},
        {"HTTP/1.1 200 OK\r\n\r\n", SIZE, CLOSE, "(pull, -101): Server Did Not Report Size"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0, STAY, "(pull, -101): Server Did Not Report Size"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n", 100, STAY, "(pull, -100): Not Enough space"},
        {"HTTP/1.1 200 OK\r\n" LENGTH "\r\n", 9999, CLOSE,
         "(pull, 6): Update error: ERROR[6]: Stream Read Timeout"},
        {"HTTP/1.1 200 OK\r\n" LENGTH "\r\n", 3, CLOSE, "(pull, -106): Verify Bin Header Failed"},
        {"HTTP/1.1 200 OK\r\nContent-", 0, CLOSE, "(pull, -5): HTTP error: connection lost"},
        {"", 0, CLOSE, "(pull, -5): HTTP error: connection lost"},
        {"", 0, RESET, "(pull, -5): HTTP error: connection lost"},
        {"220 ftp.example ready\r\n", 0, STAY, "(pull, -7): HTTP error: no HTTP server"},
        {"", 0, STAY, "(pull, -11): HTTP error: read Timeout"},
    };
    struct peers *peers = *state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        printf("%.40s...\n", cases[i].head);
        hear(peers, "pull");
        say(peers, cases[i].head, cases[i].body);
        if (cases[i].end == RESET) {
            socket_reset(peers->tcp);
            peers->tcp = -1;
        } else if (cases[i].end == CLOSE) {
            shutdown(peers->tcp, SHUT_WR);
        }
        expect(peers, cases[i].says);
    }
}

static void takes_each_update_as_recorded(void **state)
{
    static const char *const heads[] = {
        "HTTP/1.1 200 OK\r\n" LENGTH "\r\n",
        "HTTP/1.0 200 OK\r\n" LENGTH "\r\n",
        "HTTP/1.1 200 OK\nX-md5: %s\ncontent-length: 20000\n\n",
        "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"
        "Content-Disposition: attachment; filename=fw.bin\r\n" LENGTH "x-MD5: %s\r\n\r\n",
    };
    struct peers *peers = *state;
    for (size_t i = 0; i < TEST_COUNT(heads); i++) {
        char head[300], md5[33];
        sample_image(peers->image, SIZE, 10 + i);
        digest_md5(md5, peers->image, SIZE);
        for (char *digit = md5; i % 2 == 0 && *digit != '\0'; digit++)
            *digit = (char)(*digit >= 'a' ? *digit - 0x20 : *digit);
        const char *mark = strstr(heads[i], "%s");
        if (mark)
            snprintf(head, sizeof(head), "%.*s%s%s", (int)(mark - heads[i]), heads[i], md5, mark + 2);
        else
            snprintf(head, sizeof(head), "%s", heads[i]);
        hear(peers, "pull");
        say(peers, head, SIZE);
        assert_true(socket_send(peers->tcp, "and more than was announced", 27, 1460, WAIT_MS));
        expect(peers, "update complete, pulled; restarting");
        virtual_device_wait_restart(&peers->device);
        struct file flash = file_read(peers->device.flash);
        assert_memory_equal(flash.bytes, peers->image, SIZE);
        free(flash.bytes);
    }
}

static void names_both_md5s(void **state)
{
    struct peers *peers = *state;
    char text[300], md5[33];
    digest_md5(md5, peers->image, SIZE);
    hear(peers, "pull");
    say(peers, "HTTP/1.1 200 OK\r\n" LENGTH "x-MD5: 00000000000000000000000000000000\r\n\r\n", SIZE);
    snprintf(text, sizeof(text),
             "(pull, 7): Update error: ERROR[7]: MD5 verification failed: expected: "
             "00000000000000000000000000000000, calculated: %s",
             md5);
    expect(peers, text);
}

static void connection_refused(void **state)
{
    struct peers *peers = *state;
    char line[100], answer[100];
    int other = socket_bound(SOCK_STREAM, "127.0.0.1"); /* bound, but nobody listens */
    snprintf(line, sizeof(line), "pull http://127.0.0.1:%u/x", socket_port(other));
    virtual_device_command(&peers->device, line, answer, sizeof(answer));
    expect(peers, "(pull, -1): HTTP error: connection failed");
    socket_close(&other);
}

static void checks_as_recorded(void **state)
{
    static const struct {
        const char *head, *says;
    } cases[] = {
        {"HTTP/1.1 200 OK\r\nx-version: 2.0.0\r\n\r\n", "pull: version 2.0.0 is offered"},
        {"HTTP/1.1 200 OK\r\nx-version: 2.0.0\r\n" LENGTH "\r\n", "pull: version 2.0.0 is offered"},
        {"HTTP/1.1 200 OK\r\n\r\n", "(pull, -109)"},
        {"HTTP/1.1 304 x\r\nx-version: 2.0.0\r\n\r\n", "(pull, -104)"},
        {"HTTP/1.1 404 x\r\n\r\n", "(pull, -102)"},
        {"HTTP/1.1 403 x\r\n\r\n", "(pull, -103)"},
        {"HTTP/1.1 500 x\r\n\r\n", "(pull, -104)"},
    };
    struct peers *peers = *state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        hear(peers, "check");
        say(peers, cases[i].head, 0);
        expect(peers, cases[i].says);
    }
}

/* A server that never comes to an end of its head, and one that says each byte by itself. */
static void endless_and_slow_servers(void **state)
{
    struct peers *peers = *state;
    hear(peers, "pull");
    say(peers, "HTTP/1.1 200 OK\r\n", 0);
    while (socket_send(peers->tcp, "a: b\r\n", 6, 1460, WAIT_MS) &&
           !process_wait_text(peers->device.process, "(pull, -8): HTTP error: too less RAM", 0))
        continue;
    expect(peers, "(pull, -8): HTTP error: too less RAM");

    const char *head = "HTTP/1.1 200 OK\r\n" LENGTH "\r\n";
    hear(peers, "pull");
    assert_true(socket_send(peers->tcp, head, strlen(head), 1, WAIT_MS));
    assert_true(socket_send(peers->tcp, peers->image, SIZE, 7, WAIT_MS));
    expect(peers, "update complete, pulled; restarting");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_peers, close_peers)
    const struct CMUnitTest tests[] = {
        TEST(asks_as_recorded),
        TEST(takes_each_answer_as_recorded),
        TEST(takes_each_update_as_recorded),
        TEST(names_both_md5s),
        TEST(connection_refused),
        TEST(checks_as_recorded),
        TEST(endless_and_slow_servers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
