#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "server/core/decision.h"
#include "tests/support/seed.h"

#define HOUR INT64_C(3600000)

/* A device of product 1 on channel 2, which runs release 1 and reports so, and a running rollout of release 2
 * to all: it is sent that. Cases change something. */
struct scene_of {
    struct otter_report report;
    struct otter_device device;
    struct otter_product product;
    struct otter_release old, new;
    struct otter_rollout rollout;
    struct otter_plan plan;
    struct otter_situation situation;
};

static void set_digests(struct otter_release *release, uint8_t byte)
{
    memset(release->md5, byte, sizeof(release->md5));
    memset(release->image_md5, byte + 1, sizeof(release->image_md5));
    memset(release->sha256, byte, sizeof(release->sha256));
    memset(release->flash_sha256, byte + 1, sizeof(release->flash_sha256));
    for (size_t mode = 0; mode < OTTER_FLASH_MODES; mode++)
        memset(release->flash_md5[mode], byte + 2 + (int)mode, OTTER_DIGEST_MD5);
}

static void make_release(struct otter_release *release, int64_t id, const char *version)
{
    *release = (struct otter_release){.id = id,
                                      .product = 1,
                                      .state = OTTER_RELEASE_PUBLISHED,
                                      .size = 400000,
                                      .image_size = 400000,
                                      .gzip_size = 300000,
                                      .flash_size = 1 << 20};
    snprintf(release->version, sizeof(release->version), "%s", version);
    set_digests(release, (uint8_t)(id << 4));
}

static void make_scene(struct scene_of *scene)
{
    memset(scene, 0, sizeof(*scene));
    scene->report = (struct otter_report){
        .fields = 127, .free_space = 400000, .sketch_size = 400000, .chip_size = 4 << 20, .sdk = "2.2.2"};
    memset(scene->report.md5, 0x10, sizeof(scene->report.md5));
    memset(scene->report.sha256, 0xEE, sizeof(scene->report.sha256));
    scene->device = (struct otter_device){
        .mac = 7, .product = 1, .channel = 2, .enrolment = OTTER_ENROLMENT_APPROVED, .tags = "indoor"};
    scene->product = (struct otter_product){.id = 1, .channel = 2};
    make_release(&scene->old, 1, "1.0");
    make_release(&scene->new, 2, "2.0");
    scene->rollout = (struct otter_rollout){.id = 5,
                                            .product = 1,
                                            .release = 2,
                                            .channel = 2,
                                            .state = OTTER_ROLLOUT_RUNNING,
                                            .waves = {OTTER_SHARE_ALL},
                                            .started = 1};
    scene->plan = (struct otter_plan){.rollout = &scene->rollout, .release = &scene->new};
    scene->situation = (struct otter_situation){.mac = 7,
                                                .report = &scene->report,
                                                .device = &scene->device,
                                                .product = &scene->product,
                                                .running = &scene->old,
                                                .plans = &scene->plan,
                                                .plan_count = 1,
                                                .now = 12 * HOUR};
}

/* --- the table ---------------------------------------------------------------------------------- */

static void nothing(struct scene_of *s)
{
    (void)s;
}

static void no_mac(struct scene_of *s)
{
    s->situation.mac = 0;
}

static void no_sdk(struct scene_of *s)
{
    s->report.fields &= ~(uint32_t)OTTER_REPORTED_SDK;
}

static void no_md5(struct scene_of *s)
{
    s->report.fields &= ~(uint32_t)OTTER_REPORTED_MD5;
}

static void old_esp32(struct scene_of *s)
{
    no_md5(s);
    s->report.chip = s->product.chip = OTTER_CHIP_ESP32;
}

static void no_product(struct scene_of *s)
{
    s->situation.product = NULL;
}

static void new_and_closed(struct scene_of *s)
{
    s->situation.device = NULL;
    s->product.enrolment = OTTER_ENROL_REFUSED;
}

static void known_and_closed(struct scene_of *s)
{
    s->product.enrolment = OTTER_ENROL_REFUSED;
}

