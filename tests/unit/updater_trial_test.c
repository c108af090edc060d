/* The running firmware is kept, where there is room, before a sketch that can confirm itself is installed. */
#include <stdlib.h>
#include <string.h>

#include "format/boot_command.h"
#include "format/bootloader.h"
#include "format/bytes.h"
#include "format/text.h"
#include "tests/support/digest.h"
#include "tests/support/sample.h"
#include "tests/support/seed.h"
#include "tests/support/test.h"
#include "tests/support/updater_rig.h"

#define RUNNING_SIZE 0x10010u /* bytes: they and IMAGE_SIZE leave most of their last sector */
#define IMAGE_SIZE   0x12020u
#define FILESYSTEM   0xEB000u /* of 1m64 */
#define FILE_MAX     0xEB000u
#define WRITE_SIZE   1460u

static uint8_t running[FILE_MAX], image[FILE_MAX];

static uint32_t sectors(uint32_t size)
{
    return otter_round_up(size, OTTER_FLASH_SECTOR);
}

/* A device that runs a firmware of SIZE bytes over otter's bootloader VERSION. */
static void open_device(struct updater_rig *rig, uint32_t size, uint8_t version,
                        const struct otter_updater_settings *settings)
{
    updater_rig_open(rig, "1m64", settings);
    sample_firmware(running, size, 1, version, 0);
    memcpy(rig->before, running, size);
    otter_sim_flash_load(&rig->sim.flash, 0, running, size);
}

static void send(struct updater_rig *rig, const void *bytes, uint32_t size)
{
    assert_int_equal(updater_rig_send(rig, OTTER_UPDATE_SKETCH, bytes, size, WRITE_SIZE), OTTER_OK);
}

/* Ends the update in the steps that it wants; how many there were. */
static unsigned end_update(struct updater_rig *rig, bool even_if_remaining)
{
    unsigned steps = 1;
    int left = otter_updater_end(&rig->updater, even_if_remaining);
    for (int next; left > 0; left = next, steps++) {
        assert_false(updater_rig_boot_command(rig));
        assert_true(otter_updater_is_running(&rig->updater));
        next = otter_updater_end(&rig->updater, even_if_remaining);
        assert_true(next < left);
    }
    assert_int_equal(left, OTTER_OK);
    assert_int_equal(rig->errors, 0);
    return steps;
}

static struct otter_boot_command command_of(const struct updater_rig *rig)
{
    struct otter_boot_command command;
    assert_int_equal(otter_boot_command_decode(&command, rig->sim.rtc.words), OTTER_OK);
    return command;
}

static void expect_no_trial(struct updater_rig *rig)
{
    assert_int_equal(end_update(rig, false), 1);
    assert_int_equal(command_of(rig).trial.kind, OTTER_BOOT_TRIAL_NONE);
}

/* Places that two things may not share. */
struct span {
    uint32_t start, end;
};

static void expect_apart(struct span left, struct span right)
{
    assert_true(left.end <= right.start || right.end <= left.start);
}

/* What the bootloader needs to copy SIZE bytes from START: them, and room for a note below. */
static struct span copy_span(uint32_t start, uint32_t size)
{
    return (struct span){start - OTTER_FLASH_SECTOR, start + sectors(size)};
}

/* The running firmware, of RUNNING bytes, lies whole where nothing else is; the new one will have LENGTH. */
static void expect_kept(const struct updater_rig *rig, uint32_t size, uint32_t length)
{
    const struct otter_boot_command command = command_of(rig);
    const struct otter_boot_trial *trial = &command.trial;
    assert_int_equal(trial->kind, OTTER_BOOT_TRIAL_NEW);
    assert_int_equal(trial->backup % OTTER_FLASH_SECTOR, 0);
    assert_int_equal(trial->backup_size, size);
    assert_true(updater_rig_holds(rig, trial->backup, running, size));

    const struct span kept = copy_span(trial->backup, size);
    expect_apart(kept, (struct span){0, sectors(size)});
    expect_apart(kept, (struct span){0, sectors(length)});
    expect_apart(kept, copy_span(command.source, command.size));
    assert_true(kept.end <= FILESYSTEM);
}

