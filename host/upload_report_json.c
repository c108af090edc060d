/* A line of JSON for every step, on stdout. */
#include <stdlib.h>

#include "host/json.h"
#include "host/upload_failure.h"
#include "host/upload_report.h"

static void begin_line(struct otter_json *json, const char *event, const struct otter_upload_session *session)
{
    *json = (struct otter_json){.out = stdout};
    otter_json_open_object(json, NULL);
    otter_json_string(json, "event", event);
    otter_json_string(json, "device", session->url.name);
}

static void end_line(struct otter_json *json)
{
    otter_json_close_object(json);
    otter_json_end(json);
}

/* Adds what the device told of itself, as far as it did. */
static void add_info(struct otter_json *json, const char *key, const struct otter_upload_info *info)
{
    if (!info->told)
        return;
    otter_json_open_object(json, key);
    otter_json_string(json, "name", info->name);
    otter_json_string(json, "version", info->version);
    otter_json_string(json, "md5", info->md5);
    otter_json_bool(json, "trial", info->trial);
    otter_json_close_object(json);
}

static void add_explanation(struct otter_json *json, const struct otter_upload_session *session)
{
    char *text;
    size_t size;
    FILE *memory = open_memstream(&text, &size);
    if (memory == NULL)
        return;
    otter_upload_failure_describe(memory, session);
    fputc('\0', memory);
    long advice = ftell(memory);
    otter_upload_failure_advise(memory, session, "");
    if (fclose(memory) == 0 && advice > 0) {
        otter_json_string(json, "message", text);
        otter_json_string(json, "advice", text + advice);
    }
    free(text);
}

static void show_end(const struct otter_upload_session *session)
{
    struct otter_json json;
    begin_line(&json, "end", session);
    otter_json_bool(&json, "updated", session->failure == OTTER_UPLOAD_FAILURE_NONE);
    otter_json_string(&json, "outcome", otter_upload_failure_word(session->failure));
    otter_json_number(&json, "status", otter_upload_failure_status(session->failure));
    otter_json_number(&json, "bytes", session->acknowledged);
    otter_json_number(&json, "total", (int64_t)session->file->sent.size);
    otter_json_string(&json, "md5", session->file->md5);
    if (session->sent > 0)
        otter_json_number(&json, "ms", (int64_t)(session->sent - session->sending_since));
    if (session->back)
        otter_json_number(&json, "restart_ms", (int64_t)(session->returned - session->sent));
    add_info(&json, "before", &session->before);
    add_info(&json, "after", &session->after);
    if (session->failure != OTTER_UPLOAD_FAILURE_NONE)
        add_explanation(&json, session);
    end_line(&json);
}

static void show_state(const struct otter_upload_session *session)
{
    static const char *const names[] = {"asking", "sending", "verifying", "restarting"};
    struct otter_json json;
    begin_line(&json, "state", session);
    otter_json_string(&json, "state", names[session->state]);
    end_line(&json);
}

static void show_progress(const struct otter_upload_session *session, uint64_t now_ms)
{
    struct otter_json json;
    begin_line(&json, "progress", session);
    otter_json_number(&json, "bytes", session->acknowledged);
    otter_json_number(&json, "total", (int64_t)session->file->sent.size);
    otter_json_number(&json, "rate", (int64_t)otter_upload_rate(session, now_ms));
    end_line(&json);
}

void otter_upload_show_json(const struct otter_upload_report *report, bool changed, unsigned percent,
                            uint64_t now_ms)
{
    const struct otter_upload_session *session = report->session;
    if (percent > report->percent)
        show_progress(session, now_ms);
    if (changed && session->state == OTTER_UPLOAD_STATE_ENDED)
        show_end(session);
    else if (changed)
        show_state(session);
}
