/* The updater fed from a stream. */
#include "tests/support/updater_rig.h"

#include <string.h>

#include "tests/support/sample.h"
#include "tests/support/test.h"

#define IMAGE_SIZE 20000u               /* not a multiple of a sector */
#define STAGED     (0xEB000u - 0x5000u) /* where IMAGE_SIZE bytes go on 1m64 */

static uint8_t image[IMAGE_SIZE];

static int make_image(void **state)
{
    (void)state;
    sample_image(image, sizeof(image), 2);
    return 0;
}

struct source {
    const uint8_t *bytes;
    size_t size;
    size_t portion;
    int end; /* what comes after the bytes */
};

static int read_source(void *context, void *bytes, size_t size)
{
    struct source *source = context;
    if (source->size == 0)
        return source->end;
    if (size > source->portion)
        size = source->portion;
    if (size > source->size)
        size = source->size;
    memcpy(bytes, source->bytes, size);
    source->bytes += size;
    source->size -= size;
    return (int)size;
}

static void a_stream_is_taken_up_to_sector_boundaries(void **state)
{
    static const size_t portions[] = {1, 1460, IMAGE_SIZE};
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(portions); i++) {
        struct updater_rig rig;
        struct source source = {image, IMAGE_SIZE, portions[i], OTTER_ERROR_CLOSED};
        const struct otter_stream stream = {&source, read_source};
        updater_rig_open(&rig, "1m64", NULL);
        assert_int_equal(otter_updater_write_stream(&rig.updater, &stream, 0), OTTER_ERROR_IDLE);
        assert_int_equal(otter_updater_begin(&rig.updater, IMAGE_SIZE, OTTER_UPDATE_SKETCH), OTTER_OK);
        while (otter_updater_remaining(&rig.updater) > 0) {
            const uint32_t before = otter_updater_received(&rig.updater);
            const int count = otter_updater_write_stream(&rig.updater, &stream, 0);
            assert_in_range(count, 1, portions[i]);
            assert_int_equal(otter_updater_received(&rig.updater), before + (uint32_t)count);
            assert_true(before / 4096 == (before + (uint32_t)count - 1) / 4096);
        }
        assert_int_equal(otter_updater_write_stream(&rig.updater, &stream, 0), 0);
        assert_int_equal(otter_updater_end(&rig.updater, false), OTTER_OK);
        assert_true(updater_rig_holds(&rig, STAGED, image, IMAGE_SIZE));
        updater_rig_close(&rig);
    }
}

/* The clock wraps around in the middle. */
static void a_silent_stream_times_out(void **state)
{
    (void)state;
    const uint32_t start = UINT32_MAX - 500;
    struct updater_rig rig;
    struct source source = {image, 10, 10, 0};
    const struct otter_stream stream = {&source, read_source};
    updater_rig_open(&rig, "1m64", &(struct otter_updater_settings){.stream_timeout_ms = 1000});
    assert_int_equal(otter_updater_begin(&rig.updater, IMAGE_SIZE, OTTER_UPDATE_SKETCH), OTTER_OK);
    assert_int_equal(otter_updater_write_stream(&rig.updater, &stream, start - 5000), 10);
    assert_int_equal(otter_updater_write_stream(&rig.updater, &stream, start), 0);
    assert_int_equal(otter_updater_write_stream(&rig.updater, &stream, start + 999), 0);
    source.size = 1;
    assert_int_equal(otter_updater_write_stream(&rig.updater, &stream, start + 1000), 1);
    assert_int_equal(otter_updater_write_stream(&rig.updater, &stream, start + 1000), 0);
    assert_int_equal(otter_updater_write_stream(&rig.updater, &stream, start + 1999), 0);
    assert_int_equal(otter_updater_write_stream(&rig.updater, &stream, start + 2000), OTTER_ERROR_STREAM);
    assert_string_equal(rig.text, "ERROR[6]: Stream Read Timeout");
    assert_false(otter_updater_is_running(&rig.updater));
    updater_rig_close(&rig);
}

static void a_stream_ends_too_early(void **state)
{
    static const int ends[] = {OTTER_ERROR_CLOSED, OTTER_ERROR_TRANSPORT};
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(ends); i++) {
        struct updater_rig rig;
        struct source source = {image, 10, 10, ends[i]};
        const struct otter_stream stream = {&source, read_source};
        updater_rig_open(&rig, "1m64", NULL);
        assert_int_equal(otter_updater_begin(&rig.updater, IMAGE_SIZE, OTTER_UPDATE_SKETCH), OTTER_OK);
        assert_int_equal(otter_updater_write_stream(&rig.updater, &stream, 0), 10);
        assert_int_equal(otter_updater_write_stream(&rig.updater, &stream, 0), OTTER_ERROR_STREAM);
        assert_true(updater_rig_untouched(&rig));
        updater_rig_close(&rig);
    }
}

static void a_stream_brings_no_image(void **state)
{
    (void)state;
    struct updater_rig rig;
    struct source source = {image + 1, IMAGE_SIZE - 1, 5000, 0};
    const struct otter_stream stream = {&source, read_source};
    updater_rig_open(&rig, "1m64", NULL);
    assert_int_equal(otter_updater_begin(&rig.updater, IMAGE_SIZE, OTTER_UPDATE_SKETCH), OTTER_OK);
    assert_int_equal(otter_updater_write_stream(&rig.updater, &stream, 0), OTTER_ERROR_MAGIC_BYTE);
    assert_true(updater_rig_untouched(&rig));
    updater_rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_is_taken_up_to_sector_boundaries),
        cmocka_unit_test(a_silent_stream_times_out),
        cmocka_unit_test(a_stream_ends_too_early),
        cmocka_unit_test(a_stream_brings_no_image),
    };
    return cmocka_run_group_tests(tests, make_image, NULL);
}