static void new_and_by_approval(struct scene_of *s)
{
    s->situation.device = NULL;
    s->product.enrolment = OTTER_ENROL_APPROVAL;
}

static void new_and_automatic(struct scene_of *s)
{
    s->situation.device = NULL;
}

static void new_by_path_to_other_channel(struct scene_of *s)
{
    s->situation.device = NULL;
    s->situation.path_channel = 3;
}

static void pending(struct scene_of *s)
{
    s->device.enrolment = OTTER_ENROLMENT_PENDING;
}

static void refused(struct scene_of *s)
{
    s->device.enrolment = OTTER_ENROLMENT_REFUSED;
}

static void path_of_another(struct scene_of *s)
{
    s->situation.path_product = 9;
}

static void path_of_its_own(struct scene_of *s)
{
    s->situation.path_product = 1;
}

static void other_chip(struct scene_of *s)
{
    s->report.chip = OTTER_CHIP_ESP32;
}

static void no_plans(struct scene_of *s)
{
    s->situation.plan_count = 0;
}

static void other_channel(struct scene_of *s)
{
    s->rollout.channel = 3;
}

static void any_channel(struct scene_of *s)
{
    s->rollout.channel = 0;
}

static void other_tags(struct scene_of *s)
{
    strcpy(s->rollout.query, "outdoor");
}

static void its_tags(struct scene_of *s)
{
    strcpy(s->rollout.query, "!outdoor indoor");
}

static void draft(struct scene_of *s)
{
    s->rollout.state = OTTER_ROLLOUT_DRAFT;
}

static void aborted(struct scene_of *s)
{
    s->rollout.state = OTTER_ROLLOUT_ABORTED;
}

static void halted(struct scene_of *s)
{
    s->rollout.state = OTTER_ROLLOUT_HALTED;
}

static void no_share(struct scene_of *s)
{
    s->rollout.waves[0] = otter_rollout_place(5, 7);
}

static void just_in_share(struct scene_of *s)
{
    s->rollout.waves[0] = otter_rollout_place(5, 7) + 1;
}

static void done_whatever_its_share(struct scene_of *s)
{
    no_share(s);
    s->rollout.state = OTTER_ROLLOUT_DONE;
}

static void release_withdrawn(struct scene_of *s)
{
    s->new.state = OTTER_RELEASE_WITHDRAWN;
}

static void runs_it(struct scene_of *s)
{
    s->situation.running = &s->new;
    memset(s->report.md5, 0x20, sizeof(s->report.md5));
}

static void runs_it_halted(struct scene_of *s)
{
    runs_it(s);
    halted(s);
}

static void paused(struct scene_of *s)
{
    s->rollout.state = OTTER_ROLLOUT_PAUSED;
}

static void paused_not_in_share(struct scene_of *s)
{
    paused(s);
    no_share(s);
}

static void out_of_hours(struct scene_of *s)
{
    s->rollout.hours_from = 2 * 60;
    s->rollout.hours_to = 4 * 60;
}

static void hours_elsewhere(struct scene_of *s)
{
    out_of_hours(s);
    s->rollout.hours_zone = -10 * 60; /* there it is 02:00 */
}

static void pinned_to_old(struct scene_of *s)
{
    s->situation.pin = &s->old;
}

static void pinned_to_new_without_rollouts(struct scene_of *s)
{
    no_plans(s);
    s->situation.pin = &s->new;
}

static void pinned_to_draft(struct scene_of *s)
{
    pinned_to_new_without_rollouts(s);
    s->new.state = OTTER_RELEASE_DRAFT;
}

static void pinned_down(struct scene_of *s)
{
    runs_it(s);
    s->situation.pin = &s->old;
}

static void pinned_sketch_asks_for_filesystem(struct scene_of *s)
{
    s->situation.pin = &s->old;
    s->report.mode = OTTER_MODE_FILESYSTEM;
    s->new.kind = OTTER_RELEASE_FILESYSTEM;
}

static void filesystem_already_sent(struct scene_of *s)
{
    s->report.mode = OTTER_MODE_FILESYSTEM;
    s->new.kind = OTTER_RELEASE_FILESYSTEM;
    s->device.filesystem = 2;
}

