#include "tests/powercut/slice.h"

#include <unistd.h>

#include "format/boot_trial.h"
#include "tests/support/seed.h"

#define FIRST_SEED   1
#define HANG_SECONDS 60 /* no trial takes a hundredth of it, even under a sanitizer */
#define SAMPLE_TRIES 4  /* for each sample that is wanted */
#define SAMPLES_SEED 1000
#define NOISE_SEED   5000000
#define FLIPS_SEED   7000000

struct slice {
    struct report *report;
    const struct effort *effort;
    const struct scenario *scenario;
    unsigned number;
    char *current;
    struct course course;
};

/* False if a cut lies behind the last operation. */
static bool try(struct slice *slice, enum report_part part, const struct trial *trial)
{
    enum verdict verdict;
    trial_print(trial, slice->current);
    alarm(HANG_SECONDS);
    if (!trial_run(&slice->course, trial, &verdict))
        return false;
    report_trial(slice->report, part, trial, verdict);
    return true;
}

static bool is_mine(const struct slice *slice, uint64_t number)
{
    return number % slice->effort->slices == slice->number;
}

static bool is_thin(const struct slice *slice)
{
    return scenario_is(slice->scenario, SCENARIO_THIN);
}

/* Where one outcome has to do, all of them in turn. */
static bool is_turn(uint64_t number, int outcome)
{
    return number % OTTER_SIM_CUT_COUNT == (uint64_t)outcome;
}

static struct trial cut_at(const struct slice *slice, uint64_t operation, int outcome, uint64_t seed)
{
    return (struct trial){.scenario = slice->scenario,
                          .kind = TRIAL_CUT,
                          .cuts = {{operation, (enum otter_sim_cut)outcome, seed}},
                          .cut_count = 1};
}

/* --- one cut -------------------------------------------------------------------------------------- */

static bool is_record(const struct slice *slice, uint64_t operation)
{
    return operation > slice->course.device.staged.operation &&
           course_is_record(&slice->course, &slice->course.trace.operations[operation - 1]);
}

/* With RTC memory lost, and kept where a command is in it. */
static void cut_once(struct slice *slice, uint64_t operation, int outcome, uint64_t seed)
{
    struct trial trial = cut_at(slice, operation, outcome, seed);
    (void)try(slice, REPORT_ONE_CUT, &trial);
    trial.rtc_kept = true;
    if (operation > slice->course.device.staged.operation && !is_thin(slice))
        (void)try(slice, REPORT_ONE_CUT, &trial);
}

static bool is_torn(enum otter_sim_cut outcome)
{
    return outcome != OTTER_SIM_CUT_NOT_STARTED && outcome != OTTER_SIM_CUT_LANDED;
}

/* How many different tears OUTCOME deserves: many of a note, and of a sector that may read as if erased. */
static unsigned tears(const struct slice *slice, uint64_t operation, enum otter_sim_cut outcome)
{
    const bool erase = slice->course.trace.operations[operation - 1].erase;
    if (!(is_record(slice, operation) && is_torn(outcome)) &&
        !(erase && outcome == OTTER_SIM_CUT_HALF_ERASED))
        return 1;
    return is_thin(slice) ? slice->effort->thin_tears : slice->effort->tears;
}

static void cut_once_at(struct slice *slice, uint64_t operation)
{
    const bool record = is_record(slice, operation);
    for (int outcome = 0; outcome < OTTER_SIM_CUT_COUNT; outcome++) {
        if (is_thin(slice) && !record && !is_turn(operation, outcome))
            continue;
        for (unsigned seed = 0; seed < tears(slice, operation, (enum otter_sim_cut)outcome); seed++)
            cut_once(slice, operation, outcome, FIRST_SEED + seed);
    }
}

/* --- two cuts ------------------------------------------------------------------------------------- */

/* FIRST is followed by a cut at OPERATION with every outcome, or with one of them in turn. */
static void cut_twice(struct slice *slice, const struct trial *first, uint64_t operation, bool every)
{
    struct trial trial = *first;
    trial.cut_count = 2;
    for (int outcome = 0; outcome < OTTER_SIM_CUT_COUNT; outcome++) {
        trial.cuts[1] = (struct cut){operation, (enum otter_sim_cut)outcome, FIRST_SEED};
        if (every || is_turn(first->cuts[0].operation + operation, outcome))
            (void)try(slice, REPORT_NOTES, &trial);
    }
}

/* At least one of both cuts is at an operation on a note. */
static void cut_notes_after(struct slice *slice, const struct trial *first, bool record)
{
    const bool full = slice->effort->full;
    struct trace trace = {0};
    if (trial_trace(&slice->course, first, &trace))
        for (size_t i = 0; i < trace.count; i++) {
            const bool note = course_is_record(&slice->course, &trace.operations[i]);
            if (note || (record && full))
                cut_twice(slice, first, i + 1, note && full);
        }
    trace_free(&trace);
}

