#include "tests/support/breaker.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/deadline.h"
#include "tests/support/require.h"
#include "tests/support/socket.h"

#define PART 1460 /* bytes that are carried at once */

/* --- the process ---------------------------------------------------------------------------------- */

static int connect_to(uint16_t port)
{
    struct sockaddr_in address = socket_address("127.0.0.1", port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    close(fd);
    return -1;
}

/* Carries what FROM has, at most SIZE bytes: how many; 0 or less at the end. */
static ssize_t carry(int from, int to, size_t size)
{
    char bytes[PART];
    ssize_t count = recv(from, bytes, size < PART ? size : PART, 0);
    if (count > 0 && send(to, bytes, (size_t)count, MSG_NOSIGNAL) != count)
        return -1;
    return count;
}

static void wait_for_hang_up(int fd)
{
    char bytes[PART];
    while (recv(fd, bytes, sizeof(bytes), 0) > 0)
        continue;
}

static void break_line(int device, enum breaker_end end, int reached)
{
    REQUIRE(write(reached, "", 1) == 1, "the test has gone");
    if (end == BREAKER_RESET) {
        socket_reset(device);
        return;
    }
    if (end == BREAKER_CLOSE)
        shutdown(device, SHUT_WR);
    wait_for_hang_up(device);
    close(device);
}

static void serve(int device, int server, volatile struct breaker_plan *plan, int reached)
{
    const uint64_t limit = plan->limit;
    uint64_t carried = 0;
    struct pollfd files[2] = {{.fd = device, .events = POLLIN}, {.fd = server, .events = POLLIN}};
    while (limit == 0 || carried < limit) {
        poll(files, 2, -1);
        if (files[0].revents && carry(device, server, PART) <= 0)
            break;
        if (!files[1].revents)
            continue;
        ssize_t count = carry(server, device, limit == 0 ? PART : limit - carried);
        if (count <= 0)
            break;
        carried += (uint64_t)count;
        plan->carried += (uint64_t)count;
    }
    close(server);
    if (limit != 0 && carried == limit)
        break_line(device, plan->end, reached);
    else
        close(device);
}

__attribute__((noreturn)) static void run(int listener, uint16_t port, volatile struct breaker_plan *plan,
                                          int reached)
{
    for (;;) {
        int device = accept(listener, NULL, NULL);
        int server = device >= 0 ? connect_to(port) : -1;
        if (server < 0) {
            close(device);
            continue;
        }
        plan->connections++;
        serve(device, server, plan, reached);
    }
}

/* --- the test's side ------------------------------------------------------------------------------ */

void breaker_open(struct breaker *breaker, uint16_t server_port)
{
    int ends[2], listener = socket_bound(SOCK_STREAM, "127.0.0.1");
    REQUIRE(listen(listener, 8) == 0 && pipe(ends) == 0, "no line");
    breaker->port = socket_port(listener);
    breaker->plan =
        mmap(NULL, sizeof(*breaker->plan), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    REQUIRE(breaker->plan != MAP_FAILED, "no memory");
    pid_t parent = getpid();
    breaker->pid = fork();
    REQUIRE(breaker->pid >= 0, "no process");
    if (breaker->pid == 0) {
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
            _exit(126);
        run(listener, server_port, breaker->plan, ends[1]);
    }
    breaker->reached = ends[0];
    close(ends[1]);
    close(listener);
}

void breaker_close(struct breaker *breaker)
{
    kill(breaker->pid, SIGKILL);
    waitpid(breaker->pid, NULL, 0);
    close(breaker->reached);
    munmap((void *)breaker->plan, sizeof(*breaker->plan));
}

bool breaker_wait(struct breaker *breaker, unsigned ms)
{
    char byte;
    return deadline_poll(breaker->reached, POLLIN, deadline_in(ms)) && read(breaker->reached, &byte, 1) == 1;
}
