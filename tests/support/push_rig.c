#include "tests/support/push_rig.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/sample.h"
#include "tests/support/test.h"

#define STEPS_MAX 1000000u /* of one run: more is a receiver that spins */

/* --- the application ---------------------------------------------------------------------------- */

static enum otter_push_start on_start(void *context, enum otter_update_command command, uint32_t size)
{
    struct push_rig *rig = context;
    assert_true(command == OTTER_UPDATE_SKETCH || command == OTTER_UPDATE_FILESYSTEM);
    assert_true(size > 0);
    assert_false(rig->owed);
    rig->asked++;
    if (rig->decision == OTTER_PUSH_START_GO) {
        rig->starts++;
        rig->owed = true;
    }
    return rig->decision;
}

static void on_progress(void *context, uint32_t done, uint32_t total)
{
    struct push_rig *rig = context;
    assert_true(done <= total);
    rig->progresses++;
    rig->done = done;
    if (rig->abort_in_progress)
        otter_updater_abort(&rig->device.updater);
}

static void on_end(void *context)
{
    struct push_rig *rig = context;
    assert_true(rig->owed);
    rig->owed = false;
    rig->ends++;
}

static void on_error(void *context, enum otter_push_error error, const char *text)
{
    struct push_rig *rig = context;
    rig->owed = false;
    rig->errors++;
    rig->error = (int)error;
    snprintf(rig->text, sizeof(rig->text), "%s", text);
}

/* --- the device --------------------------------------------------------------------------------- */

void push_rig_open(struct push_rig *rig, const struct otter_push_settings *settings)
{
    struct otter_push_settings own = {0};
    memset(rig, 0, sizeof(*rig));
    updater_rig_open(&rig->device, "1m64", NULL);
    rig->network = &rig->device.sim.network;
    rig->network->now_ms = 1000;
    rig->uploader = (struct otter_address){.family = 4, .ip = {192, 168, 4, 2}, .port = PUSH_RIG_UDP_PORT};
    rig->error = -1;
    sample_image(rig->image, sizeof(rig->image), 2);
    if (settings != NULL)
        own = *settings;
    own.context = rig;
    own.start = on_start;
    own.progress = on_progress;
    own.end = on_end;
    own.error = on_error;
    assert_int_equal(otter_push_begin(&rig->push, &rig->device.sim.port, &rig->device.updater, &own),
                     OTTER_OK);
}

void push_rig_close(struct push_rig *rig)
{
    otter_push_end(&rig->push);
    assert_false(rig->owed);
    assert_false(rig->network->udp_open);
    assert_false(rig->network->tcp_open);
    assert_false(otter_updater_is_running(&rig->device.updater));
    updater_rig_close(&rig->device);
}

void push_rig_run(struct push_rig *rig, uint32_t ms)
{
    const uint32_t end = rig->network->now_ms + ms;
    for (unsigned steps = 0;; steps++) {
        assert_true(steps < STEPS_MAX);
        const uint32_t wait = otter_push_step(&rig->push, rig->network->now_ms);
        const uint32_t left = end - rig->network->now_ms;
        if (wait > left)
            break;
        rig->network->now_ms += wait;
    }
    rig->network->now_ms = end;
}

/* --- datagrams ---------------------------------------------------------------------------------- */

void push_rig_say_from(struct push_rig *rig, const struct otter_address *from, const char *text)
{
    otter_sim_network_datagram(rig->network, from, text, strlen(text));
    push_rig_run(rig, 0);
}

void push_rig_say(struct push_rig *rig, const char *text)
{
    push_rig_say_from(rig, &rig->uploader, text);
}

void push_rig_invite(struct push_rig *rig, unsigned command, const char *end)
{
    char text[160], md5[33];
    digest_md5(md5, rig->image, sizeof(rig->image));
    snprintf(text, sizeof(text), "%u %u %u %s%s", command, PUSH_RIG_TCP_PORT, PUSH_RIG_SIZE, md5, end);
    push_rig_say(rig, text);
}

void push_rig_expect(struct push_rig *rig, const char *text)
{
    assert_int_equal(rig->network->sent_count, 1);
    assert_string_equal(rig->network->sent.bytes, text);
    assert_memory_equal(&rig->network->sent.address, &rig->uploader, sizeof(rig->uploader));
    rig->network->sent_count = 0;
}

