/* One request, from the connection to its end: what the server's files share. */
#ifndef OTTER_DEVICE_WEB_SESSION_H
#define OTTER_DEVICE_WEB_SESSION_H

#include "format/text.h"
#include "otter/web.h"

enum otter_web_state {
    OTTER_WEB_READING,   /* the head */
    OTTER_WEB_HASHING,   /* computes the MD5 of what runs */
    OTTER_WEB_SENDING,   /* an answer, or what asks for the body */
    OTTER_WEB_DRAINING,  /* reads what is left, until the client has the answer */
    OTTER_WEB_RECEIVING, /* the form */
    OTTER_WEB_STARTING,  /* the updater has begun; the application is asked */
    OTTER_WEB_FINISHING, /* a file is whole; the updater does the rest */
    OTTER_WEB_LINGERING, /* gives the client time to hang up first, before the restart */
    OTTER_WEB_STATES
};

enum otter_web_resource { OTTER_WEB_NOTHING, OTTER_WEB_PAGE, OTTER_WEB_INFO };

/* Answers, as in the table in web_answer.c. */
enum otter_web_answer {
    OTTER_WEB_ANSWER_GZIP,
    OTTER_WEB_ANSWER_PLAIN,
    OTTER_WEB_ANSWER_INFO,
    OTTER_WEB_ANSWER_PREFLIGHT,
    OTTER_WEB_ANSWER_UPDATED,
    OTTER_WEB_ANSWER_FAILED, /* the update, for a reason that is in the text */
    OTTER_WEB_ANSWER_MALFORMED,
    OTTER_WEB_ANSWER_NO_FORM,
    OTTER_WEB_ANSWER_UNAUTHORIZED,
    OTTER_WEB_ANSWER_FOREIGN,
    OTTER_WEB_ANSWER_NOT_FOUND,
    OTTER_WEB_ANSWER_NOT_ALLOWED,
    OTTER_WEB_ANSWER_TIMEOUT,
    OTTER_WEB_ANSWER_NO_LENGTH,
    OTTER_WEB_ANSWER_TOO_LARGE,
    OTTER_WEB_ANSWER_BUSY,
};

#define OTTER_WEB_PART_LINE OTTER_MULTIPART_LINE_MIN /* bytes of text[] for lines of parts' heads */
#define OTTER_WEB_INPUT_MIN 64u                      /* bytes of it at least for the body's input */
#define OTTER_WEB_BODY      152u                     /* where in text[] an answer's body is put together */

/* --- web.c -------------------------------------------------------------------------------------- */

/* Changes the state; its deadline falls WAIT ms from now. */
void otter_web_enter(struct otter_web_connection *connection, enum otter_web_state state, uint32_t wait);
/* Milliseconds to the deadline; 0: it is over. */
uint32_t otter_web_left(const struct otter_web_connection *connection);
/* The same, but no longer than until the next look at what the network does not announce. */
uint32_t otter_web_poll(const struct otter_web_connection *connection);
/* As tcp_read of the port; an end is remembered. */
int otter_web_read(struct otter_web_connection *connection, void *bytes, size_t size);
void otter_web_close(struct otter_web_connection *connection);

/* --- web_request.c ------------------------------------------------------------------------------ */

/* What PATH of LENGTH characters leads to. */
enum otter_web_resource otter_web_find(const struct otter_web *web, const char *path, size_t length);
/* Begins to read a head. */
void otter_web_expect(struct otter_web_connection *connection);
uint32_t otter_web_reading(struct otter_web_connection *connection);

/* --- web_auth.c --------------------------------------------------------------------------------- */

enum otter_web_access { OTTER_WEB_DENIED, OTTER_WEB_STALE, OTTER_WEB_GRANTED };

/* True if nobody needs credentials. */
bool otter_web_is_open(const struct otter_web *web);
/* Makes the secret behind nonces. OTTER_ERROR_ENTROPY. */
OTTER_MUST_CHECK int otter_web_make_secret(struct otter_web *web);
/* What the value of Authorization is worth, which is changed. */
enum otter_web_access otter_web_judge(struct otter_web_connection *connection, char *value);
/* Adds the fields that ask for credentials. STALE: those that came are right, only too old. */
void otter_web_add_challenge(struct otter_web *web, bool stale, struct otter_text *text);

/* --- web_answer.c ------------------------------------------------------------------------------- */

/* Sends what belongs to ANSWER, lets the client take it, and hangs up. */
void otter_web_answer(struct otter_web_connection *connection, enum otter_web_answer answer);
/* The same with a body that is put together in TEXT, */
void otter_web_begin_body(struct otter_web_connection *connection, struct otter_text *text);
/* and has SIZE bytes. */
void otter_web_answer_body(struct otter_web_connection *connection, enum otter_web_answer answer,
                           size_t size);
/* Sends TEXT, which stays where it is, and enters NEXT. */
void otter_web_send(struct otter_web_connection *connection, const char *text, size_t size,
                    enum otter_web_state next);
/* Reads and drops what comes, but not more than one step may; true if there may be more. */
bool otter_web_drop(struct otter_web_connection *connection);
uint32_t otter_web_sending(struct otter_web_connection *connection);
uint32_t otter_web_draining(struct otter_web_connection *connection);

/* --- web_info.c --------------------------------------------------------------------------------- */

void otter_web_tell(struct otter_web_connection *connection);
uint32_t otter_web_hashing(struct otter_web_connection *connection);

/* --- web_upload.c ------------------------------------------------------------------------------- */

/* The request is in order: takes its form. */
void otter_web_upload(struct otter_web_connection *connection);
/* The answer has been delivered, as far as that is possible: closes, or waits a moment before the restart. */
void otter_web_hang_up(struct otter_web_connection *connection);
/* CONNECTION is closed: what it had to do with an update is over. */
void otter_web_forget(struct otter_web_connection *connection);
uint32_t otter_web_receiving(struct otter_web_connection *connection);
uint32_t otter_web_starting(struct otter_web_connection *connection);
uint32_t otter_web_finishing(struct otter_web_connection *connection);
uint32_t otter_web_lingering(struct otter_web_connection *connection);

#endif
