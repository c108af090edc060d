#include "otter/push.h"

#include <string.h>

#include "device/deadline.h"
#include "device/push_auth.h"
#include "device/push_session.h"
#include "format/text.h"

#define DENIAL_MS          100u  /* the first wrong password costs this, */
#define DENIAL_DOUBLINGS   5u    /* each further one in a row double, up to 3.2 s */
#define CHALLENGE_HELD_MS  1000u /* for one host, before another may have it; an answer takes a round trip */
#define AUTH_TIMEOUT_MS    10000u
#define START_TIMEOUT_MS   8000u
#define CONNECT_TIMEOUT_MS 10000u
#define RECEIVE_TIMEOUT_MS 20000u
#define RESULT_PAUSE_MS    1000u

/* --- time --------------------------------------------------------------------------------------- */

void otter_push_enter(struct otter_push *push, enum otter_push_state state, uint32_t now_ms, uint32_t wait)
{
    push->state = (uint8_t)state;
    push->since = now_ms;
    push->wait = wait;
}

bool otter_push_expired(const struct otter_push *push, uint32_t now_ms)
{
    return otter_deadline_left(push->since, push->wait, now_ms) == 0;
}

uint32_t otter_push_left(const struct otter_push *push, uint32_t now_ms, bool poll)
{
    const uint32_t left = otter_deadline_left(push->since, push->wait, now_ms);
    return poll && left > OTTER_PUSH_POLL_MS ? OTTER_PUSH_POLL_MS : left;
}

/* --- answers by UDP ----------------------------------------------------------------------------- */

static void send_answer(struct otter_push *push, const struct otter_push_answer *answer)
{
    const struct otter_port *port = push->port;
    char out[OTTER_PUSH_DATAGRAM_MAX];
    const int length = otter_push_answer_encode(out, sizeof(out), answer);
    if (length > 0) /* a lost datagram is asked for again */
        (void)port->network.udp_send(port->context, push->udp, out, (size_t)length, &push->peer);
}

static void send_plain(struct otter_push *push, enum otter_push_answer_kind kind)
{
    const struct otter_push_answer answer = {.kind = kind};
    send_answer(push, &answer);
}

static void send_nonce(struct otter_push *push)
{
    struct otter_push_answer answer = {.kind = OTTER_PUSH_ANSWER_AUTH, .digits = otter_push_digits(push)};
    memcpy(answer.nonce, push->nonce, sizeof(answer.nonce));
    send_answer(push, &answer);
}

/* Says what would fit, in a second line: others than otter's own uploader know the first one by heart. */
static void add_room(const struct otter_push *push, char *out, size_t size)
{
    const int room = otter_updater_room(push->updater, (enum otter_update_command)push->request.command);
    const size_t length = strlen(out);
    struct otter_text text;
    if (room < 0)
        return;
    otter_text_init(&text, out + length, size - length);
    otter_text_add(&text, "\n");
    otter_text_add_decimal(&text, (uint32_t)room);
    otter_text_add(&text, " bytes at most");
}

/* Ends the negotiation: the uploader and the application are told why. */
static void refuse(struct otter_push *push, enum otter_push_error code, int error)
{
    struct otter_push_answer answer = {.kind = OTTER_PUSH_ANSWER_ERROR};
    otter_push_describe(push, error, answer.text, sizeof(answer.text));
    if (error == OTTER_ERROR_SPACE && push->request.prompt)
        add_room(push, answer.text, sizeof(answer.text));
    send_answer(push, &answer);
    push->state = OTTER_PUSH_IDLE;
    otter_push_report(push, code, answer.text);
}

/* --- errors ------------------------------------------------------------------------------------- */

void otter_push_describe(const struct otter_push *push, int error, char *text, size_t size)
{
    if (otter_updater_error(push->updater) == error)
        otter_updater_error_print(push->updater, text, size);
    else
        otter_error_print(text, size, (enum otter_error)error, NULL);
}

void otter_push_report(struct otter_push *push, enum otter_push_error code, const char *text)
{
    push->started = false;
    if (push->settings.error != NULL)
        push->settings.error(push->settings.context, code, text);
}

