/* The update page: takes updates from browsers and from curl over HTTP (spec/web.md; docs/PROTOCOL.md).
 *
 *     struct otter_web web = {0};
 *     otter_web_begin(&web, &port, &updater, &(struct otter_web_settings){.user = "admin", .password =
 * "secret"}); for (;;) wait at most otter_web_step(&web, now) milliseconds, or until the network has
 * something;
 *
 * It serves a few connections side by side, one request each, from this memory alone, and one update at a
 * time. The port needs tcp_listen and tcp_accept. */
#ifndef OTTER_WEB_H
#define OTTER_WEB_H

#include <stdbool.h>
#include <stdint.h>

#include "format/http_request.h"
#include "format/multipart.h"
#include "otter/port.h"
#include "otter/sketch.h"
#include "otter/updater.h"

#define OTTER_WEB_CONNECTIONS 2u
#define OTTER_WEB_TEXT        440u /* bytes for the longest line of a head, and for an answer */
#define OTTER_WEB_NONCES      3u   /* of Digest, whose use is remembered */
#define OTTER_WEB_SECRET      16u  /* bytes that make nonces unforeseeable */
#define OTTER_WEB_USER_MAX    64u  /* characters of a user name, and of a password */

enum otter_web_auth {
    OTTER_WEB_BASIC,  /* the password crosses the network in the clear (RFC 7617); the default */
    OTTER_WEB_DIGEST, /* it does not: SHA-256 or MD5, as the client can (RFC 7616) */
};

/* What the start callback decides. */
enum otter_web_start {
    OTTER_WEB_START_GO,     /* safe to update now */
    OTTER_WEB_START_WAIT,   /* not yet: ask again in the next step */
    OTTER_WEB_START_REFUSE, /* not now: the client is told so */
};

/* Strings are the caller's, and must live as long as the server. Zero means default. */
struct otter_web_settings {
    uint16_t port;   /* TCP; 0: 80 */
    bool cross_site; /* takes updates that another site's page sends, too */
    bool stay; /* do not restart after success; the application does it, or calls otter_updater_release() */
    enum otter_web_auth auth;

    /* Deadlines, ms; 0: the default. */
    uint32_t head_timeout_ms;  /* for a whole request head: 5,000 */
    uint32_t body_timeout_ms;  /* for each 4096 bytes of a body, and longest gap in an answer: 20,000 */
    uint32_t start_timeout_ms; /* for the start callback's WAIT: 8,000 */

    /* Memory for what arrives of an upload, the caller's, at least 64 bytes; 0: what is left of the server's
     * own, some 200 bytes. More means fewer and larger reads. */
    uint16_t input_size;
    void *input;

    const char *path; /* of the page; NULL: "/update" */
    const char *user; /* both NULL or empty: whoever reaches the device may update it; without ':' */
    const char *password;

    /* What the page tells about the running firmware; NULL: not told. Printable ASCII. */
    const char *name;    /* at most 23 characters of it, */
    const char *version; /* 31 of this one, */
    const char *board;   /* and 20 of this */

    /* Callbacks, each may be NULL; they run inside otter_web_step(), or otter_web_end(), and may not call
     * either. */
    void *context;
    /* An authenticated client sends a file, and flash is still untouched: the moment to reach a safe state.
     * The file has at most SIZE bytes. A form may bring a sketch and a filesystem, and asks for each; all it
     * was given GO for is followed by exactly one end or error. */
    enum otter_web_start (*start)(void *context, enum otter_update_command command, uint32_t size);
    /* Bytes of the request's body, which holds little beside the files. */
    void (*progress)(void *context, uint32_t done, uint32_t total);
    /* All is staged, and the client was told if it is still there; a restart follows unless `stay` is set. */
    void (*end)(void *context);
    /* TEXT is for a log, valid during the call: why an update failed, or was refused. */
    void (*error)(void *context, enum otter_error error, const char *text);
};

/* Bytes still to be sent, the server's own. */
struct otter_web_output {
    const char *at;
    uint32_t left;
};

