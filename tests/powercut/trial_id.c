#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/powercut/trial.h"

static const char *const outcome_names[OTTER_SIM_CUT_COUNT] = {
    [OTTER_SIM_CUT_NOT_STARTED] = "not-started", [OTTER_SIM_CUT_LANDED] = "landed",
    [OTTER_SIM_CUT_TORN_PREFIX] = "torn-prefix", [OTTER_SIM_CUT_TORN_RANDOM] = "torn-random",
    [OTTER_SIM_CUT_HALF_ERASED] = "half-erased",
};

/* --- printing ------------------------------------------------------------------------------------- */

static int print_cut(const struct cut *cut, const char *key, const char *number, char *out, size_t room)
{
    return snprintf(out, room, ":%s=%" PRIu64 ":cut%s=%s:seed%s=%" PRIu64, key, cut->operation, number,
                    outcome_names[cut->outcome], number, cut->seed);
}

void trial_print(const struct trial *trial, char out[TRIAL_ID_SIZE])
{
    int at = snprintf(out, TRIAL_ID_SIZE, "%s", trial->scenario->name);
    if (trial->kind != TRIAL_CUT) {
        snprintf(out + at, TRIAL_ID_SIZE - (size_t)at, ":%s=%" PRIu64,
                 trial->kind == TRIAL_NOISE ? "noise" : "flip", trial->seed);
        return;
    }
    at += print_cut(&trial->cuts[0], "op", "", out + at, TRIAL_ID_SIZE - (size_t)at);
    if (trial->cut_count > 1)
        at += print_cut(&trial->cuts[1], trial->next ? "next" : "op2", "2", out + at,
                        TRIAL_ID_SIZE - (size_t)at);
    if (trial->rtc_kept)
        snprintf(out + at, TRIAL_ID_SIZE - (size_t)at, ":rtc=kept");
}

/* --- parsing -------------------------------------------------------------------------------------- */

static bool take_text(const char **text, const char *word)
{
    size_t length = strlen(word);
    if (strncmp(*text, word, length) != 0)
        return false;
    *text += length;
    return true;
}

static bool take_number(const char **text, const char *key, uint64_t *number)
{
    char *end;
    if (!take_text(text, key) || **text < '0' || **text > '9')
        return false;
    *number = strtoull(*text, &end, 10);
    *text = end;
    return true;
}

static bool take_outcome(const char **text, const char *key, enum otter_sim_cut *outcome)
{
    if (!take_text(text, key))
        return false;
    for (int i = 0; i < OTTER_SIM_CUT_COUNT; i++)
        if (take_text(text, outcome_names[i])) {
            *outcome = (enum otter_sim_cut)i;
            return true;
        }
    return false;
}

static bool take_cuts(const char **text, struct trial *trial)
{
    struct cut *first = &trial->cuts[0], *second = &trial->cuts[1];
    trial->kind = TRIAL_CUT;
    trial->cut_count = 1;
    if (!take_number(text, ":op=", &first->operation) || !take_outcome(text, ":cut=", &first->outcome) ||
        !take_number(text, ":seed=", &first->seed))
        return false;
    trial->next = take_number(text, ":next=", &second->operation);
    if (trial->next || take_number(text, ":op2=", &second->operation)) {
        trial->cut_count = 2;
        if (!take_outcome(text, ":cut2=", &second->outcome) || !take_number(text, ":seed2=", &second->seed))
            return false;
    }
    trial->rtc_kept = take_text(text, ":rtc=kept");
    return true;
}

bool trial_parse(struct trial *trial, const char *text)
{
    *trial = (struct trial){.scenario = scenario_find(text)};
    text += strcspn(text, ":");
    if (take_number(&text, ":noise=", &trial->seed))
        trial->kind = TRIAL_NOISE;
    else if (take_number(&text, ":flip=", &trial->seed))
        trial->kind = TRIAL_FLIP;
    else if (!take_cuts(&text, trial))
        return false;
    return trial->scenario != NULL && *text == '\0';
}
