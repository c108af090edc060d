#include "otter/pull.h"

#include <string.h>

#include "device/deadline.h"
#include "device/pull_session.h"
#include "format/text.h"
#include "otter/sketch.h"

#define TIMEOUT_MS       8000u
#define STALL_TIMEOUT_MS 60000u
#define START_TIMEOUT_MS 8000u

/* --- time --------------------------------------------------------------------------------------- */

void otter_pull_enter(struct otter_pull *pull, enum otter_pull_state state, uint32_t now_ms, uint32_t wait)
{
    pull->state = (uint8_t)state;
    pull->since = now_ms;
    pull->wait = wait;
}

bool otter_pull_expired(const struct otter_pull *pull, uint32_t now_ms)
{
    return otter_deadline_left(pull->since, pull->wait, now_ms) == 0;
}

uint32_t otter_pull_left(const struct otter_pull *pull, uint32_t now_ms, bool poll)
{
    const uint32_t left = otter_deadline_left(pull->since, pull->wait, now_ms);
    return poll && left > OTTER_PULL_POLL_MS ? OTTER_PULL_POLL_MS : left;
}

/* --- how a pull ends ---------------------------------------------------------------------------- */

/* Errors of the updater that have another number here. */
static const struct {
    int16_t update;
    int16_t pull;
} translations[] = {
    {OTTER_ERROR_SPACE, OTTER_PULL_ERROR_SPACE},
    {OTTER_ERROR_MAGIC_BYTE, OTTER_PULL_ERROR_VERIFY_HEADER},
    {OTTER_ERROR_NEW_FLASH_CONFIG, OTTER_PULL_ERROR_FLASH_SIZE},
};

void otter_pull_fail_update(struct otter_pull *pull, int error)
{
    int number = -error;
    for (size_t i = 0; i < sizeof(translations) / sizeof(translations[0]); i++)
        if (translations[i].update == error)
            number = translations[i].pull;
    otter_pull_fail(pull, number, NULL);
}

static void tell_end(struct otter_pull *pull)
{
    otter_pull_error_print(pull, pull->line, sizeof(pull->line));
    if (pull->settings.end != NULL)
        pull->settings.end(pull->settings.context, (enum otter_pull_result)pull->result, pull->error,
                           pull->line);
}

/* True if the bootloader has to put in place what came. */
static bool needs_restart(const struct otter_pull *pull)
{
    return pull->kind == OTTER_PULL_SKETCH ||
           (pull->kind == OTTER_PULL_FILESYSTEM && pull->updater->settings.atomic_filesystem);
}

void otter_pull_finish(struct otter_pull *pull, enum otter_pull_result result, int error, const char *detail)
{
    const bool restart = result == OTTER_PULL_OK && needs_restart(pull) && !pull->settings.stay;
    otter_pull_disconnect(pull);
    if (pull->updating && result != OTTER_PULL_OK)
        otter_updater_abort(pull->updater);
    pull->updating = false;
    pull->state = OTTER_PULL_IDLE;
    pull->result = (uint8_t)result;
    pull->error = error;
    pull->detail = detail;
    tell_end(pull);
    if (restart)
        pull->port->restart(pull->port->context);
}

void otter_pull_error_print(const struct otter_pull *pull, char *out, size_t size)
{
    const int error = pull->error;
    struct otter_text text;
    otter_text_init(&text, out, size);
    if (error > 0)
        otter_text_add(&text, "Update error: ");
    else if (error < 0 && error > OTTER_PULL_ERROR_SPACE)
        otter_text_add(&text, "HTTP error: ");
    if (error <= 0)
        otter_text_add(&text, otter_pull_error_text(error));
    else if (otter_updater_error(pull->updater) == -error)
        otter_updater_error_print(pull->updater, out + text.length, size - text.length);
    else
        otter_error_print(out + text.length, size - text.length, (enum otter_error) - error, NULL);
    text.length = strlen(out);
    if (pull->detail != NULL) {
        otter_text_add(&text, ": ");
        otter_text_add(&text, pull->detail);
    }
}

/* --- states ------------------------------------------------------------------------------------- */

enum otter_update_command otter_pull_command(const struct otter_pull *pull)
{
    return pull->kind == OTTER_PULL_FILESYSTEM ? OTTER_UPDATE_FILESYSTEM : OTTER_UPDATE_SKETCH;
}

void otter_pull_connect_to_target(struct otter_pull *pull, uint32_t now_ms)
{
    pull->redirects = 0;
    pull->moved = false;
    pull->foreign = false;
    if (otter_url_parse(&pull->url, pull->target) != OTTER_OK)
        otter_pull_fail(pull, OTTER_PULL_ERROR_CONNECTION_FAILED, NULL); /* the URL was changed meanwhile */
    else
        otter_pull_connect(pull, now_ms);
}

