/* Power is cut at every flash operation of the bootloader, with every outcome; then the device starts cold,
 * with RTC memory lost. It must run the old or the new firmware, whole, and the new one once the old one was
 * given up. OTTER_POWERCUT=full does all layouts, and cuts the recovery too. */
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/boot_command.h"
#include "format/bytes.h"
#include "format/image.h"
#include "format/layout.h"
#include "ports/sim/boot.h"
#include "tests/support/file.h"
#include "tests/support/seed.h"

#define STARTS_MAX     4
#define TORN_FLASH_MAX (512u << 10)

enum { CUTS = OTTER_SIM_CUT_COUNT };

/* An update, as it lies in flash before the bootloader runs. */
struct update {
    const char *name;
    uint32_t flash_size;
    uint32_t stage_end; /* where the filesystem begins */
    uint32_t source;
    struct file old;
    struct file new;
    struct file staged;
    bool refused;  /* there is no safe way: the old firmware stays */
    bool leftover; /* something lies in the sector below the staged image */
};

struct tally {
    uint64_t points;
    uint64_t old;
    uint64_t new;
    uint64_t bricked;
    uint64_t exposed; /* cut while sector 0 was being rewritten: a real device has no bootloader then */
};

struct bench {
    const struct update *update;
    struct otter_sim_flash flash;
    struct otter_sim_rtc rtc;
    uint8_t *before; /* flash, as it lies before the bootloader runs */
    jmp_buf power_lost;
    struct tally tally;
};

/* --- firmware ------------------------------------------------------------------------------------- */

/* An Arduino-core file of SIZE bytes, a multiple of 16. Half of it repeats, so that gzip has something to do.
 */
static struct file make_firmware(size_t size, uint64_t seed, uint64_t boot_seed)
{
    static uint8_t code[1u << 20];
    uint8_t boot_code[512], boot[1024], *sketch = malloc(size);
    uint8_t bit = (uint8_t)(seed % 2);
    struct otter_image_header header = {.flash_mode = OTTER_FLASH_DOUT, .flash_size = 2, .entry = 0x40100004};
    seed_fill(&boot_seed, boot_code, sizeof(boot_code));
    seed_fill(&seed, code, size);
    for (size_t i = 1000; i < size; i++)
        if (i / 700 % 2)
            code[i] = code[i - 999];
    /* A blank sector, and one with a single bit in it: half erased, the latter reads like the former. */
    memset(code + 4080, 0xFF, 4096);
    code[6000] = (uint8_t)(0xFF - bit);
    int boot_size = otter_image_build(
        boot, sizeof(boot), &header,
        &(struct otter_image_source){.address = 0x4010F000, .bytes = boot_code, .size = sizeof(boot_code)},
        1);
    struct otter_image_source segments[] = {
        {.address = 0x40201010, .bytes = code, .size = (uint32_t)(size - OTTER_IMAGE_SKETCH - 96)},
        {.address = 0x40100000, .bytes = code, .size = 64},
    };
    int sketch_size = otter_image_build(sketch, size, &header, segments, TEST_COUNT(segments));
    struct file file = {.bytes = malloc(size), .size = size};
    assert_int_equal(otter_image_join(file.bytes, size, boot, (size_t)boot_size, sketch, (size_t)sketch_size),
                     size);
    free(sketch);
    return file;
}

/* --- one life after the other ---------------------------------------------------------------------- */

static void power_cut(void *context)
{
    longjmp(((struct bench *)context)->power_lost, 1);
}

/* Flash with the old firmware, the staged one, and something in all that is not to be touched. */
static void open_bench(struct bench *bench, const struct update *update)
{
    uint64_t seed = 99;
    memset(bench, 0, sizeof *bench);
    bench->update = update;
    assert_true(otter_sim_flash_open_memory(&bench->flash, update->flash_size));
    bench->flash.power_cut = power_cut;
    bench->flash.power_cut_context = bench;
    bench->before = malloc(update->flash_size);
    memset(bench->before, 0xFF, update->flash_size);
    seed_fill(&seed, bench->before + update->stage_end, update->flash_size - update->stage_end);
    memcpy(bench->before, update->old.bytes, update->old.size);
    memcpy(bench->before + update->source, update->staged.bytes, update->staged.size);
    if (update->leftover)
        memset(bench->before + update->source - OTTER_FLASH_SECTOR, 0x5A, OTTER_FLASH_SECTOR);
    otter_sim_flash_load(&bench->flash, 0, bench->before, update->flash_size);
}

