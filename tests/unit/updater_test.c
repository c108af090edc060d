#include "tests/support/updater_rig.h"

#include <stdlib.h>
#include <string.h>

#include "format/bytes.h"
#include "tests/support/digest.h"
#include "tests/support/sample.h"
#include "tests/support/seed.h"
#include "tests/support/test.h"

#define IMAGE_SIZE 20000u   /* not a multiple of a sector */
#define FS_START   0xEB000u /* of 1m64 */
#define FS_SIZE    0x10000u
#define STAGED     (FS_START - 0x5000u) /* where IMAGE_SIZE bytes go */

static uint8_t image[IMAGE_SIZE];

static int make_image(void **state)
{
    (void)state;
    sample_image(image, sizeof(image), 2);
    return 0;
}

/* Something that begins and ends as a gzip of INFLATED bytes does; an updater looks no further. */
static void make_gzip(uint8_t *bytes, size_t size, uint32_t inflated)
{
    uint64_t seed = 3;
    seed_fill(&seed, bytes, size);
    bytes[0] = 0x1F;
    bytes[1] = 0x8B;
    otter_le32_put(bytes + size - 4, inflated);
}

/* --- what goes well ----------------------------------------------------------------------------- */

static void a_sketch_is_staged_below_the_filesystem(void **state)
{
    (void)state;
    struct updater_rig rig;
    updater_rig_open(&rig, "1m64", NULL);
    assert_int_equal(updater_rig_send(&rig, OTTER_UPDATE_SKETCH, image, IMAGE_SIZE, 1460), OTTER_OK);
    assert_true(otter_updater_is_running(&rig.updater));
    assert_int_equal(otter_updater_received(&rig.updater), IMAGE_SIZE);
    assert_int_equal(otter_updater_remaining(&rig.updater), 0);
    assert_false(updater_rig_boot_command(&rig));
    assert_int_equal(otter_updater_end(&rig.updater, false), OTTER_OK);
    assert_false(otter_updater_is_running(&rig.updater));
    assert_true(updater_rig_holds(&rig, STAGED, image, IMAGE_SIZE));
    updater_rig_will_copy(&rig, STAGED, 0, IMAGE_SIZE);
    assert_int_equal(rig.starts, 1);
    assert_int_equal(rig.progresses, 5);
    assert_int_equal(rig.done, IMAGE_SIZE);
    assert_int_equal(rig.ends, 1);
    assert_int_equal(rig.errors, 0);
    updater_rig_close(&rig);
}

static void portions_do_not_matter(void **state)
{
    static const size_t portions[] = {1, 3, 7, 4095, 4096, 4097, IMAGE_SIZE};
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(portions); i++) {
        struct updater_rig rig;
        updater_rig_open(&rig, "1m64", NULL);
        assert_int_equal(updater_rig_send(&rig, OTTER_UPDATE_SKETCH, image, IMAGE_SIZE, portions[i]),
                         OTTER_OK);
        assert_int_equal(otter_updater_end(&rig.updater, false), OTTER_OK);
        assert_true(updater_rig_holds(&rig, STAGED, image, IMAGE_SIZE));
        assert_int_equal(rig.progresses, 5);
        updater_rig_close(&rig);
    }
}

static void the_flash_mode_becomes_the_device_s_own(void **state)
{
    (void)state;
    struct updater_rig rig;
    updater_rig_open(&rig, "1m64", NULL);
    rig.sim.port.flash.mode = OTTER_FLASH_DOUT;
    assert_int_equal(updater_rig_send(&rig, OTTER_UPDATE_SKETCH, image, IMAGE_SIZE, 100), OTTER_OK);
    assert_int_equal(otter_updater_end(&rig.updater, false), OTTER_OK);
    assert_int_equal(rig.sim.flash.bytes[STAGED + 2], OTTER_FLASH_DOUT);
    assert_true(updater_rig_holds(&rig, STAGED, image, 2));
    assert_true(updater_rig_holds(&rig, STAGED + 3, image + 3, IMAGE_SIZE - 3));
    updater_rig_close(&rig);
}

static void a_gzip_is_staged_as_it_is(void **state)
{
    uint8_t gzip[5001]; /* no multiple of a word */
    (void)state;
    struct updater_rig rig;
    updater_rig_open(&rig, "1m64", NULL);
    rig.sim.port.flash.mode = OTTER_FLASH_DOUT;
    make_gzip(gzip, sizeof(gzip), FS_START - 0x2000); /* as large as can be */
    assert_int_equal(updater_rig_send(&rig, OTTER_UPDATE_SKETCH, gzip, sizeof(gzip), 9), OTTER_OK);
    assert_int_equal(otter_updater_end(&rig.updater, false), OTTER_OK);
    assert_true(updater_rig_holds(&rig, FS_START - 0x2000, gzip, sizeof(gzip)));
    assert_true(updater_rig_holds(&rig, FS_START - 0x2000 + sizeof(gzip), "\xFF\xFF\xFF", 3));
    updater_rig_will_copy(&rig, FS_START - 0x2000, 0, sizeof(gzip));
    updater_rig_close(&rig);
}

