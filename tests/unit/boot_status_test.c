/* What a firmware sees of its trial, and how it ends it. */
#include <string.h>

#include "format/boot_trial.h"
#include "format/bootloader.h"
#include "format/bytes.h"
#include "format/crc32.h"
#include "otter/boot.h"
#include "otter/updater.h"
#include "ports/sim/rig.h"
#include "tests/support/sample.h"
#include "tests/support/test.h"

#define SKETCH_SIZE 0x6010u
#define RECORD      (0x7000u - OTTER_BOOT_RECORD_SIZE)
#define DIGEST      "000102030405060708090a0b0c0d0e0f"

static uint8_t firmware[0x8000];

static int open_rig(void **state)
{
    static struct otter_sim_rig rig;
    assert_true(otter_sim_rig_open(&rig, otter_layout_find("1m64")));
    sample_firmware(firmware, SKETCH_SIZE, 1, OTTER_BOOTLOADER_VERSION, OTTER_BOOTLOADER_CONFIRMS);
    otter_sim_flash_load(&rig.flash, 0, firmware, SKETCH_SIZE);
    *state = &rig;
    return 0;
}

static int close_rig(void **state)
{
    struct otter_sim_rig *rig = *state;
    assert_string_equal(rig->flash.violation, "");
    otter_sim_rig_close(rig);
    return 0;
}

static struct otter_boot_record make_record(uint32_t kind)
{
    struct otter_boot_record record;
    memset(&record, 0xFF, sizeof(record));
    record.magic = OTTER_BOOT_RECORD_MAGIC;
    record.trial = (struct otter_boot_trial){.kind = kind, .backup = 0x80000, .backup_size = 0x5000};
    record.trial.starts = 7;
    for (size_t i = 0; i < sizeof(record.trial.digest); i++)
        ((uint8_t *)record.trial.digest)[i] = (uint8_t)i;
    record.check = otter_crc32_update(OTTER_CRC32_INIT, &record, offsetof(struct otter_boot_record, check));
    record.left = 3; /* one start is used */
    return record;
}

static void put_record(struct otter_sim_rig *rig, uint32_t address, const struct otter_boot_record *record)
{
    otter_sim_flash_load(&rig->flash, address, record, sizeof(*record));
}

static struct otter_boot_status status_of(struct otter_sim_rig *rig)
{
    struct otter_boot_status status;
    memset(&status, 0x55, sizeof(status));
    assert_int_equal(otter_boot_status(&rig->port, &status), OTTER_OK);
    return status;
}

static void expect_nothing(struct otter_sim_rig *rig)
{
    const struct otter_boot_status status = status_of(rig);
    assert_false(status.on_trial);
    assert_false(status.taken_back);
    assert_int_equal(status.starts, 0);
    assert_int_equal(status.starts_left, 0);
    assert_string_equal(status.md5, "");
    assert_int_equal(otter_boot_confirm(&rig->port), OTTER_OK);
    assert_int_equal(rig->flash.operation, 0);
}

static void without_a_record_nothing_is_on_trial(void **state)
{
    expect_nothing(*state);
}

static void a_trial_is_seen_and_confirmed(void **state)
{
    struct otter_sim_rig *rig = *state;
    const struct otter_boot_record record = make_record(OTTER_BOOT_TRIAL_NEW);
    put_record(rig, RECORD, &record);
    struct otter_boot_status status = status_of(rig);
    assert_true(status.on_trial);
    assert_false(status.taken_back);
    assert_int_equal(status.starts, 3);
    assert_int_equal(status.starts_left, 2);
    assert_string_equal(status.md5, DIGEST);

    assert_int_equal(otter_boot_confirm(&rig->port), OTTER_OK);
    assert_int_equal(rig->flash.operation, 1);
    status = status_of(rig);
    assert_false(status.on_trial);
    assert_int_equal(status.starts_left, 0);
    assert_string_equal(status.md5, DIGEST);
    assert_memory_equal(rig->flash.bytes, firmware, SKETCH_SIZE);

    assert_int_equal(otter_boot_confirm(&rig->port), OTTER_OK);
    assert_int_equal(rig->flash.operation, 1);
}

static void a_firmware_that_came_back_is_told_why(void **state)
{
    struct otter_sim_rig *rig = *state;
    const struct otter_boot_record record = make_record(OTTER_BOOT_TRIAL_RESTORED);
    put_record(rig, RECORD, &record);
    const struct otter_boot_status status = status_of(rig);
    assert_false(status.on_trial);
    assert_true(status.taken_back);
    assert_int_equal(status.starts, 3);
    assert_int_equal(status.starts_left, 0);
    assert_string_equal(status.md5, DIGEST);
    assert_int_equal(otter_boot_confirm(&rig->port), OTTER_OK);
    assert_int_equal(rig->flash.operation, 0);
}

