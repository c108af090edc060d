#include "tests/powercut/trial.h"

#include <string.h>

#include "format/boot_command.h"
#include "format/bytes.h"
#include "format/image.h"
#include "tests/support/require.h"
#include "tests/support/seed.h"

#define FIRST_SEED 1

/* After one trial of so many the next update is tried. */
#define NEXT_UPDATE      4
#define NEXT_UPDATE_THIN 16 /* it takes long */

/* --- cuts ----------------------------------------------------------------------------------------- */

/* Runs the update into CUT. False if it lies behind the last operation. */
static bool cut_update(struct device *device, const struct cut *cut)
{
    bool staging = cut->operation <= device->staged.operation;
    device_restore(device, staging ? &device->before : &device->staged);
    device_arm(device, cut);
    if (staging)
        return !device_stage(device, &device->update->staged);
    return !device_start(device);
}

static bool cut_start(struct device *device, const struct cut *cut)
{
    device_arm(device, cut);
    return !device_start(device);
}

static bool is_committed(const struct course *course, const struct cut *cut)
{
    return cut->operation > course->committed ||
           (cut->operation == course->committed && cut->outcome == OTTER_SIM_CUT_LANDED);
}

static enum verdict start_and_judge(struct device *device, const struct cut *last, const struct trial *trial,
                                    bool committed)
{
    device_power_on(device, last->seed, trial->rtc_kept);
    (void)device_start(device);
    return judge(device, committed);
}

static bool is_well(enum verdict verdict)
{
    return verdict == VERDICT_OLD || verdict == VERDICT_NEW;
}

static uint64_t turn_of(const struct trial *trial)
{
    const struct cut *cuts = trial->cuts;
    return cuts[0].operation + cuts[0].outcome + cuts[1].operation + trial->rtc_kept;
}

/* Gives the device its next update, and cuts that at CUT; NULL: not at all. True if it came to its end. */
static bool update_again(struct device *device, const struct trial *trial, const struct file *file,
                         const struct cut *cut)
{
    device_power_on(device, trial->cuts[0].seed, false);
    device_arm(device, cut);
    return device_stage(device, file) && device_start(device);
}

static const struct file *next_file(struct device *device, const struct trial *trial, enum verdict verdict)
{
    return judge_next_file(device, verdict, turn_of(trial) / NEXT_UPDATE % 2 == 0);
}

/* False if the cut lies behind the last operation. */
static bool cut_next(struct device *device, const struct trial *trial, enum verdict *verdict)
{
    const struct cut *cut = &trial->cuts[1];
    const struct file *file = next_file(device, trial, *verdict);
    if (file == NULL || update_again(device, trial, file, cut))
        return false;
    *verdict = start_and_judge(device, cut, trial, false);
    return true;
}

static void follow_up(struct device *device, const struct trial *trial, enum verdict *verdict)
{
    const struct file *file = next_file(device, trial, *verdict);
    if (file == NULL)
        return;
    (void)update_again(device, trial, file, NULL);
    if (judge(device, true) != VERDICT_NEW)
        *verdict = VERDICT_STUCK;
}

static bool is_followed_up(const struct trial *trial)
{
    bool thin = scenario_is(trial->scenario, SCENARIO_THIN);
    return turn_of(trial) % (thin ? NEXT_UPDATE_THIN : NEXT_UPDATE) == 0;
}

static bool run_cuts(struct course *course, const struct trial *trial, enum verdict *verdict)
{
    struct device *device = &course->device;
    const struct cut *last = &trial->cuts[0], *second = &trial->cuts[1];
    if (!cut_update(device, last))
        return false;
    if (trial->cut_count > 1 && !trial->next) {
        device_power_on(device, last->seed, trial->rtc_kept);
        last = second;
        if (!cut_start(device, last))
            return false;
    }
    *verdict = start_and_judge(device, last, trial, is_committed(course, &trial->cuts[0]));
    if (!is_well(*verdict))
        return true;
    if (trial->next)
        return cut_next(device, trial, verdict);
    if (is_followed_up(trial))
        follow_up(device, trial, verdict);
    return true;
}

bool trial_trace(struct course *course, const struct trial *trial, struct trace *trace)
{
    struct device *device = &course->device;
    if (!cut_update(device, &trial->cuts[0]))
        return false;
    device_power_on(device, trial->cuts[0].seed, trial->rtc_kept);
    trace->count = 0;
    device->trace = trace;
    (void)device_start(device);
    device->trace = NULL;
    return true;
}

/* --- noise and flipped bits ----------------------------------------------------------------------- */

