/* The push receiver's transfer: from the connection to the result (spec/push.md, section 4). */
#include <string.h>

#include "device/push_session.h"
#include "format/text.h"

#define LINGER_MS     1000u /* for the uploader to hang up first, as existing devices give it */
#define KEEP_ALIVE_MS 10000u
#define DROP_SIZE     256u /* bytes of stack for what nobody needs, */
#define DROP_PASSES   16u  /* filled so often a step */

/* --- the connection ----------------------------------------------------------------------------- */

static int read_input(struct otter_push *push, void *bytes, size_t size)
{
    const struct otter_port *port = push->port;
    if (push->input_end != 0)
        return push->input_end;
    const int count = port->network.tcp_read(port->context, push->tcp, bytes, size);
    if (count < 0)
        push->input_end = count;
    return count;
}

/* Counts bytes of the file that came. */
static void account(struct otter_push *push, uint32_t count)
{
    push->remaining -= count;
    push->unreported += count;
}

/* The updater's stream. */
static int read_file(void *context, void *bytes, size_t size)
{
    struct otter_push *push = context;
    const int count = read_input(push, bytes, size);
    if (count > 0)
        account(push, (uint32_t)count);
    return count;
}

/* Reads and drops up to LIMIT bytes, but not more than one step may; how many came. */
static uint32_t drop_input(struct otter_push *push, uint32_t limit)
{
    uint32_t total = 0;
    for (unsigned pass = 0; pass < DROP_PASSES && total < limit; pass++) {
        uint8_t bytes[DROP_SIZE];
        const uint32_t size = limit - total < DROP_SIZE ? limit - total : DROP_SIZE;
        const int count = read_input(push, bytes, size);
        if (count <= 0)
            break;
        total += (uint32_t)count;
    }
    return total;
}

/* Sends what is left of a text: 1 when all of it is on its way, 0 when there is no room, or an error. */
static int send_rest(struct otter_push *push, const char *text, uint8_t length, uint8_t *sent)
{
    const struct otter_port *port = push->port;
    if (*sent == length)
        return 1;
    const int count = port->network.tcp_write(port->context, push->tcp, text + *sent, (size_t)length - *sent);
    if (count < 0)
        return count;
    *sent = (uint8_t)(*sent + count);
    return *sent == length;
}

/* Reports the bytes that came since the last count; where there is no room they are added to the next. */
static int send_count(struct otter_push *push)
{
    if (push->count_sent == push->count_length && push->unreported > 0) {
        struct otter_text text;
        otter_text_init(&text, push->count, sizeof(push->count));
        otter_text_add_decimal(&text, push->unreported);
        push->count_length = (uint8_t)otter_text_end(&text);
        push->count_sent = 0;
        push->unreported = 0;
    }
    return send_rest(push, push->count, push->count_length, &push->count_sent);
}

static bool is_reported(const struct otter_push *push)
{
    return push->unreported == 0 && push->count_sent == push->count_length;
}

/* --- how it ends -------------------------------------------------------------------------------- */

void otter_push_disconnect(struct otter_push *push)
{
    if (push->tcp >= 0)
        push->port->network.close(push->port->context, push->tcp);
    push->tcp = -1;
    push->state = OTTER_PUSH_IDLE;
}

void otter_push_tell_end(struct otter_push *push)
{
    push->started = false;
    if (push->settings.end != NULL)
        push->settings.end(push->settings.context);
}

static void hang_up(struct otter_push *push)
{
    otter_push_disconnect(push);
    if (!push->staged)
        return;
    otter_push_tell_end(push);
    if (!push->settings.stay)
        push->port->restart(push->port->context);
}

/* What the uploader will be told, and from now on cannot change. */
static void set_reply(struct otter_push *push, const char *reply, const char *line_end)
{
    struct otter_text text;
    otter_text_init(&text, push->reply, sizeof(push->reply));
    otter_text_add(&text, reply);
    otter_text_add(&text, line_end);
    push->reply_length = (uint8_t)text.length;
}

