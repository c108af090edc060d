#include "server/core/decision.h"

#include <stdio.h>
#include <string.h>

#include "format/bytes.h"
#include "format/layout.h"
#include "format/version.h"
#include "server/core/tags.h"

#define MS_PER_MINUTE   60000
#define MINUTES_PER_DAY 1440

/* A situation with what it is about. */
struct view {
    const struct otter_situation *situation;
    const struct otter_release *release;
    const struct otter_rollout *rollout;
    enum otter_decision_row standing; /* KEPT, PAUSED or HOURS; SEND: it is served */
    bool gzip;
};

/* --- what it is made of ------------------------------------------------------------------------- */

enum otter_release_kind otter_request_kind(const struct otter_report *report)
{
    return report->mode == OTTER_MODE_FILESYSTEM ? OTTER_RELEASE_FILESYSTEM : OTTER_RELEASE_SKETCH;
}

static bool has_md5(const struct otter_release *release, const uint8_t md5[OTTER_DIGEST_MD5])
{
    for (size_t mode = 0; mode < OTTER_FLASH_MODES; mode++)
        if (memcmp(release->flash_md5[mode], md5, OTTER_DIGEST_MD5) == 0)
            return true;
    return memcmp(release->md5, md5, OTTER_DIGEST_MD5) == 0 ||
           memcmp(release->image_md5, md5, OTTER_DIGEST_MD5) == 0;
}

/* A release for the ESP8266 has zeros for what an ESP32 would report. */
static bool has_sha256(const struct otter_release *release, const uint8_t sha256[OTTER_DIGEST_SHA256])
{
    static const uint8_t none[OTTER_DIGEST_SHA256];
    if (memcmp(sha256, none, sizeof(none)) == 0)
        return false;
    return memcmp(release->flash_sha256, sha256, OTTER_DIGEST_SHA256) == 0 ||
           memcmp(release->sha256, sha256, OTTER_DIGEST_SHA256) == 0;
}

bool otter_release_has_digest(const struct otter_release *release, const struct otter_report *report)
{
    return ((report->fields & OTTER_REPORTED_MD5) != 0 && has_md5(release, report->md5)) ||
           ((report->fields & OTTER_REPORTED_SHA256) != 0 && has_sha256(release, report->sha256));
}

static bool has_version(const struct otter_release *release, const struct otter_report *report)
{
    return (report->fields & OTTER_REPORTED_VERSION) != 0 &&
           otter_version_compare(release->version, report->version) == 0;
}

bool otter_release_runs(const struct otter_release *release, const struct otter_situation *situation)
{
    const struct otter_report *report = situation->report;
    if (release->kind == OTTER_RELEASE_FILESYSTEM)
        return has_version(release, report) ||
               (situation->device != NULL && situation->device->filesystem == release->id);
    return otter_release_has_digest(release, report) ||
           (situation->running == NULL && has_version(release, report));
}

/* splitmix64's finaliser: every bit of the input moves every bit of the output. */
uint32_t otter_rollout_place(int64_t rollout, uint64_t mac)
{
    uint64_t mixed = mac + (uint64_t)rollout * UINT64_C(0x9E3779B97F4A7C15);
    mixed = (mixed ^ mixed >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94D049BB133111EB);
    mixed ^= mixed >> 31;
    return (uint32_t)(mixed % OTTER_SHARE_ALL);
}

bool otter_rollout_concerns(const struct otter_rollout *rollout, int64_t channel, const char *tags)
{
    return (rollout->channel == 0 || rollout->channel == channel) &&
           otter_tag_query_matches(rollout->query, tags);
}

bool otter_rollout_hours(const struct otter_rollout *rollout, int64_t now)
{
    int64_t minute = (now / MS_PER_MINUTE + rollout->hours_zone) % MINUTES_PER_DAY;
    if (minute < 0)
        minute += MINUTES_PER_DAY;
    bool after = minute >= rollout->hours_from, before = minute < rollout->hours_to;
    if (rollout->hours_from == rollout->hours_to)
        return true;
    return rollout->hours_from < rollout->hours_to ? after && before : after || before;
}

/* --- what the device is meant to run ------------------------------------------------------------ */

static bool is_in_share(const struct otter_rollout *rollout, uint64_t mac)
{
    return rollout->state == OTTER_ROLLOUT_DONE ||
           otter_rollout_place(rollout->id, mac) < rollout->waves[rollout->wave];
}

static bool serves(const struct otter_rollout *rollout)
{
    return rollout->state == OTTER_ROLLOUT_RUNNING || rollout->state == OTTER_ROLLOUT_DONE;
}

