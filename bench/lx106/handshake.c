/* What a handshake of TLS costs an LX106: instructions and stack of the client alone, which talks to
 * BearSSL's server in memory. scripts/handshake makes certificates.h, and runs it on QEMU, where CCOUNT
 * counts time, and time counts instructions (-icount shift=0). */
#include <string.h>

#include "crypto/tls_client.h"
#include "otter/tls.h"

#include <certificates.h>

#define TICKS_PER_MILLION 40000u /* at 40 MHz, and 1 ns for an instruction */
#define STACK_SIZE        16384u /* bytes that are looked at */
#define PAINT             0xA5A5A5A5u
#define TURNS_MAX         200

enum { SYS_EXIT = 1, SYS_WRITE = 4 };

/* Bytes on their way to the client or the server. */
struct pipe {
    uint8_t bytes[8192];
    size_t from;
    size_t to;
};

static br_ssl_server_context server;
static uint8_t server_buffer[BR_SSL_BUFSIZE_BIDI];
static uint8_t client_buffer[OTTER_TLS_BUFFER_ANY];
static struct otter_tls tls;
static struct otter_tls_anchor anchor;
static struct pipe to_client, to_server;
static uint32_t ticks, stack;

int main(void);

/* --- the machine -------------------------------------------------------------------------------- */

static int call_host(uint32_t number, uint32_t first, uint32_t second, uint32_t third)
{
    register int a2 __asm__("a2") = (int)number;
    register uint32_t a3 __asm__("a3") = first;
    register uint32_t a4 __asm__("a4") = second;
    register uint32_t a5 __asm__("a5") = third;
    __asm__ volatile("simcall" : "+r"(a2), "+r"(a3) : "r"(a4), "r"(a5) : "memory");
    return a2;
}

static void print(const char *text)
{
    (void)call_host(SYS_WRITE, 1, (uint32_t)text, strlen(text));
}

static void print_number(uint32_t number)
{
    char digits[11];
    size_t at = sizeof digits - 1;
    digits[at] = '\0';
    do
        digits[--at] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    print(digits + at);
}

static uint32_t now(void)
{
    uint32_t count;
    __asm__ volatile("rsr.ccount %0" : "=a"(count));
    return count;
}

__attribute__((noinline)) static void paint_stack(void)
{
    volatile uint32_t words[STACK_SIZE / 4];
    for (size_t i = 0; i < STACK_SIZE / 4; i++)
        words[i] = PAINT;
}

/* Bytes that were used since it was painted. Its frame is that of paint_stack(). */
__attribute__((noinline)) static uint32_t used_stack(void)
{
    volatile uint32_t words[STACK_SIZE / 4];
    size_t i = 0;
    while (i < STACK_SIZE / 4 && words[i] == PAINT) // cppcheck-suppress[uninitvar,legacyUninitvar]
        i++;
    return STACK_SIZE - 4 * i;
}

/* --- the wire ----------------------------------------------------------------------------------- */

static int take(struct pipe *pipe, void *bytes, size_t size)
{
    if (size > pipe->to - pipe->from)
        size = pipe->to - pipe->from;
    memcpy(bytes, pipe->bytes + pipe->from, size);
    pipe->from += size;
    return (int)size;
}

static int put(struct pipe *pipe, const void *bytes, size_t size)
{
    if (pipe->from == pipe->to)
        pipe->from = pipe->to = 0;
    if (size > sizeof pipe->bytes - pipe->to)
        size = sizeof pipe->bytes - pipe->to;
    memcpy(pipe->bytes + pipe->to, bytes, size);
    pipe->to += size;
    return (int)size;
}

static int tcp_read(void *context, int handle, void *bytes, size_t size)
{
    (void)context, (void)handle;
    return take(&to_client, bytes, size);
}

static int tcp_write(void *context, int handle, const void *bytes, size_t size)
{
    (void)context, (void)handle;
    return put(&to_server, bytes, size);
}

