/* Erasing ahead: what is erased, and how long staging takes. */
#include "tests/support/updater_rig.h"

#include <stdlib.h>
#include <string.h>

#include "format/bytes.h"
#include "tests/support/sample.h"
#include "tests/support/test.h"

#define MIB        0x100000u
#define SMALL_STEP 0xF000u

static uint8_t *image;

static int make_room(void **state)
{
    (void)state;
    image = malloc(MIB);
    return image == NULL;
}

static int free_room(void **state)
{
    (void)state;
    free(image);
    return 0;
}

/* Stages SIZE bytes; the modelled time that flash needed, in ns. */
static uint64_t time_of(const char *layout, uint32_t size, bool blocks)
{
    struct updater_rig rig;
    updater_rig_open(&rig, layout, NULL);
    if (!blocks)
        rig.sim.port.flash.erase_block = NULL;
    assert_int_equal(updater_rig_send(&rig, OTTER_UPDATE_SKETCH, image, size, 4096), OTTER_OK);
    assert_int_equal(otter_updater_end(&rig.updater, false), OTTER_OK);
    const uint64_t time = rig.sim.flash.time_ns;
    const uint32_t start = rig.sim.port.layout->filesystem_start - otter_round_up(size, OTTER_FLASH_SECTOR);
    assert_true(updater_rig_holds(&rig, start, image, size));
    updater_rig_close(&rig);
    return time;
}

static void a_mebibyte_takes_two_fifths_of_the_time(void **state)
{
    (void)state;
    sample_image(image, MIB, 1);
    const uint64_t sectors = time_of("4m1m", MIB, false), blocks = time_of("4m1m", MIB, true);
    print_message("1 MiB on 4m1m: %.3f s by sectors, %.3f s by blocks, %.1f%%\n", (double)sectors / 1e9,
                  (double)blocks / 1e9, 100.0 * (double)blocks / (double)sectors);
    assert_true(blocks * 100 <= sectors * 40);
}

/* Every alignment that the start can have. */
static void so_does_what_begins_within_a_block(void **state)
{
    (void)state;
    for (uint32_t less = OTTER_FLASH_SECTOR; less <= SMALL_STEP; less += OTTER_FLASH_SECTOR) {
        sample_image(image, MIB - less, 1);
        const uint64_t sectors = time_of("4m1m", MIB - less, false);
        assert_true(time_of("4m1m", MIB - less, true) * 100 <= sectors * 40);
    }
}

/* Largest and smallest images on every layout: nothing outside the free space changes (checked when the rig
 * is closed). */
static void on_every_layout_the_surroundings_stay(void **state)
{
    (void)state;
    for (size_t i = 0; i < OTTER_LAYOUT_COUNT; i++) {
        const struct otter_layout *layout = otter_layout_get(i);
        uint32_t largest = layout->filesystem_start - UPDATER_RIG_SKETCH;
        if (largest > MIB)
            largest = MIB;
        sample_image(image, largest, i);
        image[3] = 0; /* for a chip of 512 KiB */
        (void)time_of(layout->name, largest, true);
        sample_image(image, 4112, i);
        image[3] = 0;
        (void)time_of(layout->name, 4112, true);
    }
}

static void filesystems_spare_what_follows_them(void **state)
{
    static const char *const layouts[] = {"512k32", "1m160", "2m512", "4m1m"};
    (void)state;
    memset(image, 0x5A, MIB);
    for (size_t i = 0; i < TEST_COUNT(layouts); i++) {
        const struct otter_layout *layout = otter_layout_find(layouts[i]);
        const uint32_t whole = layout->filesystem_end - layout->filesystem_start;
        const uint32_t sizes[] = {whole, whole - 5, 1};
        for (size_t j = 0; j < TEST_COUNT(sizes); j++) {
            struct updater_rig rig;
            updater_rig_open(&rig, layouts[i], NULL);
            assert_int_equal(updater_rig_send(&rig, OTTER_UPDATE_FILESYSTEM, image, sizes[j], 4096),
                             OTTER_OK);
            assert_int_equal(otter_updater_end(&rig.updater, false), OTTER_OK);
            assert_true(updater_rig_holds(&rig, layout->filesystem_start, image, sizes[j]));
            updater_rig_close(&rig);
        }
    }
}

