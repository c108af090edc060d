#include "tests/support/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/deadline.h"
#include "tests/support/namespace.h"
#include "tests/support/require.h"
#include "tests/support/seed.h"
#include "tests/support/socket.h"

#define PACKET_MAX 1500 /* bytes */
#define LINE_MAX   8192 /* packets; more are lost */

struct packet {
    int64_t due_ns;
    int to; /* descriptor */
    size_t size;
    uint8_t bytes[PACKET_MAX];
};

/* Packets under way, the next one last. */
struct line {
    struct packet *packets[LINE_MAX];
    size_t count;
};

/* --- the process that carries packets ---------------------------------------------------------- */

static void enqueue(struct line *line, struct packet *packet)
{
    size_t at = line->count++;
    for (; at > 0 && line->packets[at - 1]->due_ns <= packet->due_ns; at--)
        line->packets[at] = line->packets[at - 1];
    line->packets[at] = packet;
}

static struct packet *next_packet(const struct line *line)
{
    return line->count > 0 ? line->packets[line->count - 1] : NULL;
}

static void take_packets(struct line *line, const volatile struct relay_settings *settings, uint64_t *seed,
                         int from, int to)
{
    struct packet packet = {.to = to};
    ssize_t size;
    while ((size = read(from, packet.bytes, PACKET_MAX)) > 0) {
        uint32_t late_us = settings->delay_us + seed_below(seed, settings->jitter_us + 1);
        if (seed_below(seed, 100) < settings->drop_percent || line->count == LINE_MAX)
            continue;
        packet.size = (size_t)size;
        packet.due_ns = clock_ns() + (int64_t)late_us * 1000;
        struct packet *kept = malloc(sizeof(*kept));
        if (kept) {
            *kept = packet;
            enqueue(line, kept);
        }
    }
}

static void deliver_packets(struct line *line)
{
    struct packet *packet;
    while ((packet = next_packet(line)) != NULL && packet->due_ns <= clock_ns()) {
        ssize_t written = write(packet->to, packet->bytes, packet->size);
        (void)written; /* a packet that is not taken is a packet lost */
        line->count--;
        free(packet);
    }
}

static void wait_for_packets(const struct line *line, const int tun[2])
{
    struct pollfd waited[2] = {{.fd = tun[0], .events = POLLIN}, {.fd = tun[1], .events = POLLIN}};
    const struct packet *next = next_packet(line);
    int64_t left = next ? next->due_ns - clock_ns() : 0;
    if (left < 0)
        left = 0;
    struct timespec timeout = {.tv_sec = left / 1000000000, .tv_nsec = left % 1000000000};
    ppoll(waited, 2, next ? &timeout : NULL, NULL);
}

__attribute__((noreturn)) static void carry(const int tun[2], const struct relay_settings *settings)
{
    static struct line line;
    uint64_t seed = settings->seed;
    for (;;) {
        wait_for_packets(&line, tun);
        take_packets(&line, settings, &seed, tun[0], tun[1]);
        take_packets(&line, settings, &seed, tun[1], tun[0]);
        deliver_packets(&line);
    }
}

/* --- the namespaces ---------------------------------------------------------------------------- */

static bool configure(const char *name, const char *ip)
{
    struct ifreq request = {0};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
    struct sockaddr_in *address = (struct sockaddr_in *)(void *)&request.ifr_addr;
    *address = socket_address(ip, 0);
    bool done = ioctl(fd, SIOCSIFADDR, &request) == 0;
    *address = socket_address("255.255.255.0", 0);
    done = done && ioctl(fd, SIOCSIFNETMASK, &request) == 0;
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    done = done && ioctl(fd, SIOCSIFFLAGS, &request) == 0;
    close(fd);
    return done;
}

/* Moves this process into a new network with a TUN device of address IP. */
static bool make_end(struct relay *relay, enum relay_end end, const char *ip)
{
    struct ifreq request = {.ifr_name = "otter0", .ifr_flags = IFF_TUN | IFF_NO_PI};
    const char *step = "a network namespace";
    if (!namespace_new_network(&relay->netns[end]))
        goto denied;
    step = "/dev/net/tun";
    relay->tun[end] = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (relay->tun[end] < 0 || ioctl(relay->tun[end], TUNSETIFF, &request) < 0)
        goto denied;
    step = "an address on a TUN device";
    if (!configure("lo", "127.0.0.1") || !configure("otter0", ip))
        goto denied;
    step = "TCP without timestamps";
    if (namespace_set("/proc/sys/net/ipv4/tcp_timestamps", "0"))
        return true;
denied:
    snprintf(relay->denied, sizeof(relay->denied), "%s: %s", step, strerror(errno));
    return false;
}

bool relay_open(struct relay *relay, const struct relay_settings *settings)
{
    *relay = (struct relay){.netns = {-1, -1}, .tun = {-1, -1}};
    if (!namespace_become_root()) {
        snprintf(relay->denied, sizeof(relay->denied), "a user namespace: %s", strerror(errno));
        return false;
    }
    if (!make_end(relay, RELAY_UPLOADER, RELAY_UPLOADER_IP) ||
        !make_end(relay, RELAY_DEVICE, RELAY_DEVICE_IP))
        return false;
    relay->settings =
        mmap(NULL, sizeof(*settings), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    REQUIRE(relay->settings != MAP_FAILED, "mmap: %s", strerror(errno));
    *relay->settings = *settings;
    relay->pid = fork();
    REQUIRE(relay->pid >= 0, "fork: %s", strerror(errno));
    if (relay->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        carry(relay->tun, relay->settings);
    }
    return true;
}

void relay_enter(const struct relay *relay, enum relay_end end)
{
    REQUIRE(setns(relay->netns[end], CLONE_NEWNET) == 0, "setns: %s", strerror(errno));
}

void relay_close(struct relay *relay)
{
    if (relay->pid > 0) {
        kill(relay->pid, SIGKILL);
        waitpid(relay->pid, NULL, 0);
    }
    for (int end = 0; end < 2; end++) {
        socket_close(&relay->netns[end]);
        socket_close(&relay->tun[end]);
    }
    if (relay->settings)
        munmap(relay->settings, sizeof(*relay->settings));
    *relay = (struct relay){.netns = {-1, -1}, .tun = {-1, -1}};
}