static void a_filesystem_is_written_in_place(void **state)
{
    static uint8_t filesystem[FS_SIZE];
    (void)state;
    struct updater_rig rig;
    uint64_t seed = 4;
    seed_fill(&seed, filesystem, sizeof(filesystem));
    filesystem[0] = 0xE9; /* means nothing here */
    updater_rig_open(&rig, "1m64", NULL);
    assert_int_equal(updater_rig_send(&rig, OTTER_UPDATE_FILESYSTEM, filesystem, FS_SIZE, 1000), OTTER_OK);
    assert_int_equal(otter_updater_end(&rig.updater, false), OTTER_OK);
    assert_true(updater_rig_holds(&rig, FS_START, filesystem, FS_SIZE));
    assert_false(updater_rig_boot_command(&rig));
    assert_int_equal(rig.ends, 1);
    updater_rig_close(&rig);
}

static void an_atomic_filesystem_is_staged(void **state)
{
    (void)state;
    struct updater_rig rig;
    updater_rig_open(&rig, "1m64", &(struct otter_updater_settings){.atomic_filesystem = true});
    assert_int_equal(updater_rig_send(&rig, OTTER_UPDATE_FILESYSTEM, image + 1, 8191, 1000), OTTER_OK);
    assert_int_equal(otter_updater_end(&rig.updater, false), OTTER_OK);
    assert_true(updater_rig_holds(&rig, FS_START - 0x2000, image + 1, 8191));
    updater_rig_will_copy(&rig, FS_START - 0x2000, FS_START, 8191);
    updater_rig_close(&rig);
}

static void md5_may_be_upper_case_or_unknown(void **state)
{
    char md5[33];
    (void)state;
    struct updater_rig rig;
    updater_rig_open(&rig, "1m64", NULL);
    digest_md5(md5, image, IMAGE_SIZE);
    for (char *digit = md5; *digit != '\0'; digit++)
        *digit = (char)(*digit >= 'a' ? *digit - 'a' + 'A' : *digit);
    assert_int_equal(otter_updater_expect_md5(&rig.updater, md5), OTTER_ERROR_IDLE);
    for (int known = 0; known < 2; known++) {
        assert_int_equal(otter_updater_begin(&rig.updater, IMAGE_SIZE, OTTER_UPDATE_SKETCH), OTTER_OK);
        if (known)
            assert_int_equal(otter_updater_expect_md5(&rig.updater, md5), OTTER_OK);
        assert_int_equal(otter_updater_write(&rig.updater, image, IMAGE_SIZE), IMAGE_SIZE);
        assert_int_equal(otter_updater_end(&rig.updater, false), OTTER_OK);
        otter_updater_release(&rig.updater);
    }
    updater_rig_close(&rig);
}

static void less_than_announced_may_be_all(void **state)
{
    (void)state;
    struct updater_rig rig;
    updater_rig_open(&rig, "1m64", NULL);
    assert_int_equal(otter_updater_begin(&rig.updater, 40960, OTTER_UPDATE_SKETCH), OTTER_OK);
    assert_int_equal(otter_updater_write(&rig.updater, image, IMAGE_SIZE), IMAGE_SIZE);
    assert_int_equal(otter_updater_end(&rig.updater, true), OTTER_OK);
    assert_true(updater_rig_holds(&rig, FS_START - 40960, image, IMAGE_SIZE));
    updater_rig_will_copy(&rig, FS_START - 40960, 0, IMAGE_SIZE);
    updater_rig_close(&rig);
}

static void an_earlier_boot_command_is_taken_back(void **state)
{
    (void)state;
    struct updater_rig rig;
    updater_rig_open(&rig, "1m64", NULL);
    assert_int_equal(updater_rig_send(&rig, OTTER_UPDATE_SKETCH, image, IMAGE_SIZE, 4096), OTTER_OK);
    assert_int_equal(otter_updater_end(&rig.updater, false), OTTER_OK);
    otter_updater_release(&rig.updater);
    rig.refuse = true;
    assert_int_equal(otter_updater_begin(&rig.updater, 4096, OTTER_UPDATE_SKETCH), OTTER_ERROR_REFUSED);
    assert_true(updater_rig_boot_command(&rig));
    rig.refuse = false;
    assert_int_equal(otter_updater_begin(&rig.updater, 4096, OTTER_UPDATE_SKETCH), OTTER_ERROR_RUNNING);
    otter_updater_release(&rig.updater);
    assert_int_equal(otter_updater_begin(&rig.updater, 4096, OTTER_UPDATE_SKETCH), OTTER_OK);
    assert_false(updater_rig_boot_command(&rig));
    otter_updater_abort(&rig.updater);
    updater_rig_close(&rig);
}

