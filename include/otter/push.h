/* The push receiver: takes updates from espota.py, the Arduino IDE, PlatformIO and `otter push`
 * (spec/push.md; docs/PROTOCOL.md).
 *
 *     struct otter_push push;
 *     otter_push_begin(&push, &port, &updater, &(struct otter_push_settings){.password = "secret"});
 *     for (;;)
 *         wait at most otter_push_step(&push, now) milliseconds, or until the network has something;
 */
#ifndef OTTER_PUSH_H
#define OTTER_PUSH_H

#include <stdbool.h>
#include <stdint.h>

#include "format/push.h"
#include "otter/port.h"
#include "otter/updater.h"

enum otter_push_era {
    OTTER_PUSH_ERA_MD5,    /* what every ESP8266 uploader speaks; the default */
    OTTER_PUSH_ERA_SHA256, /* ESP32 core 3.3.1 and later; `otter push` */
};

/* What the start callback decides. */
enum otter_push_start {
    OTTER_PUSH_START_GO,     /* safe to update now */
    OTTER_PUSH_START_WAIT,   /* not yet: ask again in the next step */
    OTTER_PUSH_START_REFUSE, /* not now: the uploader is told so */
};

/* Strings are the caller's, and must live as long as the receiver. Zero means default. */
struct otter_push_settings {
    uint16_t port;             /* UDP; 0: 8266 */
    const char *hostname;      /* NULL: none; announced by mDNS and shown in logs */
    const char *password;      /* NULL or empty, and no hash: whoever reaches the device may update it */
    const char *password_hash; /* instead of the password: 32 hex digits (MD5) or 64 (SHA-256), either case */
    enum otter_push_era era;
    bool stay; /* do not restart after success; the application does it, or calls otter_updater_release() */

    /* Deadlines, ms; 0: the default. */
    uint32_t auth_timeout_ms;    /* for the answer to a nonce: 10,000 */
    uint32_t start_timeout_ms;   /* for the start callback's WAIT: 8,000 (uploaders give up after 10 s) */
    uint32_t connect_timeout_ms; /* 10,000 */
    uint32_t receive_timeout_ms; /* longest gap within the transfer, and until the result is acknowledged:
                                    20,000 */
    uint32_t result_pause_ms;    /* before OK, for uploaders that need it in a segment of its own: 1,000 */

    /* Callbacks, each may be NULL; they run inside otter_push_step(), or otter_push_end(), and may not call
     * either. */
    void *context;
    /* An authenticated update that fits was announced, and flash is still untouched: the moment to reach a
     * safe state. Every GO is followed by exactly one end or error. */
    enum otter_push_start (*start)(void *context, enum otter_update_command command, uint32_t size);
    void (*progress)(void *context, uint32_t done, uint32_t total);
    /* The update is staged, and the uploader was told if it is still there; a restart follows unless `stay`
     * is set. */
    void (*end)(void *context);
    /* TEXT is for a log: what failed, as far as the device knows; valid during the call. */
    void (*error)(void *context, enum otter_push_error error, const char *text);
};

/* All fields are the receiver's own. */
struct otter_push {
    const struct otter_port *port;
    struct otter_updater *updater;
    struct otter_push_settings settings;
    uint8_t state;
    bool begun;
    bool started;     /* start said GO: end or error is owed */
    bool staged;      /* the update is verified; nothing can go wrong any more */
    uint8_t failures; /* wrong passwords in a row */
    int udp;          /* handles; -1: none */
    int tcp;
    uint32_t since;      /* when the state was entered, or last made progress */
    uint32_t held_since; /* when the host that is being answered came first */
    uint32_t wait;       /* ms after `since` at which the state's deadline falls */
    struct otter_address peer;
    struct otter_push_request request; /* the invitation being served, and the answer to the nonce */
    char passhash[OTTER_PUSH_SHA256_DIGITS + 1]; /* empty: no password */
    union {
        struct { /* until the update has begun */
            char nonce[OTTER_PUSH_SHA256_DIGITS + 1];
            uint32_t auth[33]; /* struct otter_push_auth_sha256 */
        };
        struct {                  /* from the connection on */
            uint32_t remaining;   /* bytes of the file still to come */
            uint32_t unreported;  /* bytes stored, not yet reported by a count */
            int input_end;        /* why nothing more comes: an error; 0: it may */
            uint8_t count_length; /* of the count on its way */
            uint8_t count_sent;
            uint8_t reply_length; /* of the result on its way */
            uint8_t reply_sent;
            char count[11];
            char reply[160];
        };
    };
};

/* Starts to listen; settings are copied and fixed until otter_push_end(). UPDATER may be shared with other
 * ways in; one update runs at a time. OTTER_ERROR_RUNNING if PUSH is begun already; OTTER_ERROR_ARGUMENT for
 * a password hash that is none, for an MD5 hash or era that do not go together, or for a hostname that is no
 * DNS label; OTTER_ERROR_TRANSPORT. Zero PUSH before its first use. */
OTTER_MUST_CHECK int otter_push_begin(struct otter_push *push, const struct otter_port *port,
                                      struct otter_updater *updater,
                                      const struct otter_push_settings *settings);

/* Does what can be done now, in bounded time: at most one datagram, and one sector's worth of data with its
 * flash operations or a slice of a key derivation. Returns the ms after which it wants to be called again
 * even if the network brings nothing: 0 for at once, OTTER_NEVER. */
uint32_t otter_push_step(struct otter_push *push, uint32_t now_ms);

/* True while an update is being negotiated or received. */
bool otter_push_is_busy(const struct otter_push *push);

/* Who invited the update: valid from the start callback until end or error has been called. */
const struct otter_address *otter_push_peer(const struct otter_push *push);

/* Stops: aborts a running transfer, closes the sockets. A GO is answered now: by an error, or by end if the
 * update is staged already. May be begun again. */
void otter_push_end(struct otter_push *push);

#endif