static void asks_for_filesystem(struct scene_of *s)
{
    s->report.mode = OTTER_MODE_FILESYSTEM;
}

static void version_alone(struct scene_of *s)
{
    s->report.mode = OTTER_MODE_VERSION;
}

static void by_version(struct scene_of *s)
{
    s->situation.running = NULL;
    memset(s->report.md5, 0x77, sizeof(s->report.md5));
    s->report.fields |= OTTER_REPORTED_VERSION;
    strcpy(s->report.version, "v2.0");
}

/* Its version was not raised when it was built: what its digests say counts. */
static void by_digest_against_version(struct scene_of *s)
{
    s->report.fields |= OTTER_REPORTED_VERSION;
    strcpy(s->report.version, "2.0");
}

static void newer(struct scene_of *s)
{
    s->situation.running = NULL;
    memset(s->report.md5, 0x77, sizeof(s->report.md5));
    s->report.fields |= OTTER_REPORTED_VERSION;
    strcpy(s->report.version, "2.1-dev");
}

static void newer_but_downgrade(struct scene_of *s)
{
    newer(s);
    s->rollout.downgrade = true;
}

static void newer_by_digest(struct scene_of *s)
{
    strcpy(s->old.version, "3.0");
}

static void no_version_at_all(struct scene_of *s)
{
    newer(s);
    strcpy(s->report.version, "zebra");
}

static void blocked(struct scene_of *s)
{
    s->device.attempts[0] = (struct otter_attempt){.release = 2, .state = OTTER_ATTEMPT_BLOCKED};
}

static void blocked_with_another(struct scene_of *s)
{
    s->device.attempts[0] = (struct otter_attempt){.release = 1, .state = OTTER_ATTEMPT_BLOCKED};
}

static void small_chip(struct scene_of *s)
{
    s->report.chip_size = 512 << 10;
}

static void little_space(struct scene_of *s)
{
    s->report.free_space = 399999;
}

static void little_space_and_gzip(struct scene_of *s)
{
    little_space(s);
    s->product.gzip = OTTER_GZIP_IF_NEEDED;
}

static void gzip_would_eat_itself(struct scene_of *s)
{
    little_space_and_gzip(s);
    s->report.free_space = 303104; /* the gzip, in sectors; 401408 run */
    s->report.sketch_size = 390000;
}

static void gzip_always(struct scene_of *s)
{
    s->product.gzip = OTTER_GZIP_ALWAYS;
}

static void gzip_if_needed(struct scene_of *s)
{
    s->product.gzip = OTTER_GZIP_IF_NEEDED;
}

static void sent_compressed_does_not_fit(struct scene_of *s)
{
    s->new.compressed = true;
    s->new.size = 300000;
    s->new.gzip_size = 0;
    s->report.free_space = 200000;
}

