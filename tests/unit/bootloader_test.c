#include <string.h>

#include "format/bootloader.h"
#include "format/image.h"
#include "tests/support/test.h"

static const struct otter_image_header header = {.flash_mode = OTTER_FLASH_QIO};

/* An image whose first segment begins with MARK, and no flag behind it. */
static void build(uint8_t out[64], const char mark[OTTER_BOOTLOADER_MARK_SIZE])
{
    uint8_t start[OTTER_BOOTLOADER_MARK_SIZE + 4] = {0};
    memcpy(start, mark, OTTER_BOOTLOADER_MARK_SIZE);
    const struct otter_image_source segment = {0x3FFE8000, sizeof(start), start};
    assert_int_equal(otter_image_build(out, 64, &header, &segment, 1), 32);
}

static void the_mark_begins_the_first_segment(void **state)
{
    (void)state;
    uint8_t image[64];
    build(image, OTTER_BOOTLOADER_MARK);
    assert_int_equal(otter_bootloader_version(image), OTTER_BOOTLOADER_VERSION);
}

static void versions_differ_in_the_last_byte(void **state)
{
    (void)state;
    uint8_t image[64];
    build(image, "otterbt\x7F");
    assert_int_equal(otter_bootloader_version(image), 0x7F);
}

static void every_byte_of_it_counts(void **state)
{
    (void)state;
    uint8_t image[64];
    build(image, OTTER_BOOTLOADER_MARK);
    for (unsigned i = 0; i < OTTER_BOOTLOADER_MARK_SIZE; i++) {
        uint8_t *byte = &image[OTTER_BOOTLOADER_MARK_OFFSET + i], whole = *byte;
        *byte = 0;
        assert_int_equal(otter_bootloader_version(image), 0);
        *byte = whole;
    }
    image[0] = 0xFF;
    assert_int_equal(otter_bootloader_version(image), 0);
}

static void the_lowest_flag_says_that_the_sketch_confirms_itself(void **state)
{
    (void)state;
    uint8_t image[64];
    build(image, OTTER_BOOTLOADER_MARK);
    assert_false(otter_bootloader_confirms(image));
    image[OTTER_BOOTLOADER_FLAGS_OFFSET] = 0xFE;
    assert_false(otter_bootloader_confirms(image));
    image[OTTER_BOOTLOADER_FLAGS_OFFSET] = OTTER_BOOTLOADER_CONFIRMS;
    assert_true(otter_bootloader_confirms(image));
}

static void the_first_version_had_no_flags(void **state)
{
    (void)state;
    uint8_t image[64];
    build(image, "otterbt\x01");
    image[OTTER_BOOTLOADER_FLAGS_OFFSET] = OTTER_BOOTLOADER_CONFIRMS;
    assert_int_equal(otter_bootloader_version(image), 1);
    assert_false(otter_bootloader_confirms(image));
}

static void erased_flash_is_no_bootloader(void **state)
{
    (void)state;
    uint8_t blank[OTTER_BOOTLOADER_START];
    memset(blank, 0xFF, sizeof(blank));
    assert_int_equal(otter_bootloader_version(blank), 0);
    assert_false(otter_bootloader_confirms(blank));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_mark_begins_the_first_segment),
        cmocka_unit_test(versions_differ_in_the_last_byte),
        cmocka_unit_test(every_byte_of_it_counts),
        cmocka_unit_test(the_lowest_flag_says_that_the_sketch_confirms_itself),
        cmocka_unit_test(the_first_version_had_no_flags),
        cmocka_unit_test(erased_flash_is_no_bootloader),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
