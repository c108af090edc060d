#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>

#include "format/boot_command.h"
#include "format/boot_note.h"
#include "format/bootloader.h"
#include "format/bytes.h"
#include "format/image.h"
#include "tests/support/boot_rig.h"
#include "tests/support/sample.h"
#include "tests/support/seed.h"

#define FLIPS 300

static bool has_command(const struct boot_rig *rig)
{
    struct otter_boot_command decoded;
    return otter_boot_command_decode(&decoded, rig->rtc.words) == OTTER_OK;
}

static void assert_runs(const struct boot_rig *rig, const struct file *file)
{
    assert_true(boot_rig_runs(rig, file));
}

static void assert_refused(struct boot_rig *rig)
{
    uint64_t before = rig->flash.operation;
    assert_int_equal(boot_rig_start(rig), BOOT_REFUSED);
    assert_int_equal(rig->flash.operation, before);
    assert_false(has_command(rig));
    assert_runs(rig, &rig->old);
}

/* --- the command ---------------------------------------------------------------------------------- */

static void without_a_command_nothing_is_touched(void **state)
{
    struct boot_rig *rig = *state;
    for (uint64_t seed = 1; seed < 100; seed++) {
        otter_sim_rtc_power_on(&rig->rtc, seed);
        assert_int_equal(boot_rig_start(rig), BOOT_IDLE);
    }
    assert_int_equal(rig->flash.operation, 0);
}

static void a_start_command_is_cleared(void **state)
{
    struct boot_rig *rig = *state;
    otter_boot_command_encode(rig->rtc.words, &(struct otter_boot_command){.action = OTTER_BOOT_START});
    assert_int_equal(boot_rig_start(rig), BOOT_IDLE);
    assert_false(has_command(rig));
    assert_int_equal(rig->flash.operation, 0);
}

static void commands_that_point_nowhere_are_refused(void **state)
{
    struct boot_rig *rig = *state;
    uint32_t source = boot_rig_stage(rig, &rig->new);
    boot_rig_command(rig, source, 0, 0);
    assert_refused(rig);
    boot_rig_command(rig, source + 4, 0, rig->new.size);
    assert_refused(rig);
    boot_rig_command(rig, source, 4, rig->new.size);
    assert_refused(rig);
    boot_rig_command(rig, BOOT_RIG_STAGE_END, 0, rig->new.size); /* blank */
    assert_refused(rig);
    boot_rig_command(rig, source, source - OTTER_FLASH_SECTOR * 2, rig->new.size);
}

/* --- copying -------------------------------------------------------------------------------------- */

static void a_raw_image_is_copied(void **state)
{
    struct boot_rig *rig = *state;
    boot_rig_stage(rig, &rig->new);
    assert_int_equal(boot_rig_start(rig), BOOT_COPIED);
    assert_runs(rig, &rig->new);
    assert_false(has_command(rig));
    assert_int_equal(boot_rig_start(rig), BOOT_IDLE);
}

static void a_gzip_is_inflated(void **state)
{
    struct boot_rig *rig = *state;
    struct file packed = file_gzip(rig->new.bytes, rig->new.size);
    boot_rig_stage(rig, &packed);
    free(packed.bytes);
    assert_int_equal(boot_rig_start(rig), BOOT_COPIED);
    assert_runs(rig, &rig->new);
    assert_false(has_command(rig));
}

static void identical_sectors_are_skipped(void **state)
{
    struct boot_rig *rig = *state;
    boot_rig_stage(rig, &rig->old);
    assert_int_equal(boot_rig_start(rig), BOOT_COPIED);
    assert_runs(rig, &rig->old);
    /* All but the first of the sketch, which was void meanwhile. */
    assert_int_equal(rig->flash.counts.sector_erases, 1);
    assert_int_equal(rig->flash.counts.block_erases, 0);
}

