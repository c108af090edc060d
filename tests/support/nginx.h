/* A real nginx, in front of the files of a scene's folder. */
#ifndef OTTER_TEST_NGINX_H
#define OTTER_TEST_NGINX_H

#include <stdint.h>

#include "tests/support/scene.h"

#define NGINX_WAIT_MS 20000 /* for whatever it does by itself */

struct nginx {
    struct process *process;
    uint16_t port;        /* of http */
    uint16_t secure_port; /* of https */
};

/* Starts it at free ports of 127.0.0.1. HTTP and HTTPS are the directives of one server each, such as
 * "add_header x-MD5 0;" or "ssl_certificate a.pem;", with paths relative to the folder; HTTPS NULL: there is
 * no such server. It answers when this returns. */
void nginx_start(struct nginx *nginx, struct scene *scene, const char *http, const char *https);
/* The same at IP, which may be an address of the scene's network namespace. */
void nginx_start_at(struct nginx *nginx, struct scene *scene, const char *ip, const char *http,
                    const char *https);

/* Ends it. The end of the scene does, too. */
void nginx_stop(struct nginx *nginx);

/* A GET as nginx wrote it down. */
struct nginx_request {
    char path[200];
    char range[64]; /* the value of Range; "-": none */
    unsigned status;
    uint64_t body_bytes; /* that nginx sent */
};

/* Waits for the next request to be over; fails the test if none comes to its end. */
void nginx_wait_request(struct nginx *nginx, struct nginx_request *request);

#endif
