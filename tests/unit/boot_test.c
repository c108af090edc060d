#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>

#include "format/boot_command.h"
#include "format/boot_note.h"
#include "format/bytes.h"
#include "format/image.h"
#include "ports/sim/boot.h"
#include "tests/support/file.h"
#include "tests/support/seed.h"

#define FLASH_SIZE (4u << 20)
#define STAGE_END  0x300000u /* where 4m1m's filesystem begins */
#define FLIPS      300

struct bench {
    struct otter_sim_flash flash;
    struct otter_sim_rtc rtc;
    struct file old;
    struct file new;
};

static int open_bench(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    *state = bench;
    assert_true(otter_sim_flash_open_memory(&bench->flash, FLASH_SIZE));
    otter_sim_rtc_power_on(&bench->rtc, 1);
    bench->old = file_read(OTTER_IMAGES_DIR "/garden-1.bin");
    bench->new = file_read(OTTER_IMAGES_DIR "/garden-2.bin");
    otter_sim_flash_load(&bench->flash, 0, bench->old.bytes, (uint32_t)bench->old.size);
    return 0;
}

static int close_bench(void **state)
{
    struct bench *bench = *state;
    assert_string_equal(bench->flash.violation, "");
    otter_sim_flash_close(&bench->flash);
    free(bench->old.bytes);
    free(bench->new.bytes);
    free(bench);
    return 0;
}

static void command(struct bench *bench, uint32_t source, uint32_t destination, size_t size)
{
    otter_boot_command_encode(bench->rtc.words, &(struct otter_boot_command){.action = OTTER_BOOT_COPY,
                                                                             .source = source,
                                                                             .destination = destination,
                                                                             .size = (uint32_t)size});
}

static uint32_t stage(struct bench *bench, const struct file *file)
{
    uint32_t source = STAGE_END - otter_round_up((uint32_t)file->size, OTTER_FLASH_SECTOR);
    memset(bench->flash.bytes + source, 0xFF, STAGE_END - source);
    otter_sim_flash_load(&bench->flash, source, file->bytes, (uint32_t)file->size);
    command(bench, source, 0, file->size);
    return source;
}

static enum boot_outcome boot(struct bench *bench)
{
    return otter_sim_boot(&bench->flash, &bench->rtc);
}

static bool has_command(const struct bench *bench)
{
    struct otter_boot_command decoded;
    return otter_boot_command_decode(&decoded, bench->rtc.words) == OTTER_OK;
}

static void assert_runs(const struct bench *bench, const struct file *file)
{
    assert_memory_equal(bench->flash.bytes, file->bytes, file->size);
}

static void assert_refused(struct bench *bench)
{
    uint64_t before = bench->flash.operation;
    assert_int_equal(boot(bench), BOOT_REFUSED);
    assert_int_equal(bench->flash.operation, before);
    assert_false(has_command(bench));
    assert_runs(bench, &bench->old);
}

/* --- the command ---------------------------------------------------------------------------------- */

static void without_a_command_nothing_is_touched(void **state)
{
    struct bench *bench = *state;
    for (uint64_t seed = 1; seed < 100; seed++) {
        otter_sim_rtc_power_on(&bench->rtc, seed);
        assert_int_equal(boot(bench), BOOT_IDLE);
    }
    assert_int_equal(bench->flash.operation, 0);
}

static void a_start_command_is_cleared(void **state)
{
    struct bench *bench = *state;
    otter_boot_command_encode(bench->rtc.words, &(struct otter_boot_command){.action = OTTER_BOOT_START});
    assert_int_equal(boot(bench), BOOT_IDLE);
    assert_false(has_command(bench));
    assert_int_equal(bench->flash.operation, 0);
}

static void commands_that_point_nowhere_are_refused(void **state)
{
    struct bench *bench = *state;
    uint32_t source = stage(bench, &bench->new);
    command(bench, source, 0, 0);
    assert_refused(bench);
    command(bench, source + 4, 0, bench->new.size);
    assert_refused(bench);
    command(bench, source, 4, bench->new.size);
    assert_refused(bench);
    command(bench, STAGE_END, 0, bench->new.size); /* blank */
    assert_refused(bench);
    command(bench, source, source - OTTER_FLASH_SECTOR * 2, bench->new.size);
}

/* --- copying -------------------------------------------------------------------------------------- */

static void a_raw_image_is_copied(void **state)
{
    struct bench *bench = *state;
    stage(bench, &bench->new);
    assert_int_equal(boot(bench), BOOT_COPIED);
    assert_runs(bench, &bench->new);
    assert_false(has_command(bench));
    assert_int_equal(boot(bench), BOOT_IDLE);
}