static void close_bench(struct bench *bench)
{
    otter_sim_flash_close(&bench->flash);
    free(bench->before);
}

static void rewind_range(struct bench *bench, uint32_t from, uint32_t to)
{
    otter_sim_flash_load(&bench->flash, from, bench->before + from, to - from);
}

/* What lies between the firmware and the sector below the staged one, the bootloader has no business in; the
 * same goes for everything from the filesystem up. */
static void rewind_bench(struct bench *bench)
{
    const struct update *update = bench->update;
    uint32_t below = update->source - OTTER_FLASH_SECTOR;
    uint32_t end = (uint32_t)(update->new.size > update->old.size ? update->new.size : update->old.size);
    rewind_range(bench, 0, end < below ? otter_round_up(end, OTTER_FLASH_BLOCK) : below);
    rewind_range(bench, below, update->stage_end);
    bench->flash.operation = 0;
    bench->flash.cut_at = 0;
    otter_boot_command_encode(bench->rtc.words,
                              &(struct otter_boot_command){.action = OTTER_BOOT_COPY,
                                                           .source = bench->update->source,
                                                           .size = (uint32_t)bench->update->staged.size});
}

/* False if power failed on the way. */
static bool start(struct bench *bench)
{
    if (setjmp(bench->power_lost) != 0)
        return false;
    for (int starts = 0; starts < STARTS_MAX; starts++)
        if (otter_sim_boot(&bench->flash, &bench->rtc) != BOOT_FAILED)
            return true;
    return true;
}

static void plan_cut(struct bench *bench, uint64_t in, enum otter_sim_cut cut, uint64_t seed)
{
    bench->flash.cut_at = bench->flash.operation + in;
    bench->flash.cut = cut;
    bench->flash.seed = seed;
}

static void start_cold(struct bench *bench, uint64_t seed)
{
    bench->flash.cut_at = 0;
    otter_sim_rtc_power_on(&bench->rtc, seed);
    start(bench);
}

static bool runs(const struct bench *bench, const struct file *file)
{
    return memcmp(bench->flash.bytes, file->bytes, file->size) == 0;
}

static bool is_torn(const struct bench *bench)
{
    const uint8_t *flash = bench->flash.bytes;
    return memcmp(flash, bench->update->old.bytes, OTTER_FLASH_SECTOR) != 0 &&
           memcmp(flash, bench->update->new.bytes, OTTER_FLASH_SECTOR) != 0;
}

static bool is_given_up(const struct bench *bench)
{
    return bench->flash.bytes[OTTER_IMAGE_SKETCH] != OTTER_IMAGE_MAGIC;
}

static void judge(struct bench *bench, bool given_up, const char *what, uint64_t at, int cut, uint64_t seed)
{
    const struct update *update = bench->update;
    bool new = runs(bench, &update->new), old = runs(bench, &update->old);
    bool untouched = memcmp(bench->flash.bytes + update->stage_end, bench->before + update->stage_end,
                            update->flash_size - update->stage_end) == 0;
    bench->tally.points++;
    bench->tally.new += new;
    bench->tally.old += old && !new;
    if ((new || (old && !given_up)) && untouched && bench->flash.violation[0] == '\0')
        return;
    if (bench->tally.bricked++ == 0)
        print_error("%s: %s: operation %llu, outcome %d, seed %llu: %s%s %s\n", update->name, what,
                    (unsigned long long)at, cut, (unsigned long long)seed,
                    new   ? "new"
                    : old ? "old"
                          : "neither",
                    untouched ? "" : ", filesystem touched", bench->flash.violation);
}

static bool is_full(void)
{
    const char *wanted = getenv("OTTER_POWERCUT");
    return wanted != NULL && strcmp(wanted, "full") == 0;
}

/* --- campaigns ------------------------------------------------------------------------------------- */