static void other_data_in_rtc_memory_is_left_alone(void **state)
{
    (void)state;
    struct updater_rig rig;
    updater_rig_open(&rig, "1m64", NULL);
    const struct otter_sim_rtc before = rig.sim.rtc;
    assert_int_equal(otter_updater_begin(&rig.updater, 4096, OTTER_UPDATE_SKETCH), OTTER_OK);
    assert_memory_equal(&rig.sim.rtc, &before, sizeof(before));
    otter_updater_abort(&rig.updater);
    updater_rig_close(&rig);
}

/* --- what begin refuses ------------------------------------------------------------------------- */

struct refusal {
    const char *layout;
    uint32_t size;
    int command;
    void (*prepare)(struct updater_rig *rig);
    enum otter_error error;
    const char *text;
};

static void start_in_download_mode(struct updater_rig *rig)
{
    rig->sim.port.flash.download_mode = true;
}

static void configure_larger_flash(struct updater_rig *rig)
{
    rig->sim.port.flash.configured_size = 0x400000;
}

static void solder_smaller_flash(struct updater_rig *rig)
{
    rig->sim.port.flash.size = 0x80000;
}

static void take_buffer(struct updater_rig *rig)
{
    rig->updater.settings.buffer = NULL;
}

static void break_reading(struct updater_rig *rig)
{
    rig->sim.flash.fail_reads_after = UINT64_MAX;
}

static void set_refuse(struct updater_rig *rig)
{
    rig->refuse = true;
}

static void set_atomic(struct updater_rig *rig)
{
    rig->updater.settings.atomic_filesystem = true;
}

#define SPACE_OF_1M64 (FS_START - UPDATER_RIG_SKETCH)

static const struct refusal refusals[] = {
    {"1m64", 0, 0, NULL, OTTER_ERROR_SIZE, "ERROR[5]: Bad Size Given"},
    {"1m64", 4096, 0, start_in_download_mode, OTTER_ERROR_BOOTSTRAP,
     "ERROR[11]: Invalid bootstrapping state, reset ESP8266 before updating"},
    {"1m64", 4096, 0, configure_larger_flash, OTTER_ERROR_FLASH_CONFIG,
     "ERROR[8]: Flash config wrong: real: 1048576, SDK: 4194304"},
    {"1m64", 4096, 0, solder_smaller_flash, OTTER_ERROR_FLASH_CONFIG,
     "ERROR[8]: Flash config wrong: real: 524288, SDK: 1048576"},
    {"1m64", 4096, 7, NULL, OTTER_ERROR_COMMAND, "ERROR[16]: Unknown update command"},
    {"1m64", 4096, 200, NULL, OTTER_ERROR_COMMAND, "ERROR[16]: Unknown update command"},
    {"1m64", 4096, 0, take_buffer, OTTER_ERROR_MEMORY, "ERROR[14]: Out of memory"},
    {"1m64", SPACE_OF_1M64 + 1, 0, NULL, OTTER_ERROR_SPACE, "ERROR[4]: Not Enough Space"},
    {"1m64", 0x100000, 0, NULL, OTTER_ERROR_SPACE, "ERROR[4]: Not Enough Space"},
    {"1m64", UINT32_MAX, 0, NULL, OTTER_ERROR_SPACE, "ERROR[4]: Not Enough Space"},
    {"1m64", FS_SIZE + 1, 100, NULL, OTTER_ERROR_SPACE, "ERROR[4]: Not Enough Space"},
    {"1m64", UINT32_MAX, 100, NULL, OTTER_ERROR_SPACE, "ERROR[4]: Not Enough Space"},
    {"1m", 1, 100, NULL, OTTER_ERROR_SPACE, "ERROR[4]: Not Enough Space"},
    {"1m64", FS_SIZE + 1, 100, set_atomic, OTTER_ERROR_SPACE, "ERROR[4]: Not Enough Space"},
    {"1m512", 0x80000, 100, set_atomic, OTTER_ERROR_SPACE, "ERROR[4]: Not Enough Space"},
    {"1m64", 4096, 0, break_reading, OTTER_ERROR_READ, "ERROR[3]: Flash Read Failed"},
    {"1m64", 4096, 0, set_refuse, OTTER_ERROR_REFUSED, "ERROR: Refused by the application"},
};

