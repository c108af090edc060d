#include "host/upload_run.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "host/clock.h"
#include "host/password.h"
#include "host/resolve.h"
#include "host/upload_failure.h"
#include "host/visible.h"
#include "host/web_client.h"

#define USER_DEFAULT        "admin" /* as the examples of the Arduino core have it */
#define IDLE_MS             25000   /* devices of ours give up a silent transfer after 20 s */
#define RESULT_MS           60000
#define LOOK_MS             3000  /* for a device that restarts to answer */
#define PAUSE_MS            500   /* between two looks */
#define SHORTEST_RESTART_MS 4000  /* of a device that does not tell how long it has been running */
#define BACK_MS             60000 /* for a restart */
#define TRIAL_MS            10000 /* for new firmware to confirm itself */
#define TURN_MS             100

struct run {
    const struct otter_upload_settings *settings;
    struct otter_push_file file;
    struct otter_upload_session session;
    struct otter_upload_report report;
    struct otter_web_client client;
    struct otter_web_answer answer;
    char *typed_password;
    bool authenticated; /* credentials are set */
};

/* SIGINT and SIGTERM stay pending, and are looked for. */
static void hold_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
}

static bool is_interrupted(void)
{
    sigset_t set;
    return sigpending(&set) == 0 && (sigismember(&set, SIGINT) == 1 || sigismember(&set, SIGTERM) == 1);
}

static void enter(struct run *run, enum otter_upload_state state)
{
    run->session.state = state;
    otter_upload_report_update(&run->report, otter_clock_ms());
}

static bool fail(struct run *run, enum otter_upload_failure failure, const char *text)
{
    run->session.failure = failure;
    if (text != run->session.text)
        snprintf(run->session.text, sizeof(run->session.text), "%s", text);
    return false;
}

/* --- requests -------------------------------------------------------------------------------------- */

static bool watch(void *context, uint32_t acknowledged)
{
    struct run *run = context;
    struct otter_upload_session *session = &run->session;
    if (session->state == OTTER_UPLOAD_STATE_SENDING) {
        session->acknowledged = acknowledged;
        if (acknowledged == session->file->sent.size) {
            otter_upload_report_update(&run->report, otter_clock_ms());
            session->state = OTTER_UPLOAD_STATE_VERIFYING;
        }
    }
    otter_upload_report_update(&run->report, otter_clock_ms());
    return !is_interrupted();
}

static void perform(struct run *run, const char *url, const struct otter_web_file *file, uint32_t connect_ms,
                    uint32_t answer_ms)
{
    const struct otter_web_request request = {.url = url,
                                              .file = file,
                                              .connect_ms = connect_ms,
                                              .idle_ms = IDLE_MS,
                                              .answer_ms = answer_ms,
                                              .watch = watch,
                                              .context = run};
    otter_web_client_perform(&run->client, &request, &run->answer);
    if (run->answer.status != 0)
        run->session.status = run->answer.status;
}

/* A request before anything was sent came to no answer. */
static bool fail_unanswered(struct run *run)
{
    const char *text = run->answer.text;
    switch (run->answer.end) {
    case OTTER_WEB_ANSWERED:
    case OTTER_WEB_LOCAL:
        return fail(run, OTTER_UPLOAD_FAILURE_LOCAL, text);
    case OTTER_WEB_NO_CONNECTION:
    case OTTER_WEB_BROKEN:
        return fail(run, OTTER_UPLOAD_FAILURE_NO_ANSWER, text);
    case OTTER_WEB_UNTRUSTED:
        return fail(run, OTTER_UPLOAD_FAILURE_UNTRUSTED, text);
    case OTTER_WEB_SILENT:
        return fail(run, OTTER_UPLOAD_FAILURE_NO_ANSWER, "it is silent");
    case OTTER_WEB_STOPPED:
        break;
    }
    return fail(run, OTTER_UPLOAD_FAILURE_INTERRUPTED, "");
}

/* --- credentials ----------------------------------------------------------------------------------- */

static const char *first(const char *one, const char *other)
{
    return one != NULL ? one : *other != '\0' ? other : NULL;
}

static void use_password(struct run *run, const char *password)
{
    const char *user = first(run->settings->user, run->session.url.user);
    otter_web_client_authenticate(&run->client, user != NULL ? user : USER_DEFAULT, password);
    run->authenticated = true;
}