/* A block erase below the staged file stops at the running sketch, wherever in a block that ends. */
static void the_running_sketch_is_never_erased(void **state)
{
    (void)state;
    const uint32_t end = otter_layout_find("1m64")->filesystem_start;
    for (uint32_t running = 0x1000; running <= 0x11000; running += 2 * OTTER_FLASH_SECTOR) {
        for (uint32_t start = running; start <= 0x20000; start += OTTER_FLASH_SECTOR) {
            struct updater_rig rig;
            sample_image(image, end - start, start);
            updater_rig_open(&rig, "1m64", NULL);
            sample_image(rig.before, running, 1);
            otter_sim_flash_load(&rig.sim.flash, 0, rig.before, running);
            assert_int_equal(updater_rig_send(&rig, OTTER_UPDATE_SKETCH, image, end - start, 4096), OTTER_OK);
            assert_int_equal(otter_updater_end(&rig.updater, false), OTTER_OK);
            assert_true(updater_rig_holds(&rig, 0, rig.before, running));
            for (uint32_t sector = 0; sector < running / OTTER_FLASH_SECTOR; sector++)
                assert_int_equal(rig.sim.flash.wear[sector], 0);
            updater_rig_close(&rig);
        }
    }
}

/* No sector is erased twice. */
static void every_sector_is_erased_once(void **state)
{
    (void)state;
    struct updater_rig rig;
    const uint32_t size = 0x33000;
    sample_image(image, size, 1);
    updater_rig_open(&rig, "1m64", NULL);
    assert_int_equal(updater_rig_send(&rig, OTTER_UPDATE_SKETCH, image, size, 4096), OTTER_OK);
    const uint32_t end = rig.sim.port.layout->filesystem_start, start = end - size;
    for (uint32_t address = start; address < end; address += OTTER_FLASH_SECTOR)
        assert_int_equal(rig.sim.flash.wear[address / OTTER_FLASH_SECTOR], 1);
    assert_int_equal(rig.sim.flash.counts.block_erases, 3);   /* 0xB0000 (from 0xB8000 on) to 0xE0000 */
    assert_int_equal(rig.sim.flash.counts.sector_erases, 11); /* to 0xEB000, where the filesystem begins */
    otter_updater_abort(&rig.updater);
    updater_rig_close(&rig);
}

/* Three sectors are erased faster one by one than with their block. */
static void a_block_is_erased_only_where_it_pays(void **state)
{
    (void)state;
    for (uint32_t sectors = 3; sectors <= 4; sectors++) {
        struct updater_rig rig;
        const uint32_t size = sectors * OTTER_FLASH_SECTOR;
        sample_image(image, size, 1);
        updater_rig_open(&rig, "4m1m", NULL);
        assert_int_equal(updater_rig_send(&rig, OTTER_UPDATE_SKETCH, image, size, 4096), OTTER_OK);
        assert_int_equal(rig.sim.flash.counts.sector_erases, sectors == 3 ? 3 : 0);
        assert_int_equal(rig.sim.flash.counts.block_erases, sectors == 3 ? 0 : 1);
        otter_updater_abort(&rig.updater);
        updater_rig_close(&rig);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mebibyte_takes_two_fifths_of_the_time),
        cmocka_unit_test(so_does_what_begins_within_a_block),
        cmocka_unit_test(on_every_layout_the_surroundings_stay),
        cmocka_unit_test(filesystems_spare_what_follows_them),
        cmocka_unit_test(the_running_sketch_is_never_erased),
        cmocka_unit_test(every_sector_is_erased_once),
        cmocka_unit_test(a_block_is_erased_only_where_it_pays),
    };
    return cmocka_run_group_tests(tests, make_room, free_room);
}