/* Noise, more and less like a command. */
static void fill_rtc(struct otter_sim_rtc *rtc, uint64_t seed)
{
    uint32_t bit;
    switch (seed % 4) {
    case 0: /* the command of the staged file, a bit of it flipped */
        bit = seed_below(&seed, OTTER_BOOT_COMMAND_WORDS * 32);
        rtc->words[bit / 32] ^= 1u << bit % 32;
        break;
    case 1: /* magic and action */
        otter_sim_rtc_power_on(rtc, seed);
        rtc->words[0] = OTTER_BOOT_COMMAND_MAGIC;
        rtc->words[1] = OTTER_BOOT_COPY;
        break;
    default:
        otter_sim_rtc_power_on(rtc, seed);
    }
}

static enum verdict run_noise(struct course *course, uint64_t seed)
{
    struct device *device = &course->device;
    device_restore(device, &device->staged);
    device_power_on(device, seed, true);
    fill_rtc(&device->rig.rtc, seed);
    (void)device_start(device);
    return judge(device, false);
}

/* The flash mode may be any: updaters put the device's own there. */
static void flip_bit(struct device *device, uint32_t address, uint32_t size, uint64_t seed)
{
    uint32_t byte;
    do
        byte = seed_below(&seed, size);
    while (byte == OTTER_IMAGE_MODE_OFFSET);
    device->rig.flash.bytes[address + byte] ^= (uint8_t)(1u << seed_below(&seed, 8));
}

/* In what is staged; or, of a firmware on trial, in what is kept, and then the new one stays. */
static enum verdict run_flip(struct course *course, uint64_t seed)
{
    struct device *device = &course->device;
    struct otter_boot_command command;
    device_restore(device, &device->staged);
    REQUIRE(otter_boot_command_decode(&command, device->rig.rtc.words) == OTTER_OK, "no command");
    if (command.trial.kind == OTTER_BOOT_TRIAL_NEW && seed % 2 == 0)
        flip_bit(device, command.trial.backup, command.trial.backup_size, seed);
    else
        flip_bit(device, command.source, command.size, seed);
    (void)device_start(device);
    device->tried = 0;
    return judge(device, false);
}

bool trial_run(struct course *course, const struct trial *trial, enum verdict *verdict)
{
    switch (trial->kind) {
    case TRIAL_CUT:
        return run_cuts(course, trial, verdict);
    case TRIAL_NOISE:
        *verdict = run_noise(course, trial->seed);
        return true;
    case TRIAL_FLIP:
        *verdict = run_flip(course, trial->seed);
        return true;
    case TRIAL_KIND_COUNT:
        break;
    }
    return false;
}

/* --- the course ----------------------------------------------------------------------------------- */

static void run_unhurt(struct course *course)
{
    struct device *device = &course->device;
    device_restore(device, &device->before);
    device->trace = &course->trace;
    (void)device_stage(device, &course->update.staged);
    (void)device_start(device);
    device->trace = NULL;
    course->tried = device->tried;
    course->unhurt = judge(device, false);
}

/* UINT64_MAX if there is no such operation. */
static uint64_t find_commit(struct course *course)
{
    struct trial trial = {.scenario = course->update.scenario, .kind = TRIAL_CUT, .cut_count = 1};
    struct cut *cut = &trial.cuts[0];
    enum verdict verdict;
    *cut = (struct cut){course->device.staged.operation, OTTER_SIM_CUT_LANDED, FIRST_SEED};
    for (; trial_run(course, &trial, &verdict); cut->operation++)
        if (verdict == VERDICT_NEW)
            return cut->operation;
    return UINT64_MAX;
}

void course_open(struct course *course, const struct scenario *scenario)
{
    *course = (struct course){.committed = UINT64_MAX};
    update_open(&course->update, scenario);
    device_open(&course->device, &course->update);
    run_unhurt(course);
    if (!scenario_is_taken_back(scenario))
        course->committed = find_commit(course);
}

void course_close(struct course *course)
{
    device_close(&course->device);
    update_close(&course->update);
    trace_free(&course->trace);
}

bool course_is_record(const struct course *course, const struct operation *operation)
{
    const struct update *update = &course->update;
    const uint32_t old = otter_round_up((uint32_t)update->old.size, OTTER_FLASH_SECTOR),
                   new = otter_round_up((uint32_t)update->new.size, OTTER_FLASH_SECTOR);
    const uint32_t end = operation->address + operation->length;
    if (scenario_is(update->scenario, SCENARIO_TRIAL) && (end == old || end == new))
        return true;
    return (!operation->erase && operation->length < OTTER_FLASH_PAGE) ||
           operation->address >= (old > new ? old : new);
}
