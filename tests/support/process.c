#include "tests/support/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/deadline.h"
#include "tests/support/require.h"

__attribute__((noreturn)) static void become(const char *const argv[], int netns, int input, int output,
                                             pid_t parent)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
        _exit(126);
    if ((netns >= 0 && setns(netns, CLONE_NEWNET) < 0) || dup2(input, STDIN_FILENO) < 0 ||
        dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0)
        _exit(126);
    execv(argv[0], (char *const *)argv);
    dprintf(STDERR_FILENO, "%s: %s\n", argv[0], strerror(errno));
    _exit(127);
}

/* Takes over INPUT and OUTPUT, the program's; WATCHED is where its output is read. */
static void start(struct process *process, const char *const argv[], int netns, int input, int output,
                  int watched)
{
    *process = (struct process){.output = watched, .text = calloc(1, 1)};
    pid_t parent = getpid();
    process->pid = fork();
    REQUIRE(process->pid >= 0, "fork: %s", strerror(errno));
    if (process->pid == 0)
        become(argv, netns, input, output, parent);
    close(input);
    close(output);
    process->pidfd = pidfd_open(process->pid, 0);
    REQUIRE(process->pidfd >= 0, "pidfd_open: %s", strerror(errno));
}

void process_start(struct process *process, const char *const argv[], int netns)
{
    int ends[2], input = open("/dev/null", O_RDONLY | O_CLOEXEC);
    REQUIRE(input >= 0 && pipe2(ends, O_CLOEXEC) == 0, "pipe: %s", strerror(errno));
    start(process, argv, netns, input, ends[1], ends[0]);
}

void process_start_on_terminal(struct process *process, const char *const argv[], int netns)
{
    int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    REQUIRE(terminal >= 0 && grantpt(terminal) == 0 && unlockpt(terminal) == 0, "no terminal: %s",
            strerror(errno));
    int input = open(ptsname(terminal), O_RDWR | O_NOCTTY | O_CLOEXEC);
    REQUIRE(input >= 0, "no terminal: %s", strerror(errno));
    start(process, argv, netns, input, fcntl(input, F_DUPFD_CLOEXEC, 0), terminal);
}

void process_type(struct process *process, const char *text)
{
    REQUIRE(write(process->output, text, strlen(text)) == (ssize_t)strlen(text), "typing: %s",
            strerror(errno));
}

/* Takes what is there; waits for it no longer than until DEADLINE. False at the deadline or at the end. */
static bool pump(struct process *process, int64_t deadline)
{
    char bytes[4096];
    if (process->output < 0 || !deadline_poll(process->output, POLLIN, deadline))
        return false;
    ssize_t count = read(process->output, bytes, sizeof(bytes));
    if (count <= 0) {
        close(process->output);
        process->output = -1;
        return false;
    }
    process->text = realloc(process->text, process->length + (size_t)count + 1);
    REQUIRE(process->text != NULL, "no memory");
    memcpy(process->text + process->length, bytes, (size_t)count);
    process->length += (size_t)count;
    process->text[process->length] = '\0';
    return true;
}

const char *process_wait_line(struct process *process, const char *text, unsigned ms)
{
    int64_t deadline = deadline_in(ms);
    do {
        char *found = strstr(process->text + process->mark, text);
        char *end = found ? strchr(found, '\n') : NULL;
        if (end) {
            process->mark = (size_t)(end + 1 - process->text);
            return found;
        }
    } while (pump(process, deadline));
    return NULL;
}

bool process_wait_text(struct process *process, const char *text, unsigned ms)
{
    int64_t deadline = deadline_in(ms);
    while (!strstr(process->text, text))
        if (!pump(process, deadline))
            return false;
    return true;
}

int process_wait_exit(struct process *process, unsigned ms)
{
    int64_t deadline = deadline_in(ms);
    while (pump(process, deadline))
        continue;
    bool ended = deadline_poll(process->pidfd, POLLIN, deadline);
    REQUIRE(ended, "still running after %u ms:\n%s", ms, process->text);
    int status = 0;
    waitpid(process->pid, &status, 0);
    process->pid = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : PROCESS_SIGNALLED + WTERMSIG(status);
}

bool process_ends(struct process *process, int status, unsigned ms, const char *const texts[])
{
    int ended = process_wait_exit(process, ms);
    bool right = ended == status;
    if (!right)
        fprintf(stderr, "exit status %d instead of %d\n", ended, status);
    for (; *texts; texts++)
        if (!strstr(process->text, *texts)) {
            fprintf(stderr, "not said: \"%s\"\n", *texts);
            right = false;
        }
    if (!right)
        fprintf(stderr, "the program said:\n%s\n", process->text);
    return right;
}

void process_stop(struct process *process)
{
    if (process->pid > 0) {
        kill(process->pid, SIGKILL);
        waitpid(process->pid, NULL, 0);
    }
    if (process->output >= 0)
        close(process->output);
    close(process->pidfd);
    free(process->text);
    *process = (struct process){.output = -1, .pidfd = -1};
}
