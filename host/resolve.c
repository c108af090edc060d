#include "host/resolve.h"

#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "host/clock.h"
#include "host/discovery.h"

#define LOCAL_MS 3000u /* for the network to answer */
#define IPV4_MS  150u  /* for an IPv4 address to come, once there is an IPv6 one */

/* A name that the system is asked for, in a thread of its own, since that may take half a minute. Whoever has
 * done with it last, the thread or the one who waits, frees it. */
struct lookup {
    char host[OTTER_DEVICE_HOST_SIZE];
    struct sockaddr_storage address;
    int error; /* of getaddrinfo */
    int event; /* readable once it is over */
    atomic_int holders;
};

struct wanted {
    struct otter_device *device;
    struct lookup *lookup; /* NULL: the system has answered */
    bool local;            /* the network is asked, too */
    bool found;
};

struct search {
    struct wanted *list;
    size_t count;
    struct pollfd *sockets; /* of lookups, and of the network */
    struct otter_discovery discovery;
    bool asks_network;
    uint64_t begin;
};

/* --- the system ----------------------------------------------------------------------------------- */

static const struct addrinfo *choose(const struct addrinfo *list)
{
    for (const struct addrinfo *entry = list; entry != NULL; entry = entry->ai_next) {
        if (entry->ai_family == AF_INET)
            return entry;
    }
    return list;
}

static int ask_system(struct sockaddr_storage *address, const char *host, int flags)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_DGRAM, .ai_flags = flags};
    struct addrinfo *list;
    int error = getaddrinfo(host, NULL, &hints, &list);
    if (error != 0)
        return error;
    const struct addrinfo *found = choose(list);
    memcpy(address, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(list);
    return 0;
}

static void release(struct lookup *lookup)
{
    if (atomic_fetch_sub(&lookup->holders, 1) > 1)
        return;
    close(lookup->event);
    free(lookup);
}

static void *look_up(void *context)
{
    struct lookup *lookup = context;
    const uint64_t one = 1;
    lookup->error = ask_system(&lookup->address, lookup->host, 0);
    (void)!write(lookup->event, &one, sizeof(one));
    release(lookup);
    return NULL;
}

static void start_lookup(struct wanted *wanted)
{
    pthread_t thread;
    struct lookup *lookup = calloc(1, sizeof(*lookup));
    if (lookup == NULL)
        return;
    memcpy(lookup->host, wanted->device->host, sizeof(lookup->host));
    lookup->event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    atomic_init(&lookup->holders, 2);
    if (lookup->event >= 0 && pthread_create(&thread, NULL, look_up, lookup) == 0) {
        pthread_detach(thread);
        wanted->lookup = lookup;
        return;
    }
    if (lookup->event >= 0)
        close(lookup->event);
    free(lookup);
}

/* --- one device ----------------------------------------------------------------------------------- */

static void settle(struct wanted *wanted, const struct sockaddr_storage *address, const char *trouble)
{
    struct otter_device *device = wanted->device;
    if (address != NULL)
        device->address = *address;
    device->trouble = address != NULL ? NULL : trouble;
    wanted->found = address != NULL;
    if (device->address.ss_family == AF_INET)
        ((struct sockaddr_in *)&device->address)->sin_port = htons(device->port);
    else
        ((struct sockaddr_in6 *)&device->address)->sin6_port = htons(device->port);
}

static bool is_local(const char *host)
{
    static const char end[] = ".local";
    size_t length = strlen(host), skip = sizeof(end) - 1;
    return length > skip && strcasecmp(host + length - skip, end) == 0;
}

static void begin_one(struct search *search, struct otter_device *device)
{
    struct wanted *wanted = &search->list[search->count];
    struct sockaddr_storage address = {0};
    *wanted = (struct wanted){.device = device};
    if (ask_system(&address, device->host, AI_NUMERICHOST) == 0) {
        settle(wanted, &address, NULL);
        return;
    }
    search->count++;
    wanted->local = is_local(device->host) && search->asks_network &&
                    otter_neighbours_want(&search->discovery.neighbours, device->host);
    settle(wanted, NULL,
           wanted->local ? "nobody on the local network answers to that name" : "out of memory");
    start_lookup(wanted);
}

static void take_lookup(struct wanted *wanted)
{
    uint64_t count;
    struct lookup *lookup = wanted->lookup;
    if (lookup == NULL || read(lookup->event, &count, sizeof(count)) != sizeof(count))
        return;
    if (!wanted->found && lookup->error == 0)
        settle(wanted, &lookup->address, NULL);
    else if (!wanted->found && !wanted->local)
        settle(wanted, NULL, gai_strerror(lookup->error));
    wanted->lookup = NULL;
    release(lookup);
}

static void take_answer(const struct search *search, struct wanted *wanted, uint64_t now_ms)
{
    const struct sockaddr_storage *address =
        otter_neighbours_address(&search->discovery.neighbours, wanted->device->host);
    if (!wanted->local || wanted->found || address == NULL)
        return;
    if (address->ss_family == AF_INET || now_ms - search->begin >= IPV4_MS)
        settle(wanted, address, NULL);
}

/* Nobody is left to answer. */
static bool is_over(const struct search *search, const struct wanted *wanted, uint64_t now_ms)
{
    if (wanted->found)
        return true;
    return wanted->local ? now_ms - search->begin >= LOCAL_MS : wanted->lookup == NULL;
}

/* --- all of them ---------------------------------------------------------------------------------- */

static bool step(struct search *search, uint64_t now_ms)
{
    bool over = true;
    if (search->asks_network)
        (void)otter_discovery_step(&search->discovery, now_ms);
    for (size_t i = 0; i < search->count; i++) {
        struct wanted *wanted = &search->list[i];
        take_lookup(wanted);
        take_answer(search, wanted, now_ms);
        over = over && is_over(search, wanted, now_ms);
    }
    return over;
}

static void wait_for_answers(struct search *search)
{
    size_t used = 0;
    for (size_t i = 0; i < search->count; i++)
        if (search->list[i].lookup != NULL)
            search->sockets[used++] = (struct pollfd){.fd = search->list[i].lookup->event, .events = POLLIN};
    if (search->asks_network) {
        otter_discovery_poll(&search->discovery, search->sockets + used);
        used += OTTER_MULTICAST_SOCKETS;
    }
    (void)poll(search->sockets, used, IPV4_MS / 2);
}

static void run(struct search *search, struct otter_device *devices, size_t count)
{
    for (size_t i = 0; i < count; i++)
        begin_one(search, &devices[i]);
    while (!step(search, otter_clock_ms()))
        wait_for_answers(search);
    for (size_t i = 0; i < search->count; i++)
        if (search->list[i].lookup != NULL)
            release(search->list[i].lookup);
}

void otter_resolve(struct otter_device *devices, size_t count)
{
    struct search search = {.begin = otter_clock_ms()};
    bool local = false;
    for (size_t i = 0; i < count; i++) {
        devices[i].trouble = "out of memory";
        local = local || is_local(devices[i].host);
    }
    search.list = calloc(count + 1, sizeof(*search.list));
    search.sockets = calloc(count + OTTER_MULTICAST_SOCKETS, sizeof(*search.sockets));
    if (search.list != NULL && search.sockets != NULL) {
        search.asks_network = local && otter_discovery_begin(&search.discovery, false, search.begin);
        run(&search, devices, count);
        if (search.asks_network)
            otter_discovery_end(&search.discovery);
    }
    free(search.list);
    free(search.sockets);
}