/* --- negotiation -------------------------------------------------------------------------------- */

static void challenge(struct otter_push *push, uint32_t now_ms)
{
    send_nonce(push);
    otter_push_enter(push, OTTER_PUSH_CHALLENGED, now_ms, push->settings.auth_timeout_ms);
}

/* The uploader may update this device. Here flash is read for the first time. */
static void admit(struct otter_push *push, uint32_t now_ms)
{
    const struct otter_push_request *request = &push->request;
    int error =
        otter_updater_begin(push->updater, request->size, (enum otter_update_command)request->command);
    if (error == OTTER_OK)
        error = otter_updater_expect_md5(push->updater, request->md5);
    if (error != OTTER_OK)
        refuse(push, OTTER_PUSH_ERROR_BEGIN, error);
    else
        otter_push_enter(push, OTTER_PUSH_STARTING, now_ms, push->settings.start_timeout_ms);
}

static void deny(struct otter_push *push, uint32_t now_ms)
{
    const uint32_t delay = DENIAL_MS << push->failures;
    if (push->failures < DENIAL_DOUBLINGS)
        push->failures++;
    otter_push_enter(push, OTTER_PUSH_DENIED, now_ms, delay);
}

/* --- datagrams ---------------------------------------------------------------------------------- */

static bool is_same_host(const struct otter_address *left, const struct otter_address *right)
{
    return left->family == right->family && left->scope == right->scope &&
           memcmp(left->ip, right->ip, sizeof(left->ip)) == 0;
}

/* True if REQUEST says what was said before. */
static bool is_repeated(const struct otter_push_request *before, const struct otter_push_request *request)
{
    if (request->command == OTTER_PUSH_AUTHENTICATE)
        return strcmp(request->cnonce, before->cnonce) == 0 &&
               strcmp(request->response, before->response) == 0;
    return request->command == before->command && request->port == before->port &&
           request->size == before->size && request->prompt == before->prompt &&
           strcmp(request->md5, before->md5) == 0;
}

/* An answer may have been lost: the uploader gets it again, at the port that it uses now. */
static void answer_again(struct otter_push *push, const struct otter_address *from, uint32_t now_ms)
{
    push->peer.port = from->port;
    if (push->state == OTTER_PUSH_CHALLENGED)
        challenge(push, now_ms);
    else if (push->state == OTTER_PUSH_CONNECTING || push->state == OTTER_PUSH_RECEIVING)
        send_plain(push, OTTER_PUSH_ANSWER_OK);
}

static void take_invitation(struct otter_push *push, const struct otter_push_request *request,
                            const struct otter_address *from, uint32_t now_ms)
{
    if (push->state == OTTER_PUSH_IDLE || !is_same_host(from, &push->peer))
        push->held_since = now_ms;
    push->request = *request;
    push->peer = *from;
    push->staged = false;
    push->state = OTTER_PUSH_INVITED;
}

static void take_response(struct otter_push *push, const struct otter_push_request *request)
{
    if (request->digits != otter_push_digits(push)) {
        push->state = OTTER_PUSH_IDLE;
        return;
    }
    memcpy(push->request.cnonce, request->cnonce, sizeof(request->cnonce));
    memcpy(push->request.response, request->response, sizeof(request->response));
    push->state = OTTER_PUSH_RESPONDED;
}

/* A host without the password must not keep out the others by inviting again and again. */
static bool may_take_over(const struct otter_push *push, uint32_t now_ms)
{
    return push->state == OTTER_PUSH_CHALLENGED && now_ms - push->held_since >= CHALLENGE_HELD_MS;
}

static void take_request(struct otter_push *push, const struct otter_push_request *request,
                         const struct otter_address *from, uint32_t now_ms)
{
    const bool is_invitation = request->command != OTTER_PUSH_AUTHENTICATE;
    if (push->state == OTTER_PUSH_IDLE) {
        if (is_invitation)
            take_invitation(push, request, from, now_ms);
    } else if (!is_same_host(from, &push->peer)) {
        if (is_invitation && may_take_over(push, now_ms))
            take_invitation(push, request, from, now_ms);
    } else if (is_repeated(&push->request, request)) {
        answer_again(push, from, now_ms);
    } else if (push->state == OTTER_PUSH_CHALLENGED) {
        if (is_invitation)
            take_invitation(push, request, from, now_ms);
        else
            take_response(push, request);
    }
}

