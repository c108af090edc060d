/* One update by push, from the invitation to the hang-up: what the receiver's files share. */
#ifndef OTTER_DEVICE_PUSH_SESSION_H
#define OTTER_DEVICE_PUSH_SESSION_H

#include "otter/push.h"

enum otter_push_state {
    OTTER_PUSH_IDLE,       /* waits for an invitation */
    OTTER_PUSH_INVITED,    /* one came: a nonce is due, or none */
    OTTER_PUSH_CHALLENGED, /* a nonce is out */
    OTTER_PUSH_RESPONDED,  /* the answer to the nonce came */
    OTTER_PUSH_DERIVING,   /* computes what the response must be */
    OTTER_PUSH_DENIED,     /* wrong password: stays silent for a while, then says so */
    OTTER_PUSH_STARTING,   /* the updater has begun; the application is asked */
    OTTER_PUSH_CONNECTING,
    OTTER_PUSH_RECEIVING,
    OTTER_PUSH_KEEPING,   /* the update is right; the updater keeps the running firmware */
    OTTER_PUSH_DRAINING,  /* reads to its end what was refused on the way */
    OTTER_PUSH_PAUSING,   /* keeps the result apart from the last count */
    OTTER_PUSH_ANSWERING, /* hands the result to the uploader */
    OTTER_PUSH_LINGERING, /* gives the uploader time to hang up first */
    OTTER_PUSH_STATES
};

#define OTTER_PUSH_POLL_MS 2u /* between looks at what the network does not announce */

/* Changes the state; its deadline falls WAIT ms from now. */
void otter_push_enter(struct otter_push *push, enum otter_push_state state, uint32_t now_ms, uint32_t wait);
bool otter_push_expired(const struct otter_push *push, uint32_t now_ms);
/* Milliseconds to the deadline; with POLL, at most OTTER_PUSH_POLL_MS. */
uint32_t otter_push_left(const struct otter_push *push, uint32_t now_ms, bool poll);

/* Writes ERROR as users know it, in all detail that the updater has. */
void otter_push_describe(const struct otter_push *push, int error, char *text, size_t size);

/* Tells the application of an error; nothing is owed to it after that. */
void otter_push_report(struct otter_push *push, enum otter_push_error code, const char *text);

/* Starts the transfer. */
void otter_push_connect(struct otter_push *push, uint32_t now_ms);

/* Closes the connection, if there is one, and goes back to idle. */
void otter_push_disconnect(struct otter_push *push);

/* Tells the application that the update is staged; nothing is owed to it after that. */
void otter_push_tell_end(struct otter_push *push);

/* The transfer's states, one step each; the ms after which they want the next one. */
uint32_t otter_push_connecting(struct otter_push *push, uint32_t now_ms);
uint32_t otter_push_receiving(struct otter_push *push, uint32_t now_ms);
uint32_t otter_push_keeping(struct otter_push *push, uint32_t now_ms);
uint32_t otter_push_draining(struct otter_push *push, uint32_t now_ms);
uint32_t otter_push_pausing(struct otter_push *push, uint32_t now_ms);
uint32_t otter_push_answering(struct otter_push *push, uint32_t now_ms);
uint32_t otter_push_lingering(struct otter_push *push, uint32_t now_ms);

#endif
