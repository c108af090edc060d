#include "host/push_report.h"

#include <string.h>

#include "host/push_failure.h"
#include "host/units.h"

#define NAME_WIDTH_MAX 32 /* columns */

const char *otter_push_state_words(enum otter_push_state state)
{
    static const char *const words[] = {
        [OTTER_PUSH_STATE_INVITING] = "waiting for an answer",
        [OTTER_PUSH_STATE_PASSWORD] = "wants a password",
        [OTTER_PUSH_STATE_AUTHENTICATING] = "checking the password",
        [OTTER_PUSH_STATE_CONNECTING] = "agreed, waiting for its connection",
        [OTTER_PUSH_STATE_SENDING] = "sending",
        [OTTER_PUSH_STATE_VERIFYING] = "verifying",
        [OTTER_PUSH_STATE_ENDED] = "ended",
    };
    return words[state];
}

unsigned otter_push_percent(const struct otter_push_session *session)
{
    return (unsigned)((uint64_t)session->acknowledged * 100 / session->order->size);
}

uint64_t otter_push_rate(const struct otter_push_session *session, uint64_t now_ms)
{
    uint64_t end = session->state == OTTER_PUSH_STATE_ENDED ? session->ended : now_ms;
    uint64_t elapsed = end - session->sending_since;
    return session->sending_since == 0 || elapsed == 0 ? 0 : (uint64_t)session->acknowledged * 1000 / elapsed;
}

void otter_push_print_outcome(char *out, size_t size, const struct otter_push_session *session)
{
    otter_units_transfer(out, size, session->acknowledged, session->ended - session->sending_since);
}

void otter_push_report_begin(struct otter_push_report *report, enum otter_push_style style,
                             const struct otter_push_file *file, const struct otter_push_session *sessions,
                             struct otter_push_shown *shown, size_t count)
{
    memset(shown, 0, count * sizeof(*shown));
    *report = (struct otter_push_report){
        .style = style, .sessions = sessions, .count = count, .file = file, .shown = shown};
    if (style == OTTER_PUSH_STYLE_AUTO)
        report->style = otter_terminal_has_room(count) ? OTTER_PUSH_STYLE_LIVE : OTTER_PUSH_STYLE_PLAIN;
    otter_terminal_find(&report->terminal);
    for (size_t i = 0; i < count; i++) {
        int width = (int)strnlen(sessions[i].device.name, NAME_WIDTH_MAX);
        report->name_width = width > report->name_width ? width : report->name_width;
    }
}

void otter_push_report_update(struct otter_push_report *report, uint64_t now_ms)
{
    switch (report->style) {
    case OTTER_PUSH_STYLE_AUTO:
    case OTTER_PUSH_STYLE_QUIET:
        break;
    case OTTER_PUSH_STYLE_PLAIN:
        otter_push_show_plain(report, now_ms);
        break;
    case OTTER_PUSH_STYLE_LIVE:
        otter_push_show_live(report, now_ms);
        break;
    case OTTER_PUSH_STYLE_JSON:
        otter_push_show_json(report, now_ms);
        break;
    case OTTER_PUSH_STYLE_ESPOTA_DOTS:
    case OTTER_PUSH_STYLE_ESPOTA_BAR:
        otter_push_show_espota(report, now_ms);
        break;
    }
}

void otter_push_report_release(struct otter_push_report *report)
{
    if (report->drawn > 0)
        printf("\033[%zuA\r\033[J", report->drawn);
    fflush(stdout);
    report->drawn = 0;
}

static void explain(const struct otter_push_report *report, const struct otter_push_session *session)
{
    fprintf(stderr, "otter: %s: ", session->device.name);
    otter_push_failure_describe(stderr, session);
    fputc('\n', stderr);
    otter_push_failure_advise(stderr, session, report->file, "  ");
}

void otter_push_report_end(struct otter_push_report *report)
{
    fflush(stdout);
    if (report->style == OTTER_PUSH_STYLE_JSON)
        return; /* it is in the lines */
    if (report->style == OTTER_PUSH_STYLE_ESPOTA_BAR || report->style == OTTER_PUSH_STYLE_ESPOTA_DOTS) {
        otter_push_end_espota(report);
        return;
    }
    for (size_t i = 0; i < report->count; i++) {
        if (report->sessions[i].failure != OTTER_PUSH_FAILURE_NONE)
            explain(report, &report->sessions[i]);
    }
}
