/* One pull, from the name of the server to the restart: what the client's files share. */
#ifndef OTTER_DEVICE_PULL_SESSION_H
#define OTTER_DEVICE_PULL_SESSION_H

#include "otter/pull.h"

enum otter_pull_state {
    OTTER_PULL_IDLE,
    OTTER_PULL_RECALLING, /* reads back what is there of an interrupted download */
    OTTER_PULL_PREPARING, /* reads what the server is told of this device */
    OTTER_PULL_RESOLVING, /* the server is approached: one state after the other */
    OTTER_PULL_CONNECTING,
    OTTER_PULL_SECURING,
    OTTER_PULL_SENDING,
    OTTER_PULL_ANSWERING, /* waits for the head of the answer */
    OTTER_PULL_JUDGING,   /* what it says */
    OTTER_PULL_STARTING,  /* the updater has begun; the application is asked */
    OTTER_PULL_RECEIVING,
    OTTER_PULL_FINISHING, /* the updater verifies */
    OTTER_PULL_PAUSING,   /* lets some time pass before it connects anew */
    OTTER_PULL_STATES
};

#define OTTER_PULL_POLL_MS 10u /* between looks at what the network does not announce */

/* Changes the state; its deadline falls WAIT ms from now. */
void otter_pull_enter(struct otter_pull *pull, enum otter_pull_state state, uint32_t now_ms, uint32_t wait);
bool otter_pull_expired(const struct otter_pull *pull, uint32_t now_ms);
/* Milliseconds to the deadline; with POLL, at most OTTER_PULL_POLL_MS. */
uint32_t otter_pull_left(const struct otter_pull *pull, uint32_t now_ms, bool poll);

/* Ends the pull. ERROR: enum otter_pull_error, or an updater's number. DETAIL is static, or NULL. */
void otter_pull_finish(struct otter_pull *pull, enum otter_pull_result result, int error, const char *detail);
static inline void otter_pull_fail(struct otter_pull *pull, int error, const char *detail)
{
    otter_pull_finish(pull, OTTER_PULL_FAILED, error, detail);
}
/* The same for an enum otter_error of the updater. */
void otter_pull_fail_update(struct otter_pull *pull, int error);

/* The connection failed. A download that can go on later does; anything else ends. */
void otter_pull_interrupt(struct otter_pull *pull, uint32_t now_ms, int error, const char *detail);

/* Looks up the host of pull->url, and so on to the answer. */
void otter_pull_connect(struct otter_pull *pull, uint32_t now_ms);
/* The same for the URL that the pull began with. */
void otter_pull_connect_to_target(struct otter_pull *pull, uint32_t now_ms);
void otter_pull_disconnect(struct otter_pull *pull);

/* Why TLS failed, for users. */
const char *otter_pull_secure_reason(const struct otter_pull *pull);

/* As tcp_read of the port, through TLS where that is spoken. */
int otter_pull_read(struct otter_pull *pull, void *bytes, size_t size);

/* Writes "user:password" into OUT of SIZE bytes: the length without NUL, 0 for none; OTTER_ERROR_BUFFER,
 * OTTER_ERROR_MALFORMED. */
int otter_pull_print_credentials(const struct otter_pull *pull, char *out, size_t size);

/* Writes into line[] as many more lines of the request as fit; none at its end. */
void otter_pull_print_request(struct otter_pull *pull);

/* Which update is pulled. */
enum otter_update_command otter_pull_command(const struct otter_pull *pull);

/* The states, one step each; the ms after which they want the next one. */
uint32_t otter_pull_recalling(struct otter_pull *pull, uint32_t now_ms);
uint32_t otter_pull_approaching(struct otter_pull *pull, uint32_t now_ms);
uint32_t otter_pull_answering(struct otter_pull *pull, uint32_t now_ms);
uint32_t otter_pull_judging(struct otter_pull *pull, uint32_t now_ms);
uint32_t otter_pull_starting(struct otter_pull *pull, uint32_t now_ms);
uint32_t otter_pull_receiving(struct otter_pull *pull, uint32_t now_ms);
uint32_t otter_pull_finishing(struct otter_pull *pull, uint32_t now_ms);
uint32_t otter_pull_pausing(struct otter_pull *pull, uint32_t now_ms);

#endif
