#include "tests/support/pull_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/bytes.h"
#include "tests/support/require.h"
#include "tests/support/sample.h"
#include "tests/support/test.h"

#define STEPS_MAX 1000000u /* of one run: more is a client that spins */

/* --- the application ---------------------------------------------------------------------------- */

static enum otter_pull_start on_start(void *context, enum otter_update_command command, uint32_t size)
{
    struct pull_rig *rig = context;
    assert_true(command == OTTER_UPDATE_SKETCH || command == OTTER_UPDATE_FILESYSTEM);
    rig->asked++;
    rig->announced = size;
    if (rig->decision == OTTER_PULL_START_GO)
        rig->starts++;
    return rig->decision;
}

static void on_progress(void *context, uint32_t done, uint32_t total)
{
    struct pull_rig *rig = context;
    assert_true(done <= total);
    rig->progresses++;
}

static void on_end(void *context, enum otter_pull_result result, int error, const char *text)
{
    struct pull_rig *rig = context;
    assert_false(otter_pull_is_busy(&rig->pull));
    rig->ends++;
    rig->result = result;
    rig->error = error;
    snprintf(rig->text, sizeof(rig->text), "%s", text);
}

/* --- the device --------------------------------------------------------------------------------- */

static void begin(struct pull_rig *rig)
{
    memset(&rig->pull, 0, sizeof(rig->pull));
    assert_int_equal(
        otter_pull_begin(&rig->pull, &rig->device.sim.port, &rig->device.updater, &rig->settings), OTTER_OK);
}

void pull_rig_open(struct pull_rig *rig, const struct otter_pull_settings *settings)
{
    struct otter_pull_settings own = {.mac = {0x18, 0xFE, 0xAA, 0x01, 0x02, 0x0B}};
    memset(rig, 0, sizeof(*rig));
    updater_rig_open(&rig->device, "1m64", NULL);
    rig->network = &rig->device.sim.network;
    rig->network->now_ms = 1000;
    sample_image(rig->image, sizeof(rig->image), 2);
    digest_md5(rig->md5, rig->image, sizeof(rig->image));
    if (settings != NULL)
        own = *settings;
    own.context = rig;
    own.start = on_start;
    own.progress = on_progress;
    own.end = on_end;
    rig->settings = own;
    begin(rig);
}

void pull_rig_close(struct pull_rig *rig)
{
    otter_pull_end(&rig->pull);
    assert_false(otter_pull_is_busy(&rig->pull));
    assert_false(rig->network->tcp_open);
    assert_false(otter_updater_is_running(&rig->device.updater));
    updater_rig_close(&rig->device);
}

/* --- the server --------------------------------------------------------------------------------- */

struct pull_rig_answer *pull_rig_answer(struct pull_rig *rig, const char *head, const void *body, size_t size,
                                        int end)
{
    struct pull_rig_answer *answer = &rig->answers[rig->answer_count++];
    size_t length = 0;
    REQUIRE(rig->answer_count <= PULL_RIG_ANSWERS, "too many answers");
    for (; *head != '\0'; head++)
        length += (size_t)snprintf(answer->head + length, sizeof(answer->head) - length,
                                   *head == '\n' ? "\r\n" : "%c", *head);
    snprintf(answer->head + length, sizeof(answer->head) - length, "\r\n");
    answer->body = body;
    answer->size = size;
    answer->end = end;
    return answer;
}

struct pull_rig_answer *pull_rig_serve(struct pull_rig *rig, const char *etag, size_t start, size_t size,
                                       int end)
{
    char head[500];
    int length = start == 0 ? snprintf(head, sizeof(head), "HTTP/1.1 200 OK\n")
                            : snprintf(head, sizeof(head),
                                       "HTTP/1.1 206 Partial Content\nContent-Range: bytes %zu-%u/%u\n",
                                       start, PULL_RIG_SIZE - 1, PULL_RIG_SIZE);
    length += snprintf(head + length, sizeof(head) - (size_t)length, "Content-Length: %zu\nx-MD5: %s\n",
                       PULL_RIG_SIZE - start, rig->md5);
    if (etag != NULL)
        snprintf(head + length, sizeof(head) - (size_t)length, "ETag: %s\n", etag);
    return pull_rig_answer(rig, head, rig->image + start, size, end);
}