static void enter_pause(struct otter_push *push, uint32_t now_ms)
{
    otter_push_enter(push, OTTER_PUSH_PAUSING, now_ms, push->settings.result_pause_ms);
}

/* The update failed. The application learns it now; the uploader later, when it listens: NEXT says whether
 * the rest of the file has to come first. */
static void fail(struct otter_push *push, uint32_t now_ms, enum otter_push_error code, int error,
                 enum otter_push_state next)
{
    char text[sizeof(push->reply) - 1];
    otter_push_describe(push, error, text, sizeof(text));
    otter_updater_abort(push->updater);
    set_reply(push, text, "\n");
    if (next == OTTER_PUSH_DRAINING)
        otter_push_enter(push, next, now_ms, push->settings.receive_timeout_ms);
    else
        enter_pause(push, now_ms);
    otter_push_report(push, code, text);
}

/* --- states ------------------------------------------------------------------------------------- */

void otter_push_connect(struct otter_push *push, uint32_t now_ms)
{
    const struct otter_port *port = push->port;
    struct otter_address to = push->peer;
    to.port = push->request.port;
    push->remaining = push->request.size;
    push->input_end = 0;
    push->unreported = 0;
    push->count_length = push->count_sent = 0;
    push->reply_length = push->reply_sent = 0;
    push->tcp = port->network.tcp_connect(port->context, &to);
    otter_push_enter(push, OTTER_PUSH_CONNECTING, now_ms, push->settings.connect_timeout_ms);
}

/* There is nobody to answer to. */
static void give_up(struct otter_push *push, int error)
{
    char text[64];
    otter_push_describe(push, error, text, sizeof(text));
    otter_updater_abort(push->updater);
    otter_push_disconnect(push);
    otter_push_report(push, OTTER_PUSH_ERROR_CONNECT, text);
}

uint32_t otter_push_connecting(struct otter_push *push, uint32_t now_ms)
{
    const struct otter_port *port = push->port;
    const int connected =
        push->tcp >= 0 ? port->network.tcp_connected(port->context, push->tcp) : OTTER_ERROR_TRANSPORT;
    if (connected == 0 && !otter_push_expired(push, now_ms))
        return otter_push_left(push, now_ms, true);
    if (connected > 0)
        otter_push_enter(push, OTTER_PUSH_RECEIVING, now_ms, push->settings.receive_timeout_ms);
    else
        give_up(push, connected == 0 ? OTTER_ERROR_TIMEOUT : connected);
    return 0;
}

/* The whole file came: whether it is right decides the updater, which may then keep the running firmware. */
static void finish(struct otter_push *push, uint32_t now_ms)
{
    const int left = otter_updater_end(push->updater, false);
    if (left < 0) {
        const enum otter_error error = otter_updater_error(push->updater);
        fail(push, now_ms, OTTER_PUSH_ERROR_END, error, OTTER_PUSH_PAUSING);
    } else if (left == 0) {
        push->staged = true;
        set_reply(push, "OK", "");
        enter_pause(push, now_ms);
    } else if (push->state != OTTER_PUSH_KEEPING) {
        otter_push_enter(push, OTTER_PUSH_KEEPING, now_ms, KEEP_ALIVE_MS);
    }
}

/* The updater has ended the update: because its stream failed, or because it would not have the bytes. */
static void interrupted(struct otter_push *push, uint32_t now_ms)
{
    const enum otter_error error = otter_updater_error(push->updater);
    if (error == OTTER_ERROR_STREAM)
        fail(push, now_ms, OTTER_PUSH_ERROR_RECEIVE, push->input_end != 0 ? push->input_end : error,
             OTTER_PUSH_PAUSING);
    else
        fail(push, now_ms, OTTER_PUSH_ERROR_END, error, OTTER_PUSH_DRAINING);
}

static void show_progress(const struct otter_push *push)
{
    if (push->settings.progress != NULL)
        push->settings.progress(push->settings.context, push->request.size - push->remaining,
                                push->request.size);
}

