/* What the pull client makes of an answer (spec/pull.md, section 2). */
#include <string.h>

#include "device/pull_session.h"

#define REDIRECTS_MAX 5u
#define CHUNK_SIZE    64u /* bytes of stack for the head */

/* --- statuses ----------------------------------------------------------------------------------- */

static const struct {
    uint16_t status;
    int16_t error;
} refusals[] = {
    {401, OTTER_PULL_ERROR_UNAUTHORIZED},
    {403, OTTER_PULL_ERROR_FORBIDDEN},
    {404, OTTER_PULL_ERROR_NOT_FOUND},
};

static int error_of_status(uint16_t status)
{
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
        if (refusals[i].status == status)
            return refusals[i].error;
    return OTTER_PULL_ERROR_WRONG_CODE;
}

/* --- redirections ------------------------------------------------------------------------------- */

/* Deployed devices send no x- headers where they were redirected to, and servers know them so. */
static void follow(struct otter_pull *pull, uint32_t now_ms)
{
    const uint8_t move = pull->response.move;
    if (!pull->settings.follow_redirects || move > OTTER_HTTP_LEAVES || pull->redirects == REDIRECTS_MAX) {
        otter_pull_fail(pull, OTTER_PULL_ERROR_WRONG_CODE,
                        move == OTTER_HTTP_DESCENDS ? "from https to http" : "redirection");
        return;
    }
    pull->redirects++;
    pull->moved = true;
    pull->foreign = pull->foreign || move == OTTER_HTTP_LEAVES;
    otter_pull_disconnect(pull);
    otter_pull_connect(pull, now_ms);
}

/* --- downloads ---------------------------------------------------------------------------------- */

/* Why a body cannot be taken; 0 if it can. */
static int check_body(const struct otter_http_response *response)
{
    if (response->coding == OTTER_HTTP_CODED)
        return OTTER_PULL_ERROR_ENCODING;
    if (response->coding == OTTER_HTTP_CHUNKED || response->length_is != OTTER_HTTP_SOUND ||
        response->length.bytes == 0)
        return OTTER_PULL_ERROR_NO_SIZE;
    return response->md5_is == OTTER_HTTP_UNSOUND ? OTTER_PULL_ERROR_WRONG_MD5 : OTTER_PULL_ERROR_NONE;
}

static int expect_md5(struct otter_pull *pull)
{
    if (pull->response.md5_is != OTTER_HTTP_SOUND)
        return OTTER_OK;
    return otter_updater_expect_md5(pull->updater, pull->response.md5);
}

/* The whole file comes. */
static void begin_download(struct otter_pull *pull, uint32_t now_ms)
{
    if (pull->resuming)
        otter_updater_abort(pull->updater);
    pull->resuming = false;
    if (pull->response.etag_is == OTTER_HTTP_ETAG_ABSENT)
        pull->response.etag[0] = '\0';
    int error = otter_updater_begin(pull->updater, pull->response.length.bytes, otter_pull_command(pull));
    pull->updating = error == OTTER_OK;
    if (error == OTTER_OK)
        error = expect_md5(pull);
    if (error == OTTER_OK && pull->response.etag[0] != '\0')
        otter_updater_remember(pull->updater, pull->target, pull->response.etag);
    if (error != OTTER_OK)
        otter_pull_fail_update(pull, error);
    else
        otter_pull_enter(pull, OTTER_PULL_STARTING, now_ms, pull->settings.start_timeout_ms);
}

/* True if the answer holds just the part that was asked for, of the same file. */
static bool is_the_rest(const struct otter_pull *pull)
{
    const struct otter_http_response *response = &pull->response;
    const uint32_t received = otter_updater_received(pull->updater);
    const uint32_t remaining = otter_updater_remaining(pull->updater);
    return response->range_is == OTTER_HTTP_SOUND && response->range_start == received &&
           response->range_end == response->range_total && response->range_total == received + remaining &&
           response->length.bytes == remaining && response->etag_is != OTTER_HTTP_ETAG_OTHER;
}