static uint64_t count_operations(struct bench *bench)
{
    rewind_bench(bench);
    assert_true(start(bench));
    assert_true(runs(bench, bench->update->refused ? &bench->update->old : &bench->update->new));
    return bench->flash.operation;
}

/* Of long copies a part, unless all is wanted. */
static uint64_t stride_of(uint64_t operations)
{
    return is_full() || operations < 200 ? 1 : 11;
}

/* Torn words of the note and of the headers: few bits decide, so each is torn in many ways. */
static void torn_ends(struct bench *bench, uint64_t operations)
{
    for (uint64_t i = 0; i < 12; i++) {
        uint64_t at = i < 6 ? 1 + i : operations - (i - 6);
        for (uint64_t seed = 1; at >= 1 && at <= operations && seed <= 30; seed++) {
            rewind_bench(bench);
            plan_cut(bench, at, OTTER_SIM_CUT_TORN_RANDOM, seed * 1000 + at);
            assert_false(start(bench));
            bool given_up = is_given_up(bench);
            start_cold(bench, seed);
            judge(bench, given_up, "torn end", at, OTTER_SIM_CUT_TORN_RANDOM, bench->flash.seed);
        }
    }
}

static void every_single_cut(struct bench *bench)
{
    uint64_t operations = count_operations(bench);
    uint64_t stride = stride_of(operations);
    for (uint64_t at = 1; at <= operations; at++) {
        for (int cut = (int)(at % stride); cut < CUTS; cut += (int)stride) {
            rewind_bench(bench);
            plan_cut(bench, at, (enum otter_sim_cut)cut,
                     bench->update->stage_end + at * CUTS + (uint64_t)cut);
            assert_false(start(bench));
            bool given_up = is_given_up(bench);
            bench->tally.exposed += is_torn(bench);
            start_cold(bench, at);
            judge(bench, given_up, "one cut", at, cut, bench->flash.seed);
        }
    }
}

/* The processor restarts, but power stays: RTC memory still holds the command. */
static void every_reset(struct bench *bench)
{
    uint64_t operations = count_operations(bench), stride = stride_of(operations);
    for (uint64_t at = 1; at <= operations; at += stride) {
        rewind_bench(bench);
        plan_cut(bench, at, OTTER_SIM_CUT_NOT_STARTED, at);
        assert_false(start(bench));
        bool given_up = is_given_up(bench);
        bench->flash.cut_at = 0;
        start(bench);
        judge(bench, given_up, "reset", at, 0, at);
    }
}

/* Power fails again while the device recovers. */
static void second_cuts(struct bench *bench, uint64_t samples)
{
    uint64_t operations = count_operations(bench), seed = 2024;
    for (uint64_t i = 0; i < samples; i++) {
        uint64_t state = seed + i;
        uint64_t first = 1 + seed_below(&state, (uint32_t)operations);
        int cuts[2] = {(int)seed_below(&state, CUTS), (int)seed_below(&state, CUTS)};
        rewind_bench(bench);
        plan_cut(bench, first, (enum otter_sim_cut)cuts[0], state);
        assert_false(start(bench));
        bool given_up = is_given_up(bench);
        otter_sim_rtc_power_on(&bench->rtc, state);
        plan_cut(bench, 1 + seed_below(&state, (uint32_t)operations), (enum otter_sim_cut)cuts[1], state + 1);
        if (!start(bench)) {
            given_up |= is_given_up(bench);
            start_cold(bench, state + 2);
        }
        judge(bench, given_up, "two cuts", first, cuts[0] * 10 + cuts[1], seed + i);
    }
}

static struct update make_update(const char *name, uint32_t flash_size, uint32_t stage_end, size_t old_size,
                                 size_t new_size, uint64_t boot_seed, bool gzip)
{
    struct update update = {.name = name, .flash_size = flash_size, .stage_end = stage_end};
    update.old = make_firmware(old_size, 1, 3);
    update.new = make_firmware(new_size, 2, boot_seed);
    update.staged = gzip ? file_gzip(update.new.bytes, update.new.size) : update.new;
    update.source = stage_end - otter_round_up((uint32_t)update.staged.size, OTTER_FLASH_SECTOR);
    return update;
}