/* True if PLAN settles the matter; otherwise an earlier one may. A device keeps what a rollout gave it,
 * whatever becomes of that rollout: earlier ones do not take it back. */
static bool take_plan(struct view *view, const struct otter_plan *plan)
{
    const struct otter_situation *situation = view->situation;
    const struct otter_rollout *rollout = plan->rollout;
    view->release = plan->release;
    view->rollout = rollout;
    view->standing = OTTER_DECISION_SEND;
    if (otter_release_runs(plan->release, situation)) {
        if (!serves(rollout))
            view->standing = OTTER_DECISION_KEPT;
        return true;
    }
    if (plan->release->state != OTTER_RELEASE_PUBLISHED || !is_in_share(rollout, situation->mac))
        return false;
    if (rollout->state == OTTER_ROLLOUT_PAUSED)
        view->standing = OTTER_DECISION_PAUSED;
    else if (!otter_rollout_hours(rollout, situation->now))
        view->standing = OTTER_DECISION_HOURS;
    return rollout->state == OTTER_ROLLOUT_PAUSED || serves(rollout);
}

static int64_t channel_of(const struct otter_situation *situation)
{
    if (situation->device != NULL)
        return situation->device->channel;
    return situation->path_channel != 0 ? situation->path_channel : situation->product->channel;
}

static void choose(struct view *view)
{
    const struct otter_situation *situation = view->situation;
    enum otter_release_kind kind = otter_request_kind(situation->report);
    const char *tags = situation->device != NULL ? situation->device->tags : "";
    int64_t channel = channel_of(situation);
    if (situation->pin != NULL && situation->pin->kind == kind) {
        view->release = situation->pin;
        view->standing = OTTER_DECISION_SEND;
        return;
    }
    for (size_t i = 0; i < situation->plan_count; i++) {
        const struct otter_plan *plan = &situation->plans[i];
        if (plan->rollout->state != OTTER_ROLLOUT_DRAFT && plan->release->kind == kind &&
            otter_rollout_concerns(plan->rollout, channel, tags) && take_plan(view, plan))
            return;
    }
    view->release = NULL;
    view->rollout = NULL;
}

/* --- the rows ----------------------------------------------------------------------------------- */

static bool is_no_updater(struct view *view)
{
    const uint32_t all = OTTER_REPORTED_AP_MAC | OTTER_REPORTED_FREE_SPACE | OTTER_REPORTED_SKETCH_SIZE |
                         OTTER_REPORTED_CHIP_SIZE | OTTER_REPORTED_SDK;
    const struct otter_report *report = view->situation->report;
    uint32_t digests = OTTER_REPORTED_MD5;
    if (report->chip == OTTER_CHIP_ESP32)
        digests |= OTTER_REPORTED_SHA256; /* older cores send this one alone */
    return view->situation->mac == 0 || (report->fields & all) != all || (report->fields & digests) == 0;
}

static bool has_no_product(struct view *view)
{
    return view->situation->product == NULL;
}

static bool is_closed(struct view *view)
{
    return view->situation->device == NULL && view->situation->product->enrolment == OTTER_ENROL_REFUSED;
}

static bool is_pending(struct view *view)
{
    const struct otter_situation *situation = view->situation;
    return situation->device != NULL ? situation->device->enrolment == OTTER_ENROLMENT_PENDING
                                     : situation->product->enrolment == OTTER_ENROL_APPROVAL;
}

static bool is_refused(struct view *view)
{
    return view->situation->device != NULL && view->situation->device->enrolment == OTTER_ENROLMENT_REFUSED;
}

static bool is_of_other_product(struct view *view)
{
    return view->situation->path_product != 0 &&
           view->situation->path_product != view->situation->product->id;
}

static bool has_other_chip(struct view *view)
{
    return view->situation->report->chip != view->situation->product->chip;
}

static bool has_no_release(struct view *view)
{
    choose(view);
    return view->release == NULL;
}

static bool is_kept(struct view *view)
{
    return view->standing == OTTER_DECISION_KEPT;
}

static bool is_paused(struct view *view)
{
    return view->standing == OTTER_DECISION_PAUSED;
}

static bool is_out_of_hours(struct view *view)
{
    return view->standing == OTTER_DECISION_HOURS;
}

static bool is_up_to_date(struct view *view)
{
    return otter_release_runs(view->release, view->situation);
}

static bool is_withdrawn(struct view *view)
{
    return view->release->state != OTTER_RELEASE_PUBLISHED;
}

