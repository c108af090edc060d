/* The TLS client under whatever a server sends. The first byte of an input says how: bits 0 and 1 whom the
 * client trusts, the rest how many bytes a read brings at most (0: all). What follows comes from the server,
 * and then the end of the connection. Nobody who does not have the right key gets as far as application data.
 */
#include <stdlib.h>
#include <string.h>

#include "otter/tls.h"

#define STEPS_MAX 100000u /* of one run: more is a client that spins */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What an authority's certificate says that is read of it: a name without parts, and a point on P-256 (its
 * generator; FIPS 186-4, D.1.2.3). */
static const uint8_t authority[] = {
    0x30, 0x81, 0x84, 0x30, 0x7D, 0xA0, 0x03, 0x02, 0x01, 0x02, 0x02, 0x01, 0x01, 0x30, 0x00, 0x30, 0x00,
    0x30, 0x00, 0x30, 0x00, 0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01,
    0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04, 0x6B, 0x17, 0xD1,
    0xF2, 0xE1, 0x2C, 0x42, 0x47, 0xF8, 0xBC, 0xE6, 0xE5, 0x63, 0xA4, 0x40, 0xF2, 0x77, 0x03, 0x7D, 0x81,
    0x2D, 0xEB, 0x33, 0xA0, 0xF4, 0xA1, 0x39, 0x45, 0xD8, 0x98, 0xC2, 0x96, 0x4F, 0xE3, 0x42, 0xE2, 0xFE,
    0x1A, 0x7F, 0x9B, 0x8E, 0xE7, 0xEB, 0x4A, 0x7C, 0x0F, 0x9E, 0x16, 0x2B, 0xCE, 0x33, 0x57, 0x6B, 0x31,
    0x5E, 0xCE, 0xCB, 0xB6, 0x40, 0x68, 0x37, 0xBF, 0x51, 0xF5, 0xA3, 0x10, 0x30, 0x0E, 0x30, 0x0C, 0x06,
    0x03, 0x55, 0x1D, 0x13, 0x04, 0x05, 0x30, 0x03, 0x01, 0x01, 0xFF, 0x30, 0x00, 0x03, 0x01, 0x00,
};

struct server {
    struct otter_port port;
    const uint8_t *data;
    size_t size;
    size_t chunk;
};

static void require(bool truth)
{
    if (!truth)
        abort();
}

static int tcp_read(void *context, int handle, void *bytes, size_t size)
{
    struct server *server = context;
    (void)handle;
    if (server->size == 0)
        return OTTER_ERROR_CLOSED;
    if (size > server->chunk)
        size = server->chunk;
    if (size > server->size)
        size = server->size;
    memcpy(bytes, server->data, size);
    server->data += size;
    server->size -= size;
    return (int)size;
}

static int tcp_write(void *context, int handle, const void *bytes, size_t size)
{
    (void)context;
    (void)handle;
    (void)bytes;
    return (int)size;
}

static int entropy(void *context, void *bytes, size_t size)
{
    (void)context;
    memset(bytes, 0x55, size);
    return 0;
}

static uint64_t utc(void *context)
{
    (void)context;
    return 1800000000u;
}

static void trust(struct otter_tls *tls, struct otter_tls_anchor *anchor, unsigned kind)
{
    static const char pin[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    int error;
    if (kind == 0)
        error = otter_tls_trust_key(tls, pin);
    else if (kind == 1)
        error = otter_tls_trust_fingerprint(tls, pin);
    else
        error = otter_tls_trust_authorities(tls, anchor, 1);
    require(error == OTTER_OK);
}

static void shake_hands(const struct otter_secure *secure, const struct server *server)
{
    char bytes[100];
    int ready = 0;
    require(secure->begin(secure->context, &server->port, 0, "otter.test") == OTTER_OK);
    for (unsigned step = 0; ready == 0; step++) {
        require(step < STEPS_MAX);
        ready = secure->ready(secure->context);
    }
    require(ready < 0);
    require(ready != OTTER_ERROR_SECURE || secure->reason(secure->context)[0] != '\0');
    require(secure->read(secure->context, bytes, sizeof(bytes)) < 0);
    require(secure->write(secure->context, "GET", 3) <= 0);
    secure->end(secure->context);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t buffer[OTTER_TLS_BUFFER_MIN];
    struct otter_tls tls;
    struct otter_tls_anchor anchor;
    if (size == 0)
        return 0;
    struct server server = {
        .data = data + 1, .size = size - 1, .chunk = data[0] > 3 ? data[0] >> 2 : SIZE_MAX};
    server.port = (struct otter_port){.context = &server, .entropy = entropy, .utc = utc};
    server.port.network.tcp_read = tcp_read;
    server.port.network.tcp_write = tcp_write;
    require(otter_tls_anchor_init(&anchor, authority, sizeof(authority)) == OTTER_OK);
    require(otter_tls_init(&tls, buffer, sizeof(buffer)) == OTTER_OK);
    trust(&tls, &anchor, data[0] & 3);
    shake_hands(otter_tls_secure(&tls), &server);
    return 0;
}
