/* A device's web server for testing uploaders: each request is heard and answered by the test, as old and new
 * devices do it, and as none should. */
#ifndef OTTER_TEST_WEB_PEER_H
#define OTTER_TEST_WEB_PEER_H

#include <stddef.h>
#include <stdint.h>

#define WEB_PEER_WAIT_MS 20000 /* for what must come */

#define WEB_PEER_SUCCESS "<META http-equiv=\"refresh\" content=\"15;URL=/\">Update Success! Rebooting..."

struct web_peer {
    int listener;
    int tcp; /* the connection whose request was heard; -1: none */
    uint16_t port;
    char head[4096]; /* of the last request, terminated */
    uint8_t *body;   /* of it */
    size_t length;   /* of body */
};

void web_peer_open(struct web_peer *peer);
void web_peer_close(struct web_peer *peer);

/* Hears one request as far as its head, which must begin with START, such as "GET /update ". */
void web_peer_hears_head(struct web_peer *peer, const char *start);
/* Reads up to SIZE bytes more of the body. */
void web_peer_takes(struct web_peer *peer, size_t size);
/* Hears one request with all of its body. */
void web_peer_hears(struct web_peer *peer, const char *start);

/* Answers with a status such as "200 OK", further header lines (each ended by "\r\n") and a body, and closes.
 */
void web_peer_says(struct web_peer *peer, const char *status, const char *headers, const char *body);
/* Closes without an answer: in order, or by a reset. */
void web_peer_hangs_up(struct web_peer *peer);
void web_peer_resets(struct web_peer *peer);

/* What an old device answers until it is sent something: no information, but a page. */
void web_peer_shows_old_page(struct web_peer *peer);

#endif
