/* The sockets of ports/posix against ordinary ones, on the loopback interface. */
#include "tests/support/test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ports/posix/address.h"
#include "ports/posix/clock.h"
#include "ports/posix/entropy.h"
#include "ports/posix/network.h"

#define WAIT_MS 10000 /* for what must come */
#define WINDOW  5840u /* bytes */

struct pair {
    struct otter_posix_network network;
    struct otter_address peer; /* of the ordinary socket */
    int listener;              /* the ordinary sockets */
    int file;
    int handle; /* the port's */
};

static const struct otter_network_port *const port = &otter_posix_network_port;

/* An ordinary socket of TYPE on any port of the loopback interface; ADDRESS becomes its. */
static int ordinary_socket(const char *ip, int type, struct otter_address *address)
{
    struct sockaddr_storage name;
    assert_true(otter_posix_address_parse(address, ip));
    int family = address->family == 4 ? AF_INET : AF_INET6;
    int file = socket(family, type | SOCK_CLOEXEC, 0);
    socklen_t length = otter_posix_address_to_socket(&name, family, address);
    if (file < 0 || bind(file, (struct sockaddr *)&name, length) != 0)
        return -1;
    assert_int_equal(getsockname(file, (struct sockaddr *)&name, &length), 0);
    otter_posix_address_from_socket(address, &name);
    return file;
}

static void open_network(struct otter_posix_network *network, const char *ip, uint32_t window)
{
    *network = (struct otter_posix_network){.window = window};
    assert_true(otter_posix_address_parse(&network->local, ip));
    otter_posix_network_init(network);
}

static void wait_connected(struct pair *pair)
{
    uint32_t start = otter_posix_now_ms();
    int connected;
    while ((connected = port->tcp_connected(pair, pair->handle)) == 0) {
        assert_true(otter_posix_now_ms() - start < WAIT_MS);
        otter_posix_network_wait(&pair->network, WAIT_MS, NULL, 0);
    }
    assert_int_equal(connected, 1);
}

static void open_pair(struct pair *pair, const char *ip, uint32_t window)
{
    open_network(&pair->network, ip, window);
    pair->listener = ordinary_socket(ip, SOCK_STREAM, &pair->peer);
    assert_int_equal(listen(pair->listener, 1), 0);
    pair->handle = port->tcp_connect(pair, &pair->peer);
    assert_true(pair->handle >= 0);
    pair->file = accept(pair->listener, NULL, NULL);
    assert_true(pair->file >= 0);
    wait_connected(pair);
}

static void close_pair(struct pair *pair)
{
    otter_posix_network_drop(&pair->network);
    close(pair->file);
    close(pair->listener);
}

/* The next result of a read that is not "nothing yet". */
static int read_something(struct pair *pair, void *bytes, size_t size)
{
    uint32_t start = otter_posix_now_ms();
    int got;
    while ((got = port->tcp_read(pair, pair->handle, bytes, size)) == 0) {
        assert_true(otter_posix_now_ms() - start < WAIT_MS);
        otter_posix_network_wait(&pair->network, WAIT_MS, NULL, 0);
    }
    return got;
}

/* --- UDP ----------------------------------------------------------------------------------------- */

static void exchange_datagrams(const char *own, const char *ip)
{
    struct otter_posix_network network;
    struct otter_address peer, to, from = {0};
    char bytes[8] = "";
    open_network(&network, own, 0);
    int handle = port->udp_open(&network, 0);
    assert_true(handle >= 0);
    int file = ordinary_socket(ip, SOCK_DGRAM, &peer);
    assert_true(otter_posix_address_parse(&to, ip));
    to.port = otter_posix_network_local_port(&network, handle);
    struct sockaddr_storage name;
    socklen_t length = otter_posix_address_to_socket(&name, to.family == 4 ? AF_INET : AF_INET6, &to);

    assert_int_equal(port->udp_receive(&network, handle, bytes, sizeof bytes, &from), 0);
    assert_int_equal(sendto(file, "hello there", 11, 0, (struct sockaddr *)&name, length), 11);
    otter_posix_network_wait(&network, WAIT_MS, NULL, 0);
    assert_int_equal(port->udp_receive(&network, handle, bytes, sizeof bytes, &from), 8);
    assert_memory_equal(bytes, "hello th", 8);
    assert_memory_equal(&from, &peer, sizeof from);
    assert_int_equal(port->udp_send(&network, handle, "back", 4, &from), 0);
    assert_int_equal(recv(file, bytes, sizeof bytes, 0), 4);
    port->close(&network, handle);
    close(file);
}

static bool has_ipv6(void)
{
    struct otter_address address;
    int file = ordinary_socket("::1", SOCK_DGRAM, &address);
    close(file);
    return file >= 0;
}

