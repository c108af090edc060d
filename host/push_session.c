#include "host/push_session.h"

#include <ctype.h>
#include <errno.h>
#include <linux/sockios.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <unistd.h>

#include "crypto/push_auth.h"
#include "format/text.h"

#define REPEAT_MS          1000  /* between two copies of a datagram */
#define MD5_PATIENCE_MS    4000  /* for the verdict on a response, before it all begins again */
#define SHA256_PATIENCE_MS 10000 /* the same where the device has to derive a key */
#define ROUNDS_MAX         4     /* of invitations */
#define NONCES_MAX         16    /* answered in all */
#define STALL_MS           25000 /* devices of ours give up a silent transfer after 20 s */
#define RESULT_MS          60000
#define ERROR_TEXT_MS      2000         /* for the rest of an error text */
#define LOOK_MS            100          /* how often the acknowledged bytes are looked at */
#define SEND_MAX           (256u << 10) /* bytes in one step, so that every session gets its turn */
#define RECEIVE_MAX        64           /* portions or datagrams in one step, likewise */
#define NEVER              UINT64_MAX

__attribute__((format(printf, 2, 3))) static void trace(struct otter_push_session *session,
                                                        const char *format, ...)
{
    char text[256];
    va_list arguments;
    if (session->order->trace == NULL)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    session->order->trace(session->order->context, session->device.name, text);
}

