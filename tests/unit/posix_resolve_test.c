/* Names as ports/posix looks them up: those that need no network. */
#include "tests/support/test.h"

#include <string.h>

#include "ports/posix/address.h"
#include "ports/posix/clock.h"
#include "ports/posix/network.h"

#define WAIT_MS 10000

static const struct otter_network_port *const port = &otter_posix_network_port;

static void open_network(struct otter_posix_network *network, const char *local)
{
    *network = (struct otter_posix_network){0};
    assert_true(otter_posix_address_parse(&network->local, local));
    otter_posix_network_init(network);
}

/* What comes of it in the end. */
static int resolve(struct otter_posix_network *network, const char *name, struct otter_address *address)
{
    const uint32_t start = otter_posix_now_ms();
    int result;
    while ((result = port->resolve(network, name, address)) == 0) {
        assert_true(otter_posix_now_ms() - start < WAIT_MS);
        otter_posix_network_wait(network, 1, NULL, 0);
    }
    return result;
}

static void finds_names_and_literals(void **state)
{
    static const struct {
        const char *local, *name, *address; /* NULL: there is none */
    } cases[] = {
        {"*", "127.0.0.1", "127.0.0.1:80"},
        {"*", "::1", "[::1]:80"},
        {"*", "localhost", "127.0.0.1:80"},
        {"127.0.0.1", "localhost", "127.0.0.1:80"},
        {"*", "a..b", NULL},
        {"127.0.0.1", "::1", NULL},
        {"::1", "127.0.0.1", NULL},
    };
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        struct otter_posix_network network;
        struct otter_address address = {.port = 80};
        char text[OTTER_POSIX_ADDRESS_TEXT];
        open_network(&network, cases[i].local);
        const int result = resolve(&network, cases[i].name, &address);
        assert_int_equal(result, cases[i].address != NULL ? 1 : OTTER_ERROR_TRANSPORT);
        if (cases[i].address != NULL)
            assert_string_equal(otter_posix_address_print(text, &address), cases[i].address);
        assert_null(network.lookup);
    }
}

static void another_name_drops_the_first(void **state)
{
    struct otter_posix_network network;
    struct otter_address address = {.port = 80};
    char text[OTTER_POSIX_ADDRESS_TEXT];
    (void)state;
    open_network(&network, "*");
    for (unsigned i = 0; i < 20; i++) {
        (void)port->resolve(&network, "127.0.0.9", &address);
        assert_int_equal(resolve(&network, "127.0.0.8", &address), 1);
        assert_string_equal(otter_posix_address_print(text, &address), "127.0.0.8:80");
    }
}

static void no_name_drops_it_too(void **state)
{
    struct otter_posix_network network;
    struct otter_address address;
    (void)state;
    open_network(&network, "*");
    assert_int_equal(port->resolve(&network, "127.0.0.9", &address), 0);
    assert_int_equal(port->resolve(&network, NULL, NULL), OTTER_ERROR_TRANSPORT);
    assert_null(network.lookup);
    assert_int_equal(port->resolve(&network, NULL, NULL), OTTER_ERROR_TRANSPORT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_names_and_literals),
        cmocka_unit_test(another_name_drops_the_first),
        cmocka_unit_test(no_name_drops_it_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