static const struct {
    const char *what;
    void (*change)(struct scene_of *scene);
    enum otter_decision_row row;
    bool gzip;
} cases[] = {
    {"nothing is changed", nothing, OTTER_DECISION_SEND, false},
    {"no MAC", no_mac, OTTER_DECISION_NO_UPDATER, false},
    {"no SDK", no_sdk, OTTER_DECISION_NO_UPDATER, false},
    {"no MD5", no_md5, OTTER_DECISION_NO_UPDATER, false},
    {"ESP32 with SHA-256 alone", old_esp32, OTTER_DECISION_SEND, false},
    {"no product", no_product, OTTER_DECISION_NO_PRODUCT, false},
    {"new, and closed", new_and_closed, OTTER_DECISION_CLOSED, false},
    {"known, and closed", known_and_closed, OTTER_DECISION_SEND, false},
    {"new, by approval", new_and_by_approval, OTTER_DECISION_PENDING, false},
    {"new, automatic", new_and_automatic, OTTER_DECISION_SEND, false},
    {"new, by a path to another channel", new_by_path_to_other_channel, OTTER_DECISION_NO_RELEASE, false},
    {"pending", pending, OTTER_DECISION_PENDING, false},
    {"refused", refused, OTTER_DECISION_REFUSED, false},
    {"another product's path", path_of_another, OTTER_DECISION_OTHER_PRODUCT, false},
    {"its product's path", path_of_its_own, OTTER_DECISION_SEND, false},
    {"another chip", other_chip, OTTER_DECISION_OTHER_CHIP, false},
    {"no rollouts", no_plans, OTTER_DECISION_NO_RELEASE, false},
    {"rollout to another channel", other_channel, OTTER_DECISION_NO_RELEASE, false},
    {"rollout to any channel", any_channel, OTTER_DECISION_SEND, false},
    {"rollout to other tags", other_tags, OTTER_DECISION_NO_RELEASE, false},
    {"rollout to its tags", its_tags, OTTER_DECISION_SEND, false},
    {"draft", draft, OTTER_DECISION_NO_RELEASE, false},
    {"aborted", aborted, OTTER_DECISION_NO_RELEASE, false},
    {"halted", halted, OTTER_DECISION_NO_RELEASE, false},
    {"not in the share", no_share, OTTER_DECISION_NO_RELEASE, false},
    {"just in the share", just_in_share, OTTER_DECISION_SEND, false},
    {"done", done_whatever_its_share, OTTER_DECISION_SEND, false},
    {"withdrawn", release_withdrawn, OTTER_DECISION_NO_RELEASE, false},
    {"runs it", runs_it, OTTER_DECISION_UP_TO_DATE, false},
    {"runs it, halted", runs_it_halted, OTTER_DECISION_KEPT, false},
    {"paused", paused, OTTER_DECISION_PAUSED, false},
    {"paused, not in the share", paused_not_in_share, OTTER_DECISION_NO_RELEASE, false},
    {"out of hours", out_of_hours, OTTER_DECISION_HOURS, false},
    {"hours of another zone", hours_elsewhere, OTTER_DECISION_SEND, false},
    {"pinned to what it runs", pinned_to_old, OTTER_DECISION_UP_TO_DATE, false},
    {"pinned, no rollouts", pinned_to_new_without_rollouts, OTTER_DECISION_SEND, false},
    {"pinned to a draft", pinned_to_draft, OTTER_DECISION_WITHDRAWN, false},
    {"pinned to a lower version", pinned_down, OTTER_DECISION_SEND, false},
    {"a sketch's pin is none for a filesystem", pinned_sketch_asks_for_filesystem, OTTER_DECISION_SEND,
     false},
    {"filesystem that was sent", filesystem_already_sent, OTTER_DECISION_UP_TO_DATE, false},
    {"filesystem, but the release is a sketch", asks_for_filesystem, OTTER_DECISION_NO_RELEASE, false},
    {"version alone", version_alone, OTTER_DECISION_SEND, false},
    {"runs it by its version", by_version, OTTER_DECISION_UP_TO_DATE, false},
    {"digests before version", by_digest_against_version, OTTER_DECISION_SEND, false},
    {"newer", newer, OTTER_DECISION_NEWER, false},
    {"newer, but a downgrade", newer_but_downgrade, OTTER_DECISION_SEND, false},
    {"newer by its digests", newer_by_digest, OTTER_DECISION_NEWER, false},
    {"no version at all", no_version_at_all, OTTER_DECISION_SEND, false},
    {"blocked", blocked, OTTER_DECISION_BLOCKED, false},
    {"blocked with another", blocked_with_another, OTTER_DECISION_SEND, false},
    {"small chip", small_chip, OTTER_DECISION_CHIP_TOO_SMALL, false},
    {"little space", little_space, OTTER_DECISION_NO_SPACE, false},
    {"little space, gzip", little_space_and_gzip, OTTER_DECISION_SEND, true},
    {"gzip that would eat itself", gzip_would_eat_itself, OTTER_DECISION_NO_SPACE, false},
    {"gzip always", gzip_always, OTTER_DECISION_SEND, true},
    {"gzip if needed", gzip_if_needed, OTTER_DECISION_SEND, false},
    {"compressed release", sent_compressed_does_not_fit, OTTER_DECISION_NO_SPACE, false},
};

