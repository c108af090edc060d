#include "host/upload_report.h"

#include <stdio.h>
#include <string.h>

#include "host/units.h"
#include "host/upload_failure.h"

#define DRAW_EVERY_MS 100
#define PERCENT_STEP  25 /* of a log */

static const char *const words[] = {
    [OTTER_UPLOAD_STATE_ASKING] = "asking what it runs",
    [OTTER_UPLOAD_STATE_SENDING] = "sending",
    [OTTER_UPLOAD_STATE_VERIFYING] = "verifying",
    [OTTER_UPLOAD_STATE_RESTARTING] = "took it, restarts",
    [OTTER_UPLOAD_STATE_ENDED] = "ended",
};

uint64_t otter_upload_rate(const struct otter_upload_session *session, uint64_t now_ms)
{
    uint64_t elapsed = now_ms - session->sending_since;
    return session->sending_since == 0 || elapsed == 0 ? 0 : (uint64_t)session->acknowledged * 1000 / elapsed;
}

static unsigned percent_of(const struct otter_upload_session *session)
{
    return (unsigned)((uint64_t)session->acknowledged * 100 / session->file->sent.size);
}

void otter_upload_report_begin(struct otter_upload_report *report, enum otter_upload_style style,
                               const struct otter_upload_session *session)
{
    *report = (struct otter_upload_report){.style = style, .session = session};
    otter_terminal_find(&report->terminal);
    if (style == OTTER_UPLOAD_STYLE_AUTO)
        report->style = otter_terminal_has_room(1) ? OTTER_UPLOAD_STYLE_LIVE : OTTER_UPLOAD_STYLE_PLAIN;
}

/* The sketch is another one if anything of what is known of it is. */
static bool is_same(const struct otter_upload_session *session)
{
    return strcmp(session->before.md5, session->after.md5) == 0 &&
           strcmp(session->before.version, session->after.version) == 0;
}

/* "garden 1.0.0 -> garden 2.0.0, back after 3.1 s" */
static void print_what_runs(const struct otter_upload_report *report)
{
    const struct otter_upload_session *session = report->session;
    char before[OTTER_UPLOAD_INFO_LABEL], after[OTTER_UPLOAD_INFO_LABEL], time[OTTER_UNITS_SIZE];
    otter_upload_info_label(before, &session->before);
    otter_upload_info_label(after, &session->after);
    otter_units_time(time, session->returned - session->sent);
    if (session->after.told && !is_same(session))
        printf("%s %s %s, ", before, report->terminal.unicode ? "\xE2\x86\x92" : "->", after);
    else if (session->after.told)
        printf("it runs %s%s, ", after, session->filesystem ? "" : " as before");
    printf("back after %s\n", time);
    if (session->after.trial)
        printf("%s: on trial: unless it confirms itself, the device goes back to what it ran before\n",
               session->url.name);
}

static void print_end(const struct otter_upload_report *report)
{
    const struct otter_upload_session *session = report->session;
    bool good = session->failure == OTTER_UPLOAD_FAILURE_NONE;
    char outcome[128];
    otter_units_transfer(outcome, sizeof(outcome), session->acknowledged,
                         session->sent - session->sending_since);
    printf("%s: %s%s%s: %s\n", session->url.name,
           otter_terminal_paint(&report->terminal, good ? OTTER_TERMINAL_GREEN : OTTER_TERMINAL_RED),
           good ? "updated" : "failed", otter_terminal_paint(&report->terminal, OTTER_TERMINAL_PLAIN),
           good ? outcome : otter_upload_failure_word(session->failure));
    if (good && session->back) {
        printf("%s: ", session->url.name);
        print_what_runs(report);
    }
}

static void show_plain(struct otter_upload_report *report, bool changed, unsigned percent)
{
    const struct otter_upload_session *session = report->session;
    if (changed && session->state == OTTER_UPLOAD_STATE_ENDED)
        print_end(report);
    else if (changed)
        printf("%s: %s\n", session->url.name, words[session->state]);
    else if (percent / PERCENT_STEP > report->percent / PERCENT_STEP)
        printf("%s: %u%%\n", session->url.name, percent / PERCENT_STEP * PERCENT_STEP);
}

void otter_upload_report_release(struct otter_upload_report *report)
{
    if (report->drawn)
        fputs("\033[1A\r\033[J", stdout);
    fflush(stdout);
    report->drawn = false;
}

static void draw_line(struct otter_upload_report *report, uint64_t now_ms)
{
    const struct otter_upload_session *session = report->session;
    int width = otter_terminal_width() - 1 - (int)strlen(session->url.name) - 2;
    width = width > 0 ? width : 0;
    printf("%s  ", session->url.name);
    if (session->state == OTTER_UPLOAD_STATE_SENDING || session->state == OTTER_UPLOAD_STATE_VERIFYING)
        otter_terminal_print_progress(&report->terminal, width, session->acknowledged,
                                      session->file->sent.size, otter_upload_rate(session, now_ms),
                                      session->state == OTTER_UPLOAD_STATE_VERIFYING ? "verifying" : NULL);
    else
        printf("%.*s", width, words[session->state]);
    putchar('\n');
    report->drawn = true;
}

static void show_live(struct otter_upload_report *report, bool changed, uint64_t now_ms)
{
    if (!changed && now_ms < report->draw_at)
        return;
    report->draw_at = now_ms + DRAW_EVERY_MS;
    otter_upload_report_release(report);
    if (report->session->state == OTTER_UPLOAD_STATE_ENDED)
        print_end(report);
    else
        draw_line(report, now_ms);
}

void otter_upload_report_update(struct otter_upload_report *report, uint64_t now_ms)
{
    unsigned percent = percent_of(report->session);
    bool changed = !report->begun || report->state != report->session->state;
    switch (report->style) {
    case OTTER_UPLOAD_STYLE_AUTO:
    case OTTER_UPLOAD_STYLE_QUIET:
        break;
    case OTTER_UPLOAD_STYLE_PLAIN:
        show_plain(report, changed, percent);
        break;
    case OTTER_UPLOAD_STYLE_LIVE:
        show_live(report, changed, now_ms);
        break;
    case OTTER_UPLOAD_STYLE_JSON:
        otter_upload_show_json(report, changed, percent, now_ms);
        break;
    }
    fflush(stdout);
    report->begun = true;
    report->state = report->session->state;
    report->percent = percent;
}

void otter_upload_report_end(struct otter_upload_report *report)
{
    const struct otter_upload_session *session = report->session;
    if (session->failure == OTTER_UPLOAD_FAILURE_NONE || report->style == OTTER_UPLOAD_STYLE_JSON)
        return;
    fprintf(stderr, "otter: %s: ", session->url.name);
    otter_upload_failure_describe(stderr, session);
    fputc('\n', stderr);
    otter_upload_failure_advise(stderr, session, "  ");
}
