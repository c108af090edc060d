/* The power-cut campaign (docs/BOOT.md): power fails at every flash operation of an update. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/powercut/campaign.h"

static const char help[] =
    "usage: powercut [--full] [--jobs N] [--scenario PREFIX]\n"
    "       powercut --replay ID\n"
    "       powercut --list\n"
    "\n"
    "Cuts the power at every flash operation of an update: staging by the updater,\n"
    "and the copy by the bootloader. Then the device starts cold. It has to run the\n"
    "old or the new firmware, whole; the new one from the first operation on that\n"
    "commits the update; and nothing else in flash may have changed. Then power is\n"
    "cut a second time, while the bootloader mends what the first cut left, or during\n"
    "the next update.\n"
    "\n"
    "  --full             all scenarios, all second cuts at notes, and 100,000 others\n"
    "  --jobs N           processes; default: one per processor\n"
    "  --scenario PREFIX  only those whose name begins so\n"
    "  --list             the scenarios\n"
    "  --replay ID        one trial again, with all that it does; a failure prints its\n"
    "                     ID:\n"
    "\n"
    "    SCENARIO:op=N:cut=OUTCOME:seed=N[:op2=N:cut2=OUTCOME:seed2=N][:rtc=kept]\n"
    "        Power fails at operation N (a page program or an erase) since the update\n"
    "        began; and at operation N since the start that followed, or, with next=N\n"
    "        instead of op2=N, since the next update began. OUTCOME is what becomes of\n"
    "        that operation: not-started, landed, torn-prefix, torn-random or\n"
    "        half-erased. The seed says which bits are torn, and what RTC memory holds\n"
    "        at the next start, unless it was kept.\n"
    "    SCENARIO:noise=N\n"
    "        The update is staged; RTC memory holds noise made from N.\n"
    "    SCENARIO:flip=N\n"
    "        The update is staged, and one bit of it has flipped.\n"
    "\n"
    "The exit status is 1 if a trial went wrong, 2 for wrong usage.\n";

/* --- replaying ------------------------------------------------------------------------------------ */

static void print_operations(const char *title, const struct trace *trace, size_t first)
{
    printf("%s\n", title);
    for (size_t i = first; i < trace->count; i++)
        printf("%6zu  %s 0x%06" PRIX32 " %5" PRIu32 "\n", i + 1,
               trace->operations[i].erase ? "erase  " : "program", trace->operations[i].address,
               trace->operations[i].length);
}

static int replay(const char *id)
{
    struct trial trial;
    struct course course;
    struct trace trace = {0};
    enum verdict verdict;
    if (!trial_parse(&trial, id)) {
        fprintf(stderr, "powercut: no trial: %s\n", id);
        return 2;
    }
    course_open(&course, trial.scenario);
    printf("uncut: %s; committed by operation %" PRIu64 "\n", verdict_text(course.unhurt), course.committed);
    print_operations("the copy, uncut:", &course.trace, course.device.staged.operation);
    if (trial.kind == TRIAL_CUT && trial_trace(&course, &trial, &trace))
        print_operations("the start after the first cut:", &trace, 0);
    trace_free(&trace);
    int status = 0;
    if (trial_run(&course, &trial, &verdict)) {
        printf("%s: %s %s\n", id, verdict_text(verdict), course.device.rig.flash.violation);
        status = verdict == VERDICT_OLD || verdict == VERDICT_NEW ? 0 : 1;
    } else {
        printf("%s: a cut lies behind the last operation\n", id);
    }
    course_close(&course);
    return status;
}

/* --- the command line ----------------------------------------------------------------------------- */

static int list(void)
{
    for (size_t i = 0; i < scenario_count; i++)
        printf("%s%s\n", scenarios[i].name, scenario_is(&scenarios[i], SCENARIO_FULL) ? " (full)" : "");
    return 0;
}

static int usage(FILE *out, int status)
{
    fputs(help, out);
    return status;
}

static unsigned jobs_of(const char *text)
{
    long jobs = text != NULL ? strtol(text, NULL, 10) : sysconf(_SC_NPROCESSORS_ONLN);
    if (jobs < 1)
        return 1;
    return jobs > (long)REPORT_WORKERS_MAX ? REPORT_WORKERS_MAX : (unsigned)jobs;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"full", no_argument, NULL, 'f'},
        {"jobs", required_argument, NULL, 'j'},
        {"scenario", required_argument, NULL, 's'},
        {"list", no_argument, NULL, 'l'},
        {"replay", required_argument, NULL, 'r'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    const struct effort *effort = &campaign_quick;
    const char *prefix = "", *jobs = NULL;
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        switch (option) {
        case 'f':
            effort = &campaign_full;
            break;
        case 'j':
            jobs = optarg;
            break;
        case 's':
            prefix = optarg;
            break;
        case 'l':
            return list();
        case 'r':
            return replay(optarg);
        case 'h':
            return usage(stdout, 0);
        default:
            return usage(stderr, 2);
        }
    }
    if (optind < argc)
        return usage(stderr, 2);
    return campaign_run(effort, prefix, jobs_of(jobs)) ? 0 : 1;
}
