/* A sketch on trial, as the bootloader sees it. */
#include "tests/support/test.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "format/boot_command.h"
#include "format/boot_note.h"
#include "format/bootloader.h"
#include "format/bytes.h"
#include "format/crc32.h"
#include "format/image.h"
#include "tests/support/boot_rig.h"
#include "tests/support/seed.h"

#define STARTS 3u
#define BACKUP 0x200000u

static const uint32_t digest[4] = {0x01234567, 0x89ABCDEF, 0x76543210, 0xFEDCBA98};

static struct otter_boot_record *record_of(struct boot_rig *rig, const struct file *file)
{
    uint32_t end = otter_round_up((uint32_t)file->size, OTTER_FLASH_SECTOR);
    return (struct otter_boot_record *)(void *)(rig->flash.bytes + end - OTTER_BOOT_RECORD_SIZE);
}

static void keep(struct boot_rig *rig, uint32_t backup)
{
    memset(rig->flash.bytes + backup, 0xFF, otter_round_up((uint32_t)rig->old.size, OTTER_FLASH_SECTOR));
    memcpy(rig->flash.bytes + backup, rig->flash.bytes, rig->old.size);
}

/* As an updater leaves it: the running firmware is kept at BACKUP, the new one staged. */
static uint32_t stage_on_trial(struct boot_rig *rig, const struct file *staged, uint32_t backup)
{
    uint32_t source = boot_rig_stage(rig, staged);
    struct otter_boot_command command = {
        .action = OTTER_BOOT_COPY,
        .source = source,
        .size = (uint32_t)staged->size,
        .trial = {.kind = OTTER_BOOT_TRIAL_NEW,
                  .backup = backup,
                  .backup_size = (uint32_t)rig->old.size,
                  .starts = (1u << STARTS) - 1},
    };
    memcpy(command.trial.digest, digest, sizeof digest);
    if (backup + rig->old.size <= source)
        keep(rig, backup);
    otter_boot_command_encode(rig->rtc.words, &command);
    return source;
}

static void update(struct boot_rig *rig)
{
    stage_on_trial(rig, &rig->new, BACKUP);
    assert_int_equal(boot_rig_start(rig), BOOT_COPIED);
    assert_true(boot_rig_runs(rig, &rig->new));
}

/* True if another starts come to the new firmware, and leave flash alone. */
static bool stays(struct boot_rig *rig)
{
    uint64_t before = rig->flash.operation;
    for (unsigned i = 0; i < 2 * STARTS; i++)
        if (boot_rig_start(rig) != BOOT_IDLE)
            return false;
    return rig->flash.operation == before;
}

static void seal(struct otter_boot_record *record)
{
    record->check = otter_crc32_update(OTTER_CRC32_INIT, record, offsetof(struct otter_boot_record, check));
}

/* --- the way of a trial --------------------------------------------------------------------------- */

static void the_record_follows_the_sketch(void **state)
{
    struct boot_rig *rig = *state;
    update(rig);
    const struct otter_boot_record *record = record_of(rig, &rig->new);
    assert_int_equal(record->magic, OTTER_BOOT_RECORD_MAGIC);
    assert_int_equal(record->trial.kind, OTTER_BOOT_TRIAL_NEW);
    assert_int_equal(record->trial.backup, BACKUP);
    assert_int_equal(record->trial.backup_size, rig->old.size);
    assert_memory_equal(record->trial.digest, digest, sizeof digest);
    assert_int_equal(record->confirmed, UINT32_MAX);
    for (size_t i = rig->new.size; i < (size_t)((const uint8_t *)record - rig->flash.bytes); i++)
        assert_int_equal(rig->flash.bytes[i], 0xFF);
}

static void without_confirmation_the_old_one_comes_back(void **state)
{
    struct boot_rig *rig = *state;
    update(rig);
    for (unsigned start = 2; start <= STARTS; start++) {
        assert_int_equal(boot_rig_start(rig), BOOT_IDLE);
        assert_true(boot_rig_runs(rig, &rig->new));
    }
    assert_int_equal(boot_rig_start(rig), BOOT_COPIED);
    assert_true(boot_rig_runs(rig, &rig->old));
    const struct otter_boot_record *record = record_of(rig, &rig->old);
    assert_int_equal(record->magic, OTTER_BOOT_RECORD_MAGIC);
    assert_int_equal(record->trial.kind, OTTER_BOOT_TRIAL_RESTORED);
    assert_memory_equal(record->trial.digest, digest, sizeof digest);
    assert_int_equal(record->trial.starts, (1u << STARTS) - 1);
    assert_true(stays(rig));
}

