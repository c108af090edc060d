#include "tests/support/device_peer.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/support/deadline.h"
#include "tests/support/require.h"
#include "tests/support/socket.h"

void device_peer_open(struct device_peer *device, const char *ip)
{
    *device = (struct device_peer){.tcp = -1};
    snprintf(device->ip, sizeof(device->ip), "%s", ip);
    device->udp = socket_bound(SOCK_DGRAM, ip);
    device->port = socket_port(device->udp);
}

void device_peer_close(struct device_peer *device)
{
    socket_close(&device->udp);
    socket_close(&device->tcp);
}

bool device_peer_hears(struct device_peer *device, unsigned ms)
{
    char *text = device->datagram;
    if (!socket_receive(device->udp, text, sizeof(device->datagram), &device->uploader, ms))
        return false;
    size_t length = strlen(text);
    device->prompt = length >= 2 && strcmp(text + length - 2, "\t\n") == 0;
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        text[--length] = '\0';
    return true;
}

void device_peer_is_invited(struct device_peer *device, unsigned command)
{
    REQUIRE(device_peer_hears(device, DEVICE_PEER_WAIT_MS), "no invitation");
    char numbers[3][11];
    int end = 0;
    int fields = sscanf(device->datagram, "%10[0-9] %10[0-9] %10[0-9] %32[0-9a-f]%n", numbers[0], numbers[1],
                        numbers[2], device->md5, &end);
    REQUIRE(fields == 4 && device->datagram[end] == '\0' && strlen(device->md5) == 32,
            "no invitation: \"%s\"", device->datagram);
    device->command = (unsigned)strtoul(numbers[0], NULL, 10);
    device->tcp_port = (uint16_t)strtoul(numbers[1], NULL, 10);
    device->size = (uint32_t)strtoul(numbers[2], NULL, 10);
    REQUIRE(device->command == command, "invited to %u", device->command);
}

void device_peer_answer(struct device_peer *device, const char *text)
{
    socket_send_to(device->udp, text, &device->uploader);
}

void device_peer_answer_from(struct device_peer *device, const char *ip, const char *text)
{
    int udp = socket_bound(SOCK_DGRAM, ip);
    socket_send_to(udp, text, &device->uploader);
    socket_close(&udp);
}

bool device_peer_authenticates(struct device_peer *device, enum digest_era era, const char *password)
{
    char nonce[65], cnonce[65] = "", response[65] = "", right[65], text[160];
    size_t digits = era == DIGEST_ERA_MD5 ? 32 : 64;
    int length = snprintf(text, sizeof(text), "nonce %u", device->tcp_port);
    if (era == DIGEST_ERA_MD5)
        digest_md5(nonce, text, (size_t)length);
    else
        digest_sha256(nonce, text, (size_t)length);
    snprintf(text, sizeof(text), "AUTH %s", nonce);
    device_peer_answer(device, text);
    REQUIRE(device_peer_hears(device, DEVICE_PEER_WAIT_MS), "the nonce is not answered");
    REQUIRE(sscanf(device->datagram, "200 %64[0-9a-f] %64[0-9a-f]", cnonce, response) == 2 &&
                strlen(cnonce) == digits && strlen(response) == digits,
            "no answer to a nonce: \"%s\"", device->datagram);
    digest_response(right, era, password, nonce, cnonce);
    return strcmp(response, right) == 0;
}

void device_peer_agree(struct device_peer *device, unsigned command, enum digest_era era,
                       const char *password)
{
    device_peer_is_invited(device, command);
    if (password)
        REQUIRE(device_peer_authenticates(device, era, password), "the response is wrong");
    device_peer_answer(device, "OK");
}

int device_peer_connect_from(struct device_peer *device, const char *ip)
{
    struct sockaddr_in to = device->uploader;
    to.sin_port = htons(device->tcp_port);
    int tcp = socket_bound(SOCK_STREAM, ip);
    if (connect(tcp, (struct sockaddr *)&to, sizeof(to)) < 0)
        socket_close(&tcp);
    return tcp;
}

void device_peer_connect(struct device_peer *device)
{
    device->tcp = device_peer_connect_from(device, device->ip);
    REQUIRE(device->tcp >= 0, "the uploader does not listen: %s", strerror(errno));
}

void device_peer_read(struct device_peer *device, void *bytes, size_t size)
{
    uint8_t *to = bytes;
    while (size > 0) {
        int count = socket_read(device->tcp, to, size, DEVICE_PEER_WAIT_MS);
        REQUIRE(count > 0, "%zu bytes are missing", size);
        to += count;
        size -= (size_t)count;
    }
}

void device_peer_say(struct device_peer *device, const char *text)
{
    REQUIRE(socket_send(device->tcp, text, strlen(text), strlen(text), DEVICE_PEER_WAIT_MS),
            "the uploader does not listen any more");
}

void device_peer_store(struct device_peer *device, void *bytes, size_t size)
{
    uint8_t *to = bytes;
    char count_text[16];
    while (size > 0) {
        int count = socket_read(device->tcp, to, size < 1460 ? size : 1460, DEVICE_PEER_WAIT_MS);
        REQUIRE(count > 0, "%zu bytes are missing", size);
        snprintf(count_text, sizeof(count_text), "%d", count);
        device_peer_say(device, count_text);
        to += count;
        size -= (size_t)count;
    }
}

bool device_peer_sees_end(struct device_peer *device, unsigned ms)
{
    char dropped[4096];
    int64_t deadline = deadline_in(ms);
    int count;
    do
        count = socket_read(device->tcp, dropped, sizeof(dropped), (unsigned)deadline_left(deadline));
    while (count > 0);
    return count != -2;
}

void device_peer_reset(struct device_peer *device)
{
    socket_reset(device->tcp);
    device->tcp = -1;
}