static void exchanges_datagrams(void **state)
{
    (void)state;
    exchange_datagrams("127.0.0.1", "127.0.0.1");
    exchange_datagrams("*", "127.0.0.1");
    if (!has_ipv6())
        skip();
    exchange_datagrams("::1", "::1");
    exchange_datagrams("*", "::1");
}

static void a_taken_port_is_refused(void **state)
{
    (void)state;
    struct otter_posix_network network;
    open_network(&network, "127.0.0.1", 0);
    int first = port->udp_open(&network, 0);
    uint16_t taken = otter_posix_network_local_port(&network, first);
    assert_int_equal(port->udp_open(&network, taken), OTTER_ERROR_TRANSPORT);
    port->close(&network, first);
    int second = port->udp_open(&network, taken);
    assert_true(second >= 0);
    port->close(&network, second);
}

static void sockets_are_limited(void **state)
{
    (void)state;
    struct otter_posix_network network;
    open_network(&network, "127.0.0.1", 0);
    for (int i = 0; i < OTTER_POSIX_SOCKETS; i++)
        assert_int_equal(port->udp_open(&network, 0), i);
    assert_int_equal(port->udp_open(&network, 0), OTTER_ERROR_TRANSPORT);
    port->close(&network, 3);
    assert_int_equal(port->udp_open(&network, 0), 3);
    for (int i = 0; i < OTTER_POSIX_SOCKETS; i++)
        port->close(&network, i);
}

/* --- TCP ----------------------------------------------------------------------------------------- */

static void exchange_bytes(const char *ip)
{
    struct pair pair;
    char bytes[16];
    open_pair(&pair, ip, 0);
    assert_int_equal(port->tcp_read(&pair, pair.handle, bytes, sizeof bytes), 0);
    assert_int_equal(send(pair.file, "image", 5, 0), 5);
    assert_int_equal(read_something(&pair, bytes, sizeof bytes), 5);
    assert_memory_equal(bytes, "image", 5);
    assert_int_equal(port->tcp_write(&pair, pair.handle, "OK", 2), 2);
    assert_int_equal(recv(pair.file, bytes, sizeof bytes, 0), 2);
    close_pair(&pair);
}

static void exchanges_bytes(void **state)
{
    (void)state;
    exchange_bytes("127.0.0.1");
    if (!has_ipv6())
        skip();
    exchange_bytes("::1");
}

