/* The TLS client over real sockets, against openssl's own server, with a network that can be made slow, short
 * or wrong. */
#ifndef OTTER_TEST_TLS_RIG_H
#define OTTER_TEST_TLS_RIG_H

#include "otter/tls.h"
#include "ports/posix/network.h"
#include "tests/support/certificates.h"

#define TLS_RIG_ENDLESS UINT32_MAX

struct tls_rig {
    struct otter_posix_network network; /* first: the port's context */
    struct otter_port port;
    struct scene scene;
    uint64_t utc;   /* what the port says; at first, the present */
    uint32_t chunk; /* bytes that a read or write of the network moves at most */
    uint32_t cut;   /* bytes after which the server is heard no more */
    uint32_t flip;  /* which received byte has a bit turned over; TLS_RIG_ENDLESS: none */
    uint32_t received;
    uint32_t sent;
    bool no_entropy;
    unsigned patience_ms; /* with the handshake */

    struct otter_tls tls;
    struct otter_tls_anchor anchors[2];
    struct file anchor_files[2];
    uint8_t buffer[OTTER_TLS_BUFFER_ANY];

    struct process *server;
    uint16_t server_port;
    int handle; /* -1: not connected */
};

/* Group fixtures of cmocka tests: the certificates are made once. *STATE is a struct tls_rig. */
int tls_rig_setup(void **state);
int tls_rig_teardown(void **state);
/* A fixture of one test: as at the beginning, with a buffer of any size, and nobody trusted. */
int tls_rig_reset(void **state);

/* `openssl s_server` with CERTIFICATE of certificates.h, the options further on, ended by NULL. It sends the
 * files of the scene's folder by HTTP/1.0. */
void tls_rig_serve_arguments(struct tls_rig *rig, const char *certificate, const char *const options[]);
#define tls_rig_serve(rig, certificate, ...)                                                                 \
    tls_rig_serve_arguments(rig, certificate, PROCESS_STRINGS(__VA_ARGS__, NULL))

/* Trusts AUTHORITY of certificates.h, and SECOND unless it is NULL. */
void tls_rig_trust(struct tls_rig *rig, const char *authority, const char *second);

/* Connects to the server and shakes hands with it as SERVER_NAME: what `ready` says at last (0 if the server
 * is silent), or `begin` where that fails. */
int tls_rig_connect(struct tls_rig *rig, const char *server_name);
/* The rest of it, after `begin`. */
int tls_rig_wait_ready(struct tls_rig *rig);
void tls_rig_disconnect(struct tls_rig *rig);

/* Asks for file NAME; what comes until the end, to be freed, and the end: OTTER_ERROR_CLOSED if all is well.
 */
int tls_rig_get(struct tls_rig *rig, const char *name, struct file *answer);

const char *tls_rig_reason(struct tls_rig *rig);

#endif