static void each_case_has_its_row(void **state)
{
    (void)state;
    bool met[OTTER_DECISION_ROWS] = {false};
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        static struct scene_of scene;
        char text[200];
        make_scene(&scene);
        cases[i].change(&scene);
        struct otter_decision decision = otter_decide(&scene.situation);
        if (decision.row != cases[i].row || decision.gzip != cases[i].gzip)
            fail_msg("%s: %s", cases[i].what, otter_decision_name(decision.row));
        otter_decision_explain(text, sizeof(text), &scene.situation, &decision);
        assert_non_null(strstr(text, otter_decision_text(decision.row)));
        met[decision.row] = true;
    }
    for (size_t row = 0; row < OTTER_DECISION_ROWS; row++)
        assert_true(met[row]);
}

static void explanations_name_figures(void **state)
{
    (void)state;
    static const struct {
        void (*change)(struct scene_of *scene);
        const char *text;
    } texts[] = {
        {little_space_and_gzip, "version 2.0, by rollout 5"},
        {gzip_would_eat_itself, "400000 bytes, its gzip 300000, 303104 are free"},
        {little_space, "400000 bytes, 399999 are free"},
        {small_chip, "1024 KiB, it has 512"},
        {out_of_hours, "02:00 to 04:00, +0 minutes from UTC"},
        {pinned_to_new_without_rollouts, "version 2.0, by its pin"},
        {blocked, "sent 0 times, and 0"},
    };
    for (size_t i = 0; i < TEST_COUNT(texts); i++) {
        static struct scene_of scene;
        char text[200];
        make_scene(&scene);
        texts[i].change(&scene);
        struct otter_decision decision = otter_decide(&scene.situation);
        otter_decision_explain(text, sizeof(text), &scene.situation, &decision);
        if (strstr(text, texts[i].text) == NULL)
            fail_msg("\"%s\" should say \"%s\"", text, texts[i].text);
    }
}

static void every_form_of_a_digest_counts(void **state)
{
    (void)state;
    static struct scene_of scene;
    for (int form = 0; form < 8; form++) {
        make_scene(&scene);
        scene.situation.running = NULL;
        if (form < 6) {
            memset(scene.report.md5, 0x20 + form, sizeof(scene.report.md5));
        } else {
            scene.report.chip = scene.product.chip = OTTER_CHIP_ESP32;
            memset(scene.report.sha256, 0x20 + form - 6, sizeof(scene.report.sha256));
        }
        assert_int_equal(otter_decide(&scene.situation).row, OTTER_DECISION_UP_TO_DATE);
    }
}

static void hours_may_go_across_midnight(void **state)
{
    (void)state;
    struct otter_rollout rollout = {.hours_from = 22 * 60, .hours_to = 6 * 60};
    for (int64_t minute = 0; minute < 2 * 1440; minute++) {
        int64_t of_day = minute % 1440;
        assert_int_equal(otter_rollout_hours(&rollout, minute * 60000), of_day >= 1320 || of_day < 360);
    }
    rollout.hours_zone = -120;
    assert_true(otter_rollout_hours(&rollout, 0)); /* 22:00 of the day before */
    rollout.hours_zone = -121;
    assert_false(otter_rollout_hours(&rollout, 0));
    rollout.hours_from = rollout.hours_to;
    assert_true(otter_rollout_hours(&rollout, 12345));
}

static void a_growing_share_keeps_whom_it_had(void **state)
{
    (void)state;
    uint32_t counts[11] = {0}, same = 0;
    for (uint64_t mac = 1; mac <= 20000; mac++) {
        uint32_t place = otter_rollout_place(3, UINT64_C(0x18FE34000000) + mac);
        assert_true(place < OTTER_SHARE_ALL);
        counts[place / 1000]++;
        same += place / 1000 == otter_rollout_place(4, UINT64_C(0x18FE34000000) + mac) / 1000;
    }
    for (size_t tenth = 0; tenth < 10; tenth++)
        assert_in_range(counts[tenth], 1800, 2200);
    assert_in_range(same, 1700, 2300); /* another rollout has another order */
}

