#include "host/push_run.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "host/clock.h"
#include "host/password.h"
#include "host/push_devices.h"
#include "host/push_failure.h"
#include "host/resolve.h"
#include "host/units.h"
#include "host/visible.h"

#define TURN_MS     100 /* the longest turn of the loop: figures on the screen stay fresh */
#define PROMPTS_MAX 3   /* as login(1) */

struct run {
    const struct otter_push_settings *settings;
    struct otter_push_devices devices;
    struct otter_push_file file;
    struct otter_push_order order;
    struct otter_push_report report;
    struct otter_password_prompt prompt;
    char *typed_password;
    unsigned typed; /* passwords, one after the other */
    size_t count;
    struct otter_push_session *sessions; /* COUNT of each of these */
    struct otter_push_shown *shown;
    uint64_t *deadlines;
    struct pollfd *sockets; /* up to OTTER_PUSH_SESSION_SOCKETS for each session, and stdin */
};

static volatile sig_atomic_t interrupted;

static void note_signal(int number)
{
    (void)number;
    interrupted = 1;
}

/* SIGINT and SIGTERM arrive only while poll() waits, with WHILE_WAITING as the mask. */
static void catch_signals(sigset_t *while_waiting)
{
    struct sigaction action = {.sa_handler = note_signal};
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGINT);
    sigaddset(&blocked, SIGTERM);
    sigprocmask(SIG_BLOCK, &blocked, while_waiting);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static void trace(void *context, const char *device, const char *text)
{
    const uint64_t *start = context;
    uint64_t elapsed = otter_clock_ms() - *start;
    fprintf(stderr, "%3u.%03u %s %s\n", (unsigned)(elapsed / 1000), (unsigned)(elapsed % 1000), device, text);
}

/* --- getting ready --------------------------------------------------------------------------------- */

static enum otter_exit find_host(struct run *run)
{
    struct otter_device host;
    const char *ip = run->settings->host_ip;
    if (ip == NULL)
        return OTTER_EXIT_OK;
    if (!otter_device_parse(&host, ip, 0))
        return otter_complain(OTTER_EXIT_USAGE, "`%s` is no local address", ip);
    otter_resolve(&host, 1);
    if (host.trouble != NULL)
        return otter_complain(OTTER_EXIT_USAGE, "local address %s: %s", ip, host.trouble);
    run->order.host = host.address;
    return OTTER_EXIT_OK;
}

static void fill_order(struct run *run, uint64_t *start)
{
    const struct otter_push_settings *settings = run->settings;
    run->order.bytes = run->file.sent.bytes;
    run->order.size = (uint32_t)run->file.sent.size;
    memcpy(run->order.md5, run->file.md5, sizeof(run->order.md5));
    run->order.command = settings->file.filesystem ? OTTER_PUSH_FILESYSTEM : OTTER_PUSH_SKETCH;
    run->order.password = settings->password;
    run->order.md5_target = settings->md5_target;
    run->order.timeout_ms = settings->timeout_ms;
    run->order.trace = settings->verbose ? trace : NULL;
    run->order.context = start;
}

/* Who loses otter's bootloader, or never had it, should know. */
static void hint_at_bootloader(const struct otter_inspection *inspection)
{
    if (inspection->otter_bootloader > 0)
        return;
    if (inspection->image.form == OTTER_IMAGE_FORM_ARDUINO)
        puts("hint: its bootloader does not survive power cuts; --adopt sends it with otter's, which does");
    if (inspection->image.form == OTTER_IMAGE_FORM_SINGLE)
        puts("hint: it has no bootloader; where otter's is, it would be lost");
}

/* Says what is going to be sent, for people. */
static void introduce(const struct run *run)
{
    const struct otter_push_file *file = &run->file;
    enum otter_push_style style = run->report.style;
    char size[OTTER_UNITS_SIZE], sent[OTTER_UNITS_SIZE];
    if (file->signed_instead && style != OTTER_PUSH_STYLE_JSON && style != OTTER_PUSH_STYLE_QUIET) {
        fputs("Detected signed file: ", stderr);
        otter_visible_print(stderr, file->path);
        fputs(" is sent instead\n", stderr);
    }
    if (style != OTTER_PUSH_STYLE_PLAIN && style != OTTER_PUSH_STYLE_LIVE)
        return;
    otter_units_bytes(size, file->size);
    otter_units_bytes(sent, file->sent.size);
    otter_visible_print(stdout, file->path);
    fputs(": ", stdout);
    if (file->inspection.has_firmware)
        printf("%s %s, ", file->inspection.firmware.name, file->inspection.firmware.version);
    printf("%s", size);
    if (file->sent.size != file->size)
        printf(", compressed to %s", sent);
    putchar('\n');
    hint_at_bootloader(&file->inspection);
}

