/* Multicast groups and own addresses of ports/posix, on the loopback interface, which has no IPv6 multicast.
 */
#include "tests/support/test.h"

#include <string.h>

#include "ports/posix/address.h"
#include "ports/posix/clock.h"
#include "ports/posix/network.h"

#define WAIT_MS 5000u

static const struct otter_network_port *const net = &otter_posix_network_port;

static void open_network(struct otter_posix_network *network, const char *local)
{
    memset(network, 0, sizeof *network);
    assert_true(otter_posix_address_parse(&network->local, local));
    otter_posix_network_init(network);
}

/* A port that nobody uses now. */
static uint16_t free_port(void)
{
    struct otter_posix_network network;
    open_network(&network, "127.0.0.1");
    int handle = net->udp_open(&network, 0);
    assert_true(handle >= 0);
    uint16_t port = otter_posix_network_local_port(&network, handle);
    net->close(&network, handle);
    return port;
}

static int receive(struct otter_posix_network *network, int handle, char *bytes, size_t size,
                   struct otter_address *from)
{
    int length = 0;
    for (uint32_t start = otter_posix_now_ms(); length == 0 && otter_posix_now_ms() - start < WAIT_MS;) {
        otter_posix_network_wait(network, 100, NULL, 0);
        length = net->udp_receive(network, handle, bytes, size, from);
    }
    return length;
}

static void everybody_in_a_group_hears_it(void **state)
{
    (void)state;
    struct otter_posix_network networks[2];
    struct otter_address group, from = {0};
    char bytes[16];
    int handles[2] = {-1, -1};
    assert_true(otter_posix_address_parse(&group, "239.255.53.53"));
    group.port = free_port();
    for (int i = 0; i < 2; i++) {
        open_network(&networks[i], "127.0.0.1");
        handles[i] = net->multicast_open(&networks[i], &group);
        assert_true(handles[i] >= 0);
    }
    assert_int_equal(net->udp_send(&networks[0], handles[0], "hello", 5, &group), OTTER_OK);
    for (int i = 0; i < 2; i++) { /* the sender hears itself */
        assert_int_equal(receive(&networks[i], handles[i], bytes, sizeof bytes, &from), 5);
        assert_memory_equal(bytes, "hello", 5);
        assert_int_equal(from.port, group.port);
        assert_memory_equal(from.ip, networks[0].local.ip, sizeof from.ip);
    }
    for (int i = 0; i < 2; i++)
        otter_posix_network_drop(&networks[i]);
    assert_int_equal(networks[0].sockets[handles[0]].file, -1);
}

static void a_group_of_the_other_family_is_refused(void **state)
{
    (void)state;
    struct otter_posix_network network;
    struct otter_address group;
    assert_true(otter_posix_address_parse(&group, "ff02::5353"));
    group.port = free_port();
    open_network(&network, "127.0.0.1");
    assert_int_equal(net->multicast_open(&network, &group), OTTER_ERROR_TRANSPORT);
}

static void the_own_address_is_the_one_that_is_served(void **state)
{
    (void)state;
    struct otter_posix_network network;
    struct otter_address addresses[3];
    open_network(&network, "127.0.0.1");
    assert_int_equal(net->addresses(&network, addresses, 3), 1);
    assert_memory_equal(&addresses[0].ip, network.local.ip, sizeof network.local.ip);
    open_network(&network, "*");
    assert_in_range(net->addresses(&network, addresses, 3), 1, 3);
    open_network(&network, "192.0.2.1"); /* nobody's */
    assert_int_equal(net->addresses(&network, addresses, 3), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everybody_in_a_group_hears_it),
        cmocka_unit_test(a_group_of_the_other_family_is_refused),
        cmocka_unit_test(the_own_address_is_the_one_that_is_served),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