/* --- against a model ---------------------------------------------------------------------------- */

/* docs/DECISION.md once more, from top to bottom, without regard for speed. */
static bool model_runs(const struct otter_situation *s, const struct otter_release *r)
{
    const struct otter_report *p = s->report;
    bool version = (p->fields & OTTER_REPORTED_VERSION) != 0 && strcmp(p->version, r->version) == 0;
    if (r->kind == OTTER_RELEASE_FILESYSTEM)
        return version || (s->device != NULL && s->device->filesystem == r->id);
    if ((p->fields & OTTER_REPORTED_MD5) != 0 && (p->md5[0] >> 4) == r->id)
        return true;
    return s->running == NULL && version;
}

static enum otter_decision_row model_who(const struct otter_situation *s)
{
    if (s->mac == 0 || (s->report->fields & 0x6F) != 0x6F)
        return OTTER_DECISION_NO_UPDATER;
    if (s->product == NULL)
        return OTTER_DECISION_NO_PRODUCT;
    if (s->device == NULL && s->product->enrolment == OTTER_ENROL_REFUSED)
        return OTTER_DECISION_CLOSED;
    if (s->device == NULL ? s->product->enrolment == OTTER_ENROL_APPROVAL
                          : s->device->enrolment == OTTER_ENROLMENT_PENDING)
        return OTTER_DECISION_PENDING;
    if (s->device != NULL && s->device->enrolment == OTTER_ENROLMENT_REFUSED)
        return OTTER_DECISION_REFUSED;
    if (s->path_product != 0 && s->path_product != s->product->id)
        return OTTER_DECISION_OTHER_PRODUCT;
    return s->report->chip != s->product->chip ? OTTER_DECISION_OTHER_CHIP : OTTER_DECISION_SEND;
}

static bool model_concerns(const struct otter_situation *s, const struct otter_plan *plan)
{
    int64_t channel = s->device != NULL      ? s->device->channel
                      : s->path_channel != 0 ? s->path_channel
                                             : s->product->channel;
    bool indoor = s->device != NULL && strstr(s->device->tags, "indoor") != NULL;
    bool wants = plan->rollout->query[0] == '\0' || (plan->rollout->query[0] == '!') != indoor;
    bool filesystem = s->report->mode == OTTER_MODE_FILESYSTEM;
    return plan->rollout->state != OTTER_ROLLOUT_DRAFT && wants &&
           (plan->rollout->channel == 0 || plan->rollout->channel == channel) &&
           (plan->release->kind == OTTER_RELEASE_FILESYSTEM) == filesystem;
}

/* The row that ends the search for a release, SEND where it is served; RELEASE is what was found. */
static enum otter_decision_row model_what(const struct otter_situation *s,
                                          const struct otter_release **release,
                                          const struct otter_rollout **rollout)
{
    bool filesystem = s->report->mode == OTTER_MODE_FILESYSTEM;
    *rollout = NULL;
    *release = s->pin;
    if (s->pin != NULL && (s->pin->kind == OTTER_RELEASE_FILESYSTEM) == filesystem)
        return OTTER_DECISION_SEND;
    for (size_t i = 0; i < s->plan_count; i++) {
        const struct otter_rollout *r = s->plans[i].rollout;
        *release = s->plans[i].release;
        *rollout = r;
        if (!model_concerns(s, &s->plans[i]))
            continue;
        bool serves = r->state == OTTER_ROLLOUT_RUNNING || r->state == OTTER_ROLLOUT_DONE;
        if (model_runs(s, *release))
            return serves ? OTTER_DECISION_SEND : OTTER_DECISION_KEPT;
        bool in = r->state == OTTER_ROLLOUT_DONE || otter_rollout_place(r->id, s->mac) < r->waves[r->wave];
        if (!in || (*release)->state != OTTER_RELEASE_PUBLISHED)
            continue;
        if (r->state == OTTER_ROLLOUT_PAUSED)
            return OTTER_DECISION_PAUSED;
        if (serves)
            return otter_rollout_hours(r, s->now) ? OTTER_DECISION_SEND : OTTER_DECISION_HOURS;
    }
    return OTTER_DECISION_NO_RELEASE;
}