static void expect_digest(const struct otter_boot_trial *trial, const void *bytes, uint32_t size)
{
    char md5[33], told[33];
    digest_md5(md5, bytes, size);
    otter_hex_encode(told, trial->digest, sizeof(trial->digest));
    assert_string_equal(told, md5);
}

static void make_image(uint32_t size, uint32_t flags)
{
    sample_firmware(image, size, 2, OTTER_BOOTLOADER_VERSION, flags);
}

/* A file that passes for a gzip of LENGTH bytes. */
static void make_gzip(uint32_t size, uint32_t length)
{
    uint64_t seed = size;
    seed_fill(&seed, image, size);
    image[0] = OTTER_GZIP_MAGIC_0;
    image[1] = OTTER_GZIP_MAGIC_1;
    otter_le32_put(image + size - 4, length);
}

/* --- what is kept --------------------------------------------------------------------------------- */

static void the_running_firmware_is_kept_below_the_new_one(void **state)
{
    (void)state;
    struct updater_rig rig;
    open_device(&rig, RUNNING_SIZE, OTTER_BOOTLOADER_VERSION, NULL);
    make_image(IMAGE_SIZE, OTTER_BOOTLOADER_CONFIRMS);
    send(&rig, image, IMAGE_SIZE);
    assert_int_equal(end_update(&rig, false), 1 + sectors(RUNNING_SIZE) / OTTER_FLASH_SECTOR);
    expect_kept(&rig, RUNNING_SIZE, IMAGE_SIZE);
    const struct otter_boot_command command = command_of(&rig);
    assert_int_equal(command.source, FILESYSTEM - sectors(IMAGE_SIZE));
    assert_int_equal(command.trial.backup, command.source - OTTER_FLASH_SECTOR - sectors(RUNNING_SIZE));
    assert_int_equal(command.trial.starts, 7);
    expect_digest(&command.trial, image, IMAGE_SIZE);
    assert_int_equal(rig.ends, 1);
    updater_rig_close(&rig);
}

/* It is staged low, because it could have been larger. */
static void an_update_of_unknown_length_leaves_room_above(void **state)
{
    (void)state;
    struct updater_rig rig;
    open_device(&rig, RUNNING_SIZE, OTTER_BOOTLOADER_VERSION, NULL);
    make_image(IMAGE_SIZE, OTTER_BOOTLOADER_CONFIRMS);
    const int room = otter_updater_room(&rig.updater, OTTER_UPDATE_SKETCH);
    assert_int_equal(otter_updater_begin(&rig.updater, (uint32_t)room, OTTER_UPDATE_SKETCH), OTTER_OK);
    assert_int_equal(otter_updater_write(&rig.updater, image, IMAGE_SIZE), IMAGE_SIZE);
    (void)end_update(&rig, true);
    expect_kept(&rig, RUNNING_SIZE, IMAGE_SIZE);
    assert_int_equal(command_of(&rig).source, sectors(RUNNING_SIZE));
    assert_int_equal(command_of(&rig).trial.backup, FILESYSTEM - sectors(RUNNING_SIZE));
    updater_rig_close(&rig);
}

static void whatever_a_gzip_holds_it_is_kept(void **state)
{
    (void)state;
    struct updater_rig rig;
    open_device(&rig, RUNNING_SIZE, OTTER_BOOTLOADER_VERSION, NULL);
    make_gzip(0x5000, 0xA0010);
    send(&rig, image, 0x5000);
    (void)end_update(&rig, false);
    expect_kept(&rig, RUNNING_SIZE, 0xA0010);
    const struct otter_boot_command command = command_of(&rig);
    expect_digest(&command.trial, image, 0x5000);
    updater_rig_close(&rig);
}