/* --- the loop -------------------------------------------------------------------------------------- */

static bool is_over(const struct run *run)
{
    for (size_t i = 0; i < run->count; i++) {
        if (run->sessions[i].state != OTTER_PUSH_STATE_ENDED)
            return false;
    }
    return true;
}

static struct otter_push_session *find_asking(const struct run *run)
{
    for (size_t i = 0; i < run->count; i++) {
        if (run->sessions[i].state == OTTER_PUSH_STATE_PASSWORD)
            return &run->sessions[i];
    }
    return NULL;
}

/* A session that wants a password gets the one that is known now, or ends. */
static void settle_password(struct run *run, struct otter_push_session *session, uint64_t now_ms)
{
    if (run->order.password != NULL)
        otter_push_session_resume(session, now_ms);
    else
        otter_push_session_end(session,
                               session->denied ? OTTER_PUSH_FAILURE_PASSWORD_WRONG
                                               : OTTER_PUSH_FAILURE_PASSWORD_MISSING,
                               now_ms);
}

static void ask_password(struct run *run, uint64_t now_ms)
{
    char question[OTTER_DEVICE_HOST_SIZE + 48];
    struct otter_push_session *session = find_asking(run);
    if (session == NULL || run->prompt.open)
        return;
    if ((run->order.password != NULL && !session->denied) || !otter_password_prompt_possible()) {
        settle_password(run, session, now_ms);
        return;
    }
    otter_push_report_release(&run->report);
    snprintf(question, sizeof(question), "%sPassword of %s: ", session->denied ? "Wrong password. " : "",
             session->device.name);
    otter_password_prompt_open(&run->prompt, question);
}

static void take_password(struct run *run, uint64_t now_ms)
{
    char *typed;
    if (!otter_password_prompt_step(&run->prompt, &typed))
        return;
    otter_password_free(run->typed_password);
    run->order.password = run->typed_password = typed;
    run->order.ask_again = ++run->typed < PROMPTS_MAX;
    for (struct otter_push_session *session; (session = find_asking(run)) != NULL;)
        settle_password(run, session, now_ms);
}

static size_t collect_sockets(struct run *run)
{
    size_t used = 0;
    for (size_t i = 0; i < run->count; i++)
        used += otter_push_session_poll(&run->sessions[i], run->sockets + used);
    run->sockets[used] = (struct pollfd){.fd = run->prompt.open ? 0 : -1, .events = POLLIN};
    return used;
}

static void wait_for_events(struct run *run, size_t used, const sigset_t *mask, uint64_t now_ms)
{
    uint64_t wait = TURN_MS;
    for (size_t i = 0; i < run->count; i++) {
        uint64_t left = run->deadlines[i] > now_ms ? run->deadlines[i] - now_ms : 0;
        if (run->sessions[i].state != OTTER_PUSH_STATE_ENDED && left < wait)
            wait = left;
    }
    struct timespec timeout = {.tv_nsec = (long)wait * 1000000};
    if (ppoll(run->sockets, used + 1, &timeout, mask) <= 0) {
        for (size_t i = 0; i <= used; i++)
            run->sockets[i].revents = 0;
    }
}

static bool has_event(const struct pollfd *sockets, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (sockets[i].revents != 0)
            return true;
    }
    return false;
}

static void step_sessions(struct run *run)
{
    const struct pollfd *next = run->sockets;
    for (size_t i = 0; i < run->count; i++) {
        struct pollfd unused[OTTER_PUSH_SESSION_SOCKETS];
        size_t count = otter_push_session_poll(&run->sessions[i], unused);
        uint64_t now_ms = otter_clock_ms();
        if (has_event(next, count) || now_ms >= run->deadlines[i])
            run->deadlines[i] = otter_push_session_step(&run->sessions[i], now_ms);
        next += count;
    }
}