static void close_socket(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void otter_push_session_end(struct otter_push_session *session, enum otter_push_failure failure,
                            uint64_t now_ms)
{
    if (session->state == OTTER_PUSH_STATE_ENDED)
        return;
    close_socket(&session->udp);
    close_socket(&session->listener);
    close_socket(&session->tcp);
    session->state = OTTER_PUSH_STATE_ENDED;
    session->failure = failure;
    session->ended = now_ms;
}

static void end_with_text(struct otter_push_session *session, enum otter_push_failure failure,
                          const char *text, uint64_t now_ms)
{
    snprintf(session->text, sizeof(session->text), "%s", text);
    otter_push_session_end(session, failure, now_ms);
}

static void enter(struct otter_push_session *session, enum otter_push_state state, uint64_t now_ms)
{
    session->state = state;
    session->since = now_ms;
}

/* --- datagrams ------------------------------------------------------------------------------------- */

/* A send that fails is a datagram that is lost. */
static void send_datagram(struct otter_push_session *session, uint64_t now_ms)
{
    size_t length = strlen(session->datagram);
    session->tries++;
    session->repeat_at = now_ms + REPEAT_MS;
    bool secret = session->state == OTTER_PUSH_STATE_AUTHENTICATING; /* helps to guess the password */
    trace(session, "sends %s%.*s", session->tries > 1 ? "again " : "",
          secret ? 3 : (int)strcspn(session->datagram, "\t\n"), session->datagram);
    if (send(session->udp, session->datagram, length, MSG_NOSIGNAL) < 0 && errno == ECONNREFUSED)
        session->port_closed = true;
}

static void send_request(struct otter_push_session *session, const struct otter_push_request *request,
                         uint64_t now_ms)
{
    if (otter_push_request_encode(session->datagram, sizeof(session->datagram), request) < 0) {
        end_with_text(session, OTTER_PUSH_FAILURE_LOCAL, "a datagram does not fit", now_ms);
        return;
    }
    session->tries = 0;
    send_datagram(session, now_ms);
}

static void invite(struct otter_push_session *session, uint64_t now_ms)
{
    struct otter_push_request request = {.command = session->order->command,
                                         .port = session->host_port,
                                         .size = session->order->size,
                                         .prompt = true};
    memcpy(request.md5, session->order->md5, sizeof(request.md5));
    session->nonce[0] = '\0';
    session->rounds++;
    enter(session, OTTER_PUSH_STATE_INVITING, now_ms);
    send_request(session, &request, now_ms);
}

/* Invites again from another port, so that late answers to the last invitation go nowhere. */
static void invite_afresh(struct otter_push_session *session, uint64_t now_ms)
{
    close_socket(&session->udp);
    session->udp = otter_local_open_udp(&session->order->host, &session->device.address);
    if (session->udp < 0)
        end_with_text(session, OTTER_PUSH_FAILURE_LOCAL, strerror(errno), now_ms);
    else
        invite(session, now_ms);
}

/* --- authentication -------------------------------------------------------------------------------- */

static void respond_md5(const struct otter_push_session *session, struct otter_push_request *request)
{
    char passhash[OTTER_PUSH_MD5_DIGITS + 1];
    otter_push_auth_hash_md5(passhash, session->order->password);
    otter_push_auth_md5(request->response, passhash, session->nonce, request->cnonce);
}

static void respond_sha256(const struct otter_push_session *session, struct otter_push_request *request)
{
    struct otter_push_auth_sha256 auth;
    char passhash[OTTER_PUSH_SHA256_DIGITS + 1];
    if (session->md5_passhash)
        otter_push_auth_hash_md5(passhash, session->order->password);
    else
        otter_push_auth_hash_sha256(passhash, session->order->password);
    otter_push_auth_sha256_init(&auth, passhash, session->nonce, request->cnonce);
    while (!otter_push_auth_sha256_step(&auth, OTTER_PUSH_AUTH_ROUNDS, request->response, session->nonce,
                                        request->cnonce))
        ;
}

static void respond(struct otter_push_session *session, uint64_t now_ms)
{
    struct otter_push_request request = {.command = OTTER_PUSH_AUTHENTICATE, .digits = session->nonce_digits};
    uint8_t random[OTTER_PUSH_SHA256_DIGITS / 2];
    if (getrandom(random, sizeof(random), 0) != sizeof(random)) {
        end_with_text(session, OTTER_PUSH_FAILURE_LOCAL, strerror(errno), now_ms);
        return;
    }
    otter_hex_encode(request.cnonce, random, request.digits / 2);
    if (request.digits == OTTER_PUSH_MD5_DIGITS)
        respond_md5(session, &request);
    else
        respond_sha256(session, &request);
    enter(session, OTTER_PUSH_STATE_AUTHENTICATING, now_ms);
    send_request(session, &request, now_ms);
}

static void take_nonce(struct otter_push_session *session, const struct otter_push_answer *answer,
                       uint64_t now_ms)
{
    if (strcmp(session->nonce, answer->nonce) == 0)
        return; /* a copy */
    if (++session->nonces > NONCES_MAX) {
        end_with_text(session, OTTER_PUSH_FAILURE_NO_VERDICT,
                      "asked for the password again and again, without a verdict", now_ms);
        return;
    }
    memcpy(session->nonce, answer->nonce, sizeof(session->nonce));
    session->nonce_digits = answer->digits;
    if (session->order->password != NULL)
        respond(session, now_ms);
    else
        enter(session, OTTER_PUSH_STATE_PASSWORD, now_ms);
}

static void take_denial(struct otter_push_session *session, uint64_t now_ms)
{
    if (session->nonce_digits == OTTER_PUSH_SHA256_DIGITS && !session->md5_passhash) {
        session->md5_passhash = true; /* a device that was set up with the older hash */
        invite_afresh(session, now_ms);
        return;
    }
    session->denied = true;
    session->md5_passhash = session->order->md5_target;
    if (session->order->ask_again)
        enter(session, OTTER_PUSH_STATE_PASSWORD, now_ms);
    else
        otter_push_session_end(session, OTTER_PUSH_FAILURE_PASSWORD_WRONG, now_ms);
}

void otter_push_session_resume(struct otter_push_session *session, uint64_t now_ms)
{
    if (session->state != OTTER_PUSH_STATE_PASSWORD)
        return;
    session->denied = false;
    invite_afresh(session, now_ms); /* the old nonce may have expired meanwhile */
}

/* --- answers --------------------------------------------------------------------------------------- */

/* Cuts the second line of "Not Enough Space" off TEXT (docs/PROTOCOL.md, section 2). Returns the bytes that
 * it names; 0: there is no such line. */
static uint32_t cut_limit(char *text)
{
    char *words = strstr(text, " bytes at most");
    char *number = words;
    if (words == NULL || strncmp(text, "ERROR[4]", 8) != 0)
        return 0;
    while (isdigit((unsigned char)number[-1]))
        number--;
    unsigned long limit = strtoul(number, NULL, 10);
    if (number == words || limit > UINT32_MAX)
        return 0;
    while (number[-1] == ' ')
        number--;
    *number = '\0';
    return (uint32_t)limit;
}

static void take_refusal(struct otter_push_session *session, const char *text, uint64_t now_ms)
{
    end_with_text(session, OTTER_PUSH_FAILURE_REFUSED, text, now_ms);
    session->limit = cut_limit(session->text);
}

static void take_answer(struct otter_push_session *session, const struct otter_push_answer *answer,
                        uint64_t now_ms)
{
    bool responded = session->state == OTTER_PUSH_STATE_AUTHENTICATING;
    bool invited = session->state == OTTER_PUSH_STATE_INVITING;
    switch (answer->kind) {
    case OTTER_PUSH_ANSWER_OK:
        if (invited || responded)
            enter(session, OTTER_PUSH_STATE_CONNECTING, now_ms);
        break;
    case OTTER_PUSH_ANSWER_AUTH:
        if (invited || responded)
            take_nonce(session, answer, now_ms);
        break;
    case OTTER_PUSH_ANSWER_DENIED:
        if (responded)
            take_denial(session, now_ms);
        break;
    case OTTER_PUSH_ANSWER_ERROR:
        if (invited || responded)
            take_refusal(session, answer->text, now_ms);
        break;
    }
}

static void take_datagram(struct otter_push_session *session, const char *bytes, size_t size, uint64_t now_ms)
{
    struct otter_push_answer_parser parser;
    session->answered = true;
    otter_push_answer_init(&parser);
    if (otter_push_answer_feed(&parser, bytes, size) != OTTER_OK ||
        otter_push_answer_end(&parser) != OTTER_OK)
        return;
    trace(session, "answers %s",
          parser.answer.kind == OTTER_PUSH_ANSWER_OK       ? "OK"
          : parser.answer.kind == OTTER_PUSH_ANSWER_AUTH   ? "AUTH, wants a password"
          : parser.answer.kind == OTTER_PUSH_ANSWER_DENIED ? "Authentication Failed"
                                                           : parser.answer.text);
    session->port_closed = false;
    take_answer(session, &parser.answer, now_ms);
}

static void take_datagrams(struct otter_push_session *session, uint64_t now_ms)
{
    for (unsigned i = 0; i < RECEIVE_MAX && session->udp >= 0; i++) {
        char bytes[OTTER_PUSH_DATAGRAM_MAX];
        ssize_t size = recv(session->udp, bytes, sizeof(bytes), 0);
        if (size >= 0)
            take_datagram(session, bytes, (size_t)size, now_ms);
        else if (errno == ECONNREFUSED)
            session->port_closed = true;
        else if (errno != EINTR)
            return;
    }
}

/* A connection says as much as the OK before it, which may be lost. */
static void take_connection(struct otter_push_session *session, uint64_t now_ms)
{
    session->tcp = otter_local_accept(session->listener, &session->device.address, session->stranger);
    if (session->tcp < 0)
        return;
    trace(session, "connects");
    close_socket(&session->listener);
    close_socket(&session->udp);
    session->sending_since = now_ms;
    enter(session, OTTER_PUSH_STATE_SENDING, now_ms);
}

/* --- states ---------------------------------------------------------------------------------------- */

static uint64_t sooner(uint64_t left, uint64_t right)
{
    return left < right ? left : right;
}

static uint64_t step_inviting(struct otter_push_session *session, uint64_t now_ms)
{
    uint64_t deadline = session->since + session->order->timeout_ms;
    if (now_ms >= deadline) {
        otter_push_session_end(
            session, session->nonce_digits > 0 ? OTTER_PUSH_FAILURE_NO_VERDICT : OTTER_PUSH_FAILURE_NO_ANSWER,
            now_ms);
        return NEVER;
    }
    if (now_ms >= session->repeat_at)
        send_datagram(session, now_ms);
    return sooner(deadline, session->repeat_at);
}

static uint64_t step_authenticating(struct otter_push_session *session, uint64_t now_ms)
{
    uint64_t patience =
        session->nonce_digits == OTTER_PUSH_SHA256_DIGITS ? SHA256_PATIENCE_MS : MD5_PATIENCE_MS;
    uint64_t deadline = session->since + patience;
    if (now_ms >= deadline && session->rounds >= ROUNDS_MAX) {
        otter_push_session_end(session, OTTER_PUSH_FAILURE_NO_VERDICT, now_ms);
        return NEVER;
    }
    if (now_ms >= deadline) {
        invite(session, now_ms);
        return session->repeat_at;
    }
    if (now_ms >= session->repeat_at)
        send_datagram(session, now_ms);
    return sooner(deadline, session->repeat_at);
}

static uint64_t step_connecting(struct otter_push_session *session, uint64_t now_ms)
{
    uint64_t deadline = session->since + session->order->timeout_ms;
    if (now_ms >= deadline)
        otter_push_session_end(session, OTTER_PUSH_FAILURE_NO_CONNECTION, now_ms);
    return deadline;
}

/* --- transfer -------------------------------------------------------------------------------------- */

static void break_off(struct otter_push_session *session, int error)
{
    session->closed = true;
    session->error = error;
}

static void send_bytes(struct otter_push_session *session)
{
    uint32_t end =
        session->order->size - session->sent > SEND_MAX ? session->sent + SEND_MAX : session->order->size;
    while (session->sent < end) {
        ssize_t taken =
            send(session->tcp, session->order->bytes + session->sent, end - session->sent, MSG_NOSIGNAL);
        if (taken >= 0)
            session->sent += (uint32_t)taken;
        else if (errno == EAGAIN)
            return;
        else if (errno != EINTR) {
            break_off(session, errno);
            return;
        }
    }
}

/* What came before a connection broke is read all the same: it may be the reason. */
static void receive_bytes(struct otter_push_session *session, uint64_t now_ms)
{
    for (unsigned i = 0; i < RECEIVE_MAX; i++) {
        char bytes[512];
        ssize_t size = recv(session->tcp, bytes, sizeof(bytes), 0);
        if (size > 0) {
            if (session->result.result == OTTER_PUSH_RESULT_NONE)
                session->since = now_ms;
            otter_push_result_feed(&session->result, bytes, (size_t)size);
        } else if (size == 0) {
            session->closed = true;
            return;
        } else if (errno == EAGAIN) {
            return;
        } else if (errno != EINTR) {
            break_off(session, errno);
            return;
        }
    }
}

static void count_acknowledged(struct otter_push_session *session, uint64_t now_ms)
{
    int pending;
    if (ioctl(session->tcp, SIOCOUTQ, &pending) != 0)
        return;
    uint32_t acknowledged = session->sent - (uint32_t)pending;
    if (acknowledged > session->acknowledged) {
        session->acknowledged = acknowledged;
        session->since = now_ms;
    }
}

/* What it means that the connection ended. */
static enum otter_push_failure failure_of_end(const struct otter_push_session *session)
{
    if (session->result.result == OTTER_PUSH_RESULT_ERROR)
        return OTTER_PUSH_FAILURE_REJECTED;
    return session->acknowledged < session->order->size ? OTTER_PUSH_FAILURE_BROKEN
                                                        : OTTER_PUSH_FAILURE_NO_RESULT;
}

/* What it means that nothing happened for as long as patience lasts. */
static enum otter_push_failure failure_of_silence(const struct otter_push_session *session)
{
    if (session->result.result == OTTER_PUSH_RESULT_ERROR)
        return OTTER_PUSH_FAILURE_REJECTED;
    return session->acknowledged < session->order->size ? OTTER_PUSH_FAILURE_STALLED
                                                        : OTTER_PUSH_FAILURE_SILENT;
}

static uint64_t patience(const struct otter_push_session *session)
{
    if (session->result.result == OTTER_PUSH_RESULT_ERROR)
        return ERROR_TEXT_MS;
    return session->acknowledged < session->order->size ? STALL_MS : RESULT_MS;
}

static void end_transfer(struct otter_push_session *session, enum otter_push_failure failure, uint64_t now_ms)
{
    session->early = session->result.result == OTTER_PUSH_RESULT_OK && failure != OTTER_PUSH_FAILURE_NONE;
    const char *reason = session->error != 0 ? strerror(session->error) : "";
    end_with_text(session, failure, failure == OTTER_PUSH_FAILURE_REJECTED ? session->result.text : reason,
                  now_ms);
}

static uint64_t step_transfer(struct otter_push_session *session, uint64_t now_ms)
{
    if (session->result.result != OTTER_PUSH_RESULT_ERROR)
        send_bytes(session);
    receive_bytes(session, now_ms);
    count_acknowledged(session, now_ms);
    if (session->acknowledged == session->order->size)
        session->state = OTTER_PUSH_STATE_VERIFYING;
    uint64_t deadline = session->since + patience(session);
    if (session->result.result == OTTER_PUSH_RESULT_OK && session->acknowledged == session->order->size)
        end_transfer(session, OTTER_PUSH_FAILURE_NONE, now_ms);
    else if (session->closed)
        end_transfer(session, failure_of_end(session), now_ms);
    else if (now_ms >= deadline)
        end_transfer(session, failure_of_silence(session), now_ms);
    return sooner(deadline, now_ms + LOOK_MS);
}

/* --- all together ---------------------------------------------------------------------------------- */

static uint64_t step_state(struct otter_push_session *session, uint64_t now_ms)
{
    switch (session->state) {
    case OTTER_PUSH_STATE_INVITING:
        return step_inviting(session, now_ms);
    case OTTER_PUSH_STATE_AUTHENTICATING:
        return step_authenticating(session, now_ms);
    case OTTER_PUSH_STATE_CONNECTING:
        return step_connecting(session, now_ms);
    case OTTER_PUSH_STATE_SENDING:
    case OTTER_PUSH_STATE_VERIFYING:
        return step_transfer(session, now_ms);
    case OTTER_PUSH_STATE_PASSWORD:
    case OTTER_PUSH_STATE_ENDED:
        break;
    }
    return NEVER;
}

uint64_t otter_push_session_step(struct otter_push_session *session, uint64_t now_ms)
{
    take_datagrams(session, now_ms);
    if (session->listener >= 0)
        take_connection(session, now_ms);
    return step_state(session, now_ms);
}

size_t otter_push_session_poll(const struct otter_push_session *session,
                               struct pollfd sockets[OTTER_PUSH_SESSION_SOCKETS])
{
    size_t count = 0;
    bool more = session->sent < session->order->size && session->result.result != OTTER_PUSH_RESULT_ERROR;
    if (session->udp >= 0)
        sockets[count++] = (struct pollfd){.fd = session->udp, .events = POLLIN};
    if (session->listener >= 0)
        sockets[count++] = (struct pollfd){.fd = session->listener, .events = POLLIN};
    if (session->tcp >= 0)
        sockets[count++] =
            (struct pollfd){.fd = session->tcp, .events = (short)(more ? POLLIN | POLLOUT : POLLIN)};
    return count;
}

void otter_push_session_begin(struct otter_push_session *session, const struct otter_push_order *order,
                              const struct otter_device *device, uint16_t host_port, uint64_t now_ms)
{
    *session =
        (struct otter_push_session){.order = order, .device = *device, .udp = -1, .listener = -1, .tcp = -1};
    session->md5_passhash = order->md5_target;
    if (device->trouble != NULL) {
        end_with_text(session, OTTER_PUSH_FAILURE_NAME, device->trouble, now_ms);
        return;
    }
    session->listener = otter_local_listen(&order->host, &device->address, host_port, &session->host_port);
    if (session->listener < 0) {
        char text[128];
        snprintf(text, sizeof(text), "cannot listen on TCP port %u: %s", host_port, strerror(errno));
        end_with_text(session, OTTER_PUSH_FAILURE_LOCAL, text, now_ms);
        return;
    }
    invite_afresh(session, now_ms);
    if (session->udp >= 0)
        otter_local_describe(&session->local, session->udp);
}
