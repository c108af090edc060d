/* Updates that are taken up after a restart: what they find in flash, and what they must not erase. */
#include <stdlib.h>
#include <string.h>

#include "tests/support/file.h"
#include "tests/support/require.h"
#include "tests/support/sample.h"
#include "tests/support/test.h"
#include "tests/support/updater_rig.h"

#define SECTOR OTTER_FLASH_SECTOR
#define SIZE   150000u /* on 1m64 two erased blocks, and a part of a third */
#define SOURCE "http://updates.example/firmware.bin"
#define ETAG   "\"5f3\""

static uint8_t image[0xE0000]; /* more than the free space */

static void begin(struct updater_rig *rig, uint32_t size)
{
    assert_int_equal(otter_updater_begin(&rig->updater, size, OTTER_UPDATE_SKETCH), OTTER_OK);
    otter_updater_remember(&rig->updater, SOURCE, ETAG);
}

static void write_image(struct updater_rig *rig, size_t from, size_t to)
{
    assert_int_equal(otter_updater_write(&rig->updater, image + from, to - from), to - from);
}

static void restart(struct updater_rig *rig)
{
    const struct otter_updater_settings settings = rig->updater.settings;
    otter_updater_init(&rig->updater, &rig->sim.port, &settings);
}

/* How much is there; or an error. */
static int recall(struct updater_rig *rig, const char *source, char etag[OTTER_RESUME_ETAG_SIZE])
{
    int more = otter_updater_recall(&rig->updater, OTTER_UPDATE_SKETCH, source, etag);
    if (more != OTTER_OK)
        return more;
    while ((more = otter_updater_recall_step(&rig->updater)) > 0)
        continue;
    return more < 0 ? more : (int)otter_updater_received(&rig->updater);
}

static void finish(struct updater_rig *rig, uint32_t size)
{
    int left;
    while ((left = otter_updater_end(&rig->updater, false)) > 0)
        continue;
    assert_int_equal(left, OTTER_OK);
    assert_true(updater_rig_holds(rig, rig->updater.start, image, size));
}

static void goes_on_within_every_block(void **state)
{
    (void)state;
    for (uint32_t sectors = 1; sectors < SIZE / SECTOR; sectors++) {
        struct updater_rig rig;
        char etag[OTTER_RESUME_ETAG_SIZE];
        sample_image(image, SIZE, sectors);
        updater_rig_open(&rig, "1m64", NULL);
        begin(&rig, SIZE);
        write_image(&rig, 0, sectors * SECTOR + 77);
        restart(&rig);
        assert_int_equal(recall(&rig, SOURCE, etag), sectors * SECTOR);
        assert_string_equal(etag, ETAG);
        write_image(&rig, sectors * SECTOR, SIZE);
        finish(&rig, SIZE);
        updater_rig_close(&rig);
    }
}

/* The update begins in the block that the record stands in. */
static void erases_do_not_reach_the_record(void **state)
{
    enum { SKETCH = 65536, START = 0x12000, BIG = 0xEB000 - START };
    struct updater_rig rig;
    char etag[OTTER_RESUME_ETAG_SIZE];
    (void)state;
    updater_rig_open(&rig, "1m64", NULL);
    sample_image(rig.before, SKETCH, 1);
    otter_sim_flash_load(&rig.sim.flash, 0, rig.before, SKETCH);
    rig.room = 0xEB000 - SKETCH;
    sample_image(image, BIG, 2);
    begin(&rig, BIG);
    assert_int_equal(rig.updater.record, SKETCH);
    write_image(&rig, 0, (size_t)5 * SECTOR);
    restart(&rig);
    assert_int_equal(recall(&rig, SOURCE, etag), 5 * SECTOR);
    write_image(&rig, (size_t)5 * SECTOR, BIG);
    finish(&rig, BIG);
    updater_rig_close(&rig);
}

static void without_room_nothing_is_remembered(void **state)
{
    enum { ROOM = 0xEB000 - UPDATER_RIG_SKETCH };
    struct updater_rig rig;
    char etag[OTTER_RESUME_ETAG_SIZE];
    (void)state;
    updater_rig_open(&rig, "1m64", NULL);
    sample_image(image, ROOM, 2);
    begin(&rig, ROOM);
    assert_int_equal(rig.updater.record, 0);
    write_image(&rig, 0, (size_t)5 * SECTOR);
    restart(&rig);
    assert_int_equal(recall(&rig, SOURCE, etag), OTTER_ERROR_NO_DATA);
    assert_false(otter_updater_is_running(&rig.updater));
    begin(&rig, ROOM);
    write_image(&rig, 0, ROOM);
    finish(&rig, ROOM);
    updater_rig_close(&rig);
}

