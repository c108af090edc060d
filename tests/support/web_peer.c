#include "tests/support/web_peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/support/deadline.h"
#include "tests/support/require.h"
#include "tests/support/socket.h"

#define BODY_MAX (4u << 20)

void web_peer_open(struct web_peer *peer)
{
    *peer = (struct web_peer){.listener = socket_bound(SOCK_STREAM, "127.0.0.1"), .tcp = -1};
    REQUIRE(listen(peer->listener, 4) == 0, "cannot listen");
    peer->port = socket_port(peer->listener);
    peer->body = malloc(BODY_MAX);
    REQUIRE(peer->body, "out of memory");
}

void web_peer_close(struct web_peer *peer)
{
    socket_close(&peer->tcp);
    socket_close(&peer->listener);
    free(peer->body);
}

void web_peer_hears_head(struct web_peer *peer, const char *start)
{
    size_t length = 0;
    peer->tcp = socket_accept(peer->listener, NULL, WEB_PEER_WAIT_MS);
    REQUIRE(peer->tcp >= 0, "nobody connects for \"%s\"", start);
    memset(peer->head, 0, sizeof(peer->head));
    peer->length = 0;
    while (strstr(peer->head, "\r\n\r\n") == NULL) {
        REQUIRE(length + 1 < sizeof(peer->head), "the head is too long");
        REQUIRE(socket_read(peer->tcp, peer->head + length, 1, WEB_PEER_WAIT_MS) == 1, "half a head:\n%s",
                peer->head);
        length++;
    }
    REQUIRE(strncmp(peer->head, start, strlen(start)) == 0, "not \"%s\" was asked for, but\n%s", start,
            peer->head);
}

void web_peer_takes(struct web_peer *peer, size_t size)
{
    size_t end = peer->length + size;
    REQUIRE(end <= BODY_MAX, "too long a body: %zu", end);
    while (peer->length < end) {
        int count = socket_read(peer->tcp, peer->body + peer->length, end - peer->length, WEB_PEER_WAIT_MS);
        REQUIRE(count > 0, "the body ends after %zu of %zu bytes", peer->length, end);
        peer->length += (size_t)count;
    }
}

void web_peer_hears(struct web_peer *peer, const char *start)
{
    web_peer_hears_head(peer, start);
    const char *length = strcasestr(peer->head, "\r\nContent-Length:");
    if (length != NULL)
        web_peer_takes(peer, strtoul(length + strlen("\r\nContent-Length:"), NULL, 10));
}

void web_peer_hangs_up(struct web_peer *peer)
{
    socket_close(&peer->tcp);
}

void web_peer_resets(struct web_peer *peer)
{
    socket_reset(peer->tcp);
    peer->tcp = -1;
}

void web_peer_says(struct web_peer *peer, const char *status, const char *headers, const char *body)
{
    char answer[8192];
    int length = snprintf(answer, sizeof(answer),
                          "HTTP/1.1 %s\r\nContent-Type: text/html\r\n%sContent-Length: %zu\r\n"
                          "Connection: close\r\n\r\n%s",
                          status, headers, strlen(body), body);
    REQUIRE(length > 0 && (size_t)length < sizeof(answer), "too long an answer");
    REQUIRE(socket_send(peer->tcp, answer, (size_t)length, (size_t)length, WEB_PEER_WAIT_MS),
            "nobody takes the answer");
    web_peer_hangs_up(peer);
}

void web_peer_shows_old_page(struct web_peer *peer)
{
    web_peer_hears(peer, "GET /update/info ");
    web_peer_says(peer, "404 Not Found", "", "Not found: /update/info");
    web_peer_hears(peer, "GET /update ");
    web_peer_says(peer, "200 OK", "", "<html><form method='POST'></form></html>");
}