static bool model_fits(const struct otter_situation *s, const struct otter_release *r)
{
    uint64_t sectors = (s->report->sketch_size + 4095) / 4096, gzip = (r->gzip_size + 4095) / 4096;
    if (r->kind == OTTER_RELEASE_FILESYSTEM || r->size <= s->report->free_space)
        return true;
    return s->product->gzip != OTTER_GZIP_NEVER && r->gzip_size <= s->report->free_space &&
           r->image_size + gzip * 4096 <= s->report->free_space + sectors * 4096;
}

static enum otter_decision_row model(const struct otter_situation *s)
{
    const struct otter_release *r;
    const struct otter_rollout *rollout;
    enum otter_decision_row row = model_who(s);
    if (row != OTTER_DECISION_SEND)
        return row;
    row = model_what(s, &r, &rollout);
    if (row != OTTER_DECISION_SEND)
        return row;
    if (model_runs(s, r))
        return OTTER_DECISION_UP_TO_DATE;
    if (r->state != OTTER_RELEASE_PUBLISHED)
        return OTTER_DECISION_WITHDRAWN;
    const char *version =
        s->running != NULL && r->kind == OTTER_RELEASE_SKETCH ? s->running->version : s->report->version;
    if (rollout != NULL && !rollout->downgrade && strcmp(version, r->version) > 0)
        return OTTER_DECISION_NEWER;
    const struct otter_attempt *attempt = s->device != NULL ? &s->device->attempts[r->kind] : NULL;
    if (attempt != NULL && attempt->release == r->id && attempt->state == OTTER_ATTEMPT_BLOCKED)
        return OTTER_DECISION_BLOCKED;
    if ((r->kind == OTTER_RELEASE_SKETCH ? r->flash_size : r->image_size) > s->report->chip_size)
        return OTTER_DECISION_CHIP_TOO_SMALL;
    return model_fits(s, r) ? OTTER_DECISION_SEND : OTTER_DECISION_NO_SPACE;
}

enum { RELEASES = 6, ROLLOUTS = 4 };

struct world {
    struct otter_release releases[RELEASES];
    struct otter_rollout rollouts[ROLLOUTS];
    struct otter_plan plans[ROLLOUTS];
    struct scene_of scene;
};

static bool rarely(uint64_t *seed)
{
    return seed_below(seed, 12) == 0;
}

static bool very_rarely(uint64_t *seed)
{
    return seed_below(seed, 144) == 0;
}

static void make_rollouts(struct world *world, uint64_t *seed)
{
    static const char *const queries[] = {"", "", "indoor", "!indoor"};
    for (uint32_t i = 0; i < ROLLOUTS; i++) {
        struct otter_rollout *rollout = &world->rollouts[i];
        *rollout = (struct otter_rollout){.id = 1 + seed_below(seed, 1000),
                                          .product = 1,
                                          .channel = seed_below(seed, 4),
                                          .state = seed_below(seed, 6),
                                          .waves = {1 + seed_below(seed, 9999), OTTER_SHARE_ALL},
                                          .wave = seed_below(seed, 2),
                                          .downgrade = seed_below(seed, 2) == 1};
        snprintf(rollout->query, sizeof(rollout->query), "%s", queries[seed_below(seed, 4)]);
        if (seed_below(seed, 4) == 0) {
            rollout->hours_from = seed_below(seed, 1440);
            rollout->hours_to = seed_below(seed, 1440);
        }
        world->plans[i] =
            (struct otter_plan){.rollout = rollout, .release = &world->releases[seed_below(seed, RELEASES)]};
    }
}

