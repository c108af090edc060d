/* What a user sees of a push while it runs: on a terminal, in a log, as JSON, or as espota showed it. */
#ifndef OTTER_HOST_PUSH_REPORT_H
#define OTTER_HOST_PUSH_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "host/push_file.h"
#include "host/push_session.h"
#include "host/terminal.h"

enum otter_push_style {
    OTTER_PUSH_STYLE_AUTO,  /* LIVE on a terminal that has room for it, otherwise PLAIN */
    OTTER_PUSH_STYLE_QUIET, /* only what goes wrong */
    OTTER_PUSH_STYLE_PLAIN, /* a line for every step */
    OTTER_PUSH_STYLE_LIVE,  /* a line for every device, redrawn in place */
    OTTER_PUSH_STYLE_JSON,  /* a line of JSON for every step */
    OTTER_PUSH_STYLE_ESPOTA_DOTS,
    OTTER_PUSH_STYLE_ESPOTA_BAR,
};

/* What was last shown of a session. */
struct otter_push_shown {
    bool begun;
    bool authenticating, authenticated; /* espota */
    bool ended;
    enum otter_push_state state;
    unsigned percent;
};

struct otter_push_report {
    enum otter_push_style style;
    const struct otter_push_session *sessions;
    size_t count;
    const struct otter_push_file *file;
    struct otter_push_shown *shown; /* COUNT of them */
    struct otter_terminal terminal;
    int name_width;
    size_t drawn;     /* lines on the screen that are to be redrawn */
    uint64_t draw_at; /* ms: not before, unless a state changed */
};

/* Zeroes and prepares REPORT; SESSIONS must have been begun, SHOWN is the caller's memory for COUNT of them.
 */
void otter_push_report_begin(struct otter_push_report *report, enum otter_push_style style,
                             const struct otter_push_file *file, const struct otter_push_session *sessions,
                             struct otter_push_shown *shown, size_t count);

/* Shows what has changed. */
void otter_push_report_update(struct otter_push_report *report, uint64_t now_ms);

/* Something else is going to be written to the terminal: takes away what would be redrawn. */
void otter_push_report_release(struct otter_push_report *report);

/* Everything is over: says, on stderr, what went wrong and what to do about it. */
void otter_push_report_end(struct otter_push_report *report);

/* --- for the styles -------------------------------------------------------------------------------- */

void otter_push_show_plain(struct otter_push_report *report, uint64_t now_ms);
void otter_push_show_live(struct otter_push_report *report, uint64_t now_ms);
void otter_push_show_json(struct otter_push_report *report, uint64_t now_ms);
void otter_push_show_espota(struct otter_push_report *report, uint64_t now_ms);
void otter_push_end_espota(struct otter_push_report *report);

/* What a session is doing, in words; empty while it is sending. Static. */
const char *otter_push_state_words(enum otter_push_state state);

unsigned otter_push_percent(const struct otter_push_session *session);

/* Bytes a second since the device connected, ended sessions up to their end; 0: not known yet. */
uint64_t otter_push_rate(const struct otter_push_session *session, uint64_t now_ms);

/* "452 KiB in 4.1 s, 110 KiB/s"; or "20 KiB in less than 0.1 s". */
void otter_push_print_outcome(char *out, size_t size, const struct otter_push_session *session);

#endif