static void interrupt(struct run *run)
{
    for (size_t i = 0; i < run->count; i++)
        otter_push_session_end(&run->sessions[i], OTTER_PUSH_FAILURE_INTERRUPTED, otter_clock_ms());
}

static void loop(struct run *run, const sigset_t *mask)
{
    while (!is_over(run)) {
        size_t used = collect_sockets(run);
        wait_for_events(run, used, mask, otter_clock_ms());
        bool typed = run->sockets[used].revents != 0;
        step_sessions(run);
        if (typed)
            take_password(run, otter_clock_ms());
        if (interrupted)
            interrupt(run);
        ask_password(run, otter_clock_ms());
        if (!run->prompt.open)
            otter_push_report_update(&run->report, otter_clock_ms());
    }
    otter_password_prompt_close(&run->prompt);
    otter_push_report_update(&run->report, otter_clock_ms());
}

/* --- all together ---------------------------------------------------------------------------------- */

static enum otter_exit sum_up(const struct run *run)
{
    size_t good = 0;
    enum otter_exit status = OTTER_EXIT_OK;
    for (size_t i = 0; i < run->count; i++) {
        enum otter_exit one = otter_push_failure_status(run->sessions[i].failure);
        good += one == OTTER_EXIT_OK;
        if (one == OTTER_EXIT_INTERRUPTED || status == OTTER_EXIT_INTERRUPTED)
            status = OTTER_EXIT_INTERRUPTED;
        else if (one != OTTER_EXIT_OK)
            status = status == OTTER_EXIT_OK || status == one ? one : OTTER_EXIT_SEVERAL;
    }
    if (run->count > 1 &&
        (run->report.style == OTTER_PUSH_STYLE_LIVE || run->report.style == OTTER_PUSH_STYLE_PLAIN))
        printf("%zu of %zu devices updated\n", good, run->count);
    return status;
}

static enum otter_exit push(struct run *run)
{
    sigset_t mask;
    uint64_t start = otter_clock_ms();
    catch_signals(&mask);
    fill_order(run, &start);
    for (size_t i = 0; i < run->count; i++) {
        uint16_t port = run->settings->host_port;
        otter_push_session_begin(&run->sessions[i], &run->order, &run->devices.list[i],
                                 (uint16_t)(port > 0 ? port + i : 0), start);
    }
    otter_push_report_begin(&run->report, run->settings->style, &run->file, run->sessions, run->shown,
                            run->count);
    introduce(run);
    otter_push_report_update(&run->report, start);
    loop(run, &mask);
    enum otter_exit status = sum_up(run);
    otter_push_report_end(&run->report);
    return status;
}

static bool allocate(struct run *run)
{
    run->count = run->devices.count;
    run->sessions = calloc(run->count, sizeof(*run->sessions));
    run->shown = calloc(run->count, sizeof(*run->shown));
    run->deadlines = calloc(run->count, sizeof(*run->deadlines));
    run->sockets = calloc(run->count * OTTER_PUSH_SESSION_SOCKETS + 1, sizeof(*run->sockets));
    return run->sessions != NULL && run->shown != NULL && run->deadlines != NULL && run->sockets != NULL;
}

enum otter_exit otter_push_run(const struct otter_push_settings *settings)
{
    struct run run = {.settings = settings};
    enum otter_exit status = otter_push_file_load(&run.file, &settings->file);
    if (status == OTTER_EXIT_OK)
        status = find_host(&run);
    if (status == OTTER_EXIT_OK)
        status = otter_push_devices_find(&run.devices, settings);
    if (status == OTTER_EXIT_OK && !allocate(&run))
        status = otter_complain(OTTER_EXIT_FAILURE, "out of memory");
    if (status == OTTER_EXIT_OK)
        status = push(&run);
    otter_password_free(run.typed_password);
    otter_push_file_free(&run.file);
    free(run.sessions);
    free(run.shown);
    free(run.deadlines);
    free(run.sockets);
    otter_push_devices_free(&run.devices);
    return status;
}
