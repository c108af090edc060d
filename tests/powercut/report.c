#include "tests/powercut/report.h"

#include <stdio.h>
#include <sys/mman.h>

#include "tests/support/require.h"
#include "tests/support/test.h"

#define FAILURES_SHOWN 8u /* per scenario */
#define LINE_SIZE      512

static const char *const part_names[REPORT_PART_COUNT] = {
    [REPORT_ONE_CUT] = "one cut",       [REPORT_NOTES] = "two cuts, notes",
    [REPORT_SAMPLES] = "two cuts, any", [REPORT_NOISE] = "noise in RTC memory",
    [REPORT_FLIPS] = "flipped bits",
};

/* Verdicts, summed up for a line. */
struct sums {
    unsigned long all, old, new, bricked, window, wrong;
};

static size_t report_size(void)
{
    return sizeof(struct report) + scenario_count * sizeof(struct tally);
}

struct report *report_open(void)
{
    struct report *report =
        mmap(NULL, report_size(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    REQUIRE(report != MAP_FAILED, "no memory");
    return report;
}

void report_close(struct report *report)
{
    munmap(report, report_size());
}

struct tally *report_tally(struct report *report, const struct scenario *scenario)
{
    return &report->tallies[scenario - scenarios];
}

/* While sector 0 is written there is no bootloader: nothing can help against a cut in there. */
static bool is_window(const struct scenario *scenario, enum verdict verdict)
{
    return verdict == VERDICT_NO_BOOTLOADER && scenario_is(scenario, SCENARIO_BOOTLOADER);
}

static bool is_failure(const struct scenario *scenario, enum verdict verdict)
{
    return verdict != VERDICT_OLD && verdict != VERDICT_NEW && !is_window(scenario, verdict);
}

void report_failure(struct report *report, const struct scenario *scenario, const char *format, ...)
{
    unsigned long before = atomic_fetch_add(&report_tally(report, scenario)->failures, 1);
    char line[LINE_SIZE];
    if (before > FAILURES_SHOWN)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    printf("FAILED %s\n", before == FAILURES_SHOWN ? "and more" : line);
    fflush(stdout);
}

void report_trial(struct report *report, enum report_part part, const struct trial *trial,
                  enum verdict verdict)
{
    char id[TRIAL_ID_SIZE];
    atomic_fetch_add(&report_tally(report, trial->scenario)->verdicts[part][verdict], 1);
    if (!is_failure(trial->scenario, verdict))
        return;
    trial_print(trial, id);
    report_failure(report, trial->scenario, "--replay %s   %s", id, verdict_text(verdict));
}

static void add(struct sums *sums, struct report *report, const struct scenario *scenario,
                enum report_part part)
{
    for (int verdict = 0; verdict < VERDICT_COUNT; verdict++) {
        unsigned long count = atomic_load(&report_tally(report, scenario)->verdicts[part][verdict]);
        sums->all += count;
        if (verdict == VERDICT_OLD)
            sums->old += count;
        else if (verdict == VERDICT_NEW)
            sums->new += count;
        else if (is_window(scenario, (enum verdict)verdict))
            sums->window += count;
        else if (verdict_is_bricked((enum verdict)verdict))
            sums->bricked += count;
        else
            sums->wrong += count;
    }
}

static void print_sums(const char *name, const struct sums *sums, const char *what)
{
    printf("%-27s %s %lu, old %lu, new %lu, bricked %lu", name, what, sums->all, sums->old, sums->new,
           sums->bricked);
    if (sums->wrong > 0)
        printf(", otherwise wrong %lu", sums->wrong);
    if (sums->window > 0)
        printf(", sector 0 half-written %lu", sums->window);
}

void report_scenario(struct report *report, const struct scenario *scenario)
{
    const struct tally *tally = report_tally(report, scenario);
    struct sums sums = {0};
    add(&sums, report, scenario, REPORT_ONE_CUT);
    add(&sums, report, scenario, REPORT_NOTES);
    add(&sums, report, scenario, REPORT_SAMPLES);
    print_sums(scenario->name, &sums, "cut points");
    printf("   (%lu + %lu operations, %.1f s)%s\n", atomic_load(&tally->staging), atomic_load(&tally->copy),
           (double)atomic_load(&tally->cpu_ms) / 1000, atomic_load(&tally->refused) ? " refused" : "");
    fflush(stdout);
}

static bool print_part(struct report *report, enum report_part part, struct sums *total)
{
    struct sums sums = {0};
    for (size_t i = 0; i < scenario_count; i++) {
        add(&sums, report, &scenarios[i], part);
        if (part <= REPORT_SAMPLES)
            add(total, report, &scenarios[i], part);
    }
    print_sums(part_names[part], &sums, part <= REPORT_SAMPLES ? "cut points" : "starts");
    putchar('\n');
    return sums.bricked + sums.wrong == 0;
}

bool report_total(struct report *report, double seconds, unsigned jobs)
{
    struct sums total = {0};
    bool good = true;
    for (size_t i = 0; i < scenario_count; i++)
        good &= atomic_load(&report->tallies[i].failures) == 0;
    putchar('\n');
    for (int part = 0; part < REPORT_PART_COUNT; part++)
        good &= print_part(report, (enum report_part)part, &total);
    print_sums("total", &total, "cut points");
    printf("\n%.0f s with %u workers\n", seconds, jobs);
    fflush(stdout);
    return good && total.all > 0;
}
