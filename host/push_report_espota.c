/* What espota.py shows, on stderr as it does: users and IDEs look for these words. */
#include <time.h>

#include "host/push_failure.h"
#include "host/push_report.h"

#define BAR_COLUMNS 60

static void log_error(const char *words, const char *text)
{
    time_t now = time(NULL);
    struct tm parts;
    char clock[16] = "";
    if (localtime_r(&now, &parts) != NULL)
        strftime(clock, sizeof(clock), "%H:%M:%S", &parts);
    fprintf(stderr, "%s [ERROR]: %s%s%s\n", clock, words, *text != '\0' ? ": " : "", text);
}

static void show_authentication(const struct otter_push_session *session, struct otter_push_shown *shown)
{
    bool over = session->state >= OTTER_PUSH_STATE_CONNECTING;
    bool failed = session->failure == OTTER_PUSH_FAILURE_PASSWORD_WRONG ||
                  session->failure == OTTER_PUSH_FAILURE_NO_VERDICT ||
                  session->failure == OTTER_PUSH_FAILURE_INTERRUPTED;
    if (session->nonce_digits > 0 && !shown->authenticating) {
        fputs("Authenticating...", stderr);
        shown->authenticating = true;
    }
    if (shown->authenticating && !shown->authenticated && over) {
        fputs(failed ? "FAIL\n" : "OK\n", stderr);
        shown->authenticated = true;
    }
}

static void show_bar(unsigned percent)
{
    fprintf(stderr, "\rUploading: [");
    for (unsigned i = 0; i < BAR_COLUMNS; i++)
        fputc(i < percent * BAR_COLUMNS / 100 ? '=' : ' ', stderr);
    fprintf(stderr, "] %u%% %s", percent, percent == 100 ? "Done...\n" : "");
}

static void show_dots(const struct otter_push_shown *shown, unsigned percent)
{
    if (!shown->begun)
        fputs("Uploading", stderr);
    for (unsigned i = shown->percent; i < percent; i++)
        fputc('.', stderr);
}

static void show_transfer(const struct otter_push_report *report, const struct otter_push_session *session,
                          struct otter_push_shown *shown)
{
    unsigned percent = otter_push_percent(session);
    if (session->sending_since == 0 || (shown->begun && percent == shown->percent))
        return;
    if (report->style == OTTER_PUSH_STYLE_ESPOTA_BAR)
        show_bar(percent);
    else
        show_dots(shown, percent);
    shown->begun = true;
    shown->percent = percent;
}

void otter_push_show_espota(struct otter_push_report *report, uint64_t now_ms)
{
    (void)now_ms;
    show_authentication(&report->sessions[0], &report->shown[0]);
    show_transfer(report, &report->sessions[0], &report->shown[0]);
    fflush(stderr);
}

/* Where espota.py had words of its own, they come first. */
static const char *espota_words(const struct otter_push_session *session)
{
    switch (session->failure) {
    case OTTER_PUSH_FAILURE_NO_ANSWER:
    case OTTER_PUSH_FAILURE_NO_VERDICT:
        return "No Answer";
    case OTTER_PUSH_FAILURE_PASSWORD_WRONG:
        return "Authentication Failed";
    case OTTER_PUSH_FAILURE_NO_CONNECTION:
        return "No response from device";
    case OTTER_PUSH_FAILURE_REFUSED:
        return "Bad Answer";
    case OTTER_PUSH_FAILURE_BROKEN:
    case OTTER_PUSH_FAILURE_STALLED:
        return "Error Uploading";
    case OTTER_PUSH_FAILURE_LOCAL:
        return "Listen Failed";
    case OTTER_PUSH_FAILURE_NO_RESULT:
    case OTTER_PUSH_FAILURE_SILENT:
        return "No Result!";
    default:
        return otter_push_failure_word(session->failure);
    }
}

void otter_push_end_espota(struct otter_push_report *report)
{
    const struct otter_push_session *session = &report->sessions[0];
    bool line_open = report->style == OTTER_PUSH_STYLE_ESPOTA_DOTS || report->shown[0].percent < 100;
    if (report->shown[0].begun && line_open)
        fputc('\n', stderr);
    if (session->failure == OTTER_PUSH_FAILURE_NONE)
        return;
    log_error(espota_words(session), session->text);
    if (session->failure == OTTER_PUSH_FAILURE_PASSWORD_WRONG)
        return; /* nothing to add, and other ways to give one */
    fprintf(stderr, "  %s: ", session->device.name);
    otter_push_failure_describe(stderr, session);
    fputc('\n', stderr);
    otter_push_failure_advise(stderr, session, report->file, "  ");
}
