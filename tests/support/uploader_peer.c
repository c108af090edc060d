#include "tests/support/uploader_peer.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/support/deadline.h"
#include "tests/support/require.h"
#include "tests/support/socket.h"

void uploader_open(struct uploader_peer *uploader, const char *ip, const char *device_ip,
                   uint16_t device_port)
{
    *uploader = (struct uploader_peer){.udp = -1, .tcp = -1};
    snprintf(uploader->ip, sizeof(uploader->ip), "%s", ip);
    uploader->device = socket_address(device_ip, device_port);
    uploader->udp = socket_bound(SOCK_DGRAM, ip);
    uploader->listener = socket_bound(SOCK_STREAM, ip);
    REQUIRE(listen(uploader->listener, 1) == 0, "cannot listen");
}

void uploader_close(struct uploader_peer *uploader)
{
    socket_close(&uploader->udp);
    socket_close(&uploader->tcp);
    socket_close(&uploader->listener);
}

void uploader_renew(struct uploader_peer *uploader)
{
    int udp = socket_bound(SOCK_DGRAM, uploader->ip);
    socket_close(&uploader->udp);
    uploader->udp = udp;
}

void uploader_say(struct uploader_peer *uploader, const char *text)
{
    socket_send_to(uploader->udp, text, &uploader->device);
}

void uploader_invitation(const struct uploader_peer *uploader, char *out, unsigned command, const void *bytes,
                         size_t size)
{
    char md5[33];
    digest_md5(md5, bytes, size);
    snprintf(out, 128, "%u %u %zu %s\n", command, socket_port(uploader->listener), size, md5);
}

void uploader_invite(struct uploader_peer *uploader, unsigned command, const void *bytes, size_t size)
{
    char text[128];
    uploader_invitation(uploader, text, command, bytes, size);
    uploader_say(uploader, text);
}

bool uploader_hears(struct uploader_peer *uploader, unsigned ms)
{
    return socket_receive(uploader->udp, uploader->answer, sizeof(uploader->answer), NULL, ms);
}

void uploader_authenticate(struct uploader_peer *uploader, enum digest_era era, const char *password)
{
    char nonce[65], cnonce[65], response[65], text[160];
    REQUIRE(sscanf(uploader->answer, "AUTH %64s", nonce) == 1, "no nonce: \"%s\"", uploader->answer);
    REQUIRE(strlen(nonce) == (era == DIGEST_ERA_MD5 ? 32 : 64), "nonce of another era: %s", nonce);
    if (era == DIGEST_ERA_MD5)
        digest_md5(cnonce, nonce, strlen(nonce));
    else
        digest_sha256(cnonce, nonce, strlen(nonce));
    digest_response(response, era, password, nonce, cnonce);
    snprintf(text, sizeof(text), "200 %s %s\n", cnonce, response);
    uploader_say(uploader, text);
}

void uploader_agree(struct uploader_peer *uploader, unsigned command, const void *bytes, size_t size,
                    enum digest_era era, const char *password)
{
    int64_t deadline = deadline_in(UPLOADER_WAIT_MS);
    do {
        REQUIRE(deadline_left(deadline) > 0, "no answer to the invitation");
        uploader_invite(uploader, command, bytes, size);
    } while (!uploader_hears(uploader, 1000));
    if (password) {
        uploader_authenticate(uploader, era, password);
        REQUIRE(uploader_hears(uploader, UPLOADER_WAIT_MS), "no answer to the authentication");
    }
    REQUIRE(strcmp(uploader->answer, "OK") == 0, "answered \"%s\"", uploader->answer);
}

void uploader_accept(struct uploader_peer *uploader)
{
    uploader->tcp = socket_accept(uploader->listener, NULL, UPLOADER_WAIT_MS);
    REQUIRE(uploader->tcp >= 0, "the device did not connect");
}

/* One read, at most SIZE bytes, appended to heard; as socket_read(). */
static int hear(struct uploader_peer *uploader, size_t size, unsigned ms)
{
    size_t room = sizeof(uploader->heard) - 1 - uploader->heard_length;
    if (room < size) {
        memmove(uploader->heard, uploader->heard + uploader->heard_length / 2, uploader->heard_length / 2);
        uploader->heard_length /= 2;
    }
    int count = socket_read(uploader->tcp, uploader->heard + uploader->heard_length, size, ms);
    if (count > 0)
        uploader->heard_length += (size_t)count;
    uploader->heard[uploader->heard_length] = '\0';
    return count;
}

bool uploader_send_blocks(struct uploader_peer *uploader, const void *bytes, size_t size, size_t block)
{
    const uint8_t *from = bytes;
    while (size > 0) {
        size_t now = size < block ? size : block;
        if (!socket_send(uploader->tcp, from, now, now, UPLOADER_WAIT_MS) ||
            hear(uploader, 32, UPLOADER_WAIT_MS) <= 0)
            return false;
        from += now;
        size -= now;
    }
    return true;
}

bool uploader_hears_text(struct uploader_peer *uploader, const char *text, unsigned ms)
{
    int64_t deadline = deadline_in(ms);
    while (!strstr(uploader->heard, text))
        if (hear(uploader, 512, (unsigned)deadline_left(deadline)) <= 0)
            return false;
    return true;
}

bool uploader_hears_end(struct uploader_peer *uploader, unsigned ms)
{
    int64_t deadline = deadline_in(ms);
    int count;
    do
        count = hear(uploader, 512, (unsigned)deadline_left(deadline));
    while (count > 0);
    return count != -2;
}

static void forget(struct uploader_peer *uploader)
{
    uploader->heard_length = 0;
    uploader->heard[0] = '\0';
}

void uploader_hang_up(struct uploader_peer *uploader)
{
    socket_close(&uploader->tcp);
    forget(uploader);
}

void uploader_reset(struct uploader_peer *uploader)
{
    socket_reset(uploader->tcp);
    uploader->tcp = -1;
    forget(uploader);
}