static void there_are_as_many_starts_as_the_application_wants(void **state)
{
    static const struct {
        uint8_t setting;
        uint32_t starts;
    } cases[] = {{0, 0x7}, {1, 0x1}, {10, 0x3FF}, {32, 0xFFFFFFFF}, {254, 0xFFFFFFFF}};
    (void)state;
    make_image(IMAGE_SIZE, OTTER_BOOTLOADER_CONFIRMS);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        struct updater_rig rig;
        open_device(&rig, RUNNING_SIZE, OTTER_BOOTLOADER_VERSION,
                    &(struct otter_updater_settings){.trial_starts = cases[i].setting});
        send(&rig, image, IMAGE_SIZE);
        (void)end_update(&rig, false);
        assert_int_equal(command_of(&rig).trial.starts, cases[i].starts);
        updater_rig_close(&rig);
    }
}

/* Sizes of both firmwares and of the file around the ends of sectors: where there is a trial, nothing
 * overlaps; and there is one wherever there is room. */
static void nothing_overlaps_whatever_the_sizes(void **state)
{
    uint64_t seed = 20;
    unsigned trials = 0, others = 0;
    (void)state;
    for (unsigned round = 0; round < 300; round++) {
        const uint32_t size = (2 + seed_below(&seed, 110)) * OTTER_FLASH_SECTOR - 16 * seed_below(&seed, 12);
        const uint32_t length =
            (2 + seed_below(&seed, 110)) * OTTER_FLASH_SECTOR - 16 * seed_below(&seed, 12);
        const bool gzip = seed_below(&seed, 2) == 1;
        const uint32_t file = gzip ? length / 2 : length;
        struct updater_rig rig;
        if (sectors(size) + sectors(file) > FILESYSTEM || length > FILESYSTEM - sectors(file))
            continue;
        open_device(&rig, size, OTTER_BOOTLOADER_VERSION, NULL);
        if (gzip)
            make_gzip(file, length);
        else
            make_image(length, OTTER_BOOTLOADER_CONFIRMS);
        send(&rig, image, file);
        (void)end_update(&rig, false);
        const uint32_t floor = sectors(length > size ? length : size);
        const struct span staged = copy_span(command_of(&rig).source, file), kept = copy_span(0x100000, size);
        const bool room = staged.start >= floor && staged.start - floor >= kept.end - kept.start;
        const bool record = sectors(length) - length >= OTTER_BOOT_RECORD_SIZE;
        if (room && record)
            expect_kept(&rig, size, length);
        else
            assert_int_equal(command_of(&rig).trial.kind, OTTER_BOOT_TRIAL_NONE);
        *(room && record ? &trials : &others) += 1;
        updater_rig_close(&rig);
    }
    assert_true(trials > 50 && others > 50);
}

static void whole_blocks_are_erased_where_they_are_free(void **state)
{
    (void)state;
    struct updater_rig rig;
    open_device(&rig, 0x40010, OTTER_BOOTLOADER_VERSION, NULL);
    make_image(IMAGE_SIZE, OTTER_BOOTLOADER_CONFIRMS);
    send(&rig, image, IMAGE_SIZE);
    const struct otter_sim_flash_counts before = rig.sim.flash.counts;
    (void)end_update(&rig, false);
    expect_kept(&rig, 0x40010, IMAGE_SIZE);
    assert_in_range(rig.sim.flash.counts.block_erases - before.block_erases, 3, 5);
    assert_in_range(rig.sim.flash.counts.sector_erases - before.sector_erases, 0, 20);
    updater_rig_close(&rig);
}

/* --- when nothing is kept ------------------------------------------------------------------------- */

static void a_sketch_that_cannot_confirm_itself_is_not_on_trial(void **state)
{
    (void)state;
    struct updater_rig rig;
    open_device(&rig, RUNNING_SIZE, OTTER_BOOTLOADER_VERSION, NULL);
    make_image(IMAGE_SIZE, ~OTTER_BOOTLOADER_CONFIRMS);
    send(&rig, image, IMAGE_SIZE);
    expect_no_trial(&rig);
    updater_rig_close(&rig);
}

