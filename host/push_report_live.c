/* A line for every device on a terminal, redrawn in place: name, bar, percent, bytes, rate, time left. */
#include <string.h>

#include "host/push_failure.h"
#include "host/push_report.h"

#define DRAW_EVERY_MS 100

static void draw_transfer(const struct otter_push_report *report, const struct otter_push_session *session,
                          int width, uint64_t now_ms)
{
    const char *note = session->state == OTTER_PUSH_STATE_VERIFYING ? "verifying" : NULL;
    otter_terminal_print_progress(&report->terminal, width, session->acknowledged, session->order->size,
                                  otter_push_rate(session, now_ms), note);
}

static void draw_end(const struct otter_push_report *report, const struct otter_push_session *session,
                     int width)
{
    char outcome[128];
    bool good = session->failure == OTTER_PUSH_FAILURE_NONE;
    const char *word = good ? "updated: " : "failed: ";
    if (good)
        otter_push_print_outcome(outcome, sizeof(outcome), session);
    else
        snprintf(outcome, sizeof(outcome), "%s", otter_push_failure_word(session->failure));
    int room = width - (int)strlen(word);
    printf("%s%s%s%.*s",
           otter_terminal_paint(&report->terminal, good ? OTTER_TERMINAL_GREEN : OTTER_TERMINAL_RED), word,
           otter_terminal_paint(&report->terminal, OTTER_TERMINAL_PLAIN), room > 0 ? room : 0, outcome);
}

static void draw_waiting(const struct otter_push_session *session, int width)
{
    char text[128];
    snprintf(text, sizeof(text), "%s (asked %u times%s)", otter_push_state_words(session->state),
             session->tries, session->port_closed ? "; nothing listens there" : "");
    printf("%.*s", width, text);
}

static void draw_session(const struct otter_push_report *report, const struct otter_push_session *session,
                         uint64_t now_ms)
{
    int width = otter_terminal_width() - 1 - report->name_width - 2;
    width = width > 0 ? width : 0;
    printf("\033[2K%-*.*s  ", report->name_width, report->name_width, session->device.name);
    if (session->state == OTTER_PUSH_STATE_ENDED)
        draw_end(report, session, width);
    else if (session->state >= OTTER_PUSH_STATE_SENDING)
        draw_transfer(report, session, width, now_ms);
    else if (session->state == OTTER_PUSH_STATE_INVITING && session->tries > 1)
        draw_waiting(session, width);
    else
        printf("%.*s", width, otter_push_state_words(session->state));
    putchar('\n');
}

static bool note_changes(struct otter_push_report *report)
{
    bool changed = false;
    for (size_t i = 0; i < report->count; i++) {
        changed = changed || !report->shown[i].begun || report->shown[i].state != report->sessions[i].state;
        report->shown[i].begun = true;
        report->shown[i].state = report->sessions[i].state;
    }
    return changed;
}

void otter_push_show_live(struct otter_push_report *report, uint64_t now_ms)
{
    if (!note_changes(report) && now_ms < report->draw_at)
        return;
    report->draw_at = now_ms + DRAW_EVERY_MS;
    if (report->drawn > 0)
        printf("\033[%zuA\r", report->drawn);
    for (size_t i = 0; i < report->count; i++)
        draw_session(report, &report->sessions[i], now_ms);
    report->drawn = report->count;
    fflush(stdout);
}
