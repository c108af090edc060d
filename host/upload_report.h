/* What a user sees of an upload while it runs: on a terminal, in a log, or as JSON. */
#ifndef OTTER_HOST_UPLOAD_REPORT_H
#define OTTER_HOST_UPLOAD_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "host/terminal.h"
#include "host/upload_session.h"

enum otter_upload_style {
    OTTER_UPLOAD_STYLE_AUTO,  /* LIVE on a terminal, otherwise PLAIN */
    OTTER_UPLOAD_STYLE_QUIET, /* only what goes wrong */
    OTTER_UPLOAD_STYLE_PLAIN, /* a line for every step */
    OTTER_UPLOAD_STYLE_LIVE,  /* one line, redrawn in place */
    OTTER_UPLOAD_STYLE_JSON,  /* a line of JSON for every step */
};

struct otter_upload_report {
    enum otter_upload_style style;
    const struct otter_upload_session *session;
    struct otter_terminal terminal;
    bool begun; /* what follows was shown */
    enum otter_upload_state state;
    unsigned percent;
    bool drawn;       /* a line on the screen is to be redrawn */
    uint64_t draw_at; /* ms: not before, unless the state changed */
};

void otter_upload_report_begin(struct otter_upload_report *report, enum otter_upload_style style,
                               const struct otter_upload_session *session);

/* Shows what has changed. */
void otter_upload_report_update(struct otter_upload_report *report, uint64_t now_ms);

/* Something else is going to be written to the terminal: takes away what would be redrawn. */
void otter_upload_report_release(struct otter_upload_report *report);

/* Everything is over: says, on stderr, what went wrong and what to do about it. */
void otter_upload_report_end(struct otter_upload_report *report);

/* The style JSON. */
void otter_upload_show_json(const struct otter_upload_report *report, bool changed, unsigned percent,
                            uint64_t now_ms);

/* --- figures of a session -------------------------------------------------------------------------- */

/* Bytes a second since sending began; 0: not known yet. */
uint64_t otter_upload_rate(const struct otter_upload_session *session, uint64_t now_ms);

#endif