/* Each of its words that the check covers, and the check itself. */
static void a_damaged_record_is_none(void **state)
{
    struct otter_sim_rig *rig = *state;
    for (size_t at = 0; at <= offsetof(struct otter_boot_record, check); at += 4) {
        struct otter_boot_record record = make_record(OTTER_BOOT_TRIAL_NEW);
        ((uint8_t *)&record)[at + at / 4 % 4] ^= 0x10;
        put_record(rig, RECORD, &record);
        expect_nothing(rig);
    }
}

static void a_confirmation_that_was_cut_off_counts(void **state)
{
    struct otter_sim_rig *rig = *state;
    struct otter_boot_record record = make_record(OTTER_BOOT_TRIAL_NEW);
    record.confirmed = 0xFFFFFBFF;
    put_record(rig, RECORD, &record);
    assert_false(status_of(rig).on_trial);
    assert_int_equal(otter_boot_confirm(&rig->port), OTTER_OK);
    assert_int_equal(rig->flash.operation, 0);
}

/* The sketch's own bytes are no record. */
static void a_sketch_that_fills_its_sector_has_no_record(void **state)
{
    struct otter_sim_rig *rig = *state;
    const struct otter_boot_record record = make_record(OTTER_BOOT_TRIAL_NEW);
    sample_firmware(firmware, 0x7000 - 48, 1, OTTER_BOOTLOADER_VERSION, 0);
    otter_sim_flash_load(&rig->flash, 0, firmware, 0x7000 - 48);
    put_record(rig, RECORD, &record); /* its beginning is the sketch's */
    expect_nothing(rig);
    put_record(rig, 0x8000 - OTTER_BOOT_RECORD_SIZE, &record);
    expect_nothing(rig);
}

static void without_a_sketch_there_is_none(void **state)
{
    struct otter_sim_rig *rig = *state;
    memset(rig->flash.bytes, 0xFF, rig->flash.size);
    expect_nothing(rig);
}

static void flash_that_fails_is_an_error(void **state)
{
    struct otter_sim_rig *rig = *state;
    struct otter_boot_status status;
    const struct otter_boot_record record = make_record(OTTER_BOOT_TRIAL_NEW);
    put_record(rig, RECORD, &record);
    rig->flash.fail_at = 1;
    assert_int_equal(otter_boot_confirm(&rig->port), OTTER_ERROR_WRITE);
    for (uint64_t reads = 1; reads < 4; reads++) {
        rig->flash.fail_reads_after = reads == 3 ? UINT64_MAX : reads;
        assert_int_equal(otter_boot_status(&rig->port, &status), OTTER_ERROR_READ);
        assert_false(status.on_trial);
        rig->flash.fail_reads_after = UINT64_MAX;
        assert_int_equal(otter_boot_confirm(&rig->port), OTTER_ERROR_READ);
    }
    rig->flash.fail_reads_after = 0;
    assert_true(status_of(rig).on_trial);
}

/* What comes may overwrite the firmware that is kept. */
static void an_update_ends_the_trial_before_it_is_staged(void **state)
{
    static uint32_t buffer[OTTER_FLASH_SECTOR / 4];
    struct otter_sim_rig *rig = *state;
    struct otter_updater updater;
    const struct otter_boot_record record = make_record(OTTER_BOOT_TRIAL_NEW);
    put_record(rig, RECORD, &record);
    otter_updater_init(&updater, &rig->port, &(struct otter_updater_settings){.buffer = buffer});
    assert_int_equal(otter_updater_begin(&updater, SKETCH_SIZE, OTTER_UPDATE_SKETCH), OTTER_OK);
    assert_int_equal(otter_updater_write(&updater, firmware, OTTER_FLASH_SECTOR - 1), OTTER_FLASH_SECTOR - 1);
    assert_true(status_of(rig).on_trial);
    assert_int_equal(otter_updater_write(&updater, firmware + OTTER_FLASH_SECTOR - 1, 1), 1);
    assert_false(status_of(rig).on_trial);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_rig, close_rig)
    const struct CMUnitTest tests[] = {
        TEST(without_a_record_nothing_is_on_trial),
        TEST(a_trial_is_seen_and_confirmed),
        TEST(a_firmware_that_came_back_is_told_why),
        TEST(a_damaged_record_is_none),
        TEST(a_confirmation_that_was_cut_off_counts),
        TEST(a_sketch_that_fills_its_sector_has_no_record),
        TEST(without_a_sketch_there_is_none),
        TEST(flash_that_fails_is_an_error),
        TEST(an_update_ends_the_trial_before_it_is_staged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