static void drop_update(struct update *update)
{
    free(update->old.bytes);
    free(update->new.bytes);
    if (update->staged.bytes != update->new.bytes)
        free(update->staged.bytes);
}

static void campaign(struct update update)
{
    struct bench bench;
    open_bench(&bench, &update);
    every_single_cut(&bench);
    if (update.flash_size <= TORN_FLASH_MAX && !update.refused)
        torn_ends(&bench, count_operations(&bench));
    every_reset(&bench);
    if (!update.refused)
        second_cuts(&bench, is_full() ? 10000 : 100);
    print_message("%-26s cut points %llu, old %llu, new %llu, bricked %llu", update.name,
                  (unsigned long long)bench.tally.points, (unsigned long long)bench.tally.old,
                  (unsigned long long)bench.tally.new, (unsigned long long)bench.tally.bricked);
    if (bench.tally.exposed != 0)
        print_message(" (%llu in the rewrite of sector 0)", (unsigned long long)bench.tally.exposed);
    print_message("\n");
    assert_int_equal(bench.tally.bricked, 0);
    close_bench(&bench);
    drop_update(&update);
}

/* --- cases ----------------------------------------------------------------------------------------- */

#define KIB 1024u

enum { SAME = 3, OTHER = 4 }; /* bootloaders */

static void every_layout_class(void **state)
{
    static const char *const some[] = {"512k", "512k64", "1m", "1m64", "2m", "2m1m", "4m", "4m1m"};
    (void)state;
    for (size_t i = 0; i < (is_full() ? OTTER_LAYOUT_COUNT : TEST_COUNT(some)); i++) {
        const struct otter_layout *layout = is_full() ? otter_layout_get(i) : otter_layout_find(some[i]);
        char name[40];
        snprintf(name, sizeof name, "%s, %s", layout->name, i % 2 ? "gzip" : "raw");
        campaign(
            make_update(name, layout->flash_size, layout->filesystem_start, 11 * KIB, 13 * KIB, SAME, i % 2));
    }
}

static void blocks(void **state)
{
    (void)state;
    campaign(make_update("blocks, raw", 512 * KIB, 0x7B000, 100 * KIB, 199 * KIB + 16, SAME, false));
    campaign(make_update("blocks, gzip", 512 * KIB, 0x7B000, 100 * KIB, 199 * KIB + 16, SAME, true));
}

static void overlapping(void **state)
{
    (void)state;
    campaign(make_update("overlapping by a sector", 256 * KIB, 0x19000, 20 * KIB, 53 * KIB, SAME, false));
    campaign(make_update("overlapping to the limit", 256 * KIB, 0x14000, 11 * KIB, 67 * KIB, SAME, false));
    campaign(make_update("overlapping, blocks", 512 * KIB, 0x44000, 100 * KIB, 150 * KIB, SAME, false));
}

static void no_room_behind_the_image(void **state)
{
    (void)state;
    campaign(make_update("note below the image", 256 * KIB, 0x20000, 11 * KIB, 16 * KIB, SAME, false));
    struct update tight =
        make_update("no place for a note", 256 * KIB, 0xC000, 24 * KIB, 24 * KIB, SAME, false);
    tight.refused = true;
    campaign(tight);
}

static void another_bootloader(void **state)
{
    (void)state;
    campaign(make_update("another bootloader, raw", 256 * KIB, 0x20000, 11 * KIB, 13 * KIB, OTHER, false));
    campaign(make_update("another bootloader, gzip", 256 * KIB, 0x20000, 11 * KIB, 13 * KIB, OTHER, true));
    campaign(
        make_update("another bootloader, blocks", 512 * KIB, 0x7B000, 11 * KIB, 150 * KIB, OTHER, false));
    campaign(make_update("another, overlapping", 256 * KIB, 0x9000, 8 * KIB, 25 * KIB, OTHER, false));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_layout_class), cmocka_unit_test(blocks),
        cmocka_unit_test(overlapping),        cmocka_unit_test(no_room_behind_the_image),
        cmocka_unit_test(another_bootloader),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
