/* One device's side of a push: invitation, authentication, transfer and result, as a state machine over
 * non-blocking sockets (spec/push.md; docs/PROTOCOL.md). Any number of sessions share a poll() loop. */
#ifndef OTTER_HOST_PUSH_SESSION_H
#define OTTER_HOST_PUSH_SESSION_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "format/push.h"
#include "host/device.h"
#include "host/local.h"

#define OTTER_PUSH_SESSION_SOCKETS 3

enum otter_push_state {
    OTTER_PUSH_STATE_INVITING,       /* no answer yet */
    OTTER_PUSH_STATE_PASSWORD,       /* the device wants a password, and none is known */
    OTTER_PUSH_STATE_AUTHENTICATING, /* the response is out */
    OTTER_PUSH_STATE_CONNECTING,     /* the device agreed, and is to connect */
    OTTER_PUSH_STATE_SENDING,
    OTTER_PUSH_STATE_VERIFYING, /* the device has every byte, the result is to come */
    OTTER_PUSH_STATE_ENDED,
};

enum otter_push_failure {
    OTTER_PUSH_FAILURE_NONE,
    OTTER_PUSH_FAILURE_NAME,             /* cannot be resolved; text: why */
    OTTER_PUSH_FAILURE_LOCAL,            /* this computer failed; text: why */
    OTTER_PUSH_FAILURE_NO_ANSWER,        /* to the invitation */
    OTTER_PUSH_FAILURE_NO_VERDICT,       /* to the response; text: what it did instead, empty: nothing */
    OTTER_PUSH_FAILURE_PASSWORD_MISSING, /* the device wants one */
    OTTER_PUSH_FAILURE_PASSWORD_WRONG,
    OTTER_PUSH_FAILURE_REFUSED, /* before the transfer; text: the device's */
    OTTER_PUSH_FAILURE_NO_CONNECTION,
    OTTER_PUSH_FAILURE_BROKEN,    /* the connection ended before everything was sent */
    OTTER_PUSH_FAILURE_STALLED,   /* the device stopped taking bytes */
    OTTER_PUSH_FAILURE_NO_RESULT, /* the connection ended after everything was sent */
    OTTER_PUSH_FAILURE_SILENT,    /* everything was sent, and no result came in time */
    OTTER_PUSH_FAILURE_REJECTED,  /* text: the device's */
    OTTER_PUSH_FAILURE_INTERRUPTED,
};

/* What is to be pushed and how: shared by all sessions and owned by the caller. */
struct otter_push_order {
    const uint8_t *bytes;
    uint32_t size;
    char md5[OTTER_PUSH_MD5_DIGITS + 1];
    enum otter_push_command command; /* SKETCH or FILESYSTEM */
    const char *password;            /* NULL: not known (yet) */
    bool ask_again;                  /* a wrong password is not the end: there may be another */
    bool md5_target;                 /* SHA-256 era: begin with MD5(password) */
    uint32_t timeout_ms;             /* for the device to answer, and then to connect */
    struct sockaddr_storage host;    /* local address; AF_UNSPEC: any */

    /* Called with every step taken, for the curious; may be NULL. */
    void (*trace)(void *context, const char *device, const char *text);
    void *context;
};

/* Read its fields; only the functions below write them. */
struct otter_push_session {
    const struct otter_push_order *order;
    struct otter_device device;
    enum otter_push_state state;
    enum otter_push_failure failure;
    char text[161];                  /* what the device or this computer said about the failure */
    uint32_t limit;                  /* bytes that the device can take; 0: it did not say */
    uint8_t nonce_digits;            /* of the last AUTH; 0: the device asked for no password */
    uint32_t acknowledged;           /* bytes that the device has */
    uint64_t sending_since;          /* ms, when the device connected; 0: it did not */
    uint64_t ended;                  /* ms */
    bool port_closed;                /* nobody listens on the device's UDP port */
    bool answered;                   /* it sent datagrams, of whatever meaning */
    bool early;                      /* the device said OK before it had everything */
    uint16_t host_port;              /* TCP, where the device is to connect */
    struct otter_local local;        /* the address that the device sees */
    char stranger[INET6_ADDRSTRLEN]; /* who connected in its place; empty: nobody */

    int udp, listener, tcp; /* -1: none */
    bool md5_passhash;      /* SHA-256 era: MD5(password) is used */
    bool denied;            /* the password was wrong */
    uint8_t rounds;         /* invitations begun, repetitions not counted */
    uint8_t nonces;         /* that the device sent, copies not counted */
    uint8_t tries;          /* of the datagram being repeated */
    uint64_t since;         /* when the state was entered, or the device last gave a sign of life */
    uint64_t repeat_at;     /* when the datagram goes out again */
    uint32_t sent;          /* bytes that the socket took */
    int error;              /* errno of a broken connection; 0: it is whole, or was closed in order */
    bool closed;            /* the connection ended */
    char nonce[OTTER_PUSH_SHA256_DIGITS + 1];
    char datagram[OTTER_PUSH_DATAGRAM_MAX + 1]; /* the one to be repeated, terminated */
    struct otter_push_result_parser result;
};

/* Opens the sockets and sends the first invitation to DEVICE, which is copied. HOST_PORT: to listen on; 0:
 * any. A session that fails, here or later, is in state ENDED with its failure set. */
void otter_push_session_begin(struct otter_push_session *session, const struct otter_push_order *order,
                              const struct otter_device *device, uint16_t host_port, uint64_t now_ms);

/* Fills in what to wait for; how many entries that are. */
size_t otter_push_session_poll(const struct otter_push_session *session,
                               struct pollfd sockets[OTTER_PUSH_SESSION_SOCKETS]);

/* Does what can be done now without blocking. Returns when to call again at the latest, ms. */
uint64_t otter_push_session_step(struct otter_push_session *session, uint64_t now_ms);

/* A session in state PASSWORD goes on: the order's password is known now, or another. */
void otter_push_session_resume(struct otter_push_session *session, uint64_t now_ms);

/* Ends a session and closes its sockets. One that has ended stays as it is. */
void otter_push_session_end(struct otter_push_session *session, enum otter_push_failure failure,
                            uint64_t now_ms);

#endif