static void a_gzip_is_inflated(void **state)
{
    struct bench *bench = *state;
    struct file packed = file_gzip(bench->new.bytes, bench->new.size);
    stage(bench, &packed);
    free(packed.bytes);
    assert_int_equal(boot(bench), BOOT_COPIED);
    assert_runs(bench, &bench->new);
    assert_false(has_command(bench));
}

static void identical_sectors_are_skipped(void **state)
{
    struct bench *bench = *state;
    stage(bench, &bench->old);
    assert_int_equal(boot(bench), BOOT_COPIED);
    assert_runs(bench, &bench->old);
    /* All but the first of the sketch, which was void meanwhile. */
    assert_int_equal(bench->flash.counts.sector_erases, 1);
    assert_int_equal(bench->flash.counts.block_erases, 0);
}

static void a_real_update(struct bench *bench, const char *old_path, const char *new_path)
{
    if (!file_exists(old_path) || !file_exists(new_path)) {
        print_message("skipped: %s is absent\n", old_path);
        skip();
    }
    struct file old = file_read(old_path), new = file_read(new_path);
    struct file packed = file_gzip(new.bytes, new.size);
    const struct file *forms[] = {&new, &packed};
    for (size_t i = 0; i < TEST_COUNT(forms); i++) {
        otter_sim_flash_load(&bench->flash, 0, old.bytes, (uint32_t)old.size);
        stage(bench, forms[i]);
        assert_int_equal(boot(bench), BOOT_COPIED);
        assert_runs(bench, &new);
    }
    free(old.bytes);
    free(new.bytes);
    free(packed.bytes);
}

static void tasmota_is_updated(void **state)
{
    a_real_update(*state, OTTER_FIRMWARE_DIR "/tasmota-8.1.0.1.bin",
                  OTTER_FIRMWARE_DIR "/tasmota-8.1.0.2.bin");
}

static void micropython_is_updated(void **state)
{
    a_real_update(*state, OTTER_FIRMWARE_DIR "/micropython-1.9.4.bin",
                  OTTER_FIRMWARE_DIR "/micropython-1.10.bin");
}

static void a_filesystem_is_copied_unseen(void **state)
{
    struct bench *bench = *state;
    uint8_t image[3 * OTTER_FLASH_SECTOR];
    uint64_t seed = 7;
    seed_fill(&seed, image, sizeof(image));
    otter_sim_flash_load(&bench->flash, STAGE_END - sizeof(image), image, sizeof(image));
    command(bench, STAGE_END - sizeof(image), STAGE_END, sizeof(image));
    assert_int_equal(boot(bench), BOOT_COPIED);
    assert_memory_equal(bench->flash.bytes + STAGE_END, image, sizeof(image));
    assert_runs(bench, &bench->old);
}

/* Staged so low that the copy runs over what it has already taken. */
static void a_raw_image_may_overlap(void **state)
{
    struct bench *bench = *state;
    uint32_t source = OTTER_FLASH_SECTOR * 2;
    otter_sim_flash_load(&bench->flash, source, bench->new.bytes, (uint32_t)bench->new.size);
    command(bench, source, 0, bench->new.size);
    assert_int_equal(boot(bench), BOOT_COPIED);
    assert_runs(bench, &bench->new);
}

static void a_gzip_that_would_eat_itself_is_refused(void **state)
{
    struct bench *bench = *state;
    struct file packed = file_gzip(bench->new.bytes, bench->new.size);
    uint32_t source = otter_round_up((uint32_t)bench->old.size, OTTER_FLASH_SECTOR);
    otter_sim_flash_load(&bench->flash, source, packed.bytes, (uint32_t)packed.size);
    command(bench, source, 0, packed.size);
    enum boot_outcome outcome = boot(bench);
    if (outcome == BOOT_COPIED)
        assert_runs(bench, &bench->new); /* it was read before it was overwritten */
    else
        assert_runs(bench, &bench->old);
    otter_sim_flash_load(&bench->flash, 0, bench->old.bytes, (uint32_t)bench->old.size);
    otter_sim_flash_load(&bench->flash, OTTER_FLASH_SECTOR * 4, packed.bytes, (uint32_t)packed.size);
    command(bench, OTTER_FLASH_SECTOR * 4, 0, packed.size);
    uint64_t before = bench->flash.operation;
    assert_int_equal(boot(bench), BOOT_REFUSED);
    assert_int_equal(bench->flash.operation, before);
    free(packed.bytes);
}