static void only_what_was_asked_for_is_taken_up(void **state)
{
    struct updater_rig rig;
    char etag[OTTER_RESUME_ETAG_SIZE];
    (void)state;
    sample_image(image, SIZE, 1);
    updater_rig_open(&rig, "1m64", NULL);
    assert_int_equal(recall(&rig, SOURCE, etag), OTTER_ERROR_NO_DATA);
    begin(&rig, SIZE);
    assert_int_equal(otter_updater_recall(&rig.updater, OTTER_UPDATE_SKETCH, SOURCE, etag),
                     OTTER_ERROR_RUNNING);
    write_image(&rig, 0, 10000);
    restart(&rig);
    assert_int_equal(otter_updater_recall_step(&rig.updater), OTTER_ERROR_IDLE);
    assert_int_equal(recall(&rig, SOURCE "?", etag), OTTER_ERROR_NO_DATA);
    assert_int_equal(otter_updater_recall(&rig.updater, OTTER_UPDATE_FILESYSTEM, SOURCE, etag),
                     OTTER_ERROR_NO_DATA);
    assert_int_equal(recall(&rig, SOURCE, etag), 2 * SECTOR);
    otter_updater_abort(&rig.updater);
    updater_rig_close(&rig);
}

/* Another update has used the same space meanwhile. */
static void what_others_wrote_over_it_is_not_taken_up(void **state)
{
    struct updater_rig rig;
    char etag[OTTER_RESUME_ETAG_SIZE];
    (void)state;
    sample_image(image, SIZE, 1);
    updater_rig_open(&rig, "1m64", NULL);
    begin(&rig, SIZE);
    write_image(&rig, 0, (size_t)30 * SECTOR);
    restart(&rig);
    uint8_t *other = malloc(60000);
    assert_non_null(other);
    sample_image(other, 60000, 9);
    assert_int_equal(updater_rig_send(&rig, OTTER_UPDATE_SKETCH, other, 60000, 4096), OTTER_OK);
    free(other);
    restart(&rig);
    const int there = recall(&rig, SOURCE, etag);
    assert_int_equal(there, 10 * SECTOR); /* there begins the block in which the other one begins */
    write_image(&rig, (size_t)there, SIZE);
    finish(&rig, SIZE);
    updater_rig_close(&rig);
}

static void a_gzip_is_taken_up_too(void **state)
{
    struct updater_rig rig;
    char etag[OTTER_RESUME_ETAG_SIZE];
    (void)state;
    sample_image(image, SIZE, 1);
    struct file gzip = file_gzip(image, SIZE);
    updater_rig_open(&rig, "1m64", NULL);
    rig.sim.port.flash.mode = OTTER_FLASH_QIO;
    begin(&rig, (uint32_t)gzip.size);
    assert_int_equal(otter_updater_write(&rig.updater, gzip.bytes, 50000), 50000);
    restart(&rig);
    assert_int_equal(recall(&rig, SOURCE, etag), 12 * SECTOR);
    const size_t rest = gzip.size - (size_t)12 * SECTOR;
    assert_int_equal(otter_updater_write(&rig.updater, gzip.bytes + (size_t)12 * SECTOR, rest), rest);
    int left;
    while ((left = otter_updater_end(&rig.updater, false)) > 0)
        continue;
    assert_int_equal(left, OTTER_OK);
    assert_true(updater_rig_holds(&rig, rig.updater.start, gzip.bytes, gzip.size));
    free(gzip.bytes);
    updater_rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_on_within_every_block),
        cmocka_unit_test(erases_do_not_reach_the_record),
        cmocka_unit_test(without_room_nothing_is_remembered),
        cmocka_unit_test(only_what_was_asked_for_is_taken_up),
        cmocka_unit_test(what_others_wrote_over_it_is_not_taken_up),
        cmocka_unit_test(a_gzip_is_taken_up_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
