/* One try at killing the device, and the id that has it again. */
#ifndef OTTER_POWERCUT_TRIAL_H
#define OTTER_POWERCUT_TRIAL_H

#include "tests/powercut/judge.h"

#define TRIAL_CUTS    2
#define TRIAL_ID_SIZE 192

enum trial_kind {
    TRIAL_CUT,   /* power fails once or twice, then the device starts cold */
    TRIAL_NOISE, /* RTC memory holds something by chance when the device starts */
    TRIAL_FLIP,  /* one bit of the staged file has flipped */
    TRIAL_KIND_COUNT
};

struct trial {
    const struct scenario *scenario;
    enum trial_kind kind;
    struct cut cuts[TRIAL_CUTS]; /* CUT: of the update, and of the start after it; or, */
    bool next;                   /* of the update that comes next */
    unsigned cut_count;
    bool rtc_kept; /* CUT: RTC memory outlives the cuts, as it does a short drop of the voltage */
    uint64_t seed; /* NOISE, FLIP */
};

/* SCENARIO:op=N:cut=OUTCOME:seed=N[:op2=N:cut2=OUTCOME:seed2=N][:rtc=kept], with next instead of op2 for a
 * cut of the next update; SCENARIO:noise=N or SCENARIO:flip=N. */
void trial_print(const struct trial *trial, char out[TRIAL_ID_SIZE]);
/* False for a text that is no id. */
bool trial_parse(struct trial *trial, const char *text);

/* A scenario made ready for trials. */
struct course {
    struct update update;
    struct device device;
    struct trace trace;  /* of the uncut update: staging, copy */
    uint64_t committed;  /* the first operation after which a cold start gives the new firmware for good */
    enum verdict unhurt; /* of the uncut update */
    unsigned tried;      /* so often it started the new firmware on trial */
};

void course_open(struct course *course, const struct scenario *scenario);
void course_close(struct course *course);

/* True if OPERATION is one on a note, on the record of a trial or on what marks the sketch: no other whole
 * page or sector of the copy. */
bool course_is_record(const struct course *course, const struct operation *operation);

/* Runs TRIAL. False if one of its cuts lies behind the last operation; otherwise VERDICT is filled. */
bool trial_run(struct course *course, const struct trial *trial, enum verdict *verdict);

/* Writes down the operations of the start that follows TRIAL's first cut. False as above. */
bool trial_trace(struct course *course, const struct trial *trial, struct trace *trace);

#endif
