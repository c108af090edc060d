#include "ports/qemu/qemu.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define EMULATOR        "qemu-system-xtensa"
#define TIMEOUT_DEFAULT 10000u
#define TIMEOUT_DARK    500u /* for the operation that meets the power cut */
#define SLICE           10u
#define PROCESSOR_MAX   3u /* seconds of the host's processor: more is an endless loop */

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

bool otter_qemu_is_there(void)
{
    const char *path = getenv("PATH");
    while (path != NULL && *path != '\0') {
        char candidate[4096];
        int length = (int)strcspn(path, ":");
        snprintf(candidate, sizeof candidate, "%.*s/" EMULATOR, length, path);
        if (access(candidate, X_OK) == 0)
            return true;
        path += length + (path[length] == ':');
    }
    return false;
}

static bool write_plan(const struct otter_qemu *qemu)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/" OTTER_QEMU_PLAN, qemu->folder);
    FILE *file = fopen(path, "wb");
    if (file == NULL)
        return false;
    bool written = fwrite(&qemu->plan, sizeof qemu->plan, 1, file) == 1;
    return fclose(file) == 0 && written;
}

static bool read_report(struct otter_qemu *qemu)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/" OTTER_QEMU_REPORT, qemu->folder);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    bool whole = fread(&qemu->report, sizeof qemu->report, 1, file) == 1;
    fclose(file);
    return whole;
}

_Noreturn static void become_qemu(const struct otter_qemu *qemu, int console)
{
    int nothing = open("/dev/null", O_RDONLY);
    struct rlimit most = {PROCESSOR_MAX, PROCESSOR_MAX};
    bool ready = setrlimit(RLIMIT_CPU, &most) == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 &&
                 chdir(qemu->folder) == 0 && dup2(nothing, 0) >= 0 && dup2(console, 1) >= 0 &&
                 dup2(console, 2) >= 0 && fcntl((int)qemu->plan.power_line, F_SETFD, 0) == 0;
    if (ready)
        execlp(EMULATOR, EMULATOR, "-M", "sim", "-cpu", "lx106", "-nographic", "-monitor", "none",
               "-semihosting", "-kernel", qemu->rom, qemu->counted ? "-icount" : (char *)NULL, "shift=0",
               (char *)NULL);
    _exit(OTTER_QEMU_LOST);
}

/* True if there is something to read, or the end of it. */
static bool wait_readable(int file, uint64_t ms)
{
    struct pollfd ready = {.fd = file, .events = POLLIN};
    return poll(&ready, 1, (int)ms) > 0;
}

/* False once the other side has closed. */
static bool take_output(struct otter_qemu *qemu, int console, size_t *length)
{
    char part[512];
    ssize_t got = read(console, part, sizeof part);
    if (got <= 0)
        return got < 0 && errno == EINTR;
    size_t room = sizeof qemu->console - 1 - *length;
    size_t kept = (size_t)got < room ? (size_t)got : room;
    memcpy(qemu->console + *length, part, kept);
    *length += kept;
    qemu->console[*length] = '\0';
    return true;
}

/* Collects what is printed until the other side closes; false if time ran out. Closes *POWER to cut it. */
static bool attend(struct otter_qemu *qemu, int console, int *power)
{
    uint64_t now, deadline = now_ms() + (qemu->timeout_ms != 0 ? qemu->timeout_ms : TIMEOUT_DEFAULT);
    size_t length = 0;
    while ((now = now_ms()) < deadline) {
        if (*power >= 0 && qemu->has_power != NULL && !qemu->has_power(qemu->context)) {
            close(*power);
            *power = -1;
            deadline = now + TIMEOUT_DARK;
        }
        if (wait_readable(console, SLICE) && !take_output(qemu, console, &length))
            return true;
    }
    return false;
}

static bool open_lines(struct otter_qemu *qemu, int console[2], int power[2])
{
    if (pipe2(console, O_CLOEXEC) != 0)
        return false;
    if (pipe2(power, O_CLOEXEC) == 0) {
        qemu->plan.power_line = (uint32_t)power[0];
        if (write_plan(qemu))
            return true;
        close(power[0]);
        close(power[1]);
    }
    close(console[0]);
    close(console[1]);
    return false;
}

/* False if it did not end by itself. */
static bool watch(struct otter_qemu *qemu, pid_t child, int console, int *power, int *status)
{
    bool ended = attend(qemu, console, power);
    if (!ended)
        kill(child, SIGKILL);
    while (waitpid(child, status, 0) < 0 && errno == EINTR)
        ;
    return ended && WIFEXITED(*status);
}

enum otter_qemu_end otter_qemu_run(struct otter_qemu *qemu)
{
    int console[2], power[2], status;
    qemu->report = (struct otter_qemu_report){0};
    qemu->console[0] = '\0';
    if (!open_lines(qemu, console, power))
        return OTTER_QEMU_LOST;
    pid_t child = fork();
    if (child == 0)
        become_qemu(qemu, console[1]);
    close(console[1]);
    close(power[0]);
    bool ended = child > 0 && watch(qemu, child, console[0], &power[1], &status);
    close(console[0]);
    if (power[1] >= 0)
        close(power[1]);
    if (!ended || WEXITSTATUS(status) > OTTER_QEMU_LOST || !read_report(qemu))
        return OTTER_QEMU_LOST;
    return (enum otter_qemu_end)WEXITSTATUS(status);
}