/* One connection, the server's own. */
struct otter_web_connection {
    struct otter_web *web;
    int tcp; /* handle; -1: free */
    struct otter_address from;
    int8_t input_end; /* why nothing more comes: an error; 0: it may */
    uint8_t state;
    uint8_t next;        /* the state after what is being sent */
    uint8_t resource;    /* what the request is about */
    uint8_t access;      /* what its credentials are worth */
    bool foreign;        /* another site's page sends it */
    uint32_t since;      /* when the state was entered, or last made progress */
    uint32_t wait;       /* ms after `since` at which the state's deadline falls */
    uint32_t body_left;  /* bytes of the request's body that were not read; UINT32_MAX: nobody knows */
    uint16_t input_at;   /* bytes of it in text[] still to be taken: from here */
    uint16_t input_size; /* to here */
    struct otter_web_output output[2]; /* the head of the answer, and what comes after it */
    const char *path;                  /* where it is none of ours; in text[], like these: */
    const char *host;                  /* NULL: none came */
    const char *delimiter;             /* of the form's parts; NULL: it is no form */
    struct otter_http_head head;
    struct otter_http_request request;
    union {
        char text[OTTER_WEB_TEXT];
        struct otter_sketch_hash hash; /* while the sketch's MD5 is computed */
    };
};

/* A nonce that was used, the server's own. */
struct otter_web_nonce {
    uint32_t number; /* 0: none */
    uint32_t count;  /* the highest that came with it */
};

/* All fields are the server's own. */
struct otter_web {
    const struct otter_port *port;
    struct otter_updater *updater;
    struct otter_web_settings settings;
    bool begun;
    bool started;  /* the application said GO */
    bool updating; /* the updater has begun, for us */
    bool staged;   /* a file of the form is verified */
    bool complete; /* the whole form came, and nothing can go wrong any more */
    bool clocked;  /* started_ms is set */
    int listener;
    uint32_t now_ms; /* of the step that is under way */
    uint32_t started_ms;
    struct otter_web_connection *uploader; /* the connection that the update comes by, or NULL */
    uint8_t command;                       /* of the file that comes, enum otter_update_command */
    struct otter_multipart multipart;
    struct {
        uint8_t secret[OTTER_WEB_SECRET];
        uint32_t issued; /* the number of the newest */
        struct otter_web_nonce used[OTTER_WEB_NONCES];
    } nonces;
    char sketch_md5[33]; /* empty: not computed yet */
    struct otter_web_connection connections[OTTER_WEB_CONNECTIONS];
};

/* Starts to listen; settings are copied. UPDATER may be shared with other ways in; one update runs at a time.
 * OTTER_ERROR_RUNNING if WEB is begun already; OTTER_ERROR_ARGUMENT for a path that does not begin with "/"
 * or is too long, or for credentials that are; OTTER_ERROR_ENTROPY; OTTER_ERROR_TRANSPORT. Zero WEB before
 * its first use. */
OTTER_MUST_CHECK int otter_web_begin(struct otter_web *web, const struct otter_port *port,
                                     struct otter_updater *updater,
                                     const struct otter_web_settings *settings);

/* From now on USER and PASSWORD are asked for; both NULL or empty: nothing is. An upload that is under way
 * goes on. OTTER_ERROR_ARGUMENT as begin. */
OTTER_MUST_CHECK int otter_web_set_credentials(struct otter_web *web, const char *user, const char *password);

/* Does what can be done now, in bounded time: for each connection at most one sector's worth of data with its
 * flash operations. Returns the ms after which it wants to be called again even if the network brings
 * nothing: 0 for at once, OTTER_NEVER. */
uint32_t otter_web_step(struct otter_web *web, uint32_t now_ms);

/* True while an update is being received, or its answer sent. */
bool otter_web_is_busy(const struct otter_web *web);

/* Who sends the update: valid from the start callback until end or error has been called. */
const struct otter_address *otter_web_peer(const struct otter_web *web);

/* Stops: aborts a running update, closes the sockets. A GO is answered now: by an error, or by end if all is
 * staged already. May be begun again. */
void otter_web_end(struct otter_web *web);

#endif
