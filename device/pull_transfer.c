/* The pull client's transfer: from the application's GO to the end of the update. */
#include <string.h>

#include "device/pull_session.h"

#define INTERRUPTIONS_MAX 5u   /* in a row, without anything new */
#define PAUSE_MS          500u /* after the first one; doubled after each further one */
#define MAGIC_BYTES       4u   /* of a file that tell what it is */

/* --- interruptions ------------------------------------------------------------------------------ */

/* What users know an interrupted body by. */
static int error_of_body(const struct otter_pull *pull)
{
    const bool is_told =
        pull->kind == OTTER_PULL_FILESYSTEM || otter_updater_received(pull->updater) >= MAGIC_BYTES;
    return is_told ? -OTTER_ERROR_STREAM : OTTER_PULL_ERROR_VERIFY_HEADER;
}

void otter_pull_interrupt(struct otter_pull *pull, uint32_t now_ms, int error, const char *detail)
{
    const bool can_go_on = pull->started && pull->response.etag[0] != '\0';
    const uint32_t received = otter_updater_received(pull->updater);
    if (!can_go_on || pull->interruptions == INTERRUPTIONS_MAX) {
        otter_pull_fail(pull, pull->started ? error_of_body(pull) : error, detail);
        return;
    }
    if (received > pull->furthest)
        pull->furthest = received;
    otter_pull_disconnect(pull);
    otter_pull_enter(pull, OTTER_PULL_PAUSING, now_ms, PAUSE_MS << pull->interruptions);
    pull->interruptions++;
}

uint32_t otter_pull_pausing(struct otter_pull *pull, uint32_t now_ms)
{
    if (!otter_pull_expired(pull, now_ms))
        return otter_pull_left(pull, now_ms, false);
    pull->resuming = pull->updating;
    otter_pull_connect_to_target(pull, now_ms);
    return 0;
}

/* --- after a restart ---------------------------------------------------------------------------- */

uint32_t otter_pull_recalling(struct otter_pull *pull, uint32_t now_ms)
{
    int more;
    (void)now_ms;
    if (pull->updating)
        more = otter_updater_recall_step(pull->updater);
    else
        more =
            otter_updater_recall(pull->updater, otter_pull_command(pull), pull->target, pull->response.etag);
    pull->resuming = pull->updating && more == 0;
    pull->updating = more >= 0;
    if (more < 0)
        pull->response.etag[0] = '\0';
    if (more < 0 || pull->resuming)
        pull->state = OTTER_PULL_PREPARING;
    return 0;
}

/* --- start -------------------------------------------------------------------------------------- */

static enum otter_pull_start ask_application(const struct otter_pull *pull)
{
    const struct otter_pull_settings *settings = &pull->settings;
    const struct otter_updater *updater = pull->updater;
    if (pull->started || settings->start == NULL)
        return OTTER_PULL_START_GO;
    return settings->start(settings->context, otter_pull_command(pull),
                           otter_updater_received(updater) + otter_updater_remaining(updater));
}

uint32_t otter_pull_starting(struct otter_pull *pull, uint32_t now_ms)
{
    const enum otter_pull_start start = ask_application(pull);
    if (start == OTTER_PULL_START_WAIT && !otter_pull_expired(pull, now_ms))
        return otter_pull_left(pull, now_ms, true);
    if (start == OTTER_PULL_START_GO) {
        pull->started = true;
        otter_pull_enter(pull, OTTER_PULL_RECEIVING, now_ms, pull->settings.stall_timeout_ms);
    } else {
        otter_pull_fail_update(pull,
                               start == OTTER_PULL_START_WAIT ? OTTER_ERROR_TIMEOUT : OTTER_ERROR_REFUSED);
    }
    return 0;
}

/* --- the body ----------------------------------------------------------------------------------- */

/* The updater's stream: what is in line[], and more of the same straight from the connection. Errors of that
 * show in the next read. */
static int read_body(void *context, void *bytes, size_t size)
{
    struct otter_pull *pull = context;
    size_t count = (size_t)(pull->pending_to - pull->pending_from);
    if (count > size)
        count = size;
    memcpy(bytes, pull->line + pull->pending_from, count);
    pull->pending_from = (uint16_t)(pull->pending_from + count);
    const int more = count < size ? otter_pull_read(pull, (uint8_t *)bytes + count, size - count) : 0;
    return (int)count + (more > 0 ? more : 0);
}

/* True once there are bytes of the body in line[]; false if there are none yet, or if the connection failed.
 */
static bool await_body(struct otter_pull *pull, uint32_t now_ms)
{
    if (pull->pending_from < pull->pending_to)
        return true;
    const int count = otter_pull_read(pull, pull->line, sizeof(pull->line));
    pull->pending_from = 0;
    pull->pending_to = count > 0 ? (uint16_t)count : 0;
    if (count < 0)
        otter_pull_interrupt(pull, now_ms, 0,
                             count == OTTER_ERROR_SECURE ? otter_pull_secure_reason(pull)
                                                         : "the connection was lost");
    else if (count == 0 && otter_pull_expired(pull, now_ms))
        otter_pull_interrupt(pull, now_ms, 0, "nothing came any more");
    return count > 0;
}

static void show_progress(const struct otter_pull *pull)
{
    const uint32_t done = otter_updater_received(pull->updater);
    if (pull->settings.progress != NULL)
        pull->settings.progress(pull->settings.context, done, done + otter_updater_remaining(pull->updater));
}

/* Bytes came: COUNT. The deadline moves by sectors, so that a server which trickles is not waited for. */
static void advance(struct otter_pull *pull, uint32_t count, uint32_t now_ms)
{
    if (otter_updater_received(pull->updater) % OTTER_FLASH_SECTOR < count)
        pull->since = now_ms;
    if (otter_updater_received(pull->updater) >= pull->furthest + OTTER_FLASH_SECTOR)
        pull->interruptions = 0;
    show_progress(pull);
    if (otter_updater_remaining(pull->updater) > 0)
        return;
    otter_pull_disconnect(pull);
    pull->state = OTTER_PULL_FINISHING;
}

uint32_t otter_pull_receiving(struct otter_pull *pull, uint32_t now_ms)
{
    const struct otter_stream stream = {.context = pull, .read = read_body};
    if (!await_body(pull, now_ms))
        return pull->state == OTTER_PULL_RECEIVING ? otter_pull_left(pull, now_ms, false) : 0;
    const int count = otter_updater_write_stream(pull->updater, &stream, now_ms);
    if (count < 0)
        otter_pull_fail_update(pull, count);
    else
        advance(pull, (uint32_t)count, now_ms);
    return 0;
}

uint32_t otter_pull_finishing(struct otter_pull *pull, uint32_t now_ms)
{
    const int left = otter_updater_end(pull->updater, false);
    (void)now_ms;
    if (left < 0)
        otter_pull_fail_update(pull, left);
    else if (left == 0)
        otter_pull_finish(pull, OTTER_PULL_OK, OTTER_PULL_ERROR_NONE, NULL);
    return 0;
}