/* What it runs, in the words of the release that it runs, where that is known. */
static const char *running_version(const struct view *view)
{
    const struct otter_situation *situation = view->situation;
    bool known = situation->running != NULL && view->release->kind == OTTER_RELEASE_SKETCH;
    return known ? situation->running->version : situation->report->version;
}

static bool is_newer(struct view *view)
{
    const char *version = running_version(view);
    return view->rollout != NULL && !view->rollout->downgrade && otter_version_is(version) &&
           otter_version_is(view->release->version) &&
           otter_version_compare(version, view->release->version) > 0;
}

static bool is_blocked(struct view *view)
{
    const struct otter_device *device = view->situation->device;
    if (device == NULL)
        return false;
    const struct otter_attempt *attempt = &device->attempts[view->release->kind];
    return attempt->release == view->release->id && attempt->state == OTTER_ATTEMPT_BLOCKED;
}

/* A filesystem's header asks for nothing, but the image lies in flash as it is. */
static uint32_t flash_needed(const struct otter_release *release)
{
    return release->kind == OTTER_RELEASE_SKETCH ? release->flash_size : release->image_size;
}

static bool has_too_small_a_chip(struct view *view)
{
    return flash_needed(view->release) > view->situation->report->chip_size;
}

/* What is staged ends where the free space does; the bootloader inflates to the beginning of flash, and must
 * not reach what it reads. */
static bool fits_compressed(const struct view *view, uint32_t size)
{
    const struct otter_report *report = view->situation->report;
    uint64_t flash = report->free_space + ((uint64_t)report->sketch_size + OTTER_FLASH_SECTOR - 1) /
                                              OTTER_FLASH_SECTOR * OTTER_FLASH_SECTOR;
    return size <= report->free_space &&
           (uint64_t)view->release->image_size + otter_round_up(size, OTTER_FLASH_SECTOR) <= flash;
}

static bool fits_as_it_is(const struct view *view)
{
    const struct otter_release *release = view->release;
    return release->compressed ? fits_compressed(view, release->size)
                               : release->size <= view->situation->report->free_space;
}

/* The size of a device's filesystem is not reported: the device refuses what does not fit. */
static bool has_no_space(struct view *view)
{
    const struct otter_release *release = view->release;
    enum otter_gzip_policy policy = view->situation->product->gzip;
    if (release->kind == OTTER_RELEASE_FILESYSTEM)
        return false;
    bool plain = fits_as_it_is(view);
    bool gzip =
        policy != OTTER_GZIP_NEVER && release->gzip_size > 0 && fits_compressed(view, release->gzip_size);
    view->gzip = gzip && (policy == OTTER_GZIP_ALWAYS || !plain);
    return !plain && !gzip;
}

static bool is_served(struct view *view)
{
    (void)view;
    return true;
}

static const struct {
    bool (*holds)(struct view *view);
    unsigned status;
    const char *name;
    const char *text;
} rows[OTTER_DECISION_ROWS] = {
    [OTTER_DECISION_NO_UPDATER] = {is_no_updater, 403, "no-updater",
                                   "a header that every updater sends is missing"},
    [OTTER_DECISION_NO_PRODUCT] = {has_no_product, 404, "no-product", "no product is known for it"},
    [OTTER_DECISION_CLOSED] = {is_closed, 403, "closed", "it is new, and the product takes no new devices"},
    [OTTER_DECISION_PENDING] = {is_pending, 403, "pending", "it waits for approval"},
    [OTTER_DECISION_REFUSED] = {is_refused, 403, "refused", "somebody refused it"},
    [OTTER_DECISION_OTHER_PRODUCT] = {is_of_other_product, 403, "other-product",
                                      "it asks by the path of another product than its own"},
    [OTTER_DECISION_OTHER_CHIP] = {has_other_chip, 403, "other-chip", "the product is for another chip"},
    [OTTER_DECISION_NO_RELEASE] = {has_no_release, 304, "no-release", "no rollout has anything for it"},
    [OTTER_DECISION_KEPT] = {is_kept, 304, "kept",
                             "it runs the release of a rollout that does not serve any more, and keeps it"},
    [OTTER_DECISION_PAUSED] = {is_paused, 304, "paused", "the rollout that has something for it is paused"},
    [OTTER_DECISION_HOURS] = {is_out_of_hours, 304, "hours",
                              "the rollout that has something for it waits for its hours"},
    [OTTER_DECISION_UP_TO_DATE] = {is_up_to_date, 304, "up-to-date", "it runs what it is meant to run"},
    [OTTER_DECISION_WITHDRAWN] = {is_withdrawn, 304, "withdrawn",
                                  "it is pinned to a release that is not published"},
    [OTTER_DECISION_NEWER] = {is_newer, 304, "newer",
                              "it runs a higher version, and the rollout is no downgrade"},
    [OTTER_DECISION_BLOCKED] = {is_blocked, 304, "blocked",
                                "it failed with this release, and waits for somebody to look"},
    [OTTER_DECISION_CHIP_TOO_SMALL] = {has_too_small_a_chip, 304, "chip-too-small",
                                       "the image is for a larger flash than it has"},
    [OTTER_DECISION_NO_SPACE] = {has_no_space, 304, "no-space", "the image does not fit its free space"},
    [OTTER_DECISION_SEND] = {is_served, 200, "send", "it is sent the image"},
};