/* The password that somebody types; NULL: nobody does. */
static char *ask_password(struct run *run)
{
    struct otter_password_prompt prompt;
    char question[OTTER_DEVICE_HOST_SIZE + 32], *password = NULL;
    struct pollfd input = {.fd = 0, .events = POLLIN};
    if (!otter_password_prompt_possible())
        return NULL;
    otter_upload_report_release(&run->report);
    snprintf(question, sizeof(question), "Password of %s: ", run->session.url.name);
    otter_password_prompt_open(&prompt, question);
    while (prompt.open && !is_interrupted()) {
        if (poll(&input, 1, TURN_MS) > 0)
            otter_password_prompt_step(&prompt, &password);
    }
    otter_password_prompt_close(&prompt);
    return password;
}

/* A GET; if the device wants credentials and none were given, they are asked for once. */
static bool get(struct run *run, const char *url)
{
    perform(run, url, NULL, run->settings->timeout_ms, run->settings->timeout_ms);
    if (run->answer.end == OTTER_WEB_ANSWERED && run->answer.status == OTTER_UPLOAD_STATUS_UNAUTHORIZED &&
        !run->authenticated) {
        run->typed_password = ask_password(run);
        if (run->typed_password == NULL)
            return fail(run,
                        is_interrupted() ? OTTER_UPLOAD_FAILURE_INTERRUPTED
                                         : OTTER_UPLOAD_FAILURE_PASSWORD_MISSING,
                        "");
        use_password(run, run->typed_password);
        perform(run, url, NULL, run->settings->timeout_ms, run->settings->timeout_ms);
    }
    if (run->answer.end != OTTER_WEB_ANSWERED)
        return fail_unanswered(run);
    if (run->answer.status == OTTER_UPLOAD_STATUS_UNAUTHORIZED)
        return fail(run, OTTER_UPLOAD_FAILURE_PASSWORD_WRONG, "");
    return true;
}

/* --- the steps ------------------------------------------------------------------------------------- */

static void read_info(const struct run *run, struct otter_upload_info *info)
{
    bool answered = run->answer.end == OTTER_WEB_ANSWERED && run->answer.status == OTTER_UPLOAD_STATUS_OK;
    otter_upload_info_read(info, run->answer.body, answered ? run->answer.length : 0);
}

/* What runs there; and of a device that does not tell, whether it has an update page at all. */
static bool ask(struct run *run)
{
    struct otter_upload_session *session = &run->session;
    enter(run, OTTER_UPLOAD_STATE_ASKING);
    if (!get(run, session->url.info))
        return false;
    read_info(run, &session->before);
    if (session->before.told)
        return true;
    if (!get(run, session->url.page))
        return false;
    return run->answer.status < OTTER_UPLOAD_STATUS_REDIRECTED || fail(run, OTTER_UPLOAD_FAILURE_NO_PAGE, "");
}

static bool check_fit(struct run *run)
{
    struct otter_upload_session *session = &run->session;
    if (run->settings->file.check == OTTER_PUSH_CHECK_NONE ||
        otter_upload_fits(session->text, sizeof(session->text), session->file, session->filesystem,
                          &session->before))
        return true;
    return fail(run, OTTER_UPLOAD_FAILURE_UNFIT, session->text);
}

static bool fail_transfer(struct run *run)
{
    bool all = run->session.acknowledged == run->session.file->sent.size;
    if (run->answer.end == OTTER_WEB_STOPPED)
        return fail(run, OTTER_UPLOAD_FAILURE_INTERRUPTED, "");
    if (all)
        return fail(run, OTTER_UPLOAD_FAILURE_NO_RESULT, "");
    if (run->answer.end == OTTER_WEB_SILENT)
        return fail(run, OTTER_UPLOAD_FAILURE_STALLED, "");
    return fail(run, OTTER_UPLOAD_FAILURE_BROKEN, run->answer.text);
}

static bool transfer(struct run *run)
{
    struct otter_upload_session *session = &run->session;
    const char *slash = strrchr(session->file->path, '/');
    const struct otter_web_file file = {.field = session->filesystem ? "filesystem" : "firmware",
                                        .name = slash != NULL ? slash + 1 : session->file->path,
                                        .bytes = session->file->sent.bytes,
                                        .size = (uint32_t)session->file->sent.size};
    enter(run, OTTER_UPLOAD_STATE_SENDING);
    session->sending_since = otter_clock_ms();
    perform(run, session->url.page, &file, run->settings->timeout_ms, RESULT_MS);
    session->sent = otter_clock_ms();
    if (run->answer.status == 0)
        return fail_transfer(run);
    enum otter_upload_failure failure =
        otter_upload_judge(session->text, sizeof(session->text), run->answer.status, run->answer.body);
    return failure == OTTER_UPLOAD_FAILURE_NONE || fail(run, failure, session->text);
}

