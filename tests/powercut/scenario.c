#include "tests/powercut/scenario.h"

#include <stdlib.h>
#include <string.h>

#include "format/boot_trial.h"
#include "format/bytes.h"
#include "tests/powercut/firmware.h"
#include "tests/support/require.h"

#define GZIP       SCENARIO_GZIP
#define UNMODIFIED SCENARIO_UNMODIFIED
#define CHANGED    SCENARIO_CHANGED
#define BOOTLOADER SCENARIO_BOOTLOADER
#define MAY_REFUSE SCENARIO_MAY_REFUSE
#define FULL       SCENARIO_FULL
#define THIN       SCENARIO_THIN
#define OTHER_MODE SCENARIO_OTHER_MODE
#define TAKEN_BACK SCENARIO_TRIAL
#define CONFIRMED  (SCENARIO_TRIAL | SCENARIO_CONFIRMS)

#define FIRST_SIZE (4 * OTTER_FLASH_SECTOR - 1040)

/* A chip that nobody makes: where little flash is to be overlapped. */
static const struct otter_layout mini = {
    .name = "mini",
    .flash_size = 0x40000,
    .filesystem_start = 0x18000,
    .filesystem_end = 0x3B000,
    .eeprom = 0x3B000,
};

/* clang-format off */
const struct scenario scenarios[] = {
    /* name                       layout    old: sectors, slack; new: sectors, slack; traits */
    /* Every class of layouts. A note needs 128 bytes of slack. */
    {"512k/raw/grow",             "512k",     5, 1040,   7, 2000, 0},
    {"512k64/gzip/shrink",        "512k64",   7, 1040,   5, 1001, GZIP},
    {"1m/gzip/grow",              "1m",       5, 1040,   7, 3333, GZIP},
    {"1m64/raw/shrink-little",    "1m64",     7, 1040,   5,  128, 0},
    {"2m/raw/grow-none",          "2m",       5, 1040,   7,    0, 0},
    {"2m512/gzip/grow-none",      "2m512",    5, 1040,   7,    0, GZIP},
    {"4m/raw/shrink-less",        "4m",       7, 1040,   5,  112, 0},
    {"4m1m/gzip/grow-little",     "4m1m",     5, 1040,   7,  130, GZIP},
    {"1m64/raw/changed",          "1m64",     9, 1040,   9, 1040, CHANGED},
    {"1m128/raw/other-mode",      "1m128",    5, 1040,   7, 2000, OTHER_MODE},
    {"512k/gzip/other-mode",      "512k",     5, 1040,   7, 2000, OTHER_MODE | GZIP},
    /* Sketches of today: sector by sector, and below the staged file whatever was there. */
    {"1m64/raw/unmodified",       "1m64",     5, 1040,   7, 2000, UNMODIFIED},
    {"2m128/gzip/unmodified",     "2m128",    7, 1040,   5, 1500, UNMODIFIED | GZIP},
    {"512k/raw/unmodified-none",  "512k",     5, 1040,   7,    0, UNMODIFIED},
    {"1m/gzip/unmodified-less",   "1m",       5, 1040,   7,  100, UNMODIFIED | GZIP},
    /* The new firmware reaches over the place where it is staged. */
    {"mini/raw/overlap",          "mini",     5, 1040,  14, 1040, 0},
    {"mini/raw/overlap-far",      "mini",     4, 1040,  19, 2048, 0},
    {"mini/raw/overlap-none",     "mini",     5, 1040,  14,    0, MAY_REFUSE},
    {"mini/gzip/overlap",         "mini",     5, 1040,  16,  700, UNMODIFIED | GZIP},
    {"mini/gzip/overlap-more",    "mini",     5, 1040,  17,  700, UNMODIFIED | GZIP | FULL},
    {"mini/gzip/overlap-far",     "mini",     5, 1040,  20,  700, UNMODIFIED | GZIP | MAY_REFUSE},
    /* The staged file abuts the old sketch. */
    {"mini/raw/tight-shrink",     "mini",     0, 1040,   5, 1040, 0},
    {"mini/raw/tight-grow",       "mini",     0, 1040,  14, 1040, 0},
    {"mini/gzip/tight",           "mini",     0, 1040,   7, 1234, GZIP},
    {"mini/raw/tight-old-slack",  "mini",     0, 1040,   5,    0, 0},
    {"mini/raw/tight-none",       "mini",     0,    0,   5,    0, MAY_REFUSE},
    {"mini/raw/tight-grow-none",  "mini",     0,    0,  14,    0, MAY_REFUSE},
    {"512k128/raw/tight",         "512k128",  0, 1040,   5,  512, 0},
    {"2m512/gzip/tight",          "2m512",    0, 1040,   7,  512, GZIP},
    /* Blocks of 64 KiB. */
    {"1m256/raw/block",           "1m256",   34, 1040,  35, 1040, THIN},
    {"4m2m/gzip/block",           "4m2m",    36, 1040,  34, 1040, GZIP | THIN},
    /* Sector 0 has to be written. */
    {"1m64/raw/bootloader",       "1m64",     5, 1040,   7, 2000, BOOTLOADER},
    {"1m64/gzip/bootloader",      "1m64",     7, 1040,   5, 2000, BOOTLOADER | GZIP},

    /* The old firmware is kept, and the new one on trial. */
    {"512k/raw/confirmed",        "512k",     3, 1040,   4, 2000, CONFIRMED},
    {"512k64/gzip/taken-back",    "512k64",   4, 1040,   3, 1001, TAKEN_BACK | GZIP},
    {"1m/raw/taken-back",         "1m",       3, 1040,   4, 2000, TAKEN_BACK},
    {"1m64/gzip/confirmed",       "1m64",     4, 1040,   3, 1001, CONFIRMED | GZIP},
    {"2m/gzip/taken-back",        "2m",       3, 1040,   4, 3333, TAKEN_BACK | GZIP},
    {"2m512/raw/confirmed",       "2m512",    4, 1040,   3,  128, CONFIRMED},
    {"4m/gzip/confirmed",         "4m",       3, 1040,   4, 3333, CONFIRMED | GZIP},
    {"4m1m/raw/taken-back",       "4m1m",     4,  128,   3,   64, TAKEN_BACK},

    /* The rest of the classes, and real sizes. */
    {"512k/raw/taken-back",       "512k",     6, 1040,   8, 2000, TAKEN_BACK | FULL},
    {"512k64/gzip/confirmed",     "512k64",   8, 1040,   6, 1001, CONFIRMED | GZIP | FULL},
    {"1m/raw/confirmed",          "1m",       6, 1040,   8, 2000, CONFIRMED | FULL},
    {"1m64/gzip/taken-back",      "1m64",     8, 1040,   6, 1001, TAKEN_BACK | GZIP | FULL},
    {"2m/gzip/confirmed",         "2m",       6, 1040,   8, 3333, CONFIRMED | GZIP | FULL},
    {"2m512/raw/taken-back",      "2m512",    8,    0,   6,  112, TAKEN_BACK | FULL},
    {"4m/gzip/taken-back",        "4m",       6, 1040,   8, 3333, TAKEN_BACK | GZIP | FULL},
    {"4m1m/raw/confirmed",        "4m1m",     8,  128,   6,   64, CONFIRMED | FULL},
    {"1m64/gzip/real-taken-back", "1m64",    75, 1040,  78, 2000, TAKEN_BACK | GZIP | THIN | FULL},
    {"4m1m/raw/real-taken-back",  "4m1m",   115, 1040, 113, 2000, TAKEN_BACK | THIN | FULL},
    {"512k32/gzip/grow",          "512k32",   8, 1040,  11, 2000, GZIP | FULL},
    {"512k128/raw/grow",          "512k128",  8, 1040,  11, 2000, FULL},
    {"1m160/raw/shrink",          "1m160",   11, 1040,   8, 2000, FULL},
    {"1m512/gzip/shrink",         "1m512",   11, 1040,   8, 2000, GZIP | FULL},
    {"2m64/raw/grow",             "2m64",     8, 1040,  11, 2000, FULL},
    {"2m1m/raw/shrink",           "2m1m",    11, 1040,   8, 2000, FULL},
    {"4m3m/raw/grow",             "4m3m",     8, 1040,  11, 2000, FULL},
    {"4m2m/raw/unmodified",       "4m2m",     8, 1040,  11, 2000, UNMODIFIED | FULL},
    {"1m64/gzip/changed",         "1m64",    11, 1040,  11, 1040, GZIP | CHANGED | FULL},
    {"512k64/raw/block-overlap",  "512k64",  30, 1040,  66, 1040, THIN | FULL},
    {"1m64/raw/real",             "1m64",    75, 1040,  78, 2000, THIN | FULL},
    {"1m64/gzip/real",            "1m64",   112, 1040, 115, 2000, GZIP | THIN | FULL},
    {"512k/gzip/real-overlap",    "512k",    60, 1040,  95, 2000, UNMODIFIED | GZIP | THIN | FULL},
    {"1m/raw/real-overlap",       "1m",     100, 1040, 140, 2000, THIN | FULL},
    {"4m1m/raw/real",             "4m1m",   115, 1040, 113, 2000, THIN | FULL},
    {"2m256/gzip/real-tight",     "2m256",    0, 1040, 100, 2000, GZIP | THIN | FULL},
};
/* clang-format on */

