/* A line for every step: for logs, pipes and terminals without room. */
#include "host/push_failure.h"
#include "host/push_report.h"

#define PERCENT_STEP 25

static void show_end(const struct otter_push_session *session)
{
    char outcome[128];
    if (session->failure == OTTER_PUSH_FAILURE_NONE) {
        otter_push_print_outcome(outcome, sizeof(outcome), session);
        printf("%s: updated: %s\n", session->device.name, outcome);
    } else {
        printf("%s: failed: %s\n", session->device.name, otter_push_failure_word(session->failure));
    }
}

static void show_session(const struct otter_push_session *session, struct otter_push_shown *shown)
{
    unsigned percent = otter_push_percent(session) / PERCENT_STEP * PERCENT_STEP;
    bool changed = !shown->begun || shown->state != session->state;
    if (changed && session->state == OTTER_PUSH_STATE_ENDED)
        show_end(session);
    else if (changed)
        printf("%s: %s\n", session->device.name, otter_push_state_words(session->state));
    else if (percent > shown->percent)
        printf("%s: %u%%\n", session->device.name, percent);
    shown->begun = true;
    shown->state = session->state;
    shown->percent = percent;
}

void otter_push_show_plain(struct otter_push_report *report, uint64_t now_ms)
{
    (void)now_ms;
    for (size_t i = 0; i < report->count; i++)
        show_session(&report->sessions[i], &report->shown[i]);
    fflush(stdout);
}