/* A note that was left behind must not mislead what comes next: FIRST is followed by cuts all over it. */
static void cut_next_after(struct slice *slice, const struct trial *first)
{
    const unsigned count = slice->effort->nexts;
    struct trial trial = *first;
    trial.cut_count = 2;
    trial.next = true;
    for (unsigned i = 0; i < count; i++) {
        const uint64_t operation = 1 + i * slice->course.trace.count / count;
        trial.cuts[1] =
            (struct cut){operation, (enum otter_sim_cut)(operation % OTTER_SIM_CUT_COUNT), FIRST_SEED};
        (void)try(slice, REPORT_NOTES, &trial);
    }
}

static void cut_notes(struct slice *slice, uint64_t operation)
{
    const bool record = is_record(slice, operation);
    if (is_thin(slice) || (!record && !slice->effort->full))
        return;
    for (int outcome = 0; outcome < OTTER_SIM_CUT_COUNT; outcome++) {
        struct trial first = cut_at(slice, operation, outcome, FIRST_SEED);
        if (record || is_turn(operation, outcome))
            cut_notes_after(slice, &first, record);
        if (record)
            cut_next_after(slice, &first);
    }
}

/* Two cuts by chance, the first one of the copy. */
static struct trial sample(const struct slice *slice, uint64_t *seed)
{
    const uint64_t staged = slice->course.device.staged.operation;
    const uint32_t all = (uint32_t)slice->course.trace.count, copied = all - (uint32_t)staged;
    struct trial trial = cut_at(slice, staged + 1 + seed_below(seed, copied),
                                (int)seed_below(seed, OTTER_SIM_CUT_COUNT), seed_below(seed, 1u << 30));
    trial.cut_count = 2;
    trial.next = seed_below(seed, 4) == 0;
    trial.cuts[1] =
        (struct cut){1 + seed_below(seed, trial.next ? all : copied),
                     (enum otter_sim_cut)seed_below(seed, OTTER_SIM_CUT_COUNT), seed_below(seed, 1u << 30)};
    trial.rtc_kept = seed_below(seed, 4) == 0;
    return trial;
}

/* The second cut may lie behind the last operation: then another sample is taken. */
static void cut_samples(struct slice *slice)
{
    const unsigned wanted = is_thin(slice) ? slice->effort->thin_samples : slice->effort->samples;
    uint64_t seed = SAMPLES_SEED + slice->number;
    unsigned done = 0;
    if (slice->course.trace.count == slice->course.device.staged.operation)
        return;
    for (unsigned i = 0; done < wanted / slice->effort->slices && i < SAMPLE_TRIES * wanted; i++) {
        struct trial trial = sample(slice, &seed);
        done += try(slice, REPORT_SAMPLES, &trial);
    }
}

/* --- the rest ------------------------------------------------------------------------------------- */

static void try_seeds(struct slice *slice, enum report_part part, enum trial_kind kind, uint64_t seed,
                      unsigned count)
{
    if (is_thin(slice))
        return;
    for (unsigned i = 0; i < count; i++) {
        const struct trial trial = {.scenario = slice->scenario, .kind = kind, .seed = seed + i};
        if (is_mine(slice, i))
            (void)try(slice, part, &trial);
    }
}

static bool is_expected(const struct scenario *scenario, const struct course *course)
{
    if (scenario_is_taken_back(scenario))
        return course->unhurt == VERDICT_OLD && course->tried == OTTER_BOOT_TRIAL_STARTS;
    return course->unhurt == VERDICT_NEW ||
           (course->unhurt == VERDICT_OLD && scenario_is(scenario, SCENARIO_MAY_REFUSE));
}

/* The uncut update has to come to its end. */
static void check_unhurt(struct slice *slice)
{
    struct tally *tally = report_tally(slice->report, slice->scenario);
    const struct course *course = &slice->course;
    atomic_store(&tally->staging, course->device.staged.operation);
    atomic_store(&tally->copy, course->trace.count - course->device.staged.operation);
    atomic_store(&tally->refused, course->unhurt == VERDICT_OLD && course->tried == 0);
    if (is_expected(slice->scenario, course))
        return;
    if (slice->number == 0)
        report_failure(slice->report, slice->scenario, "%s, uncut: %s", slice->scenario->name,
                       verdict_text(course->unhurt));
}

void slice_run(struct report *report, const struct effort *effort, const struct scenario *scenario,
               unsigned number, char current[TRIAL_ID_SIZE])
{
    struct slice slice = {
        .report = report, .effort = effort, .scenario = scenario, .number = number, .current = current};
    alarm(HANG_SECONDS);
    course_open(&slice.course, scenario);
    check_unhurt(&slice);
    for (uint64_t operation = 1; operation <= slice.course.trace.count; operation++)
        if (is_mine(&slice, operation)) {
            cut_once_at(&slice, operation);
            if (operation > slice.course.device.staged.operation)
                cut_notes(&slice, operation);
        }
    cut_samples(&slice);
    try_seeds(&slice, REPORT_NOISE, TRIAL_NOISE, NOISE_SEED, effort->noise);
    try_seeds(&slice, REPORT_FLIPS, TRIAL_FLIP, FLIPS_SEED, effort->flips);
    alarm(0);
    course_close(&slice.course);
}