/* What a server that can send parts makes of the request. */
static void serve_part(struct pull_rig *rig)
{
    char if_range[100];
    const char *range = strstr(rig->request, "\r\nRange: bytes=");
    const size_t size = rig->portion != 0 ? rig->portion : PULL_RIG_SIZE;
    size_t start = 0;
    snprintf(if_range, sizeof(if_range), "\r\nIf-Range: %s\r\n", rig->etag);
    if (range != NULL && strstr(rig->request, if_range) != NULL)
        start = strtoul(range + strlen("\r\nRange: bytes="), NULL, 10);
    assert_true(start < PULL_RIG_SIZE);
    rig->part_start = (uint32_t)start;
    const bool is_last = size >= PULL_RIG_SIZE - start;
    rig->answer_count = rig->answered; /* in place of the last one */
    if (rig->answer_count == PULL_RIG_ANSWERS)
        rig->answer_count = rig->answered = 0;
    (void)pull_rig_serve(rig, rig->etag, start, is_last ? PULL_RIG_SIZE - start : size,
                         is_last ? 0 : OTTER_ERROR_TRANSPORT);
}

static void begin_connection(struct pull_rig *rig)
{
    struct otter_sim_network *network = rig->network;
    rig->connection = network->connections;
    network->input_read = network->input.size;
    network->input_end = 0;
    rig->request[0] = '\0';
}

static void give_answer(struct pull_rig *rig)
{
    struct otter_sim_network *network = rig->network;
    if (network->connections != rig->connection)
        begin_connection(rig);
    if (!network->tcp_open || rig->request[0] != '\0' ||
        (rig->answered == rig->answer_count && rig->etag == NULL) ||
        strstr((const char *)network->output.bytes, "\r\n\r\n") == NULL)
        return;
    snprintf(rig->request, sizeof(rig->request), "%s", (const char *)network->output.bytes);
    if (rig->answered == rig->answer_count)
        serve_part(rig);
    const struct pull_rig_answer *answer = &rig->answers[rig->answered++];
    otter_sim_network_input(network, answer->head, strlen(answer->head));
    rig->body_at = network->input.size;
    otter_sim_network_input(network, answer->body, answer->size);
    network->input_end = answer->end;
}

/* Counts what the device has read of the body. */
static void count_sent(struct pull_rig *rig)
{
    const size_t read = rig->network->input_read;
    if (read <= rig->body_at)
        return;
    rig->sent += read - rig->body_at;
    rig->body_at = read;
}

void pull_rig_restart(struct pull_rig *rig)
{
    const struct otter_updater_settings settings = rig->device.updater.settings;
    count_sent(rig);
    rig->network->tcp_open = false;
    otter_updater_init(&rig->device.updater, &rig->device.sim.port, &settings);
    begin(rig);
}

/* --- time --------------------------------------------------------------------------------------- */

void pull_rig_run(struct pull_rig *rig, uint32_t ms)
{
    const uint32_t end = rig->network->now_ms + ms;
    for (unsigned steps = 0;; steps++) {
        assert_true(steps < STEPS_MAX);
        give_answer(rig);
        count_sent(rig);
        const uint32_t wait = otter_pull_step(&rig->pull, rig->network->now_ms);
        const uint32_t left = end - rig->network->now_ms;
        if (wait > left)
            break;
        rig->network->now_ms += wait;
    }
    rig->network->now_ms = end;
}

void pull_rig_pull(struct pull_rig *rig, enum otter_pull_kind kind, uint32_t ms)
{
    const unsigned ends = rig->ends;
    assert_int_equal(otter_pull_start(&rig->pull, PULL_RIG_URL, kind), OTTER_OK);
    assert_true(otter_pull_is_busy(&rig->pull));
    pull_rig_run(rig, ms);
    REQUIRE(rig->ends == ends + 1, "%u ends instead of %u", rig->ends, ends + 1);
}

void pull_rig_expect(const struct pull_rig *rig, enum otter_pull_result result, int error)
{
    REQUIRE(rig->result == result && rig->error == error, "result %d, error %d (%s) instead of %d, %d",
            (int)rig->result, rig->error, rig->text, (int)result, error);
    assert_int_equal(otter_pull_result(&rig->pull), result);
    assert_int_equal(otter_pull_error(&rig->pull), error);
}

void pull_rig_expect_update(const struct pull_rig *rig)
{
    const uint32_t start =
        rig->device.sim.port.layout->filesystem_start - otter_round_up(PULL_RIG_SIZE, OTTER_FLASH_SECTOR);
    pull_rig_expect(rig, OTTER_PULL_OK, 0);
    assert_int_equal(rig->device.sim.restarts, 1);
    assert_true(updater_rig_holds(&rig->device, start, rig->image, PULL_RIG_SIZE));
    updater_rig_will_copy(&rig->device, start, 0, PULL_RIG_SIZE);
}