uint32_t otter_push_receiving(struct otter_push *push, uint32_t now_ms)
{
    const struct otter_stream stream = {.context = push, .read = read_file};
    const int count = otter_updater_write_stream(push->updater, &stream, now_ms);
    (void)send_count(push); /* a connection that fails here fails to read, too */
    if (count < 0) {
        interrupted(push, now_ms);
        return 0;
    }
    if (count > 0) {
        push->since = now_ms;
        show_progress(push);
    }
    if (push->remaining == 0)
        finish(push, now_ms);
    else if (otter_push_expired(push, now_ms))
        fail(push, now_ms, OTTER_PUSH_ERROR_RECEIVE, OTTER_ERROR_STREAM, OTTER_PUSH_PAUSING);
    else if (count == 0)
        return otter_push_left(push, now_ms, !is_reported(push));
    return 0;
}

/* Uploaders wait a minute for the result, and a slow flash may need more: a count of 0 is a sign of life.
 * Where the uploader is gone, it goes on all the same. */
uint32_t otter_push_keeping(struct otter_push *push, uint32_t now_ms)
{
    (void)drop_input(push, UINT32_MAX);
    if (otter_push_expired(push, now_ms) && is_reported(push)) {
        push->count[0] = '0';
        push->count_length = 1;
        push->count_sent = 0;
        push->since = now_ms;
    }
    (void)send_count(push);
    finish(push, now_ms);
    return 0;
}

/* Old uploaders look for an error only after the last block. */
uint32_t otter_push_draining(struct otter_push *push, uint32_t now_ms)
{
    const uint32_t count = drop_input(push, push->remaining);
    account(push, count);
    (void)send_count(push);
    if (count > 0)
        push->since = now_ms;
    if (push->remaining == 0 || push->input_end != 0 || otter_push_expired(push, now_ms))
        enter_pause(push, now_ms);
    else if (count == 0)
        return otter_push_left(push, now_ms, !is_reported(push));
    return 0;
}

/* Old uploaders lose a result that comes with the last count. Where the uploader is gone by now, a verified
 * update is installed all the same: it is whole, and what its user wanted. */
uint32_t otter_push_pausing(struct otter_push *push, uint32_t now_ms)
{
    const bool was_reported = is_reported(push);
    const bool more = drop_input(push, UINT32_MAX) > 0;
    (void)send_count(push);
    if (!was_reported && is_reported(push))
        push->since = now_ms;
    if (push->request.prompt || push->input_end != 0 || otter_push_expired(push, now_ms)) {
        otter_push_enter(push, OTTER_PUSH_ANSWERING, now_ms, push->settings.receive_timeout_ms);
        return 0;
    }
    return more ? 0 : otter_push_left(push, now_ms, !is_reported(push));
}

/* 1 once the uploader has acknowledged the result, 0 before, or an error. */
static int deliver(struct otter_push *push)
{
    const struct otter_port *port = push->port;
    int done = send_count(push);
    if (done > 0) /* there may be more to report than the count that waited for room */
        done = send_count(push);
    if (done > 0)
        done = send_rest(push, push->reply, push->reply_length, &push->reply_sent);
    if (done > 0)
        done = port->network.tcp_flushed(port->context, push->tcp);
    return done;
}

/* An error text is followed by the end of the connection at once; after OK the uploader hangs up first. */
uint32_t otter_push_answering(struct otter_push *push, uint32_t now_ms)
{
    (void)drop_input(push, UINT32_MAX); /* bytes left unread would reset the connection when it is closed */
    const int delivered = deliver(push);
    if (delivered > 0 && push->staged)
        otter_push_enter(push, OTTER_PUSH_LINGERING, now_ms, LINGER_MS);
    else if (delivered != 0 || otter_push_expired(push, now_ms))
        hang_up(push);
    return otter_push_left(push, now_ms, true);
}

uint32_t otter_push_lingering(struct otter_push *push, uint32_t now_ms)
{
    const bool more = drop_input(push, UINT32_MAX) > 0;
    if (push->input_end != 0 || otter_push_expired(push, now_ms)) {
        hang_up(push);
        return 0;
    }
    return more ? 0 : otter_push_left(push, now_ms, false);
}