static void begin_refuses(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(refusals); i++) {
        const struct refusal *refusal = &refusals[i];
        struct updater_rig rig;
        char text[160];
        updater_rig_open(&rig, refusal->layout, NULL);
        if (refusal->prepare != NULL)
            refusal->prepare(&rig);
        assert_int_equal(
            otter_updater_begin(&rig.updater, refusal->size, (enum otter_update_command)refusal->command),
            refusal->error);
        assert_int_equal(otter_updater_error(&rig.updater), refusal->error);
        assert_false(otter_updater_is_running(&rig.updater));
        assert_int_equal(rig.errors, 1);
        assert_string_equal(rig.text, refusal->text);
        assert_true(otter_updater_error_print(&rig.updater, text, sizeof(text)) > 0);
        assert_string_equal(text, refusal->text);
        assert_true(updater_rig_untouched(&rig));
        updater_rig_close(&rig);
    }
}

static void all_of_the_space_can_be_used(void **state)
{
    static uint8_t large[SPACE_OF_1M64];
    (void)state;
    struct updater_rig rig;
    sample_image(large, sizeof(large), 5);
    updater_rig_open(&rig, "1m64", NULL);
    assert_int_equal(updater_rig_send(&rig, OTTER_UPDATE_SKETCH, large, sizeof(large), 4096), OTTER_OK);
    assert_int_equal(otter_updater_end(&rig.updater, false), OTTER_OK);
    updater_rig_will_copy(&rig, UPDATER_RIG_SKETCH, 0, sizeof(large));
    updater_rig_close(&rig);
}

static void a_larger_chip_than_configured_is_fine(void **state)
{
    (void)state;
    struct updater_rig rig;
    updater_rig_open(&rig, "4m1m", NULL);
    rig.sim.port.layout = otter_layout_find("1m64");
    rig.sim.port.flash.configured_size = 0x100000;
    assert_int_equal(updater_rig_send(&rig, OTTER_UPDATE_SKETCH, image, IMAGE_SIZE, 4096), OTTER_OK);
    assert_int_equal(otter_updater_end(&rig.updater, false), OTTER_OK);
    updater_rig_close(&rig);
}

static void a_second_begin_leaves_the_running_update_alone(void **state)
{
    (void)state;
    struct updater_rig rig;
    updater_rig_open(&rig, "1m64", NULL);
    assert_int_equal(otter_updater_begin(&rig.updater, IMAGE_SIZE, OTTER_UPDATE_SKETCH), OTTER_OK);
    assert_int_equal(otter_updater_write(&rig.updater, image, 6000), 6000);
    const struct updater_rig before = rig;
    assert_int_equal(otter_updater_begin(&rig.updater, 1, OTTER_UPDATE_FILESYSTEM), OTTER_ERROR_RUNNING);
    assert_int_equal(otter_updater_begin(&rig.updater, 0, OTTER_UPDATE_SKETCH), OTTER_ERROR_RUNNING);
    assert_memory_equal(&rig, &before, sizeof(rig));
    assert_int_equal(otter_updater_write(&rig.updater, image + 6000, IMAGE_SIZE - 6000), IMAGE_SIZE - 6000);
    assert_int_equal(otter_updater_end(&rig.updater, false), OTTER_OK);
    assert_true(updater_rig_holds(&rig, STAGED, image, IMAGE_SIZE));
    updater_rig_close(&rig);
}

/* --- what write refuses ------------------------------------------------------------------------- */

static void more_than_announced(void **state)
{
    (void)state;
    struct updater_rig rig;
    updater_rig_open(&rig, "1m64", NULL);
    assert_int_equal(otter_updater_write(&rig.updater, image, 1), OTTER_ERROR_IDLE);
    assert_int_equal(otter_updater_begin(&rig.updater, IMAGE_SIZE, OTTER_UPDATE_SKETCH), OTTER_OK);
    assert_int_equal(otter_updater_write(&rig.updater, image, IMAGE_SIZE - 1), IMAGE_SIZE - 1);
    assert_int_equal(otter_updater_write(&rig.updater, image, 2), OTTER_ERROR_SIZE);
    assert_int_equal(otter_updater_end(&rig.updater, true), OTTER_ERROR_IDLE);
    assert_string_equal(rig.text, "ERROR[5]: Bad Size Given");
    updater_rig_close(&rig);
}