/* What cannot be read is met by silence; where an answer to the nonce is due, it ends the attempt. */
static void take_garbage(struct otter_push *push, const struct otter_address *from)
{
    if (push->state == OTTER_PUSH_CHALLENGED && is_same_host(from, &push->peer))
        push->state = OTTER_PUSH_IDLE;
}

/* False if there is none. */
static bool receive_datagram(struct otter_push *push, struct otter_push_request_parser *parser,
                             struct otter_address *from)
{
    const struct otter_port *port = push->port;
    uint8_t bytes[OTTER_PUSH_DATAGRAM_MAX + 1];
    const int length = port->network.udp_receive(port->context, push->udp, bytes, sizeof(bytes), from);
    if (length <= 0)
        return false;
    otter_push_request_init(parser);
    (void)!otter_push_request_feed(parser, bytes, (size_t)length); /* the parser remembers */
    return true;
}

static bool take_datagram(struct otter_push *push, uint32_t now_ms)
{
    struct otter_push_request_parser parser;
    struct otter_address from = {0};
    if (!receive_datagram(push, &parser, &from))
        return false;
    if (otter_push_request_end(&parser) == OTTER_OK)
        take_request(push, &parser.request, &from, now_ms);
    else
        take_garbage(push, &from);
    return true;
}

/* --- states until the transfer ------------------------------------------------------------------ */

static uint32_t idle(struct otter_push *push, uint32_t now_ms)
{
    (void)push;
    (void)now_ms;
    return OTTER_NEVER;
}

static uint32_t invited(struct otter_push *push, uint32_t now_ms)
{
    if (push->passhash[0] == '\0')
        admit(push, now_ms);
    else if (otter_push_make_nonce(push) == OTTER_OK)
        challenge(push, now_ms);
    else
        refuse(push, OTTER_PUSH_ERROR_AUTH, OTTER_ERROR_ENTROPY);
    return 0;
}

static uint32_t challenged(struct otter_push *push, uint32_t now_ms)
{
    if (!otter_push_expired(push, now_ms))
        return otter_push_left(push, now_ms, false);
    push->state = OTTER_PUSH_IDLE;
    return OTTER_NEVER;
}

static uint32_t responded(struct otter_push *push, uint32_t now_ms)
{
    otter_push_start_check(push);
    otter_push_enter(push, OTTER_PUSH_DERIVING, now_ms, 0);
    return 0;
}

static uint32_t deriving(struct otter_push *push, uint32_t now_ms)
{
    bool right;
    if (!otter_push_check(push, &right))
        return 0;
    if (right) {
        push->failures = 0;
        admit(push, now_ms);
    } else {
        deny(push, now_ms);
    }
    return 0;
}

static uint32_t denied(struct otter_push *push, uint32_t now_ms)
{
    if (!otter_push_expired(push, now_ms))
        return otter_push_left(push, now_ms, false);
    send_plain(push, OTTER_PUSH_ANSWER_DENIED);
    push->state = OTTER_PUSH_IDLE;
    otter_push_report(push, OTTER_PUSH_ERROR_AUTH, "Authentication Failed");
    return OTTER_NEVER;
}

static enum otter_push_start ask_application(const struct otter_push *push)
{
    const struct otter_push_settings *settings = &push->settings;
    if (settings->start == NULL)
        return OTTER_PUSH_START_GO;
    return settings->start(settings->context, (enum otter_update_command)push->request.command,
                           push->request.size);
}

static uint32_t starting(struct otter_push *push, uint32_t now_ms)
{
    const enum otter_push_start start = ask_application(push);
    if (start == OTTER_PUSH_START_GO) {
        push->started = true;
        send_plain(push, OTTER_PUSH_ANSWER_OK);
        otter_push_connect(push, now_ms);
        return 0;
    }
    if (start == OTTER_PUSH_START_WAIT && !otter_push_expired(push, now_ms))
        return otter_push_left(push, now_ms, true);
    otter_updater_abort(push->updater);
    refuse(push, OTTER_PUSH_ERROR_BEGIN,
           start == OTTER_PUSH_START_WAIT ? OTTER_ERROR_TIMEOUT : OTTER_ERROR_REFUSED);
    return 0;
}

