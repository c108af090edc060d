#include "tests/support/web_rig.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/sample.h"
#include "tests/support/test.h"

#define STEPS_MAX 1000000u /* of one run: more is a server that spins */
#define PART      "--sep\r\nContent-Disposition: form-data; name=\"firmware\"; filename=\"a.bin\"\r\n\r\n"
#define END       "\r\n--sep--\r\n"

/* --- the application ---------------------------------------------------------------------------- */

static enum otter_web_start on_start(void *context, enum otter_update_command command, uint32_t size)
{
    struct web_rig *rig = context;
    rig->asked++;
    rig->command = command;
    rig->size = size;
    if (rig->decision == OTTER_WEB_START_GO)
        rig->starts++;
    return rig->decision;
}

static void on_progress(void *context, uint32_t done, uint32_t total)
{
    struct web_rig *rig = context;
    assert_true(done >= rig->done && done <= total);
    rig->progresses++;
    rig->done = done;
    rig->total = total;
}

static void on_end(void *context)
{
    struct web_rig *rig = context;
    rig->ends++;
    rig->done = 0;
}

static void on_error(void *context, enum otter_error error, const char *text)
{
    struct web_rig *rig = context;
    rig->errors++;
    rig->error = error;
    rig->done = 0;
    snprintf(rig->text, sizeof(rig->text), "%s", text);
}

/* --- the device --------------------------------------------------------------------------------- */

void web_rig_open(struct web_rig *rig, const struct otter_web_settings *settings)
{
    struct otter_web_settings own = {0};
    memset(rig, 0, sizeof(*rig));
    updater_rig_open(&rig->device, "1m64", NULL);
    rig->network = &rig->device.sim.network;
    rig->network->now_ms = UINT32_MAX - 1000; /* the clock wraps around soon */
    sample_image(rig->image, sizeof(rig->image), 2);
    if (settings != NULL)
        own = *settings;
    own.context = rig;
    own.start = on_start;
    own.progress = on_progress;
    own.end = on_end;
    own.error = on_error;
    assert_int_equal(otter_web_begin(&rig->web, &rig->device.sim.port, &rig->device.updater, &own), OTTER_OK);
    assert_true(rig->network->listening);
}

void web_rig_close(struct web_rig *rig)
{
    otter_web_end(&rig->web);
    assert_int_equal(rig->starts > 0, rig->ends + rig->errors > 0);
    assert_false(rig->network->listening);
    for (unsigned i = 0; i < OTTER_SIM_VISITORS; i++)
        assert_false(rig->network->visitors[i].open);
    assert_false(otter_updater_is_running(&rig->device.updater));
    updater_rig_close(&rig->device);
}

void web_rig_run(struct web_rig *rig, uint32_t ms)
{
    const uint32_t end = rig->network->now_ms + ms;
    for (unsigned steps = 0;; steps++) {
        assert_true(steps < STEPS_MAX);
        const uint32_t wait = otter_web_step(&rig->web, rig->network->now_ms);
        const uint32_t left = end - rig->network->now_ms;
        if (wait > left)
            break;
        rig->network->now_ms += wait;
    }
    rig->network->now_ms = end;
}

/* --- clients ------------------------------------------------------------------------------------ */

void web_rig_say(struct web_rig *rig, struct otter_sim_visitor *visitor, const void *bytes, size_t size)
{
    otter_sim_visitor_say(visitor, bytes, size);
    web_rig_run(rig, 0);
}

struct otter_sim_visitor *web_rig_visit(struct web_rig *rig, const char *text)
{
    struct otter_sim_visitor *visitor = otter_sim_network_visit(rig->network);
    web_rig_say(rig, visitor, text, strlen(text));
    return visitor;
}

struct otter_sim_visitor *web_rig_upload(struct web_rig *rig, const char *fields, size_t size)
{
    char bytes[1024 + WEB_RIG_SIZE];
    struct otter_sim_visitor *visitor = otter_sim_network_visit(rig->network);
    int head = snprintf(bytes, 1024,
                        "POST /update HTTP/1.1\r\nHost: lamp.local\r\n%sContent-Type: multipart/form-data; "
                        "boundary=sep\r\nContent-Length: %zu\r\n\r\n" PART,
                        fields, sizeof(PART) - 1 + WEB_RIG_SIZE + sizeof(END) - 1);
    memcpy(bytes + head, rig->image, WEB_RIG_SIZE);
    memcpy(bytes + (size_t)head + WEB_RIG_SIZE, END, sizeof(END) - 1);
    const size_t all = (size_t)head + WEB_RIG_SIZE + sizeof(END) - 1;
    web_rig_say(rig, visitor, bytes, size < all ? size : all);
    return visitor;
}

void web_rig_begins(const struct otter_sim_visitor *visitor, const char *text)
{
    const char *said = (const char *)visitor->output.bytes;
    if (strncmp(said, text, strlen(text)) != 0)
        fail_msg("not \"%s\" but \"%s\"", text, said);
}

void web_rig_holds(const struct otter_sim_visitor *visitor, const char *text)
{
    const char *said = (const char *)visitor->output.bytes;
    if (strstr(said, text) == NULL)
        fail_msg("no \"%s\" in \"%s\"", text, said);
}