struct otter_decision otter_decide(const struct otter_situation *situation)
{
    struct view view = {.situation = situation};
    enum otter_decision_row row = 0;
    while (!rows[row].holds(&view))
        row++;
    return (struct otter_decision){
        .row = row, .release = view.release, .rollout = view.rollout, .gzip = view.gzip};
}

enum otter_answer_kind otter_decision_kind(enum otter_decision_row row)
{
    if (row == OTTER_DECISION_SEND)
        return OTTER_ANSWER_IMAGE;
    return rows[row].status == 304 ? OTTER_ANSWER_NOTHING : OTTER_ANSWER_REFUSED;
}

unsigned otter_decision_status(enum otter_decision_row row)
{
    return rows[row].status;
}

const char *otter_decision_name(enum otter_decision_row row)
{
    return rows[row].name;
}

const char *otter_decision_text(enum otter_decision_row row)
{
    return rows[row].text;
}

/* --- in words ----------------------------------------------------------------------------------- */

static void explain_space(char *out, size_t size, const struct otter_situation *situation,
                          const struct otter_release *release)
{
    char gzip[48] = "";
    if (release->gzip_size > 0 && situation->product->gzip != OTTER_GZIP_NEVER)
        snprintf(gzip, sizeof(gzip), ", its gzip %u", release->gzip_size);
    snprintf(out, size, "%s: the image has %u bytes%s, %u are free", rows[OTTER_DECISION_NO_SPACE].text,
             release->size, gzip, situation->report->free_space);
}

static void explain_block(char *out, size_t size, const struct otter_situation *situation,
                          const struct otter_release *release)
{
    const struct otter_attempt *attempt = &situation->device->attempts[release->kind];
    snprintf(out, size, "%s: version %s was sent %u time%s, and %u of these failed",
             rows[OTTER_DECISION_BLOCKED].text, release->version, attempt->offers,
             attempt->offers == 1 ? "" : "s", attempt->failures);
}

static void explain_hours(char *out, size_t size, const struct otter_rollout *rollout)
{
    snprintf(out, size, "%s: %02u:%02u to %02u:%02u, %+d minutes from UTC", rows[OTTER_DECISION_HOURS].text,
             rollout->hours_from / 60, rollout->hours_from % 60, rollout->hours_to / 60,
             rollout->hours_to % 60, (int)rollout->hours_zone);
}

/* Which release, and by what it came to be meant. */
static void explain_release(char *out, size_t size, const struct otter_decision *decision)
{
    const char *text = rows[decision->row].text;
    if (decision->rollout == NULL)
        snprintf(out, size, "%s: version %s, by its pin", text, decision->release->version);
    else
        snprintf(out, size, "%s: version %s, by rollout %lld", text, decision->release->version,
                 (long long)decision->rollout->id);
}

void otter_decision_explain(char *out, size_t size, const struct otter_situation *situation,
                            const struct otter_decision *decision)
{
    const struct otter_release *release = decision->release;
    switch (decision->row) {
    case OTTER_DECISION_HOURS:
        explain_hours(out, size, decision->rollout);
        return;
    case OTTER_DECISION_BLOCKED:
        explain_block(out, size, situation, release);
        return;
    case OTTER_DECISION_CHIP_TOO_SMALL:
        snprintf(out, size, "%s: %u KiB, it has %u", rows[decision->row].text, flash_needed(release) / 1024,
                 situation->report->chip_size / 1024);
        return;
    case OTTER_DECISION_NO_SPACE:
        explain_space(out, size, situation, release);
        return;
    default:
        if (release != NULL)
            explain_release(out, size, decision);
        else
            snprintf(out, size, "%s", rows[decision->row].text);
    }
}