static void a_gzip_is_tried_too(void **state)
{
    struct boot_rig *rig = *state;
    struct file packed = file_gzip(rig->new.bytes, rig->new.size);
    stage_on_trial(rig, &packed, BACKUP);
    free(packed.bytes);
    assert_int_equal(boot_rig_start(rig), BOOT_COPIED);
    for (unsigned start = 2; start <= STARTS; start++)
        assert_int_equal(boot_rig_start(rig), BOOT_IDLE);
    assert_int_equal(boot_rig_start(rig), BOOT_COPIED);
    assert_true(boot_rig_runs(rig, &rig->old));
}

static void who_confirms_stays(void **state)
{
    struct boot_rig *rig = *state;
    for (unsigned start = 1; start <= STARTS; start++) {
        boot_rig_install(rig, &rig->old);
        update(rig);
        for (unsigned i = 1; i < start; i++)
            assert_int_equal(boot_rig_start(rig), BOOT_IDLE);
        record_of(rig, &rig->new)->confirmed &= ~0x100u; /* one bit will do */
        assert_true(stays(rig));
        assert_true(boot_rig_runs(rig, &rig->new));
    }
}

static void the_number_of_starts_is_the_updaters(void **state)
{
    struct boot_rig *rig = *state;
    update(rig);
    struct otter_boot_record *record = record_of(rig, &rig->new);
    record->trial.starts = record->left = UINT32_MAX;
    seal(record);
    for (unsigned start = 0; start < 32; start++)
        assert_int_equal(boot_rig_start(rig), BOOT_IDLE);
    assert_int_equal(boot_rig_start(rig), BOOT_COPIED);
    assert_true(boot_rig_runs(rig, &rig->old));
}

static void a_command_goes_first(void **state)
{
    struct boot_rig *rig = *state;
    update(rig);
    record_of(rig, &rig->new)->left = 0;
    boot_rig_stage(rig, &rig->old);
    assert_int_equal(boot_rig_start(rig), BOOT_COPIED);
    assert_true(boot_rig_runs(rig, &rig->old));
    assert_int_equal(record_of(rig, &rig->old)->magic, UINT32_MAX);
    assert_true(stays(rig));
}

/* --- no trial ------------------------------------------------------------------------------------- */

static void a_sketch_that_cannot_confirm_is_not_tried(void **state)
{
    struct boot_rig *rig = *state;
    boot_rig_make(rig, rig->new.size, 0);
    update(rig);
    assert_true(stays(rig));
}

static void a_sketch_without_room_for_a_record_is_not_tried(void **state)
{
    struct boot_rig *rig = *state;
    for (uint32_t room = 0; room <= 64; room += 16) {
        boot_rig_install(rig, &rig->old);
        boot_rig_make(rig, 0x30000 - room, OTTER_BOOTLOADER_CONFIRMS);
        update(rig);
        assert_int_equal(stays(rig), room < OTTER_BOOT_RECORD_SIZE);
    }
}

static void a_copy_that_overwrites_what_is_kept_is_not_tried(void **state)
{
    struct boot_rig *rig = *state;
    const uint32_t end = otter_round_up((uint32_t)rig->new.size, OTTER_FLASH_SECTOR);
    for (uint32_t sectors = 0; sectors < 2; sectors++) {
        boot_rig_install(rig, &rig->old);
        stage_on_trial(rig, &rig->new, end - sectors * OTTER_FLASH_SECTOR);
        assert_int_equal(boot_rig_start(rig), BOOT_COPIED);
        assert_true(boot_rig_runs(rig, &rig->new));
        assert_int_equal(stays(rig), sectors == 1);
    }
}

/* The staged image has no room for the note behind it, and what is kept ends where it begins. */
static void a_note_that_overwrites_what_is_kept_is_not_tried(void **state)
{
    struct boot_rig *rig = *state;
    const uint32_t kept = otter_round_up((uint32_t)rig->old.size, OTTER_FLASH_SECTOR);
    struct file packed = file_gzip(rig->new.bytes, rig->new.size);
    const uint32_t size = otter_round_up((uint32_t)packed.size, OTTER_FLASH_SECTOR);
    packed.bytes = realloc(packed.bytes, size);
    packed.size = size;
    for (uint32_t sectors = 0; sectors < 2; sectors++) {
        boot_rig_install(rig, &rig->old);
        stage_on_trial(rig, &packed, BOOT_RIG_STAGE_END - size - kept - sectors * OTTER_FLASH_SECTOR);
        assert_int_equal(boot_rig_start(rig), BOOT_COPIED);
        assert_true(boot_rig_runs(rig, &rig->new));
        assert_int_equal(stays(rig), sectors == 0);
    }
    free(packed.bytes);
}

