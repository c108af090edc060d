/* An image must bring otter's bootloader to a device that has it, unless the application does not care. */
#include <string.h>

#include "format/bootloader.h"
#include "format/bytes.h"
#include "tests/support/sample.h"
#include "tests/support/test.h"
#include "tests/support/updater_rig.h"

#define IMAGE_SIZE 20480u
#define FILESYSTEM 0xEB000u /* of 1m64 */

static uint8_t image[IMAGE_SIZE];
static const struct otter_updater_settings any = {.any_bootloader = true};

static int make_image(void **state)
{
    (void)state;
    sample_image(image, IMAGE_SIZE, 2);
    return 0;
}

/* The image with the mark of VERSION, and its checksum right. */
static const uint8_t *marked(uint8_t version)
{
    static uint8_t out[IMAGE_SIZE];
    uint8_t mark[OTTER_BOOTLOADER_MARK_SIZE] = OTTER_BOOTLOADER_MARK;
    mark[OTTER_BOOTLOADER_MARK_SIZE - 1] = version;
    memcpy(out, image, IMAGE_SIZE);
    for (size_t i = 0; i < sizeof(mark); i++)
        out[IMAGE_SIZE - 1] ^= mark[i] ^ out[OTTER_BOOTLOADER_MARK_OFFSET + i];
    memcpy(out + OTTER_BOOTLOADER_MARK_OFFSET, mark, sizeof(mark));
    return out;
}

static void open_with_otters(struct updater_rig *rig, const struct otter_updater_settings *settings)
{
    updater_rig_open(rig, "1m64", settings);
    memcpy(rig->before + OTTER_BOOTLOADER_MARK_OFFSET, OTTER_BOOTLOADER_MARK, OTTER_BOOTLOADER_MARK_SIZE);
    otter_sim_flash_load(&rig->sim.flash, 0, rig->before, OTTER_FLASH_SECTOR);
}

static void expect_refusal(struct updater_rig *rig, const uint8_t *bytes, size_t portion)
{
    unsigned errors = rig->errors;
    assert_int_equal(updater_rig_send(rig, OTTER_UPDATE_SKETCH, bytes, IMAGE_SIZE, portion),
                     OTTER_ERROR_BOOTLOADER);
    assert_int_equal(rig->errors, errors + 1);
    assert_string_equal(rig->text, "ERROR[19]: Image would replace otter's bootloader");
    assert_true(updater_rig_untouched(rig));
    assert_false(updater_rig_boot_command(rig));
}

static void expect_success(struct updater_rig *rig, enum otter_update_command command, const uint8_t *bytes,
                           size_t size)
{
    assert_int_equal(updater_rig_send(rig, command, bytes, size, 1000), OTTER_OK);
    assert_int_equal(otter_updater_end(&rig->updater, false), OTTER_OK);
    otter_updater_release(&rig->updater);
}

static void another_bootloader_is_refused_before_flash_is_touched(void **state)
{
    (void)state;
    struct updater_rig rig;
    open_with_otters(&rig, NULL);
    expect_refusal(&rig, image, IMAGE_SIZE);
    expect_refusal(&rig, image, 1);
    expect_refusal(&rig, marked(0), 1000);
    expect_success(&rig, OTTER_UPDATE_SKETCH, marked(OTTER_BOOTLOADER_VERSION), IMAGE_SIZE);
    updater_rig_close(&rig);
}

static void otter_s_own_is_taken_in_any_version(void **state)
{
    (void)state;
    struct updater_rig rig;
    open_with_otters(&rig, NULL);
    expect_success(&rig, OTTER_UPDATE_SKETCH, marked(OTTER_BOOTLOADER_VERSION), IMAGE_SIZE);
    expect_success(&rig, OTTER_UPDATE_SKETCH, marked(0xFF), IMAGE_SIZE);
    updater_rig_close(&rig);
}

static void a_device_without_it_takes_everything(void **state)
{
    (void)state;
    struct updater_rig rig;
    updater_rig_open(&rig, "1m64", NULL);
    expect_success(&rig, OTTER_UPDATE_SKETCH, image, IMAGE_SIZE);
    expect_success(&rig, OTTER_UPDATE_SKETCH, marked(OTTER_BOOTLOADER_VERSION), IMAGE_SIZE);
    updater_rig_close(&rig);
}

static void the_application_may_not_care(void **state)
{
    (void)state;
    struct updater_rig rig;
    open_with_otters(&rig, &any);
    expect_success(&rig, OTTER_UPDATE_SKETCH, image, IMAGE_SIZE);
    updater_rig_close(&rig);
}

static void nobody_looks_into_a_filesystem(void **state)
{
    (void)state;
    struct updater_rig rig;
    open_with_otters(&rig, NULL);
    expect_success(&rig, OTTER_UPDATE_FILESYSTEM, image, IMAGE_SIZE);
    updater_rig_close(&rig);
}

static void nobody_can_look_into_a_gzip(void **state)
{
    (void)state;
    static const uint8_t gzip[64] = {OTTER_GZIP_MAGIC_0, OTTER_GZIP_MAGIC_1};
    struct updater_rig rig;
    open_with_otters(&rig, NULL);
    expect_success(&rig, OTTER_UPDATE_SKETCH, gzip, sizeof(gzip));
    updater_rig_close(&rig);
}

/* otter's bootloader survives that; a quarter of the gzip is safe to be used by then. */
static void a_gzip_may_inflate_over_its_own_beginning(void **state)
{
    (void)state;
    static uint8_t gzip[4 * OTTER_FLASH_SECTOR] = {OTTER_GZIP_MAGIC_0, OTTER_GZIP_MAGIC_1};
    const uint32_t start = FILESYSTEM - sizeof(gzip), most = start + OTTER_FLASH_SECTOR;
    struct updater_rig rig;
    open_with_otters(&rig, NULL);
    otter_le32_put(gzip + sizeof(gzip) - 4, most);
    expect_success(&rig, OTTER_UPDATE_SKETCH, gzip, sizeof(gzip));
    otter_le32_put(gzip + sizeof(gzip) - 4, most + 1);
    assert_int_equal(updater_rig_send(&rig, OTTER_UPDATE_SKETCH, gzip, sizeof(gzip), 1000), OTTER_OK);
    assert_int_equal(otter_updater_end(&rig.updater, false), OTTER_ERROR_SPACE);
    updater_rig_close(&rig);
}

static void flash_that_cannot_be_read_is_an_error(void **state)
{
    (void)state;
    struct updater_rig rig;
    open_with_otters(&rig, NULL);
    assert_int_equal(otter_updater_begin(&rig.updater, IMAGE_SIZE, OTTER_UPDATE_SKETCH), OTTER_OK);
    rig.sim.flash.fail_reads_after = UINT64_MAX;
    assert_int_equal(otter_updater_write(&rig.updater, image, IMAGE_SIZE), OTTER_ERROR_READ);
    assert_true(updater_rig_untouched(&rig));
    updater_rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_bootloader_is_refused_before_flash_is_touched),
        cmocka_unit_test(otter_s_own_is_taken_in_any_version),
        cmocka_unit_test(a_device_without_it_takes_everything),
        cmocka_unit_test(the_application_may_not_care),
        cmocka_unit_test(nobody_looks_into_a_filesystem),
        cmocka_unit_test(nobody_can_look_into_a_gzip),
        cmocka_unit_test(a_gzip_may_inflate_over_its_own_beginning),
        cmocka_unit_test(flash_that_cannot_be_read_is_an_error),
    };
    return cmocka_run_group_tests(tests, make_image, NULL);
}
