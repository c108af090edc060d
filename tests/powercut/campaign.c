#include "tests/powercut/campaign.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/powercut/slice.h"
#include "tests/support/require.h"

const struct effort campaign_quick = {
    .slices = 2,
    .tears = 16,
    .thin_tears = 4,
    .samples = 60,
    .thin_samples = 10,
    .nexts = 12,
    .noise = 100,
    .flips = 60,
};

const struct effort campaign_full = {
    .full = true,
    .slices = 8,
    .tears = 64,
    .thin_tears = 4,
    .samples = 3200,
    .thin_samples = 160,
    .nexts = 60,
    .noise = 1000,
    .flips = 320,
};

static double seconds_of(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool is_wanted(const struct effort *effort, const struct scenario *scenario, const char *prefix)
{
    return (effort->full || !scenario_is(scenario, SCENARIO_FULL)) &&
           strncmp(scenario->name, prefix, strlen(prefix)) == 0;
}

/* --- workers -------------------------------------------------------------------------------------- */

/* From the last scenario, which are the longest, to the first. */
static void run_item(struct report *report, const struct effort *effort, const char *prefix, unsigned worker,
                     size_t item)
{
    const size_t index = scenario_count - 1 - item / effort->slices;
    const struct scenario *scenario = &scenarios[index];
    struct tally *tally = report_tally(report, scenario);
    const double start = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    if (!is_wanted(effort, scenario, prefix))
        return;
    report->workers[worker].item = index;
    report->workers[worker].trial[0] = '\0';
    slice_run(report, effort, scenario, (unsigned)(item % effort->slices), report->workers[worker].trial);
    atomic_fetch_add(&tally->cpu_ms, (unsigned long)((seconds_of(CLOCK_PROCESS_CPUTIME_ID) - start) * 1000));
    if (atomic_fetch_add(&tally->slices_done, 1) + 1 == effort->slices)
        report_scenario(report, scenario);
}

static pid_t start_worker(struct report *report, const struct effort *effort, const char *prefix,
                          unsigned worker)
{
    pid_t pid = fork();
    REQUIRE(pid >= 0, "fork");
    if (pid > 0)
        return pid;
    const size_t items = scenario_count * effort->slices;
    for (size_t item; (item = atomic_fetch_add(&report->next_item, 1)) < items;)
        run_item(report, effort, prefix, worker, item);
    _exit(0);
}

static bool await_worker(struct report *report, unsigned worker, pid_t pid)
{
    int status = 0;
    if (waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    const char *trial = report->workers[worker].trial;
    const struct scenario *scenario = &scenarios[report->workers[worker].item];
    report_failure(report, scenario, "%s   the worker has ended: %s",
                   trial[0] != '\0' ? trial : scenario->name,
                   WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "see above");
    return false;
}

bool campaign_run(const struct effort *effort, const char *prefix, unsigned jobs)
{
    struct report *report = report_open();
    const double start = seconds_of(CLOCK_MONOTONIC);
    pid_t pids[REPORT_WORKERS_MAX];
    bool good = true;
    fflush(stdout);
    for (unsigned i = 0; i < jobs; i++)
        pids[i] = start_worker(report, effort, prefix, i);
    for (unsigned i = 0; i < jobs; i++)
        good &= await_worker(report, i, pids[i]);
    good &= report_total(report, seconds_of(CLOCK_MONOTONIC) - start, jobs);
    report_close(report);
    return good;
}
