/* The bootloader's own machine code, on the emulated LX106. */
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "format/boot_command.h"
#include "format/bytes.h"
#include "format/image.h"
#include "format/layout.h"
#include "ports/qemu/qemu.h"
#include "tests/support/file.h"
#include "tests/support/seed.h"

#define FLASH_SIZE (1u << 20)
#define STAGE_END  0xEB000u /* where 1m64's filesystem begins */

struct bench {
    char folder[64];
    char flash_path[96];
    char rtc_path[96];
    struct otter_qemu qemu;
    struct file old;
    struct file new;
    uint8_t flash[FLASH_SIZE];
    uint32_t rtc[OTTER_QEMU_RTC_SIZE / 4];
};

static int open_bench(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    *state = bench;
    if (!otter_qemu_is_there()) {
        print_message("skipped: no qemu-system-xtensa (Debian: qemu-system-misc)\n");
        return 0;
    }
    strcpy(bench->folder, "/tmp/otter-qemu-XXXXXX");
    assert_non_null(mkdtemp(bench->folder));
    snprintf(bench->flash_path, sizeof bench->flash_path, "%s/" OTTER_QEMU_FLASH, bench->folder);
    snprintf(bench->rtc_path, sizeof bench->rtc_path, "%s/" OTTER_QEMU_RTC, bench->folder);
    bench->qemu = (struct otter_qemu){.rom = OTTER_QEMU_ROM, .folder = bench->folder};
    bench->old = file_read(OTTER_IMAGES_DIR "/garden-1.bin");
    bench->new = file_read(OTTER_IMAGES_DIR "/garden-2.bin");
    memset(bench->flash, 0xFF, sizeof bench->flash);
    memcpy(bench->flash, bench->old.bytes, bench->old.size);
    return 0;
}

static int close_bench(void **state)
{
    static const char *const names[] = {OTTER_QEMU_FLASH, OTTER_QEMU_RTC, OTTER_QEMU_PLAN, OTTER_QEMU_REPORT};
    struct bench *bench = *state;
    for (size_t i = 0; i < TEST_COUNT(names) && bench->folder[0] != '\0'; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", bench->folder, names[i]);
        unlink(path);
    }
    rmdir(bench->folder);
    free(bench->old.bytes);
    free(bench->new.bytes);
    free(bench);
    return 0;
}

static struct bench *begin(void **state)
{
    struct bench *bench = *state;
    if (bench->folder[0] == '\0')
        skip();
    return bench;
}

static uint32_t stage(struct bench *bench, const struct file *file)
{
    uint32_t source = STAGE_END - otter_round_up((uint32_t)file->size, OTTER_FLASH_SECTOR);
    memcpy(bench->flash + source, file->bytes, file->size);
    otter_boot_command_encode(bench->rtc, &(struct otter_boot_command){.action = OTTER_BOOT_COPY,
                                                                       .source = source,
                                                                       .size = (uint32_t)file->size});
    return source;
}

/* One life, from flash[] and rtc[] to flash[] and rtc[]. */
static enum otter_qemu_end run(struct bench *bench)
{
    file_write(bench->flash_path, bench->flash, sizeof bench->flash);
    file_write(bench->rtc_path, bench->rtc, sizeof bench->rtc);
    enum otter_qemu_end end = otter_qemu_run(&bench->qemu);
    struct file flash = file_read(bench->flash_path), rtc = file_read(bench->rtc_path);
    assert_int_equal(flash.size, sizeof bench->flash);
    memcpy(bench->flash, flash.bytes, flash.size);
    memcpy(bench->rtc, rtc.bytes, sizeof bench->rtc);
    free(flash.bytes);
    free(rtc.bytes);
    return end;
}

static void assert_runs(struct bench *bench, const struct file *file, const char *version)
{
    assert_int_equal(run(bench), OTTER_QEMU_SKETCH);
    assert_non_null(strstr(bench->qemu.console, version));
    assert_memory_equal(bench->flash, file->bytes, file->size);
}

static void a_sketch_is_started(void **state)
{
    struct bench *bench = begin(state);
    assert_runs(bench, &bench->old, "garden 1.0.0");
    assert_int_equal(bench->qemu.report.operations, 0);
}

static void any_rtc_memory_will_do(void **state)
{
    struct bench *bench = begin(state);
    uint64_t seed = 5;
    for (int i = 0; i < 10; i++) {
        seed_fill(&seed, bench->rtc, sizeof bench->rtc);
        assert_runs(bench, &bench->old, "garden 1.0.0");
        assert_int_equal(bench->qemu.report.operations, 0);
    }
}

static void a_raw_image_is_copied_and_started(void **state)
{
    struct bench *bench = begin(state);
    stage(bench, &bench->new);
    assert_runs(bench, &bench->new, "garden 2.0.0");
    assert_int_equal(bench->rtc[0], 0);
    assert_runs(bench, &bench->new, "garden 2.0.0");
    assert_int_equal(bench->qemu.report.operations, 0);
}

static void a_gzip_is_inflated_and_started(void **state)
{
    struct bench *bench = begin(state);
    struct file packed = file_gzip(bench->new.bytes, bench->new.size);
    stage(bench, &packed);
    free(packed.bytes);
    assert_runs(bench, &bench->new, "garden 2.0.0");
}

static void a_damaged_image_is_not_copied(void **state)
{
    struct bench *bench = begin(state);
    struct file packed = file_gzip(bench->new.bytes, bench->new.size);
    const struct file *forms[] = {&bench->new, &packed};
    uint64_t seed = 6;
    for (int i = 0; i < 10; i++) {
        const struct file *form = forms[i % 2];
        uint32_t source = stage(bench, form);
        bench->flash[source + 0x1000 + seed_below(&seed, (uint32_t)form->size - 0x1000)] ^= 0x10;
        assert_runs(bench, &bench->old, "garden 1.0.0");
        assert_int_equal(bench->qemu.report.operations, 0);
        assert_int_equal(bench->rtc[0], 0);
    }
    free(packed.bytes);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_bench, close_bench)
    const struct CMUnitTest tests[] = {
        TEST(a_sketch_is_started),
        TEST(any_rtc_memory_will_do),
        TEST(a_raw_image_is_copied_and_started),
        TEST(a_gzip_is_inflated_and_started),
        TEST(a_damaged_image_is_not_copied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