/* What a header with VALUE at OFFSET must lead to on a 1 MiB chip, by the text of spec/image.md. */
static int expected_of_header(unsigned offset, uint8_t value)
{
    const unsigned size = value >> 4, frequency = value & 15;
    switch (offset) {
    case 0:
        return value == 0xE9 ? OTTER_OK : OTTER_ERROR_MAGIC_BYTE;
    case 1:
        return value >= 1 && value <= 16 ? OTTER_OK : OTTER_ERROR_IMAGE;
    case 2:
        return value <= 3 ? OTTER_OK : OTTER_ERROR_IMAGE;
    default:
        if ((size > 4 && size < 8) || size > 9 || (frequency > 2 && frequency < 15))
            return OTTER_ERROR_IMAGE;
        return size <= 2 ? OTTER_OK : OTTER_ERROR_NEW_FLASH_CONFIG;
    }
}

static void every_header_byte_is_looked_at_before_flash_is_touched(void **state)
{
    static uint8_t bytes[OTTER_FLASH_SECTOR];
    (void)state;
    struct updater_rig rig;
    updater_rig_open(&rig, "1m64", NULL);
    for (unsigned offset = 0; offset < 4; offset++) {
        for (unsigned value = 0; value < 256; value++) {
            const int error = expected_of_header(offset, (uint8_t)value);
            const uint64_t operations = rig.sim.flash.operation;
            memcpy(bytes, image, sizeof(bytes));
            bytes[offset] = (uint8_t)value;
            assert_int_equal(otter_updater_begin(&rig.updater, IMAGE_SIZE, OTTER_UPDATE_SKETCH), OTTER_OK);
            assert_int_equal(otter_updater_write(&rig.updater, bytes, sizeof(bytes)),
                             error != OTTER_OK ? error : (int)sizeof(bytes));
            assert_int_equal(rig.sim.flash.operation > operations, error == OTTER_OK);
            otter_updater_abort(&rig.updater);
        }
    }
    updater_rig_close(&rig);
}

static void texts_of_refused_images(void **state)
{
    static const struct {
        unsigned offset;
        uint8_t value;
        const char *text;
    } cases[] = {
        {0, 0x7F, "ERROR[10]: Magic byte is not 0xE9"},
        {0, 0x1F, "ERROR[10]: Magic byte is not 0xE9"}, /* half a gzip */
        {3, 0x40, "ERROR[9]: new Flash config wrong, real size: 1048576"},
    };
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        struct updater_rig rig;
        uint8_t bytes[IMAGE_SIZE];
        memcpy(bytes, image, sizeof(bytes));
        bytes[cases[i].offset] = cases[i].value;
        updater_rig_open(&rig, "1m64", NULL);
        assert_true(updater_rig_send(&rig, OTTER_UPDATE_SKETCH, bytes, sizeof(bytes), 1000) < 0);
        assert_string_equal(rig.text, cases[i].text);
        assert_int_equal(rig.errors, 1);
        assert_int_equal(otter_updater_end(&rig.updater, false), OTTER_ERROR_IDLE);
        assert_true(updater_rig_untouched(&rig));
        updater_rig_close(&rig);
    }
}

/* A segment that leaves the file is noticed in the sector that announces it. */
static void a_segment_beyond_the_file(void **state)
{
    (void)state;
    struct updater_rig rig;
    uint8_t bytes[IMAGE_SIZE];
    memcpy(bytes, image, sizeof(bytes));
    otter_le32_put(bytes + 12, IMAGE_SIZE);
    updater_rig_open(&rig, "1m64", NULL);
    assert_int_equal(updater_rig_send(&rig, OTTER_UPDATE_SKETCH, bytes, sizeof(bytes), 100),
                     OTTER_ERROR_IMAGE);
    assert_true(updater_rig_untouched(&rig));
    updater_rig_close(&rig);
}

static void every_failing_flash_operation_is_reported(void **state)
{
    (void)state;
    for (uint64_t operation = 1;; operation++) {
        struct updater_rig rig;
        updater_rig_open(&rig, "1m64", NULL);
        rig.sim.flash.fail_at = operation;
        int error = updater_rig_send(&rig, OTTER_UPDATE_SKETCH, image, IMAGE_SIZE, 1460);
        if (rig.sim.flash.operation < operation) {
            updater_rig_close(&rig);
            assert_int_equal(operation - 1, 5 + 4 * 16 + 15);
            break;
        }
        assert_true(error == OTTER_ERROR_WRITE || error == OTTER_ERROR_ERASE);
        assert_int_equal(error == OTTER_ERROR_ERASE, (operation - 1) % 17 == 0);
        assert_string_equal(rig.text, error == OTTER_ERROR_WRITE ? "ERROR[1]: Flash Write Failed"
                                                                 : "ERROR[2]: Flash Erase Failed");
        assert_false(updater_rig_boot_command(&rig));
        updater_rig_close(&rig);
    }
}