void push_rig_expect_silence(struct push_rig *rig)
{
    assert_int_equal(rig->network->sent_count, 0);
}

void push_rig_expect_nonce(struct push_rig *rig, char nonce[65], size_t digits)
{
    const char *text = rig->network->sent.bytes;
    assert_int_equal(rig->network->sent_count, 1);
    assert_memory_equal(text, "AUTH ", 5);
    assert_int_equal(strlen(text), 5 + digits);
    assert_int_equal(strspn(text + 5, "0123456789abcdef"), digits);
    snprintf(nonce, 65, "%s", text + 5);
    push_rig_expect(rig, text);
}

void push_rig_response(char out[160], enum digest_era era, const char *password, const char *nonce)
{
    char cnonce[65], response[65];
    if (era == DIGEST_ERA_MD5)
        digest_md5(cnonce, "cnonce", 6);
    else
        digest_sha256(cnonce, "cnonce", 6);
    digest_response(response, era, password, nonce, cnonce);
    snprintf(out, 160, "200 %s %s\n", cnonce, response);
}

/* --- transfers ---------------------------------------------------------------------------------- */

void push_rig_start(struct push_rig *rig, const char *end)
{
    push_rig_invite(rig, 0, end);
    push_rig_expect(rig, "OK");
    push_rig_run(rig, 0);
    assert_true(rig->network->tcp_open);
}

void push_rig_send(struct push_rig *rig, uint32_t from, uint32_t count)
{
    otter_sim_network_input(rig->network, rig->image + from, count);
    push_rig_run(rig, 0);
}

const char *push_rig_output(const struct push_rig *rig)
{
    return (const char *)rig->network->output.bytes;
}

void push_rig_output_ends(const struct push_rig *rig, const char *end)
{
    const char *text = push_rig_output(rig);
    assert_true(strlen(text) >= strlen(end));
    assert_string_equal(text + strlen(text) - strlen(end), end);
}

void push_rig_hang_up(struct push_rig *rig)
{
    rig->network->input_end = OTTER_ERROR_CLOSED;
    push_rig_run(rig, 0);
    assert_false(rig->network->tcp_open);
    assert_false(otter_push_is_busy(&rig->push));
}

/* --- results ------------------------------------------------------------------------------------ */

bool push_rig_is_staged(const struct push_rig *rig)
{
    return updater_rig_boot_command(&rig->device) &&
           updater_rig_holds(&rig->device, rig->device.updater.start, rig->image, sizeof(rig->image));
}

void push_rig_expect_success(const struct push_rig *rig)
{
    assert_true(push_rig_is_staged(rig));
    assert_int_equal(rig->ends, 1);
    assert_int_equal(rig->errors, 0);
    assert_int_equal(rig->device.sim.restarts, 1);
}

void push_rig_expect_failure(const struct push_rig *rig, enum otter_push_error error, const char *text)
{
    assert_false(otter_push_is_busy(&rig->push));
    assert_false(rig->network->tcp_open);
    assert_int_equal(rig->errors, 1);
    assert_int_equal(rig->error, error);
    assert_string_equal(rig->text, text);
    assert_int_equal(rig->ends, 0);
    assert_int_equal(rig->device.sim.restarts, 0);
    assert_false(otter_updater_is_running(&rig->device.updater));
    assert_false(updater_rig_boot_command(&rig->device));
}

/* The network as it was at first. */
static void repair_network(struct otter_sim_network *network)
{
    network->connect = 1;
    network->connect_refused = false;
    network->segment = 0;
    network->input_end = 0;
    network->input.size = network->input_read = 0;
    network->room = SIZE_MAX;
    network->output_error = 0;
    network->flushed = 1;
    network->sent_count = 0;
}

void push_rig_next_succeeds(struct push_rig *rig)
{
    repair_network(rig->network);
    push_rig_start(rig, "\t\n");
    push_rig_send(rig, 0, PUSH_RIG_SIZE);
    assert_string_equal(push_rig_output(rig), "40964096409640963616OK");
    push_rig_hang_up(rig);
    assert_true(push_rig_is_staged(rig));
    assert_int_equal(rig->ends, 1);
}