/* One look at a device that restarts. True once it has been running for less time than has passed since it
 * was sent to; one that does not tell gets a moment. */
static bool is_back(struct run *run)
{
    struct otter_upload_session *session = &run->session;
    perform(run, session->before.told ? session->url.info : session->url.page, NULL, LOOK_MS, LOOK_MS);
    read_info(run, &session->after);
    if (run->answer.end != OTTER_WEB_ANSWERED)
        return false;
    uint64_t now_ms = otter_clock_ms();
    return session->after.uptime_ms >= 0
               ? session->after.uptime_ms < (int64_t)(now_ms - session->sending_since)
               : now_ms - session->sent > SHORTEST_RESTART_MS;
}

/* Looks until the device runs again (for PATIENCE_MS), and no longer on trial if TRIAL is set. */
static void look(struct run *run, uint32_t patience_ms, bool trial)
{
    struct otter_upload_session *session = &run->session;
    uint64_t since = otter_clock_ms();
    while ((!session->back || (trial && session->after.trial)) && otter_clock_ms() - since < patience_ms &&
           !is_interrupted()) {
        poll(NULL, 0, PAUSE_MS);
        session->back = is_back(run);
        if (session->back && session->returned == 0)
            session->returned = otter_clock_ms();
    }
}

static bool wait_until_back(struct run *run)
{
    struct otter_upload_session *session = &run->session;
    enter(run, OTTER_UPLOAD_STATE_RESTARTING);
    look(run, BACK_MS, false);
    if (session->back)
        look(run, TRIAL_MS, true);
    if (is_interrupted())
        return fail(run, OTTER_UPLOAD_FAILURE_INTERRUPTED, "");
    if (!session->back)
        return fail(run, OTTER_UPLOAD_FAILURE_NOT_BACK, "");
    return !otter_upload_is_unchanged(session) || fail(run, OTTER_UPLOAD_FAILURE_UNCHANGED, "");
}

/* --- all together ---------------------------------------------------------------------------------- */

static bool prepare(struct run *run)
{
    struct otter_upload_session *session = &run->session;
    const char *password = first(run->settings->password, session->url.password);
    otter_resolve(&session->url.device, 1);
    if (session->url.device.trouble != NULL)
        return fail(run, OTTER_UPLOAD_FAILURE_NAME, session->url.device.trouble);
    if (!otter_web_client_open(&run->client, &session->url.device, run->settings->cacert))
        return fail(run, OTTER_UPLOAD_FAILURE_LOCAL,
                    run->settings->cacert != NULL ? "can't use the file of --cacert" : "out of memory");
    if (password != NULL)
        use_password(run, password);
    hold_signals();
    return true;
}

static void upload(struct run *run)
{
    otter_upload_report_begin(&run->report, run->settings->style, &run->session);
    if (prepare(run) && ask(run) && check_fit(run) && transfer(run) && !run->settings->no_wait)
        (void)wait_until_back(run);
    run->session.ended = otter_clock_ms();
    enter(run, OTTER_UPLOAD_STATE_ENDED);
    otter_upload_report_end(&run->report);
    otter_web_client_close(&run->client);
}

enum otter_exit otter_upload_run(const struct otter_upload_settings *settings)
{
    struct run run = {.settings = settings};
    run.session.file = &run.file;
    run.session.filesystem = settings->file.filesystem;
    if (!otter_upload_url_parse(&run.session.url, settings->url))
        return otter_complain(
            OTTER_EXIT_USAGE,
            "`%s` is no address: give NAME, ADDRESS or http://NAME/PATH, each with a :PORT if "
            "it is not the usual one",
            settings->url);
    enum otter_exit status = otter_push_file_load(&run.file, &settings->file);
    if (status == OTTER_EXIT_OK) {
        upload(&run);
        status = otter_upload_failure_status(run.session.failure);
    }
    otter_password_free(run.typed_password);
    otter_push_file_free(&run.file);
    return status;
}