/* An updater puts the device's own flash mode into the header; the CRC is that of the file as it was sent. */
static void the_device_keeps_its_flash_mode(void **state)
{
    struct bench *bench = *state;
    for (uint8_t mode = 0; mode < 4; mode++) {
        uint32_t source = stage(bench, &bench->new);
        otter_sim_flash_load(&bench->flash, source + OTTER_IMAGE_MODE_OFFSET, &mode, 1);
        assert_int_equal(boot(bench), BOOT_COPIED);
        assert_runs(bench, &bench->new);
        otter_sim_flash_load(&bench->flash, 0, bench->old.bytes, (uint32_t)bench->old.size);
    }
}

/* Of an image in a gzip, no updater can patch the mode; sector 0 is not rewritten for its sake. */
static void the_flash_mode_of_a_gzip_is_ignored(void **state)
{
    struct bench *bench = *state;
    bench->new.bytes[OTTER_IMAGE_MODE_OFFSET] = OTTER_FLASH_QIO;
    struct file packed = file_gzip(bench->new.bytes, bench->new.size);
    stage(bench, &packed);
    free(packed.bytes);
    uint32_t wear = bench->flash.wear[0];
    assert_int_equal(boot(bench), BOOT_COPIED);
    assert_int_equal(bench->flash.wear[0], wear);
    bench->new.bytes[OTTER_IMAGE_MODE_OFFSET] = OTTER_FLASH_DOUT;
    assert_runs(bench, &bench->new);
}

/* --- damage --------------------------------------------------------------------------------------- */

static void any_flipped_bit_is_refused(void **state)
{
    struct bench *bench = *state;
    uint64_t seed = 11;
    for (int i = 0; i < 200; i++) {
        uint32_t source = stage(bench, &bench->new);
        uint32_t byte =
            i < 100 ? OTTER_IMAGE_SKETCH + (uint32_t)i : seed_below(&seed, (uint32_t)bench->new.size);
        uint8_t damaged = (uint8_t)(bench->new.bytes[byte] ^ 1u << seed_below(&seed, 8));
        if (byte == OTTER_IMAGE_MODE_OFFSET)
            continue;
        otter_sim_flash_load(&bench->flash, source + byte, &damaged, 1);
        assert_refused(bench);
    }
}

static void any_flipped_bit_of_a_gzip_is_refused(void **state)
{
    struct bench *bench = *state;
    struct file packed = file_gzip(bench->new.bytes, bench->new.size);
    uint64_t seed = 12;
    for (int i = 0; i < 50; i++) {
        uint32_t source = stage(bench, &packed);
        uint32_t byte = 10 + seed_below(&seed, (uint32_t)packed.size - 10);
        uint8_t damaged = (uint8_t)(packed.bytes[byte] ^ 1u << seed_below(&seed, 8));
        otter_sim_flash_load(&bench->flash, source + byte, &damaged, 1);
        assert_refused(bench);
    }
    free(packed.bytes);
}

static void a_truncated_image_is_refused(void **state)
{
    struct bench *bench = *state;
    uint32_t source = stage(bench, &bench->new);
    for (size_t size = 4; size < bench->new.size; size += 9001) {
        command(bench, source, 0, size & ~3u);
        assert_refused(bench);
    }
}

static void a_failed_operation_is_tried_again(void **state)
{
    struct bench *bench = *state;
    stage(bench, &bench->new);
    for (uint64_t at = 2; at < 100; at += 7) {
        bench->flash.fail_at = bench->flash.operation + at;
        assert_int_equal(boot(bench), BOOT_FAILED);
        assert_true(has_command(bench));
    }
    bench->flash.fail_at = 0;
    assert_int_equal(boot(bench), BOOT_COPIED);
    assert_runs(bench, &bench->new);
}

/* --- the note ------------------------------------------------------------------------------------- */

static jmp_buf power_lost;

static void power_cut(void *context)
{
    (void)context;
    longjmp(power_lost, 1);
}

/* Power fails at operation AT of a copy, and RTC memory is lost: 1 writes the note, 2 voids the sketch. */
static void cut(struct bench *bench, uint64_t at)
{
    bench->flash.power_cut = power_cut;
    bench->flash.cut_at = bench->flash.operation + at;
    if (setjmp(power_lost) == 0) {
        boot(bench);
        fail_msg("power did not fail");
    }
    bench->flash.cut_at = 0;
    otter_sim_rtc_power_on(&bench->rtc, 1);
}

/* Where the note of an image that is staged at SOURCE stands. */
static struct otter_boot_note *note_of(struct bench *bench, uint32_t source, const struct file *file)
{
    uint32_t end = source + otter_round_up((uint32_t)file->size, OTTER_FLASH_SECTOR);
    return (struct otter_boot_note *)(void *)(bench->flash.bytes + end - OTTER_BOOT_NOTE_SIZE);
}

