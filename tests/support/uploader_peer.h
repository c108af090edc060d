/* An uploader for testing devices: the steps of spec/push.md one by one, written from that text alone, so
 * that tests can put them together as every known uploader does, and as none should. */
#ifndef OTTER_TEST_UPLOADER_PEER_H
#define OTTER_TEST_UPLOADER_PEER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/support/digest.h"

#define UPLOADER_WAIT_MS  20000 /* for what must come */
#define UPLOADER_GRACE_MS 300   /* for what must not */

#define UPLOADER_SKETCH     0
#define UPLOADER_FILESYSTEM 100

struct uploader_peer {
    char ip[16];               /* its own address */
    struct sockaddr_in device; /* the device's UDP address */
    int udp;
    int listener;
    int tcp;             /* the device's connection, or -1 */
    char answer[256];    /* the last datagram that came */
    char heard[4096];    /* all that came over TCP, terminated */
    size_t heard_length; /* of heard */
};

void uploader_open(struct uploader_peer *uploader, const char *ip, const char *device_ip,
                   uint16_t device_port);
void uploader_close(struct uploader_peer *uploader);
/* From a new UDP port from now on, as the ESP32's espota does for each invitation. */
void uploader_renew(struct uploader_peer *uploader);

/* --- datagrams --- */
void uploader_say(struct uploader_peer *uploader, const char *text);
/* Writes the invitation for these bytes into OUT of 128 bytes. */
void uploader_invitation(const struct uploader_peer *uploader, char *out, unsigned command, const void *bytes,
                         size_t size);
void uploader_invite(struct uploader_peer *uploader, unsigned command, const void *bytes, size_t size);
/* The next datagram into answer; false if none comes. */
bool uploader_hears(struct uploader_peer *uploader, unsigned ms);
/* Answers the "AUTH nonce" that is in answer. */
void uploader_authenticate(struct uploader_peer *uploader, enum digest_era era, const char *password);
/* Invites, again each second until it is answered, authenticates unless PASSWORD is NULL, and hears OK; or
 * fails the test. */
void uploader_agree(struct uploader_peer *uploader, unsigned command, const void *bytes, size_t size,
                    enum digest_era era, const char *password);

/* --- the transfer --- */
/* The device's connection; fails the test if it does not come. */
void uploader_accept(struct uploader_peer *uploader);
/* Block by block, waiting for something to come after each, as espota does. False if the device has gone. */
bool uploader_send_blocks(struct uploader_peer *uploader, const void *bytes, size_t size, size_t block);
/* Takes what comes until TEXT is in it; false if the connection ends or MS pass before that. */
bool uploader_hears_text(struct uploader_peer *uploader, const char *text, unsigned ms);
/* Takes what comes until the connection ends (true, also by a reset) or MS pass (false). */
bool uploader_hears_end(struct uploader_peer *uploader, unsigned ms);
/* Ends the connection and forgets what was heard. */
void uploader_hang_up(struct uploader_peer *uploader);
void uploader_reset(struct uploader_peer *uploader);

#endif