const size_t scenario_count = sizeof(scenarios) / sizeof(scenarios[0]);

const struct scenario *scenario_find(const char *name)
{
    size_t length = strcspn(name, ":");
    for (size_t i = 0; i < scenario_count; i++)
        if (strlen(scenarios[i].name) == length && memcmp(scenarios[i].name, name, length) == 0)
            return &scenarios[i];
    return NULL;
}

static const struct otter_layout *find_layout(const char *name)
{
    return strcmp(name, mini.name) == 0 ? &mini : otter_layout_find(name);
}

void update_open(struct update *update, const struct scenario *scenario)
{
    enum { BOOTLOADER_SEED = 1, NEXT_BOOTLOADER_SEED, FIRST_SEED, OLD_SEED = 5, NEW_SEED = 6 };
    const struct otter_layout *layout = find_layout(scenario->layout);
    REQUIRE(layout != NULL, "%s: no such layout", scenario->name);
    const uint32_t flash = layout->flash_size;
    const bool on_trial = scenario_is(scenario, SCENARIO_TRIAL);
    uint32_t slack = scenario->slack;
    if (scenario_is(scenario, SCENARIO_GZIP))
        slack = on_trial ? OTTER_BOOT_RECORD_SIZE : 0;
    uint32_t size = scenario->new_sectors * OTTER_FLASH_SECTOR - slack;
    uint64_t bootloader = scenario_is(scenario, SCENARIO_BOOTLOADER) ? NEXT_BOOTLOADER_SEED : BOOTLOADER_SEED;

    *update = (struct update){.scenario = scenario, .layout = layout};
    update->first = firmware_make(FIRST_SIZE, BOOTLOADER_SEED, FIRST_SEED, flash, on_trial);
    update->new = firmware_make(size, bootloader, NEW_SEED, flash, on_trial);
    if (scenario_is(scenario, SCENARIO_CHANGED)) {
        update->old = update->new;
        update->new = firmware_change(&update->old);
    }
    update->staged = update->new;
    if (scenario_is(scenario, SCENARIO_GZIP))
        update->staged = firmware_pack(&update->new, scenario->slack);
    if (update->old.bytes != NULL)
        return;
    uint32_t old = scenario->old_sectors * OTTER_FLASH_SECTOR;
    if (old == 0)
        old = layout->filesystem_start - otter_round_up((uint32_t)update->staged.size, OTTER_FLASH_SECTOR);
    update->old = firmware_make(old - scenario->old_slack, BOOTLOADER_SEED, OLD_SEED, flash, on_trial);
}

void update_close(struct update *update)
{
    if (update->staged.bytes != update->new.bytes)
        free(update->staged.bytes);
    free(update->new.bytes);
    free(update->old.bytes);
    free(update->first.bytes);
}