static void a_copy_that_lost_its_power_is_finished(void **state)
{
    struct bench *bench = *state;
    uint32_t source = stage(bench, &bench->new);
    cut(bench, 500);
    assert_int_equal(boot(bench), BOOT_COPIED);
    assert_runs(bench, &bench->new);
    assert_int_equal(note_of(bench, source, &bench->new)->magic, 0);
    assert_int_equal(boot(bench), BOOT_IDLE);
}

/* What reads as if it stood may have been half written, or half erased. */
static void then_every_sector_is_written_anew(void **state)
{
    struct bench *bench = *state;
    stage(bench, &bench->new);
    cut(bench, 900);
    uint64_t before = bench->flash.counts.programs;
    assert_int_equal(boot(bench), BOOT_COPIED);
    uint64_t pages = (bench->new.size - OTTER_FLASH_SECTOR) / OTTER_FLASH_PAGE;
    assert_true(bench->flash.counts.programs - before >= pages);
}

static void a_note_that_is_not_whole_is_none(void **state)
{
    struct bench *bench = *state;
    uint32_t source = stage(bench, &bench->new);
    cut(bench, 10);
    note_of(bench, source, &bench->new)->command.source &= ~0x40000u;
    uint64_t before = bench->flash.operation;
    assert_int_equal(boot(bench), BOOT_IDLE);
    assert_int_equal(bench->flash.operation, before);
}

static void a_note_in_another_place_is_none(void **state)
{
    struct bench *bench = *state;
    uint32_t source = stage(bench, &bench->new);
    cut(bench, 10);
    struct otter_boot_note *note = note_of(bench, source, &bench->new);
    memcpy(note_of(bench, STAGE_END, &bench->new), note, sizeof(*note));
    note->magic = 0;
    uint64_t before = bench->flash.operation;
    assert_int_equal(boot(bench), BOOT_IDLE);
    assert_int_equal(bench->flash.operation, before);
}

/* Power failed between note and void: the old sketch runs on, and the note must not come back later. */
static void a_note_left_behind_is_voided(void **state)
{
    struct bench *bench = *state;
    struct file packed = file_gzip(bench->new.bytes, bench->new.size);
    uint32_t low = 0x100000;
    otter_sim_flash_load(&bench->flash, low, packed.bytes, (uint32_t)packed.size);
    command(bench, low, 0, packed.size);
    cut(bench, 2);
    assert_runs(bench, &bench->old);
    assert_int_equal(note_of(bench, low, &packed)->magic, OTTER_BOOT_NOTE_MAGIC);
    stage(bench, &bench->new);
    cut(bench, 300);
    assert_int_equal(note_of(bench, low, &packed)->magic, 0);
    assert_int_equal(boot(bench), BOOT_COPIED);
    assert_runs(bench, &bench->new);
    free(packed.bytes);
}

/* 10,000 staged images with one flipped bit each: none that is damaged is ever copied. */
static void no_flipped_bit_gets_through(void **state)
{
    struct bench *bench = *state;
    uint64_t seed = 13;
    uint32_t source = stage(bench, &bench->new);
    for (int i = 0; i < FLIPS; i++) {
        uint32_t byte = seed_below(&seed, (uint32_t)bench->new.size);
        uint8_t *at = bench->flash.bytes + source + byte, mask = (uint8_t)(1u << seed_below(&seed, 8));
        if (byte == OTTER_IMAGE_MODE_OFFSET)
            continue;
        *at ^= mask;
        command(bench, source, 0, bench->new.size);
        assert_refused(bench);
        *at ^= mask;
    }
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_bench, close_bench)
    const struct CMUnitTest tests[] = {
        TEST(without_a_command_nothing_is_touched),
        TEST(a_start_command_is_cleared),
        TEST(commands_that_point_nowhere_are_refused),
        TEST(a_raw_image_is_copied),
        TEST(a_gzip_is_inflated),
        TEST(identical_sectors_are_skipped),
        TEST(tasmota_is_updated),
        TEST(micropython_is_updated),
        TEST(a_filesystem_is_copied_unseen),
        TEST(a_raw_image_may_overlap),
        TEST(a_gzip_that_would_eat_itself_is_refused),
        TEST(the_device_keeps_its_flash_mode),
        TEST(the_flash_mode_of_a_gzip_is_ignored),
        TEST(any_flipped_bit_is_refused),
        TEST(any_flipped_bit_of_a_gzip_is_refused),
        TEST(a_truncated_image_is_refused),
        TEST(a_failed_operation_is_tried_again),
        TEST(a_copy_that_lost_its_power_is_finished),
        TEST(then_every_sector_is_written_anew),
        TEST(a_note_that_is_not_whole_is_none),
        TEST(a_note_in_another_place_is_none),
        TEST(a_note_left_behind_is_voided),
        TEST(no_flipped_bit_gets_through),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