static void a_real_update(struct boot_rig *rig, const char *old_path, const char *new_path)
{
    if (!file_exists(old_path) || !file_exists(new_path)) {
        print_message("skipped: %s is absent\n", old_path);
        skip();
    }
    struct file old = file_read(old_path), new = file_read(new_path);
    struct file packed = file_gzip(new.bytes, new.size);
    const struct file *forms[] = {&new, &packed};
    for (size_t i = 0; i < TEST_COUNT(forms); i++) {
        boot_rig_install(rig, &old);
        boot_rig_stage(rig, forms[i]);
        assert_int_equal(boot_rig_start(rig), BOOT_COPIED);
        assert_runs(rig, &new);
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
    struct boot_rig *rig = *state;
    uint8_t image[3 * OTTER_FLASH_SECTOR];
    uint64_t seed = 7;
    seed_fill(&seed, image, sizeof(image));
    otter_sim_flash_load(&rig->flash, BOOT_RIG_STAGE_END - sizeof(image), image, sizeof(image));
    boot_rig_command(rig, BOOT_RIG_STAGE_END - sizeof(image), BOOT_RIG_STAGE_END, sizeof(image));
    assert_int_equal(boot_rig_start(rig), BOOT_COPIED);
    assert_memory_equal(rig->flash.bytes + BOOT_RIG_STAGE_END, image, sizeof(image));
    assert_runs(rig, &rig->old);
}

/* Staged so low that the copy runs over what it has already taken. */
static void a_raw_image_may_overlap(void **state)
{
    struct boot_rig *rig = *state;
    uint32_t source = OTTER_FLASH_SECTOR * 2;
    otter_sim_flash_load(&rig->flash, source, rig->new.bytes, (uint32_t)rig->new.size);
    boot_rig_command(rig, source, 0, rig->new.size);
    assert_int_equal(boot_rig_start(rig), BOOT_COPIED);
    assert_runs(rig, &rig->new);
}

/* Puts FILE at SOURCE, where the copy will run over it. */
static void stage_low(struct boot_rig *rig, const struct file *file, uint32_t source)
{
    memset(rig->flash.bytes + source, 0xFF, BOOT_RIG_STAGE_END - source);
    otter_sim_flash_load(&rig->flash, source, file->bytes, (uint32_t)file->size);
    boot_rig_command(rig, source, 0, file->size);
}

static void a_gzip_may_overlap(void **state)
{
    struct boot_rig *rig = *state;
    struct file packed = file_gzip(rig->new.bytes, rig->new.size);
    uint32_t end = otter_round_up((uint32_t)rig->new.size, OTTER_FLASH_SECTOR);
    for (uint32_t sectors = 1; sectors <= 10; sectors++) {
        boot_rig_install(rig, &rig->old);
        stage_low(rig, &packed, end - sectors * OTTER_FLASH_SECTOR);
        assert_int_equal(boot_rig_start(rig), BOOT_COPIED);
        assert_runs(rig, &rig->new);
    }
    free(packed.bytes);
}

/* After any cut the copy comes to its end, and after another one in what is left of it. */
static void assert_survives(struct boot_rig *rig, const struct file *file, uint32_t source, uint32_t step)
{
    for (uint64_t at = 3, cut = true; cut; at += step) {
        boot_rig_install(rig, &rig->old);
        stage_low(rig, file, source);
        cut = boot_rig_cut(rig, at);
        if (at % 3 == 0)
            boot_rig_cut(rig, at / 2);
        boot_rig_start(rig);
        assert_runs(rig, &rig->new);
    }
}

static void a_gzip_that_overlaps_survives_power_cuts(void **state)
{
    struct boot_rig *rig = *state;
    struct file packed = file_gzip(rig->new.bytes, rig->new.size);
    uint32_t end = otter_round_up((uint32_t)rig->new.size, OTTER_FLASH_SECTOR);
    assert_survives(rig, &packed, end - 8 * OTTER_FLASH_SECTOR, 41);
    free(packed.bytes);
}

/* Noise is not compressed but stored. */
static void so_does_a_gzip_of_stored_blocks(void **state)
{
    struct boot_rig *rig = *state;
    boot_rig_make(rig, 0x30000, 0);
    struct file packed = file_gzip(rig->new.bytes, rig->new.size);
    assert_true(packed.size > rig->new.size - OTTER_FLASH_SECTOR);
    assert_survives(rig, &packed, 0x24000, 41);
    free(packed.bytes);
}

static void a_gzip_that_would_eat_itself_is_refused(void **state)
{
    struct boot_rig *rig = *state;
    struct file packed = file_gzip(rig->new.bytes, rig->new.size);
    boot_rig_install(rig, &rig->old);
    for (uint32_t source = 4 * OTTER_FLASH_SECTOR; source < 20 * OTTER_FLASH_SECTOR;
         source += 4 * OTTER_FLASH_SECTOR) {
        uint8_t *below = malloc(BOOT_RIG_STAGE_END);
        uint64_t before = rig->flash.operation;
        stage_low(rig, &packed, source);
        memcpy(below, rig->flash.bytes, BOOT_RIG_STAGE_END);
        assert_int_equal(boot_rig_start(rig), BOOT_REFUSED);
        assert_int_equal(rig->flash.operation, before);
        assert_memory_equal(rig->flash.bytes, below, BOOT_RIG_STAGE_END);
        free(below);
    }
    free(packed.bytes);
}

/* An updater puts the device's own flash mode into the header; the CRC is that of the file as it was sent. */
static void the_device_keeps_its_flash_mode(void **state)
{
    struct boot_rig *rig = *state;
    for (uint8_t mode = 0; mode < 4; mode++) {
        uint32_t source = boot_rig_stage(rig, &rig->new);
        otter_sim_flash_load(&rig->flash, source + OTTER_IMAGE_MODE_OFFSET, &mode, 1);
        assert_int_equal(boot_rig_start(rig), BOOT_COPIED);
        assert_runs(rig, &rig->new);
        boot_rig_install(rig, &rig->old);
    }
}

/* Of an image in a gzip, no updater can patch the mode; sector 0 is not rewritten for its sake. */
static void the_flash_mode_of_a_gzip_is_ignored(void **state)
{
    struct boot_rig *rig = *state;
    rig->new.bytes[OTTER_IMAGE_MODE_OFFSET] = OTTER_FLASH_QIO;
    struct file packed = file_gzip(rig->new.bytes, rig->new.size);
    boot_rig_stage(rig, &packed);
    free(packed.bytes);
    uint32_t wear = rig->flash.wear[0];
    assert_int_equal(boot_rig_start(rig), BOOT_COPIED);
    assert_int_equal(rig->flash.wear[0], wear);
    rig->new.bytes[OTTER_IMAGE_MODE_OFFSET] = OTTER_FLASH_DOUT;
    assert_runs(rig, &rig->new);
}

/* --- damage --------------------------------------------------------------------------------------- */

static void any_flipped_bit_is_refused(void **state)
{
    struct boot_rig *rig = *state;
    uint64_t seed = 11;
    for (int i = 0; i < 200; i++) {
        uint32_t source = boot_rig_stage(rig, &rig->new);
        uint32_t byte =
            i < 100 ? OTTER_IMAGE_SKETCH + (uint32_t)i : seed_below(&seed, (uint32_t)rig->new.size);
        uint8_t damaged = (uint8_t)(rig->new.bytes[byte] ^ 1u << seed_below(&seed, 8));
        if (byte == OTTER_IMAGE_MODE_OFFSET)
            continue;
        otter_sim_flash_load(&rig->flash, source + byte, &damaged, 1);
        assert_refused(rig);
    }
}

/* It looks like an older core's then, which has no CRC; and the checksum is right where the bytes of length
 * and CRC cancel out. */
static void a_damaged_length_hides_no_crc(void **state)
{
    struct boot_rig *rig = *state;
    unsigned found = 0;
    for (uint64_t seed = 1; found < 3; seed++) {
        uint8_t *words = rig->new.bytes + OTTER_IMAGE_CRC_LENGTH, sum = 0;
        sample_firmware(rig->new.bytes, rig->new.size, seed, OTTER_BOOTLOADER_VERSION, 0);
        for (int i = 0; i < 8; i++)
            sum ^= words[i];
        if (sum == 0 || (sum & (sum - 1)) != 0)
            continue;
        words[0] ^= sum;
        boot_rig_stage(rig, &rig->new);
        assert_refused(rig);
        found++;
    }
}

static void any_flipped_bit_of_a_gzip_is_refused(void **state)
{
    struct boot_rig *rig = *state;
    struct file packed = file_gzip(rig->new.bytes, rig->new.size);
    uint64_t seed = 12;
    for (int i = 0; i < 50; i++) {
        uint32_t source = boot_rig_stage(rig, &packed);
        uint32_t byte = 10 + seed_below(&seed, (uint32_t)packed.size - 10);
        uint8_t damaged = (uint8_t)(packed.bytes[byte] ^ 1u << seed_below(&seed, 8));
        otter_sim_flash_load(&rig->flash, source + byte, &damaged, 1);
        assert_refused(rig);
    }
    free(packed.bytes);
}

static void a_truncated_image_is_refused(void **state)
{
    struct boot_rig *rig = *state;
    uint32_t source = boot_rig_stage(rig, &rig->new);
    for (size_t size = 4; size < rig->new.size; size += 9001) {
        boot_rig_command(rig, source, 0, size & ~3u);
        assert_refused(rig);
    }
}

static void a_failed_operation_is_tried_again(void **state)
{
    struct boot_rig *rig = *state;
    boot_rig_stage(rig, &rig->new);
    for (uint64_t at = 2; at < 100; at += 7) {
        rig->flash.fail_at = rig->flash.operation + at;
        assert_int_equal(boot_rig_start(rig), BOOT_FAILED);
        assert_true(has_command(rig));
    }
    rig->flash.fail_at = 0;
    assert_int_equal(boot_rig_start(rig), BOOT_COPIED);
    assert_runs(rig, &rig->new);
}

/* --- the note ------------------------------------------------------------------------------------- */

static void cut(struct boot_rig *rig, uint64_t at)
{
    assert_true(boot_rig_cut(rig, at));
}

/* Where the note of an image that is staged at SOURCE stands. */
static struct otter_boot_note *note_of(struct boot_rig *rig, uint32_t source, const struct file *file)
{
    uint32_t end = source + otter_round_up((uint32_t)file->size, OTTER_FLASH_SECTOR);
    return (struct otter_boot_note *)(void *)(rig->flash.bytes + end - OTTER_BOOT_NOTE_SIZE);
}

static void a_copy_that_lost_its_power_is_finished(void **state)
{
    struct boot_rig *rig = *state;
    uint32_t source = boot_rig_stage(rig, &rig->new);
    cut(rig, 500);
    assert_int_equal(boot_rig_start(rig), BOOT_COPIED);
    assert_runs(rig, &rig->new);
    assert_int_equal(note_of(rig, source, &rig->new)->magic, 0);
    assert_int_equal(boot_rig_start(rig), BOOT_IDLE);
}

/* What reads as if it stood may have been half written, or half erased. */
static void then_every_sector_is_written_anew(void **state)
{
    struct boot_rig *rig = *state;
    boot_rig_stage(rig, &rig->new);
    cut(rig, 900);
    uint64_t before = rig->flash.counts.programs;
    assert_int_equal(boot_rig_start(rig), BOOT_COPIED);
    uint64_t pages = (rig->new.size - OTTER_FLASH_SECTOR) / OTTER_FLASH_PAGE;
    assert_true(rig->flash.counts.programs - before >= pages);
}

static void a_note_that_is_not_whole_is_none(void **state)
{
    struct boot_rig *rig = *state;
    uint32_t source = boot_rig_stage(rig, &rig->new);
    cut(rig, 10);
    note_of(rig, source, &rig->new)->command.source &= ~0x40000u;
    uint64_t before = rig->flash.operation;
    assert_int_equal(boot_rig_start(rig), BOOT_IDLE);
    assert_int_equal(rig->flash.operation, before);
}

static void a_note_in_another_place_is_none(void **state)
{
    struct boot_rig *rig = *state;
    uint32_t source = boot_rig_stage(rig, &rig->new);
    cut(rig, 10);
    struct otter_boot_note *note = note_of(rig, source, &rig->new);
    memcpy(note_of(rig, BOOT_RIG_STAGE_END, &rig->new), note, sizeof(*note));
    note->magic = 0;
    uint64_t before = rig->flash.operation;
    assert_int_equal(boot_rig_start(rig), BOOT_IDLE);
    assert_int_equal(rig->flash.operation, before);
}

/* Power failed between note and void: the old sketch runs on, and the note must not come back later. */
static void a_note_left_behind_is_voided(void **state)
{
    struct boot_rig *rig = *state;
    struct file packed = file_gzip(rig->new.bytes, rig->new.size);
    uint32_t low = 0x100000;
    otter_sim_flash_load(&rig->flash, low, packed.bytes, (uint32_t)packed.size);
    boot_rig_command(rig, low, 0, packed.size);
    cut(rig, 2);
    assert_runs(rig, &rig->old);
    assert_int_equal(note_of(rig, low, &packed)->magic, OTTER_BOOT_NOTE_MAGIC);
    boot_rig_stage(rig, &rig->new);
    cut(rig, 300);
    assert_int_equal(note_of(rig, low, &packed)->magic, 0);
    assert_int_equal(boot_rig_start(rig), BOOT_COPIED);
    assert_runs(rig, &rig->new);
    free(packed.bytes);
}

/* 10,000 staged images with one flipped bit each: none that is damaged is ever copied. */
static void no_flipped_bit_gets_through(void **state)
{
    struct boot_rig *rig = *state;
    uint64_t seed = 13;
    uint32_t source = boot_rig_stage(rig, &rig->new);
    for (int i = 0; i < FLIPS; i++) {
        uint32_t byte = seed_below(&seed, (uint32_t)rig->new.size);
        uint8_t *at = rig->flash.bytes + source + byte, mask = (uint8_t)(1u << seed_below(&seed, 8));
        if (byte == OTTER_IMAGE_MODE_OFFSET)
            continue;
        *at ^= mask;
        boot_rig_command(rig, source, 0, rig->new.size);
        assert_refused(rig);
        *at ^= mask;
    }
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, boot_rig_open, boot_rig_close)
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
        TEST(a_gzip_may_overlap),
        TEST(a_gzip_that_overlaps_survives_power_cuts),
        TEST(so_does_a_gzip_of_stored_blocks),
        TEST(a_gzip_that_would_eat_itself_is_refused),
        TEST(the_device_keeps_its_flash_mode),
        TEST(the_flash_mode_of_a_gzip_is_ignored),
        TEST(any_flipped_bit_is_refused),
        TEST(a_damaged_length_hides_no_crc),
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