/* --- the receiver ------------------------------------------------------------------------------- */

static uint32_t (*const steps[OTTER_PUSH_STATES])(struct otter_push *push, uint32_t now_ms) = {
    [OTTER_PUSH_IDLE] = idle,
    [OTTER_PUSH_INVITED] = invited,
    [OTTER_PUSH_CHALLENGED] = challenged,
    [OTTER_PUSH_RESPONDED] = responded,
    [OTTER_PUSH_DERIVING] = deriving,
    [OTTER_PUSH_DENIED] = denied,
    [OTTER_PUSH_STARTING] = starting,
    [OTTER_PUSH_CONNECTING] = otter_push_connecting,
    [OTTER_PUSH_RECEIVING] = otter_push_receiving,
    [OTTER_PUSH_KEEPING] = otter_push_keeping,
    [OTTER_PUSH_DRAINING] = otter_push_draining,
    [OTTER_PUSH_PAUSING] = otter_push_pausing,
    [OTTER_PUSH_ANSWERING] = otter_push_answering,
    [OTTER_PUSH_LINGERING] = otter_push_lingering,
};

static void set_default(uint32_t *value, uint32_t standard)
{
    if (*value == 0)
        *value = standard;
}

static void set_defaults(struct otter_push_settings *settings)
{
    if (settings->port == 0)
        settings->port = OTTER_PUSH_PORT_ESP8266;
    set_default(&settings->auth_timeout_ms, AUTH_TIMEOUT_MS);
    set_default(&settings->start_timeout_ms, START_TIMEOUT_MS);
    set_default(&settings->connect_timeout_ms, CONNECT_TIMEOUT_MS);
    set_default(&settings->receive_timeout_ms, RECEIVE_TIMEOUT_MS);
    set_default(&settings->result_pause_ms, RESULT_PAUSE_MS);
}

int otter_push_begin(struct otter_push *push, const struct otter_port *port, struct otter_updater *updater,
                     const struct otter_push_settings *settings)
{
    if (push->begun)
        return OTTER_ERROR_RUNNING;
    if (settings->hostname != NULL && !otter_hostname_is(settings->hostname))
        return OTTER_ERROR_ARGUMENT;
    memset(push, 0, sizeof(*push));
    push->port = port;
    push->updater = updater;
    push->settings = *settings;
    push->tcp = -1;
    set_defaults(&push->settings);
    const int error = otter_push_set_passhash(push);
    if (error != OTTER_OK)
        return error;
    push->udp = port->network.udp_open(port->context, push->settings.port);
    if (push->udp < 0)
        return OTTER_ERROR_TRANSPORT;
    push->begun = true;
    return OTTER_OK;
}

uint32_t otter_push_step(struct otter_push *push, uint32_t now_ms)
{
    if (!push->begun)
        return OTTER_NEVER;
    /* What comes while an update ends is left to the state after it: an invitation may be sent only once. */
    const bool more = push->state <= OTTER_PUSH_RECEIVING && take_datagram(push, now_ms);
    const uint32_t wait = steps[push->state](push, now_ms);
    return more ? 0 : wait;
}

bool otter_push_is_busy(const struct otter_push *push)
{
    return push->state != OTTER_PUSH_IDLE;
}

const struct otter_address *otter_push_peer(const struct otter_push *push)
{
    return &push->peer;
}

void otter_push_end(struct otter_push *push)
{
    if (!push->begun)
        return;
    push->begun = false;
    if (push->state >= OTTER_PUSH_STARTING && push->state <= OTTER_PUSH_KEEPING)
        otter_updater_abort(push->updater);
    otter_push_disconnect(push);
    push->port->network.close(push->port->context, push->udp);
    if (push->started && push->staged)
        otter_push_tell_end(push);
    else if (push->started)
        otter_push_report(push, OTTER_PUSH_ERROR_RECEIVE, otter_error_text(OTTER_ERROR_ABORTED));
}