/* The server, or something before it, cannot send parts. */
static void start_afresh(struct otter_pull *pull, uint32_t now_ms)
{
    otter_updater_abort(pull->updater);
    pull->updating = false;
    pull->resuming = false;
    otter_pull_disconnect(pull);
    otter_pull_connect_to_target(pull, now_ms);
}

static void go_on(struct otter_pull *pull, uint32_t now_ms)
{
    const int error = is_the_rest(pull) ? expect_md5(pull) : OTTER_ERROR_MALFORMED;
    if (error != OTTER_OK)
        start_afresh(pull, now_ms);
    else
        otter_pull_enter(pull, OTTER_PULL_STARTING, now_ms, pull->settings.start_timeout_ms);
}

/* --- answers ------------------------------------------------------------------------------------ */

static void judge_version(struct otter_pull *pull)
{
    const struct otter_http_response *response = &pull->response;
    if (response->status != 200)
        otter_pull_fail(pull, error_of_status(response->status), NULL);
    else if (response->version[0] == '\0')
        otter_pull_fail(pull, OTTER_PULL_ERROR_NO_VERSION, NULL);
    else
        otter_pull_finish(pull, OTTER_PULL_OK, OTTER_PULL_ERROR_NONE, NULL);
}

static void judge_download(struct otter_pull *pull, uint32_t now_ms)
{
    const int error = check_body(&pull->response);
    if (error != OTTER_PULL_ERROR_NONE)
        otter_pull_fail(pull, error, NULL);
    else if (pull->response.status == 206)
        go_on(pull, now_ms);
    else
        begin_download(pull, now_ms);
}

uint32_t otter_pull_judging(struct otter_pull *pull, uint32_t now_ms)
{
    const struct otter_http_response *response = &pull->response;
    const uint16_t status = response->status;
    if (response->move != OTTER_HTTP_STAYS)
        follow(pull, now_ms);
    else if (pull->kind == OTTER_PULL_CHECK)
        judge_version(pull);
    else if (status == 200 || (status == 206 && pull->resuming))
        judge_download(pull, now_ms);
    else if (status == 304)
        otter_pull_finish(pull, OTTER_PULL_NO_UPDATES, OTTER_PULL_ERROR_NONE, NULL);
    else if (status == 416 && pull->resuming)
        start_afresh(pull, now_ms);
    else if (status >= 500)
        otter_pull_interrupt(pull, now_ms, error_of_status(status), NULL);
    else
        otter_pull_fail(pull, error_of_status(status), NULL);
    return 0;
}

uint32_t otter_pull_answering(struct otter_pull *pull, uint32_t now_ms)
{
    uint8_t bytes[CHUNK_SIZE];
    const int count = otter_pull_read(pull, bytes, sizeof(bytes));
    const int taken = count > 0 ? otter_http_response_feed(&pull->response, bytes, (size_t)count) : 0;
    if (count < 0) {
        otter_pull_interrupt(pull, now_ms, OTTER_PULL_ERROR_CONNECTION_LOST, NULL);
    } else if (taken < 0) {
        otter_pull_fail(pull,
                        taken == OTTER_ERROR_BUFFER ? OTTER_PULL_ERROR_TOO_LESS_RAM
                                                    : OTTER_PULL_ERROR_NO_HTTP_SERVER,
                        NULL);
    } else if (otter_http_response_is_complete(&pull->response)) {
        pull->pending_from = 0;
        pull->pending_to = (uint16_t)(count - taken);
        memcpy(pull->line, bytes + taken, (size_t)(count - taken));
        pull->state = OTTER_PULL_JUDGING;
    } else if (otter_pull_expired(pull, now_ms)) {
        otter_pull_interrupt(pull, now_ms, OTTER_PULL_ERROR_READ_TIMEOUT, NULL);
    } else if (count == 0) {
        return otter_pull_left(pull, now_ms, false);
    }
    return 0;
}