static void nor_is_any_where_the_application_wants_none(void **state)
{
    (void)state;
    struct updater_rig rig;
    open_device(&rig, RUNNING_SIZE, OTTER_BOOTLOADER_VERSION,
                &(struct otter_updater_settings){.trial_starts = OTTER_UPDATER_NO_TRIAL});
    make_image(IMAGE_SIZE, OTTER_BOOTLOADER_CONFIRMS);
    send(&rig, image, IMAGE_SIZE);
    expect_no_trial(&rig);
    updater_rig_close(&rig);
}

static void nor_over_a_bootloader_that_knows_nothing_of_it(void **state)
{
    (void)state;
    struct updater_rig rig;
    open_device(&rig, RUNNING_SIZE, 1, NULL);
    make_image(IMAGE_SIZE, OTTER_BOOTLOADER_CONFIRMS);
    send(&rig, image, IMAGE_SIZE);
    expect_no_trial(&rig);
    updater_rig_close(&rig);
}

static void nor_where_its_record_has_no_place(void **state)
{
    (void)state;
    struct updater_rig rig;
    for (uint32_t less = 0; less <= OTTER_BOOT_RECORD_SIZE; less += 16) {
        const uint32_t size = 0x12000 - less;
        open_device(&rig, RUNNING_SIZE, OTTER_BOOTLOADER_VERSION, NULL);
        make_image(size, OTTER_BOOTLOADER_CONFIRMS);
        send(&rig, image, size);
        (void)end_update(&rig, false);
        assert_int_equal(command_of(&rig).trial.kind,
                         less < OTTER_BOOT_RECORD_SIZE ? OTTER_BOOT_TRIAL_NONE : OTTER_BOOT_TRIAL_NEW);
        updater_rig_close(&rig);
    }
}

static void nor_is_a_filesystem(void **state)
{
    (void)state;
    struct updater_rig rig;
    open_device(&rig, RUNNING_SIZE, OTTER_BOOTLOADER_VERSION,
                &(struct otter_updater_settings){.atomic_filesystem = true});
    make_gzip(0x5000, 0x8000);
    assert_int_equal(updater_rig_send(&rig, OTTER_UPDATE_FILESYSTEM, image, 0x5000, WRITE_SIZE), OTTER_OK);
    expect_no_trial(&rig);
    updater_rig_close(&rig);
}

static void without_room_the_update_goes_on(void **state)
{
    (void)state;
    struct updater_rig rig;
    open_device(&rig, 0x50010, OTTER_BOOTLOADER_VERSION, NULL);
    make_image(0x50010, OTTER_BOOTLOADER_CONFIRMS);
    send(&rig, image, 0x50010);
    expect_no_trial(&rig);
    updater_rig_close(&rig);
}

/* --- what can go wrong ---------------------------------------------------------------------------- */

/* At each operation and each read that keeping three sectors takes. */
static void flash_that_fails_costs_the_trial_alone(void **state)
{
    (void)state;
    make_image(IMAGE_SIZE, OTTER_BOOTLOADER_CONFIRMS);
    for (unsigned fault = 0; fault < 34 + 6; fault++) {
        struct updater_rig rig;
        open_device(&rig, 0x2010, OTTER_BOOTLOADER_VERSION, NULL);
        send(&rig, image, IMAGE_SIZE);
        assert_int_equal(otter_updater_end(&rig.updater, false), 3);
        if (fault < 34)
            rig.sim.flash.fail_at = rig.sim.flash.operation + 1 + fault;
        else
            rig.sim.flash.fail_reads_after = fault == 34 ? UINT64_MAX : fault - 34;
        (void)end_update(&rig, false);
        assert_int_equal(command_of(&rig).trial.kind, OTTER_BOOT_TRIAL_NONE);
        assert_int_equal(command_of(&rig).size, IMAGE_SIZE);
        rig.sim.flash.fail_reads_after = 0;
        updater_rig_close(&rig);
    }
}

static int (*true_program)(void *context, uint32_t address, const void *bytes, uint32_t length);

/* One bit stays as it was. */
static int lying_program(void *context, uint32_t address, const void *bytes, uint32_t length)
{
    uint32_t copy[OTTER_FLASH_SECTOR / 4];
    memcpy(copy, bytes, length);
    copy[length / 4 - 1] |= copy[length / 4 - 1] + 1;
    return true_program(context, address, copy, length);
}