static void tells_an_end_from_a_reset(void **state)
{
    (void)state;
    struct pair pair;
    char byte;
    open_pair(&pair, "127.0.0.1", 0);
    shutdown(pair.file, SHUT_WR);
    assert_int_equal(read_something(&pair, &byte, 1), OTTER_ERROR_CLOSED);
    assert_int_equal(port->tcp_write(&pair, pair.handle, "OK", 2), 2);
    close_pair(&pair);

    const struct linger reset = {.l_onoff = 1};
    open_pair(&pair, "127.0.0.1", 0);
    setsockopt(pair.file, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    close(pair.file);
    pair.file = -1;
    assert_int_equal(read_something(&pair, &byte, 1), OTTER_ERROR_TRANSPORT);
    assert_int_equal(port->tcp_write(&pair, pair.handle, "OK", 2), OTTER_ERROR_TRANSPORT);
    close_pair(&pair);
}

static void refused_connections_fail(void **state)
{
    (void)state;
    struct pair pair = {.file = -1};
    open_network(&pair.network, "127.0.0.1", 0);
    pair.listener = ordinary_socket("127.0.0.1", SOCK_STREAM, &pair.peer); /* does not listen */
    pair.handle = port->tcp_connect(&pair, &pair.peer);
    uint32_t start = otter_posix_now_ms();
    while (pair.handle >= 0 && port->tcp_connected(&pair, pair.handle) == 0 &&
           otter_posix_now_ms() - start < WAIT_MS)
        otter_posix_network_wait(&pair.network, WAIT_MS, NULL, 0);
    if (pair.handle >= 0)
        assert_int_equal(port->tcp_connected(&pair, pair.handle), OTTER_ERROR_TRANSPORT);
    close_pair(&pair);
}

static void a_full_pipe_takes_no_more_until_it_is_read(void **state)
{
    (void)state;
    enum { CHUNK = 65536, MOST = 64 * 1024 * 1024 };
    struct pair pair;
    char *chunk = calloc(1, CHUNK);
    size_t sent = 0;
    int taken;
    open_pair(&pair, "127.0.0.1", 0);
    while ((taken = port->tcp_write(&pair, pair.handle, chunk, CHUNK)) > 0 && sent < MOST)
        sent += (size_t)taken;
    assert_int_equal(taken, 0);
    assert_int_equal(port->tcp_flushed(&pair, pair.handle), 0);
    for (size_t received = 0; received < sent;) {
        ssize_t got = recv(pair.file, chunk, CHUNK, 0);
        assert_true(got > 0);
        received += (size_t)got;
    }
    uint32_t start = otter_posix_now_ms();
    while (port->tcp_flushed(&pair, pair.handle) == 0 && otter_posix_now_ms() - start < WAIT_MS)
        otter_posix_network_wait(&pair.network, WAIT_MS, NULL, 0);
    assert_int_equal(port->tcp_flushed(&pair, pair.handle), 1);
    assert_int_equal(port->tcp_write(&pair, pair.handle, chunk, 1), 1);
    free(chunk);
    close_pair(&pair);
}

static void dropped_connections_are_reset(void **state)
{
    (void)state;
    struct pair pair;
    char byte;
    open_pair(&pair, "127.0.0.1", 0);
    otter_posix_network_drop(&pair.network);
    assert_int_equal(recv(pair.file, &byte, 1, 0), -1);
    close_pair(&pair);
}

/* What the sender may have outstanding never exceeds the window, however much the receiver lags behind. */
static void assert_narrow(struct pair *pair, unsigned window)
{
    enum { TOTAL = 400000 };
    static char bytes[TOTAL];
    size_t sent = 0, received = 0;
    unsigned widest = 0;
    while (received < TOTAL) {
        struct tcp_info info = {0};
        socklen_t length = sizeof info;
        ssize_t put = send(pair->file, bytes + sent, TOTAL - sent, MSG_DONTWAIT);
        sent += put > 0 ? (size_t)put : 0;
        getsockopt(pair->file, IPPROTO_TCP, TCP_INFO, &info, &length);
        widest =
            info.tcpi_unacked * info.tcpi_snd_mss > widest ? info.tcpi_unacked * info.tcpi_snd_mss : widest;
        int got = read_something(pair, bytes, 4096);
        assert_true(got > 0);
        received += (size_t)got;
    }
    assert_in_range(widest, window * 3 / 4, window);
}

static void the_window_is_narrow(void **state)
{
    (void)state;
    struct pair pair;
    open_pair(&pair, "127.0.0.1", WINDOW);
    assert_narrow(&pair, WINDOW);
    close_pair(&pair);
}

/* --- listening ----------------------------------------------------------------------------------- */

/* The port listens at OWN; an ordinary socket connects to it from IP. */
static void open_accepted(struct pair *pair, const char *own, const char *ip, uint32_t window)
{
    struct otter_address from = {0}, to;
    struct sockaddr_storage name;
    open_network(&pair->network, own, window);
    int listening = port->tcp_listen(pair, 0);
    assert_true(listening >= 0);
    assert_int_equal(port->tcp_accept(pair, listening, &from), OTTER_ERROR_NO_DATA);
    pair->file = ordinary_socket(ip, SOCK_STREAM, &pair->peer);
    assert_true(otter_posix_address_parse(&to, ip));
    to.port = otter_posix_network_local_port(&pair->network, listening);
    socklen_t length = otter_posix_address_to_socket(&name, to.family == 4 ? AF_INET : AF_INET6, &to);
    assert_int_equal(connect(pair->file, (struct sockaddr *)&name, length), 0);
    otter_posix_network_wait(&pair->network, WAIT_MS, NULL, 0);
    pair->handle = port->tcp_accept(pair, listening, &from);
    assert_true(pair->handle >= 0);
    assert_memory_equal(&from, &pair->peer, sizeof from);
    pair->listener = -1;
}

static void accept_and_exchange(const char *own, const char *ip)
{
    struct pair pair;
    char bytes[16];
    open_accepted(&pair, own, ip, 0);
    assert_int_equal(port->tcp_connected(&pair, pair.handle), 1);
    assert_int_equal(port->tcp_read(&pair, pair.handle, bytes, sizeof bytes), 0);
    assert_int_equal(send(pair.file, "GET /", 5, 0), 5);
    assert_int_equal(read_something(&pair, bytes, sizeof bytes), 5);
    assert_int_equal(port->tcp_write(&pair, pair.handle, "page", 4), 4);
    assert_int_equal(recv(pair.file, bytes, sizeof bytes, 0), 4);
    close_pair(&pair);
}

static void accepts_connections(void **state)
{
    (void)state;
    accept_and_exchange("127.0.0.1", "127.0.0.1");
    accept_and_exchange("*", "127.0.0.1");
    if (!has_ipv6())
        skip();
    accept_and_exchange("::1", "::1");
    accept_and_exchange("*", "::1");
}

static void an_accepted_connection_has_the_window(void **state)
{
    (void)state;
    struct pair pair;
    open_accepted(&pair, "127.0.0.1", "127.0.0.1", WINDOW);
    assert_narrow(&pair, WINDOW);
    close_pair(&pair);
}

static void a_listening_port_is_free_again_once_it_was_dropped(void **state)
{
    (void)state;
    struct pair pair;
    open_accepted(&pair, "127.0.0.1", "127.0.0.1", 0);
    uint16_t taken = otter_posix_network_local_port(&pair.network, pair.handle);
    assert_int_equal(port->tcp_listen(&pair, taken), OTTER_ERROR_TRANSPORT);
    otter_posix_network_drop(&pair.network);
    assert_true(port->tcp_listen(&pair, taken) >= 0);
    close_pair(&pair);
}

/* --- waiting ------------------------------------------------------------------------------------- */

static void waits_for_the_files_of_others(void **state)
{
    (void)state;
    struct otter_posix_network network;
    int ends[2];
    open_network(&network, "127.0.0.1", 0);
    assert_int_equal(pipe(ends), 0);
    struct pollfd other = {.fd = ends[0], .events = POLLIN};
    otter_posix_network_wait(&network, 1, &other, 1);
    assert_int_equal(other.revents, 0);
    assert_int_equal(write(ends[1], "x", 1), 1);
    otter_posix_network_wait(&network, UINT32_MAX, &other, 1);
    assert_int_equal(other.revents, POLLIN);
    close(ends[0]);
    close(ends[1]);
}

/* A stream that ended, or that nobody reads now, must not turn waiting into spinning. */
static void waiting_does_not_spin(void **state)
{
    (void)state;
    struct pair pair;
    unsigned turns = 0;
    open_pair(&pair, "127.0.0.1", 0);
    assert_int_equal(send(pair.file, "x", 1, 0), 1);
    shutdown(pair.file, SHUT_WR);
    for (uint32_t start = otter_posix_now_ms(); otter_posix_now_ms() - start < 200; turns++)
        otter_posix_network_wait(&pair.network, 200, NULL, 0);
    assert_in_range(turns, 1, 100);
    close_pair(&pair);
}

/* --- the rest ------------------------------------------------------------------------------------ */

static void addresses_are_read_and_written(void **state)
{
    (void)state;
    static const char *const texts[][2] = {{"127.0.0.1", "127.0.0.1:8266"},
                                           {"::1", "[::1]:8266"},
                                           {"::ffff:10.0.0.1", "10.0.0.1:8266"},
                                           {"*", "*:8266"}};
    static const char *const wrong[] = {"", "localhost", "127.0.0", "1.2.3.4.5", "::1:::", "127.0.0.1:80"};
    struct otter_address address;
    char text[OTTER_POSIX_ADDRESS_TEXT];
    for (size_t i = 0; i < TEST_COUNT(texts); i++) {
        assert_true(otter_posix_address_parse(&address, texts[i][0]));
        address.port = 8266;
        assert_string_equal(otter_posix_address_print(text, &address), texts[i][1]);
    }
    for (size_t i = 0; i < TEST_COUNT(wrong); i++)
        if (otter_posix_address_parse(&address, wrong[i]))
            fail_msg("\"%s\" was taken for an address", wrong[i]);
}

static void entropy_differs(void **state)
{
    (void)state;
    uint8_t first[32] = {0}, second[32] = {0};
    assert_int_equal(otter_posix_entropy(NULL, first, sizeof first), 0);
    assert_int_equal(otter_posix_entropy(NULL, second, sizeof second), 0);
    assert_memory_not_equal(first, second, sizeof first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exchanges_datagrams),
        cmocka_unit_test(a_taken_port_is_refused),
        cmocka_unit_test(sockets_are_limited),
        cmocka_unit_test(exchanges_bytes),
        cmocka_unit_test(tells_an_end_from_a_reset),
        cmocka_unit_test(refused_connections_fail),
        cmocka_unit_test(a_full_pipe_takes_no_more_until_it_is_read),
        cmocka_unit_test(dropped_connections_are_reset),
        cmocka_unit_test(the_window_is_narrow),
        cmocka_unit_test(accepts_connections),
        cmocka_unit_test(an_accepted_connection_has_the_window),
        cmocka_unit_test(a_listening_port_is_free_again_once_it_was_dropped),
        cmocka_unit_test(waits_for_the_files_of_others),
        cmocka_unit_test(waiting_does_not_spin),
        cmocka_unit_test(addresses_are_read_and_written),
        cmocka_unit_test(entropy_differs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
