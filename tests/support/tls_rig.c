#include "tests/support/tls_rig.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ports/posix/address.h"
#include "ports/posix/entropy.h"
#include "tests/support/deadline.h"
#include "tests/support/require.h"

#define OPENSSL       "/usr/bin/openssl"
#define WAIT_MS       30000
#define ARGUMENTS_MAX 32

/* --- the port ----------------------------------------------------------------------------------- */

static size_t smaller(size_t left, size_t right)
{
    return left < right ? left : right;
}

static int read_network(void *context, int handle, void *bytes, size_t size)
{
    struct tls_rig *rig = context;
    const size_t left = rig->cut - rig->received;
    if (left == 0)
        return OTTER_ERROR_CLOSED;
    const int got =
        otter_posix_network_port.tcp_read(context, handle, bytes, smaller(smaller(size, rig->chunk), left));
    if (got > 0) {
        if (rig->flip - rig->received < (uint32_t)got)
            ((uint8_t *)bytes)[rig->flip - rig->received] ^= 0x10;
        rig->received += (uint32_t)got;
    }
    return got;
}

static int write_network(void *context, int handle, const void *bytes, size_t size)
{
    struct tls_rig *rig = context;
    const int taken = otter_posix_network_port.tcp_write(context, handle, bytes, smaller(size, rig->chunk));
    if (taken > 0)
        rig->sent += (uint32_t)taken;
    return taken;
}

static uint64_t utc(void *context)
{
    return ((struct tls_rig *)context)->utc;
}

static int entropy(void *context, void *bytes, size_t size)
{
    return ((struct tls_rig *)context)->no_entropy ? -1 : otter_posix_entropy(context, bytes, size);
}

/* --- fixtures ----------------------------------------------------------------------------------- */

int tls_rig_setup(void **state)
{
    struct tls_rig *rig = calloc(1, sizeof *rig);
    rig->handle = -1;
    rig->port = (struct otter_port){
        .context = rig, .network = otter_posix_network_port, .entropy = entropy, .utc = utc};
    rig->port.network.tcp_read = read_network;
    rig->port.network.tcp_write = write_network;
    otter_posix_network_init(&rig->network);
    scene_open(&rig->scene);
    certificates_make(&rig->scene);
    *state = rig;
    return 0;
}

static void forget(struct tls_rig *rig)
{
    tls_rig_disconnect(rig);
    if (rig->server)
        process_stop(rig->server);
    rig->server = NULL;
    for (size_t i = 0; i < 2; i++) {
        free(rig->anchor_files[i].bytes);
        rig->anchor_files[i] = (struct file){0};
    }
}

int tls_rig_teardown(void **state)
{
    struct tls_rig *rig = *state;
    forget(rig);
    scene_close(&rig->scene);
    free(rig);
    return 0;
}

int tls_rig_reset(void **state)
{
    struct tls_rig *rig = *state;
    forget(rig);
    rig->utc = (uint64_t)time(NULL);
    rig->port.utc = utc;
    rig->chunk = rig->cut = rig->flip = TLS_RIG_ENDLESS;
    rig->no_entropy = false;
    rig->patience_ms = WAIT_MS;
    return otter_tls_init(&rig->tls, rig->buffer, sizeof rig->buffer);
}

/* --- the server --------------------------------------------------------------------------------- */

void tls_rig_serve_arguments(struct tls_rig *rig, const char *certificate, const char *const options[])
{
    char pem[64], key[64], chain[64], path[PATH_MAX];
    snprintf(pem, sizeof pem, "%s.pem", certificate);
    snprintf(key, sizeof key, "%s.key", certificate);
    snprintf(chain, sizeof chain, "%s.chain", certificate);
    const char *argv[ARGUMENTS_MAX] = {
        "/usr/bin/env", "-C",      rig->scene.folder, OPENSSL, "s_server",
        "-HTTP",        "-accept", "127.0.0.1:0",     "-cert", pem,
        "-key",         key,       "-cert_chain",     chain,
    };
    size_t count = file_exists(scene_path(&rig->scene, path, chain)) ? 14 : 12;
    argv[count] = NULL;
    for (; *options != NULL; options++) {
        REQUIRE(count + 1 < ARGUMENTS_MAX, "too many options");
        argv[count++] = *options;
        argv[count] = NULL;
    }
    rig->server = scene_start_arguments(&rig->scene, argv);
    const char *line = process_wait_line(rig->server, "ACCEPT 127.0.0.1:", WAIT_MS);
    REQUIRE(line, "openssl says:\n%s", rig->server->text);
    rig->server_port = (uint16_t)strtoul(strchr(line, ':') + 1, NULL, 10);
}

/* --- the client --------------------------------------------------------------------------------- */