/* --- what end refuses --------------------------------------------------------------------------- */

static void end_refuses(struct updater_rig *rig, bool even_if_remaining, enum otter_error error,
                        const char *text)
{
    assert_int_equal(otter_updater_end(&rig->updater, even_if_remaining), error);
    assert_int_equal(otter_updater_error(&rig->updater), error);
    assert_false(otter_updater_is_running(&rig->updater));
    assert_false(updater_rig_boot_command(rig));
    assert_string_equal(rig->text, text);
    assert_int_equal(rig->errors, 1);
    assert_int_equal(rig->ends, 0);
    assert_int_equal(otter_updater_end(&rig->updater, even_if_remaining), OTTER_ERROR_IDLE);
    assert_int_equal(rig->errors, 1);
    updater_rig_close(rig);
}

static void nothing_came(void **state)
{
    (void)state;
    struct updater_rig rig;
    updater_rig_open(&rig, "1m64", NULL);
    assert_int_equal(otter_updater_end(&rig.updater, false), OTTER_ERROR_IDLE);
    assert_int_equal(otter_updater_begin(&rig.updater, IMAGE_SIZE, OTTER_UPDATE_SKETCH), OTTER_OK);
    end_refuses(&rig, true, OTTER_ERROR_NO_DATA, "ERROR[13]: No data supplied");
}

static void bytes_are_missing(void **state)
{
    (void)state;
    struct updater_rig rig;
    updater_rig_open(&rig, "1m64", NULL);
    assert_int_equal(otter_updater_begin(&rig.updater, IMAGE_SIZE, OTTER_UPDATE_SKETCH), OTTER_OK);
    assert_int_equal(otter_updater_write(&rig.updater, image, IMAGE_SIZE - 1), IMAGE_SIZE - 1);
    end_refuses(&rig, false, OTTER_ERROR_SIZE, "ERROR[5]: Bad Size Given");
}

static void the_md5_differs(void **state)
{
    (void)state;
    struct updater_rig rig;
    char text[160] =
        "ERROR[7]: MD5 verification failed: expected: 00000000000000000000000000000000, calculated: ";
    digest_md5(text + strlen(text), image, IMAGE_SIZE);
    updater_rig_open(&rig, "1m64", NULL);
    assert_int_equal(updater_rig_send(&rig, OTTER_UPDATE_SKETCH, image, IMAGE_SIZE, 4096), OTTER_OK);
    assert_int_equal(otter_updater_expect_md5(&rig.updater, "0000000000000000000000000000000"),
                     OTTER_ERROR_ARGUMENT);
    assert_int_equal(otter_updater_expect_md5(&rig.updater, "0000000000000000000000000000000g"),
                     OTTER_ERROR_ARGUMENT);
    assert_int_equal(otter_updater_expect_md5(&rig.updater, "000000000000000000000000000000000"),
                     OTTER_ERROR_ARGUMENT);
    assert_int_equal(otter_updater_expect_md5(&rig.updater, "00000000000000000000000000000000"), OTTER_OK);
    end_refuses(&rig, false, OTTER_ERROR_MD5, text);
}

static void a_filesystem_s_md5_differs(void **state)
{
    (void)state;
    struct updater_rig rig;
    updater_rig_open(&rig, "1m64", NULL);
    assert_int_equal(updater_rig_send(&rig, OTTER_UPDATE_FILESYSTEM, image, IMAGE_SIZE, 4096), OTTER_OK);
    assert_int_equal(otter_updater_expect_md5(&rig.updater, "00000000000000000000000000000000"), OTTER_OK);
    assert_int_equal(otter_updater_end(&rig.updater, false), OTTER_ERROR_MD5);
    assert_false(updater_rig_boot_command(&rig));
    updater_rig_close(&rig);
}

static void the_image_ends_too_early(void **state)
{
    (void)state;
    for (size_t size = 1; size < IMAGE_SIZE; size += size < 64 ? 1 : 997) {
        struct updater_rig rig;
        updater_rig_open(&rig, "1m64", NULL);
        assert_int_equal(otter_updater_begin(&rig.updater, IMAGE_SIZE, OTTER_UPDATE_SKETCH), OTTER_OK);
        assert_int_equal(otter_updater_write(&rig.updater, image, size), size);
        end_refuses(&rig, true, OTTER_ERROR_IMAGE, "ERROR[17]: Image is damaged");
    }
}

