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

static void become(const char *const argv[], int netns, int output, pid_t parent)
{
    int input = open("/dev/null", O_RDONLY);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
        _exit(126);
    if ((netns >= 0 && setns(netns, CLONE_NEWNET) < 0) || dup2(input, STDIN_FILENO) < 0 ||
        dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0)
        _exit(126);
    execv(argv[0], (char *const *)argv);
    dprintf(STDERR_FILENO, "%s: %s\n", argv[0], strerror(errno));
    _exit(127);
}

void process_start(struct process *process, const char *const argv[], int netns)
{
    *process = (struct process){.pid = -1};
    int ends[2];
    REQUIRE(pipe2(ends, O_CLOEXEC) == 0, "pipe: %s", strerror(errno));
    process->output = ends[0];
    process->text = calloc(1, 1);
    pid_t parent = getpid();
    process->pid = fork();
    REQUIRE(process->pid >= 0, "fork: %s", strerror(errno));
    if (process->pid == 0)
        become(argv, netns, ends[1], parent);
    close(ends[1]);
    process->pidfd = pidfd_open(process->pid, 0);
    REQUIRE(process->pidfd >= 0, "pidfd_open: %s", strerror(errno));
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
