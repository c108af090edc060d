/* A line for every device on a terminal, redrawn in place: name, bar, percent, bytes, rate, time left. */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "host/push_failure.h"
#include "host/push_report.h"
#include "host/units.h"

#define DRAW_EVERY_MS 100
#define BAR_MAX       30 /* columns */
#define BAR_MIN       8
#define WIDTH_DEFAULT 80

#define GREEN "\033[32m"
#define RED   "\033[31m"
#define DIM   "\033[2m"
#define PLAIN "\033[0m"

static const char *paint(const struct otter_push_report *report, const char *colour)
{
    return report->colour ? colour : "";
}

static int terminal_width(void)
{
    struct winsize window;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0 ? window.ws_col
                                                                               : WIDTH_DEFAULT;
}

static void draw_bar(const struct otter_push_report *report, unsigned percent, int columns)
{
    static const char *const lines[] = {"\xE2\x94\x81", "\xE2\x94\x80"}; /* U+2501, heavy; U+2500, light */
    static const char *const ascii[] = {"=", "-"};
    const char *const *glyphs = report->unicode ? lines : ascii;
    int full = (int)percent * columns / 100;
    fputs(paint(report, GREEN), stdout);
    for (int i = 0; i < columns; i++) {
        if (i == full)
            fputs(paint(report, PLAIN DIM), stdout);
        fputs(i < full ? glyphs[0] : glyphs[1], stdout);
    }
    printf("%s  ", paint(report, PLAIN));
}

static void print_figures(char *out, size_t size, const struct otter_push_session *session, uint64_t now_ms)
{
    char bytes[OTTER_UNITS_SIZE], rate_text[OTTER_UNITS_SIZE], left[OTTER_UNITS_SIZE];
    uint64_t rate = otter_push_rate(session, now_ms);
    otter_units_bytes(bytes, session->acknowledged);
    otter_units_bytes(rate_text, rate);
    if (session->state == OTTER_PUSH_STATE_VERIFYING)
        snprintf(out, size, "%3u%%  verifying", otter_push_percent(session));
    else if (rate == 0)
        snprintf(out, size, "%3u%%", otter_push_percent(session));
    else {
        otter_units_time(left, (session->order->size - session->acknowledged) * 1000ull / rate);
        snprintf(out, size, "%3u%%  %8s  %8s/s  %s left", otter_push_percent(session), bytes, rate_text,
                 left);
    }
}

static void draw_transfer(const struct otter_push_report *report, const struct otter_push_session *session,
                          int width, uint64_t now_ms)
{
    char figures[128];
    print_figures(figures, sizeof(figures), session, now_ms);
    int room = width - (int)strlen("100%  1023 KiB  1023 KiB/s  59 min 59 s left  ");
    if (room >= BAR_MIN)
        draw_bar(report, otter_push_percent(session), room < BAR_MAX ? room : BAR_MAX);
    printf("%.*s", width, figures);
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
    printf("%s%s%s%.*s", paint(report, good ? GREEN : RED), word, paint(report, PLAIN), room > 0 ? room : 0,
           outcome);
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
    int width = terminal_width() - 1 - report->name_width - 2;
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