static int entropy(void *context, void *bytes, size_t size)
{
    (void)context;
    memset(bytes, 0x5A, size);
    return 0;
}

static uint64_t utc(void *context)
{
    (void)context;
    return NOW;
}

static const struct otter_port port = {
    .entropy = entropy, .utc = utc, .network = {.tcp_read = tcp_read, .tcp_write = tcp_write}};

/* --- the server --------------------------------------------------------------------------------- */

static void start_server(const struct certificate *certificate)
{
    static br_skey_decoder_context decoder;
    br_skey_decoder_init(&decoder);
    br_skey_decoder_push(&decoder, certificate->key, certificate->key_size);
    if (br_skey_decoder_key_type(&decoder) == BR_KEYTYPE_RSA)
        br_ssl_server_init_full_rsa(&server, certificate->chain, certificate->count,
                                    br_skey_decoder_get_rsa(&decoder));
    else
        br_ssl_server_init_full_ec(&server, certificate->chain, certificate->count, BR_KEYTYPE_EC,
                                   br_skey_decoder_get_ec(&decoder));
    br_ssl_engine_set_buffer(&server.eng, server_buffer, sizeof server_buffer, 1);
    br_ssl_engine_inject_entropy(&server.eng, "seed", 4);
    br_ssl_server_reset(&server);
}

static void run_server(void)
{
    size_t size;
    unsigned char *bytes;
    for (;;) {
        if ((bytes = br_ssl_engine_sendrec_buf(&server.eng, &size)) != NULL)
            br_ssl_engine_sendrec_ack(&server.eng, (size_t)put(&to_client, bytes, size));
        else if (to_server.from < to_server.to &&
                 (bytes = br_ssl_engine_recvrec_buf(&server.eng, &size)) != NULL)
            br_ssl_engine_recvrec_ack(&server.eng, (size_t)take(&to_server, bytes, size));
        else
            return;
    }
}

/* --- the client --------------------------------------------------------------------------------- */

static int measured(const struct otter_secure *secure, bool begins)
{
    paint_stack();
    const uint32_t start = now();
    const int result =
        begins ? secure->begin(secure->context, &port, 0, "otter.test") : secure->ready(secure->context);
    ticks += now() - start;
    const uint32_t used = used_stack();
    if (used > stack)
        stack = used;
    return result;
}

/* 1 if the server was trusted. */
static int shake_hands(void)
{
    const struct otter_secure *secure = otter_tls_secure(&tls);
    int ready = measured(secure, true);
    for (int turn = 0; ready == 0 && turn < TURNS_MAX; turn++) {
        ready = measured(secure, false);
        run_server();
    }
    return ready;
}

static int trust(const struct certificate *certificate)
{
    if (otter_tls_init(&tls, client_buffer, sizeof client_buffer) != OTTER_OK)
        return OTTER_ERROR_ARGUMENT;
    if (certificate->authority == NULL)
        return otter_tls_trust_key(&tls, certificate->pin);
    if (otter_tls_anchor_init(&anchor, certificate->authority, certificate->authority_size) != OTTER_OK)
        return OTTER_ERROR_ARGUMENT;
    return otter_tls_trust_authorities(&tls, &anchor, 1);
}

static bool measure(const struct certificate *certificate)
{
    ticks = stack = 0;
    to_client = to_server = (struct pipe){0};
    start_server(certificate);
    const bool right = trust(certificate) == OTTER_OK && shake_hands() == 1;
    print(certificate->name);
    print_number((ticks + TICKS_PER_MILLION / 2) / TICKS_PER_MILLION);
    print(" million instructions, ");
    print_number(stack);
    print(right ? " bytes of stack\n" : " bytes of stack: FAILED\n");
    return right;
}

int main(void)
{
    bool right = true;
    for (size_t i = 0; i < sizeof certificates / sizeof certificates[0]; i++)
        right = measure(&certificates[i]) && right;
    (void)call_host(SYS_EXIT, right ? 0 : 1, 0, 0);
    return 0;
}