static void a_copy_that_differs_is_none(void **state)
{
    (void)state;
    struct updater_rig rig;
    open_device(&rig, 0x2010, OTTER_BOOTLOADER_VERSION, NULL);
    make_image(IMAGE_SIZE, OTTER_BOOTLOADER_CONFIRMS);
    send(&rig, image, IMAGE_SIZE);
    assert_int_equal(otter_updater_end(&rig.updater, false), 3);
    true_program = rig.sim.port.flash.program;
    rig.sim.port.flash.program = lying_program;
    assert_int_equal(otter_updater_end(&rig.updater, false), OTTER_OK);
    assert_int_equal(command_of(&rig).trial.kind, OTTER_BOOT_TRIAL_NONE);
    updater_rig_close(&rig);
}

static void it_can_be_aborted_while_it_is_kept(void **state)
{
    (void)state;
    struct updater_rig rig;
    open_device(&rig, RUNNING_SIZE, OTTER_BOOTLOADER_VERSION, NULL);
    make_image(IMAGE_SIZE, OTTER_BOOTLOADER_CONFIRMS);
    send(&rig, image, IMAGE_SIZE);
    assert_true(otter_updater_end(&rig.updater, false) > 0);
    assert_true(otter_updater_end(&rig.updater, false) > 0);
    otter_updater_abort(&rig.updater);
    assert_int_equal(otter_updater_end(&rig.updater, false), OTTER_ERROR_IDLE);
    assert_false(updater_rig_boot_command(&rig));
    send(&rig, image, IMAGE_SIZE);
    (void)end_update(&rig, false);
    expect_kept(&rig, RUNNING_SIZE, IMAGE_SIZE);
    updater_rig_close(&rig);
}

static void nothing_can_be_written_meanwhile(void **state)
{
    (void)state;
    struct updater_rig rig;
    open_device(&rig, RUNNING_SIZE, OTTER_BOOTLOADER_VERSION, NULL);
    make_image(IMAGE_SIZE, OTTER_BOOTLOADER_CONFIRMS);
    assert_int_equal(otter_updater_begin(&rig.updater, 2 * IMAGE_SIZE, OTTER_UPDATE_SKETCH), OTTER_OK);
    assert_int_equal(otter_updater_write(&rig.updater, image, IMAGE_SIZE), IMAGE_SIZE);
    assert_true(otter_updater_end(&rig.updater, true) > 0);
    assert_int_equal(otter_updater_remaining(&rig.updater), 0);
    assert_int_equal(otter_updater_write(&rig.updater, image, 1), OTTER_ERROR_SIZE);
    assert_int_equal(otter_updater_end(&rig.updater, true), OTTER_ERROR_IDLE);
    assert_false(updater_rig_boot_command(&rig));
    updater_rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_running_firmware_is_kept_below_the_new_one),
        cmocka_unit_test(an_update_of_unknown_length_leaves_room_above),
        cmocka_unit_test(whatever_a_gzip_holds_it_is_kept),
        cmocka_unit_test(there_are_as_many_starts_as_the_application_wants),
        cmocka_unit_test(nothing_overlaps_whatever_the_sizes),
        cmocka_unit_test(whole_blocks_are_erased_where_they_are_free),
        cmocka_unit_test(a_sketch_that_cannot_confirm_itself_is_not_on_trial),
        cmocka_unit_test(nor_is_any_where_the_application_wants_none),
        cmocka_unit_test(nor_over_a_bootloader_that_knows_nothing_of_it),
        cmocka_unit_test(nor_where_its_record_has_no_place),
        cmocka_unit_test(nor_is_a_filesystem),
        cmocka_unit_test(without_room_the_update_goes_on),
        cmocka_unit_test(flash_that_fails_costs_the_trial_alone),
        cmocka_unit_test(a_copy_that_differs_is_none),
        cmocka_unit_test(it_can_be_aborted_while_it_is_kept),
        cmocka_unit_test(nothing_can_be_written_meanwhile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