static void make_world(struct world *world, uint64_t *seed)
{
    struct scene_of *scene = &world->scene;
    struct otter_situation *situation = &scene->situation;
    make_scene(scene);
    for (uint32_t i = 0; i < RELEASES; i++) {
        struct otter_release *release = &world->releases[i];
        char version[8] = {(char)('1' + seed_below(seed, 6)), '\0'};
        make_release(release, i + 1, version);
        release->kind = i % 2 == 0 ? OTTER_RELEASE_SKETCH : OTTER_RELEASE_FILESYSTEM;
        release->state = rarely(seed) ? seed_below(seed, 3) : OTTER_RELEASE_PUBLISHED;
        release->gzip_size = 300000;
    }
    make_rollouts(world, seed);
    situation->plans = world->plans;
    situation->plan_count = seed_below(seed, ROLLOUTS + 1);
    situation->mac = very_rarely(seed) ? 0 : 1 + seed_below(seed, 100000);
    situation->now = (int64_t)(seed_next(seed) % 100000000000);
    situation->pin = rarely(seed) ? &world->releases[seed_below(seed, RELEASES)] : NULL;
    situation->path_product = rarely(seed) ? 1 + seed_below(seed, 2) : 0;
    situation->path_channel = rarely(seed) ? 1 + seed_below(seed, 3) : 0;
    if (rarely(seed))
        situation->device = NULL;
    if (very_rarely(seed))
        situation->product = NULL;
    scene->product.enrolment = seed_below(seed, 3);
    scene->product.gzip = seed_below(seed, 3);
    scene->product.chip = very_rarely(seed) ? OTTER_CHIP_ESP32 : OTTER_CHIP_ESP8266;
    scene->device.enrolment = rarely(seed) ? seed_below(seed, 3) : OTTER_ENROLMENT_APPROVED;
    scene->device.channel = seed_below(seed, 4);
    scene->device.filesystem = seed_below(seed, RELEASES + 1);
    if (seed_below(seed, 2) == 0)
        scene->device.tags[0] = '\0';
    for (size_t kind = 0; kind < OTTER_RELEASE_KINDS; kind++)
        scene->device.attempts[kind] =
            (struct otter_attempt){.release = 1 + seed_below(seed, RELEASES), .state = seed_below(seed, 5)};
    struct otter_report *report = &scene->report;
    report->mode = seed_below(seed, 3);
    report->free_space = 290000 + seed_below(seed, 120000);
    report->chip_size = rarely(seed) ? 300000 : 4 << 20;
    report->fields = very_rarely(seed) ? seed_below(seed, 512) : 127;
    uint32_t runs = seed_below(seed, RELEASES + 2);
    memset(report->md5, (int)(runs << 4 | seed_below(seed, 6)), sizeof(report->md5));
    situation->running = NULL;
    if (runs >= 1 && runs <= RELEASES && runs % 2 == 1 && (report->fields & OTTER_REPORTED_MD5) != 0)
        situation->running = &world->releases[runs - 1];
    if (seed_below(seed, 2) == 0) {
        report->fields |= OTTER_REPORTED_VERSION;
        report->version[0] = (char)('1' + seed_below(seed, 7));
    }
}

static void decisions_are_the_models(void **state)
{
    (void)state;
    static struct world world;
    uint64_t seed = 20;
    uint32_t met[OTTER_DECISION_ROWS] = {0};
    for (int i = 0; i < 60000; i++) {
        uint64_t start = seed;
        make_world(&world, &seed);
        enum otter_decision_row expected = model(&world.scene.situation);
        enum otter_decision_row found = otter_decide(&world.scene.situation).row;
        if (found != expected)
            fail_msg("seed %llu: %s, the model says %s", (unsigned long long)start,
                     otter_decision_name(found), otter_decision_name(expected));
        met[found]++;
    }
    for (size_t row = 0; row < OTTER_DECISION_ROWS; row++)
        if (met[row] == 0)
            fail_msg("%s was not met", otter_decision_name(row));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_case_has_its_row),
        cmocka_unit_test(explanations_name_figures),
        cmocka_unit_test(every_form_of_a_digest_counts),
        cmocka_unit_test(hours_may_go_across_midnight),
        cmocka_unit_test(a_growing_share_keeps_whom_it_had),
        cmocka_unit_test(decisions_are_the_models),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