static uint32_t idle(struct otter_pull *pull, uint32_t now_ms)
{
    (void)pull;
    (void)now_ms;
    return OTTER_NEVER;
}

/* The running sketch does not change until the restart. */
static uint32_t preparing(struct otter_pull *pull, uint32_t now_ms)
{
    const int space = otter_sketch_free_space(pull->port);
    const int size = otter_sketch_size(pull->port);
    pull->free_space = space > 0 ? (uint32_t)space : 0;
    pull->sketch_size = size > 0 ? (uint32_t)size : 0;
    if (pull->sketch_md5[0] == '\0' && otter_sketch_md5(pull->port, pull->sketch_md5) != OTTER_OK)
        pull->sketch_md5[0] = '\0';
    otter_pull_connect_to_target(pull, now_ms);
    return 0;
}

static uint32_t (*const steps[OTTER_PULL_STATES])(struct otter_pull *pull, uint32_t now_ms) = {
    [OTTER_PULL_IDLE] = idle,
    [OTTER_PULL_RECALLING] = otter_pull_recalling,
    [OTTER_PULL_PREPARING] = preparing,
    [OTTER_PULL_RESOLVING] = otter_pull_approaching,
    [OTTER_PULL_CONNECTING] = otter_pull_approaching,
    [OTTER_PULL_SECURING] = otter_pull_approaching,
    [OTTER_PULL_SENDING] = otter_pull_approaching,
    [OTTER_PULL_ANSWERING] = otter_pull_answering,
    [OTTER_PULL_JUDGING] = otter_pull_judging,
    [OTTER_PULL_STARTING] = otter_pull_starting,
    [OTTER_PULL_RECEIVING] = otter_pull_receiving,
    [OTTER_PULL_FINISHING] = otter_pull_finishing,
    [OTTER_PULL_PAUSING] = otter_pull_pausing,
};

/* --- the client --------------------------------------------------------------------------------- */

static void set_default(uint32_t *value, uint32_t standard)
{
    if (*value == 0)
        *value = standard;
}

int otter_pull_begin(struct otter_pull *pull, const struct otter_port *port, struct otter_updater *updater,
                     const struct otter_pull_settings *settings)
{
    if (pull->begun)
        return OTTER_ERROR_RUNNING;
    memset(pull, 0, sizeof(*pull));
    pull->port = port;
    pull->updater = updater;
    pull->settings = *settings;
    pull->tcp = -1;
    set_default(&pull->settings.timeout_ms, TIMEOUT_MS);
    set_default(&pull->settings.stall_timeout_ms, STALL_TIMEOUT_MS);
    set_default(&pull->settings.start_timeout_ms, START_TIMEOUT_MS);
    pull->begun = true;
    return OTTER_OK;
}

int otter_pull_start(struct otter_pull *pull, const char *url, enum otter_pull_kind kind)
{
    if (!pull->begun)
        return OTTER_ERROR_IDLE;
    if (otter_pull_is_busy(pull) || otter_updater_is_running(pull->updater))
        return OTTER_ERROR_RUNNING;
    char credentials[OTTER_PULL_CREDENTIALS_SIZE];
    pull->target = url;
    int error = otter_url_parse(&pull->url, url);
    if (error == OTTER_OK)
        error = otter_pull_print_credentials(pull, credentials, sizeof(credentials));
    if (error < 0)
        return error;
    pull->kind = (uint8_t)kind;
    pull->started = false;
    pull->resuming = false;
    pull->interruptions = 0;
    pull->furthest = 0;
    pull->response.etag[0] = '\0';
    pull->response.version[0] = '\0';
    pull->state = kind == OTTER_PULL_CHECK ? OTTER_PULL_PREPARING : OTTER_PULL_RECALLING;
    return OTTER_OK;
}

uint32_t otter_pull_step(struct otter_pull *pull, uint32_t now_ms)
{
    return steps[pull->state](pull, now_ms);
}

bool otter_pull_is_busy(const struct otter_pull *pull)
{
    return pull->state != OTTER_PULL_IDLE;
}

enum otter_pull_result otter_pull_result(const struct otter_pull *pull)
{
    return (enum otter_pull_result)pull->result;
}

int otter_pull_error(const struct otter_pull *pull)
{
    return pull->error;
}

const char *otter_pull_version(const struct otter_pull *pull)
{
    return pull->response.version;
}

void otter_pull_end(struct otter_pull *pull)
{
    if (otter_pull_is_busy(pull))
        otter_pull_fail_update(pull, OTTER_ERROR_ABORTED);
    pull->begun = false;
}
