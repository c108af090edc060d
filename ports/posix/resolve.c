/* Names, looked up by the system in a thread of its own, since that may take half a minute. */
#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "ports/posix/address.h"
#include "ports/posix/socket.h"

/* The thread's and the network's; whoever has done with it last frees it. */
struct otter_posix_lookup {
    pthread_t thread;
    atomic_int state;
    int family; /* AF_*, or AF_UNSPEC */
    struct otter_address found;
    bool is_found;
    char name[];
};

enum { LOOKING, FOUND, DROPPED };

/* True if the other side had moved it to another state before. */
static bool move(struct otter_posix_lookup *lookup, int state)
{
    int expected = LOOKING;
    return !atomic_compare_exchange_strong(&lookup->state, &expected, state);
}

/* IPv4 comes first: what serves devices often has an IPv6 name, too, but no way for it. */
static void take(struct otter_posix_lookup *lookup, const struct addrinfo *answers)
{
    for (const struct addrinfo *answer = answers; answer != NULL; answer = answer->ai_next) {
        struct sockaddr_storage name = {0};
        if (lookup->is_found && answer->ai_family != AF_INET)
            continue;
        memcpy(&name, answer->ai_addr, answer->ai_addrlen);
        otter_posix_address_from_socket(&lookup->found, &name);
        lookup->is_found = true;
        if (answer->ai_family == AF_INET)
            return;
    }
}

static void *look_up(void *context)
{
    struct otter_posix_lookup *lookup = context;
    const struct addrinfo wanted = {.ai_family = lookup->family, .ai_socktype = SOCK_STREAM};
    struct addrinfo *answers;
    if (getaddrinfo(lookup->name, NULL, &wanted, &answers) == 0) {
        take(lookup, answers);
        freeaddrinfo(answers);
    }
    if (move(lookup, FOUND))
        free(lookup);
    return NULL;
}

static void drop(struct otter_posix_network *network)
{
    struct otter_posix_lookup *lookup = network->lookup;
    network->lookup = NULL;
    if (lookup == NULL)
        return;
    const pthread_t thread = lookup->thread;
    if (!move(lookup, DROPPED)) {
        pthread_detach(thread);
        return;
    }
    pthread_join(thread, NULL);
    free(lookup);
}

static int begin(struct otter_posix_network *network, const char *name)
{
    static const int families[] = {[4] = AF_INET, [6] = AF_INET6};
    struct otter_posix_lookup *lookup = calloc(1, sizeof *lookup + strlen(name) + 1);
    if (lookup == NULL)
        return OTTER_ERROR_TRANSPORT;
    memcpy(lookup->name, name, strlen(name) + 1);
    lookup->family = families[network->local.family];
    if (pthread_create(&lookup->thread, NULL, look_up, lookup) != 0) {
        free(lookup);
        return OTTER_ERROR_TRANSPORT;
    }
    network->lookup = lookup;
    return 0;
}

int otter_posix_resolve(void *context, const char *name, struct otter_address *address)
{
    struct otter_posix_network *network = context;
    const struct otter_posix_lookup *lookup = network->lookup;
    if (lookup != NULL && (name == NULL || strcmp(name, lookup->name) != 0)) {
        drop(network);
        lookup = NULL;
    }
    if (name == NULL)
        return OTTER_ERROR_TRANSPORT;
    if (lookup == NULL)
        return begin(network, name);
    if (atomic_load(&lookup->state) == LOOKING)
        return 0;
    const int result = lookup->is_found ? 1 : OTTER_ERROR_TRANSPORT;
    const uint16_t port = address->port;
    *address = lookup->found;
    address->port = port;
    drop(network);
    return result;
}