static void a_damaged_record_is_none(void **state)
{
    struct boot_rig *rig = *state;
    update(rig);
    uint8_t *record = (uint8_t *)record_of(rig, &rig->new);
    for (uint32_t bit = 0; bit < 8 * offsetof(struct otter_boot_record, left); bit++) {
        record[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_true(stays(rig));
        record[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

/* In the sector behind, which is free space or filesystem. */
static void a_record_elsewhere_is_none(void **state)
{
    struct boot_rig *rig = *state;
    update(rig);
    struct otter_boot_record *record = record_of(rig, &rig->new), copy = *record;
    record->magic = 0;
    memcpy((uint8_t *)record + OTTER_FLASH_SECTOR, &copy, sizeof copy);
    assert_true(stays(rig));
}

static void the_record_of_an_earlier_sketch_goes_with_it(void **state)
{
    struct boot_rig *rig = *state;
    update(rig);
    const struct otter_boot_record left_behind = *record_of(rig, &rig->new);
    boot_rig_install(rig, &rig->new);
    *record_of(rig, &rig->new) = left_behind;
    boot_rig_stage(rig, &rig->new);
    assert_int_equal(boot_rig_start(rig), BOOT_COPIED);
    assert_int_equal(record_of(rig, &rig->new)->magic, UINT32_MAX);
    assert_true(stays(rig));
}

/* --- what was kept -------------------------------------------------------------------------------- */

static void what_is_damaged_is_not_brought_back(void **state)
{
    struct boot_rig *rig = *state;
    uint64_t seed = 5;
    update(rig);
    record_of(rig, &rig->new)->left = 0;
    for (int i = 0; i < 50; i++) {
        uint32_t byte = seed_below(&seed, (uint32_t)rig->old.size);
        uint64_t before = rig->flash.operation;
        if (byte == OTTER_IMAGE_MODE_OFFSET)
            continue;
        rig->flash.bytes[BACKUP + byte] ^= 0x10;
        assert_int_equal(boot_rig_start(rig), BOOT_REFUSED);
        assert_int_equal(rig->flash.operation, before);
        assert_true(boot_rig_runs(rig, &rig->new));
        rig->flash.bytes[BACKUP + byte] ^= 0x10;
    }
    assert_int_equal(boot_rig_start(rig), BOOT_COPIED);
    assert_true(boot_rig_runs(rig, &rig->old));
}

static void a_cut_ends_it_no_other_way(void **state)
{
    struct boot_rig *rig = *state;
    bool cut = true;
    for (uint64_t at = 1; cut; at += at < 5 ? 1 : 37) {
        boot_rig_install(rig, &rig->old);
        update(rig);
        record_of(rig, &rig->new)->left = 0;
        cut = boot_rig_cut(rig, at);
        boot_rig_start(rig);
        assert_true(boot_rig_runs(rig, &rig->old));
        assert_int_equal(record_of(rig, &rig->old)->trial.kind, OTTER_BOOT_TRIAL_RESTORED);
        assert_true(stays(rig));
    }
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, boot_rig_open, boot_rig_close)
    const struct CMUnitTest tests[] = {
        TEST(the_record_follows_the_sketch),
        TEST(without_confirmation_the_old_one_comes_back),
        TEST(a_gzip_is_tried_too),
        TEST(who_confirms_stays),
        TEST(the_number_of_starts_is_the_updaters),
        TEST(a_command_goes_first),
        TEST(a_sketch_that_cannot_confirm_is_not_tried),
        TEST(a_sketch_without_room_for_a_record_is_not_tried),
        TEST(a_copy_that_overwrites_what_is_kept_is_not_tried),
        TEST(a_note_that_overwrites_what_is_kept_is_not_tried),
        TEST(a_damaged_record_is_none),
        TEST(a_record_elsewhere_is_none),
        TEST(the_record_of_an_earlier_sketch_goes_with_it),
        TEST(what_is_damaged_is_not_brought_back),
        TEST(a_cut_ends_it_no_other_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
