/* A line of JSON for every step, on stdout. */
#include <stdlib.h>

#include "host/json.h"
#include "host/push_failure.h"
#include "host/push_report.h"

static void begin_line(struct otter_json *json, const char *event, const struct otter_push_session *session)
{
    *json = (struct otter_json){.out = stdout};
    otter_json_open_object(json, NULL);
    otter_json_string(json, "event", event);
    otter_json_string(json, "device", session->device.name);
}

static void end_line(struct otter_json *json)
{
    otter_json_close_object(json);
    otter_json_end(json);
}

/* Adds what otter_push_failure_describe() and _advise() print. */
static void add_explanation(struct otter_json *json, const struct otter_push_report *report,
                            const struct otter_push_session *session)
{
    char *text;
    size_t size;
    FILE *memory = open_memstream(&text, &size);
    if (memory == NULL)
        return;
    otter_push_failure_describe(memory, session);
    fputc('\0', memory);
    long advice = ftell(memory);
    otter_push_failure_advise(memory, session, report->file, "");
    if (fclose(memory) == 0 && advice > 0) {
        otter_json_string(json, "message", text);
        otter_json_string(json, "advice", text + advice);
    }
    free(text);
}

static void show_end(const struct otter_push_report *report, const struct otter_push_session *session)
{
    struct otter_json json;
    begin_line(&json, "end", session);
    otter_json_bool(&json, "updated", session->failure == OTTER_PUSH_FAILURE_NONE);
    otter_json_string(&json, "outcome", otter_push_failure_word(session->failure));
    otter_json_number(&json, "status", otter_push_failure_status(session->failure));
    otter_json_number(&json, "bytes", session->acknowledged);
    otter_json_number(&json, "total", session->order->size);
    otter_json_string(&json, "md5", session->order->md5);
    if (session->sending_since > 0)
        otter_json_number(&json, "ms", (int64_t)(session->ended - session->sending_since));
    if (session->failure != OTTER_PUSH_FAILURE_NONE)
        add_explanation(&json, report, session);
    end_line(&json);
}

static void show_state(const struct otter_push_session *session, enum otter_push_state state)
{
    static const char *const names[] = {"inviting",   "password", "authenticating",
                                        "connecting", "sending",  "verifying"};
    struct otter_json json;
    begin_line(&json, "state", session);
    otter_json_string(&json, "state", names[state]);
    end_line(&json);
}

static void show_progress(const struct otter_push_session *session, uint64_t now_ms)
{
    struct otter_json json;
    begin_line(&json, "progress", session);
    otter_json_number(&json, "bytes", session->acknowledged);
    otter_json_number(&json, "total", session->order->size);
    otter_json_number(&json, "rate", (int64_t)otter_push_rate(session, now_ms));
    end_line(&json);
}

void otter_push_show_json(struct otter_push_report *report, uint64_t now_ms)
{
    for (size_t i = 0; i < report->count; i++) {
        const struct otter_push_session *session = &report->sessions[i];
        struct otter_push_shown *shown = &report->shown[i];
        unsigned percent = otter_push_percent(session);
        bool changed = !shown->begun || shown->state != session->state;
        bool ended = session->state == OTTER_PUSH_STATE_ENDED;
        if (percent > shown->percent && shown->state < OTTER_PUSH_STATE_SENDING &&
            session->state != OTTER_PUSH_STATE_SENDING)
            show_state(session, OTTER_PUSH_STATE_SENDING); /* it is over already */
        if (changed && !ended)
            show_state(session, session->state);
        if (percent > shown->percent)
            show_progress(session, now_ms);
        if (changed && ended)
            show_end(report, session);
        *shown = (struct otter_push_shown){.begun = true, .state = session->state, .percent = percent};
    }
}