void tls_rig_trust(struct tls_rig *rig, const char *authority, const char *second)
{
    const char *names[] = {authority, second};
    const size_t count = second ? 2 : 1;
    for (size_t i = 0; i < count; i++) {
        struct file *file = &rig->anchor_files[i];
        *file = certificates_read(&rig->scene, names[i]);
        REQUIRE(otter_tls_anchor_init(&rig->anchors[i], file->bytes, file->size) == OTTER_OK, "%s", names[i]);
    }
    REQUIRE(otter_tls_trust_authorities(&rig->tls, rig->anchors, count) == OTTER_OK, "not trusted");
}

static void connect_to_server(struct tls_rig *rig)
{
    const struct otter_address to = {.family = 4, .ip = {127, 0, 0, 1}, .port = rig->server_port};
    const int64_t deadline = deadline_in(WAIT_MS);
    rig->received = 0;
    process_wait_text(rig->server, "?", 0); /* a server with a full pipe would stand still */
    rig->handle = rig->port.network.tcp_connect(rig, &to);
    REQUIRE(rig->handle >= 0, "no socket");
    int connected;
    while ((connected = rig->port.network.tcp_connected(rig, rig->handle)) == 0 &&
           deadline_left(deadline) > 0)
        otter_posix_network_wait(&rig->network, (uint32_t)deadline_left(deadline), NULL, 0);
    REQUIRE(connected == 1, "the server does not answer");
}

static uint32_t moved(const struct tls_rig *rig)
{
    return rig->sent + rig->received;
}

/* Until there is news of the network; not at all if more than BEFORE was moved. False at the deadline. */
static bool wait_for_network(struct tls_rig *rig, uint32_t before, int64_t deadline)
{
    if (moved(rig) == before)
        otter_posix_network_wait(&rig->network, (uint32_t)deadline_left(deadline), NULL, 0);
    return deadline_left(deadline) > 0;
}

int tls_rig_wait_ready(struct tls_rig *rig)
{
    const struct otter_secure *secure = otter_tls_secure(&rig->tls);
    const int64_t deadline = deadline_in(rig->patience_ms);
    uint32_t before;
    int ready;
    do {
        before = moved(rig);
        ready = secure->ready(secure->context);
    } while (ready == 0 && wait_for_network(rig, before, deadline));
    return ready;
}

int tls_rig_connect(struct tls_rig *rig, const char *server_name)
{
    const struct otter_secure *secure = otter_tls_secure(&rig->tls);
    tls_rig_disconnect(rig);
    connect_to_server(rig);
    const int error = secure->begin(secure->context, &rig->port, rig->handle, server_name);
    return error != OTTER_OK ? error : tls_rig_wait_ready(rig);
}

void tls_rig_disconnect(struct tls_rig *rig)
{
    const struct otter_secure *secure = otter_tls_secure(&rig->tls);
    if (rig->handle < 0)
        return;
    secure->end(secure->context);
    rig->port.network.close(rig, rig->handle);
    rig->handle = -1;
}

static void ask(struct tls_rig *rig, const char *name)
{
    const struct otter_secure *secure = otter_tls_secure(&rig->tls);
    const int64_t deadline = deadline_in(WAIT_MS);
    char request[PATH_MAX];
    const size_t size = (size_t)snprintf(request, sizeof request, "GET /%s HTTP/1.0\r\n\r\n", name);
    for (size_t done = 0; done < size;) {
        const uint32_t before = moved(rig);
        const int taken = secure->write(secure->context, request + done, size - done);
        REQUIRE(taken >= 0, "write: %d, %s", taken, tls_rig_reason(rig));
        REQUIRE(taken > 0 || wait_for_network(rig, before, deadline), "the server takes nothing");
        done += (size_t)taken;
    }
}

int tls_rig_get(struct tls_rig *rig, const char *name, struct file *answer)
{
    const struct otter_secure *secure = otter_tls_secure(&rig->tls);
    const int64_t deadline = deadline_in(WAIT_MS);
    uint8_t bytes[1000];
    *answer = (struct file){.bytes = malloc(1)};
    ask(rig, name);
    for (;;) {
        const uint32_t before = moved(rig);
        const int got = secure->read(secure->context, bytes, sizeof bytes);
        if (got < 0)
            return got;
        REQUIRE(got > 0 || wait_for_network(rig, before, deadline), "the server is silent: %s",
                rig->server->text);
        answer->bytes = realloc(answer->bytes, answer->size + (size_t)got + 1);
        REQUIRE(answer->bytes, "no memory");
        memcpy(answer->bytes + answer->size, bytes, (size_t)got);
        answer->size += (size_t)got;
    }
}

const char *tls_rig_reason(struct tls_rig *rig)
{
    const struct otter_secure *secure = otter_tls_secure(&rig->tls);
    return secure->reason(secure->context);
}
