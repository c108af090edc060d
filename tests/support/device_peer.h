/* A device for testing uploaders: the steps of spec/push.md one by one, written from that text alone, so
 * that tests can put them together as every known device does, and as broken ones might. */
#ifndef OTTER_TEST_DEVICE_PEER_H
#define OTTER_TEST_DEVICE_PEER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/support/digest.h"

#define DEVICE_PEER_WAIT_MS 20000 /* for what must come */

struct device_peer {
    char ip[16];
    int udp;
    uint16_t port;               /* where it hears invitations */
    int tcp;                     /* its connection to the uploader, or -1 */
    struct sockaddr_in uploader; /* who sent the last datagram */
    char datagram[256];          /* that datagram, without white space at its end, as real devices take it */
    bool prompt;                 /* it ended with a TAB before the line feed */

    /* of the last invitation */
    unsigned command;
    uint16_t tcp_port;
    uint32_t size;
    char md5[33];
};

void device_peer_open(struct device_peer *device, const char *ip);
void device_peer_close(struct device_peer *device);

/* --- datagrams --- */
/* The next datagram; false if none comes within MS. */
bool device_peer_hears(struct device_peer *device, unsigned ms);
/* The next datagram is an invitation to COMMAND, or the test fails. */
void device_peer_is_invited(struct device_peer *device, unsigned command);
/* Answers the sender of the last datagram. */
void device_peer_answer(struct device_peer *device, const char *text);
/* The same from another address of this machine. */
void device_peer_answer_from(struct device_peer *device, const char *ip, const char *text);
/* Sends a nonce of ERA and takes the response: is it PASSWORD's? */
bool device_peer_authenticates(struct device_peer *device, enum digest_era era, const char *password);
/* Is invited, asks for PASSWORD unless it is NULL, and answers OK. */
void device_peer_agree(struct device_peer *device, unsigned command, enum digest_era era,
                       const char *password);

/* --- the transfer --- */
void device_peer_connect(struct device_peer *device);
/* From another address of this machine. Returns the connection, or -1 if it is refused. */
int device_peer_connect_from(struct device_peer *device, const char *ip);
/* Reads SIZE bytes into BYTES; fails the test if they do not come. */
void device_peer_read(struct device_peer *device, void *bytes, size_t size);
/* Says TEXT in a segment of its own. */
void device_peer_say(struct device_peer *device, const char *text);
/* Takes SIZE bytes in blocks as they come and answers each with its count. */
void device_peer_store(struct device_peer *device, void *bytes, size_t size);
/* Waits until the uploader ends its side (true) or MS pass (false); what comes is dropped. */
bool device_peer_sees_end(struct device_peer *device, unsigned ms);
void device_peer_reset(struct device_peer *device);

#endif