static void the_checksum_is_wrong(void **state)
{
    (void)state;
    struct updater_rig rig;
    uint8_t bytes[IMAGE_SIZE];
    memcpy(bytes, image, sizeof(bytes));
    bytes[10000] ^= 0x10;
    updater_rig_open(&rig, "1m64", NULL);
    assert_int_equal(updater_rig_send(&rig, OTTER_UPDATE_SKETCH, bytes, sizeof(bytes), 4096), OTTER_OK);
    end_refuses(&rig, false, OTTER_ERROR_CHECKSUM, "ERROR[18]: Image checksum is wrong");
}

/* Also where the length in the trailer lies in two sectors. */
static void a_gzip_would_inflate_over_itself(void **state)
{
    uint8_t gzip[4104];
    (void)state;
    for (size_t size = 4097; size <= sizeof(gzip); size++) {
        struct updater_rig rig;
        updater_rig_open(&rig, "1m64", NULL);
        make_gzip(gzip, size, FS_START - 0x2000);
        assert_int_equal(updater_rig_send(&rig, OTTER_UPDATE_SKETCH, gzip, size, 4098), OTTER_OK);
        assert_int_equal(otter_updater_end(&rig.updater, false), OTTER_OK);
        make_gzip(gzip, size, FS_START - 0x2000 + 1);
        otter_updater_release(&rig.updater);
        assert_int_equal(updater_rig_send(&rig, OTTER_UPDATE_SKETCH, gzip, size, 4098), OTTER_OK);
        rig.ends = 0;
        end_refuses(&rig, false, OTTER_ERROR_SPACE, "ERROR[4]: Not Enough Space");
    }
}

static void an_atomic_filesystem_would_inflate_beyond_its_place(void **state)
{
    uint8_t gzip[5000];
    (void)state;
    struct updater_rig rig;
    updater_rig_open(&rig, "1m64", &(struct otter_updater_settings){.atomic_filesystem = true});
    make_gzip(gzip, sizeof(gzip), FS_SIZE + 1);
    assert_int_equal(updater_rig_send(&rig, OTTER_UPDATE_FILESYSTEM, gzip, sizeof(gzip), 4098), OTTER_OK);
    end_refuses(&rig, false, OTTER_ERROR_SPACE, "ERROR[4]: Not Enough Space");
}

static void a_gzip_too_short_to_be_one(void **state)
{
    uint8_t gzip[17];
    (void)state;
    struct updater_rig rig;
    updater_rig_open(&rig, "1m64", NULL);
    make_gzip(gzip, sizeof(gzip), 0);
    assert_int_equal(updater_rig_send(&rig, OTTER_UPDATE_SKETCH, gzip, sizeof(gzip), 1), OTTER_OK);
    end_refuses(&rig, false, OTTER_ERROR_IMAGE, "ERROR[17]: Image is damaged");
}

/* --- abort -------------------------------------------------------------------------------------- */

static void an_aborted_update_is_gone(void **state)
{
    (void)state;
    struct updater_rig rig;
    updater_rig_open(&rig, "1m64", NULL);
    otter_updater_abort(&rig.updater);
    assert_int_equal(otter_updater_error(&rig.updater), OTTER_OK);
    assert_int_equal(updater_rig_send(&rig, OTTER_UPDATE_SKETCH, image, IMAGE_SIZE, 4096), OTTER_OK);
    otter_updater_abort(&rig.updater);
    assert_int_equal(otter_updater_error(&rig.updater), OTTER_ERROR_ABORTED);
    assert_int_equal(otter_updater_end(&rig.updater, true), OTTER_ERROR_IDLE);
    assert_false(updater_rig_boot_command(&rig));
    assert_int_equal(updater_rig_send(&rig, OTTER_UPDATE_SKETCH, image, IMAGE_SIZE, 4096), OTTER_OK);
    assert_int_equal(otter_updater_end(&rig.updater, false), OTTER_OK);
    assert_int_equal(otter_updater_error(&rig.updater), OTTER_OK);
    updater_rig_close(&rig);
}

static void callbacks_may_abort(void **state)
{
    static const enum updater_rig_callback callbacks[] = {UPDATER_RIG_START, UPDATER_RIG_PROGRESS};
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(callbacks); i++) {
        struct updater_rig rig;
        updater_rig_open(&rig, "1m64", NULL);
        rig.abort_in = callbacks[i];
        assert_int_equal(updater_rig_send(&rig, OTTER_UPDATE_SKETCH, image, IMAGE_SIZE, 1000),
                         OTTER_ERROR_ABORTED);
        assert_false(otter_updater_is_running(&rig.updater));
        assert_int_equal(otter_updater_error(&rig.updater), OTTER_ERROR_ABORTED);
        assert_int_equal(rig.errors, 0);
        assert_int_equal(rig.progresses, callbacks[i] == UPDATER_RIG_PROGRESS ? 1 : 0);
        assert_int_equal(otter_updater_end(&rig.updater, true), OTTER_ERROR_IDLE);
        updater_rig_close(&rig);
    }
}

static void the_last_progress_may_abort(void **state)
{
    (void)state;
    struct updater_rig rig;
    updater_rig_open(&rig, "1m64", NULL);
    assert_int_equal(otter_updater_begin(&rig.updater, 40960, OTTER_UPDATE_SKETCH), OTTER_OK);
    assert_int_equal(otter_updater_write(&rig.updater, image, IMAGE_SIZE), IMAGE_SIZE);
    rig.abort_in = UPDATER_RIG_PROGRESS;
    assert_int_equal(otter_updater_end(&rig.updater, true), OTTER_ERROR_ABORTED);
    assert_false(updater_rig_boot_command(&rig));
    assert_int_equal(rig.ends, 0);
    updater_rig_close(&rig);
}

static void the_error_callback_may_abort(void **state)
{
    (void)state;
    struct updater_rig rig;
    updater_rig_open(&rig, "1m64", NULL);
    rig.abort_in = UPDATER_RIG_ERROR;
    assert_int_equal(otter_updater_begin(&rig.updater, 0, OTTER_UPDATE_SKETCH), OTTER_ERROR_SIZE);
    assert_int_equal(otter_updater_error(&rig.updater), OTTER_ERROR_SIZE);
    updater_rig_close(&rig);
}

static void callbacks_are_optional(void **state)
{
    (void)state;
    struct updater_rig rig;
    updater_rig_open(&rig, "1m64", NULL);
    const struct otter_updater_settings settings = {.buffer = rig.sector};
    otter_updater_init(&rig.updater, &rig.sim.port, &settings);
    assert_int_equal(otter_updater_begin(&rig.updater, 0, OTTER_UPDATE_SKETCH), OTTER_ERROR_SIZE);
    assert_int_equal(updater_rig_send(&rig, OTTER_UPDATE_SKETCH, image, IMAGE_SIZE, 4096), OTTER_OK);
    assert_int_equal(otter_updater_end(&rig.updater, false), OTTER_OK);
    updater_rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sketch_is_staged_below_the_filesystem),
        cmocka_unit_test(portions_do_not_matter),
        cmocka_unit_test(the_flash_mode_becomes_the_device_s_own),
        cmocka_unit_test(a_gzip_is_staged_as_it_is),
        cmocka_unit_test(a_filesystem_is_written_in_place),
        cmocka_unit_test(an_atomic_filesystem_is_staged),
        cmocka_unit_test(md5_may_be_upper_case_or_unknown),
        cmocka_unit_test(less_than_announced_may_be_all),
        cmocka_unit_test(an_earlier_boot_command_is_taken_back),
        cmocka_unit_test(other_data_in_rtc_memory_is_left_alone),
        cmocka_unit_test(begin_refuses),
        cmocka_unit_test(all_of_the_space_can_be_used),
        cmocka_unit_test(a_larger_chip_than_configured_is_fine),
        cmocka_unit_test(a_second_begin_leaves_the_running_update_alone),
        cmocka_unit_test(more_than_announced),
        cmocka_unit_test(every_header_byte_is_looked_at_before_flash_is_touched),
        cmocka_unit_test(texts_of_refused_images),
        cmocka_unit_test(a_segment_beyond_the_file),
        cmocka_unit_test(every_failing_flash_operation_is_reported),
        cmocka_unit_test(nothing_came),
        cmocka_unit_test(bytes_are_missing),
        cmocka_unit_test(the_md5_differs),
        cmocka_unit_test(a_filesystem_s_md5_differs),
        cmocka_unit_test(the_image_ends_too_early),
        cmocka_unit_test(the_checksum_is_wrong),
        cmocka_unit_test(a_gzip_would_inflate_over_itself),
        cmocka_unit_test(an_atomic_filesystem_would_inflate_beyond_its_place),
        cmocka_unit_test(a_gzip_too_short_to_be_one),
        cmocka_unit_test(an_aborted_update_is_gone),
        cmocka_unit_test(callbacks_may_abort),
        cmocka_unit_test(the_last_progress_may_abort),
        cmocka_unit_test(the_error_callback_may_abort),
        cmocka_unit_test(callbacks_are_optional),
    };
    return cmocka_run_group_tests(tests, make_image, NULL);
}
