#include "tests/support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "format/layout.h"
#include "ports/sim/flash.h"

#define SIZE 0x40000u

struct bench {
    struct otter_sim_flash flash;
    jmp_buf power_lost;
    uint32_t page[OTTER_FLASH_PAGE / 4]; /* all zero: programs every bit */
};

static void power_cut(void *context)
{
    longjmp(((struct bench *)context)->power_lost, 1);
}

static int open_bench(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    *state = bench;
    assert_true(otter_sim_flash_open_memory(&bench->flash, SIZE));
    bench->flash.power_cut = power_cut;
    bench->flash.power_cut_context = bench;
    bench->flash.seed = 1;
    return 0;
}

static int close_bench(void **state)
{
    struct bench *bench = *state;
    otter_sim_flash_close(&bench->flash);
    free(bench);
    return 0;
}

static size_t count_bytes(const struct otter_sim_flash *flash, uint32_t address, uint32_t length,
                          uint8_t value)
{
    size_t count = 0;
    for (uint32_t i = 0; i < length; i++)
        count += flash->bytes[address + i] == value;
    return count;
}

/* --- rules --------------------------------------------------------------------------------------- */

static void new_flash_is_erased(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(count_bytes(&bench->flash, 0, SIZE, 0xFF), SIZE);
}

static void what_was_programmed_is_read(void **state)
{
    struct bench *bench = *state;
    uint32_t words[3] = {0x01234567, 0x89ABCDEF, 0xFFFFFFFF}, back[3];
    assert_int_equal(otter_sim_flash_program(&bench->flash, 0x1000, words, sizeof words), 0);
    assert_int_equal(otter_sim_flash_read(&bench->flash, 0x1000, back, sizeof back), 0);
    assert_memory_equal(words, back, sizeof words);
}

static void bits_may_be_cleared_later(void **state)
{
    struct bench *bench = *state;
    uint32_t first = 0xFFFF0000, second = 0x0F0F0000;
    assert_int_equal(otter_sim_flash_program(&bench->flash, 0, &first, 4), 0);
    assert_int_equal(otter_sim_flash_program(&bench->flash, 0, &second, 4), 0);
    assert_memory_equal(bench->flash.bytes, &second, 4);
}

static void raising_a_bit_is_a_violation(void **state)
{
    struct bench *bench = *state;
    uint32_t zero[2] = {0, 0}, one[2] = {0, 1};
    assert_int_equal(otter_sim_flash_program(&bench->flash, 0, zero, 8), 0);
    assert_int_equal(otter_sim_flash_program(&bench->flash, 0, one, 8), -1);
    assert_string_equal(bench->flash.violation, "flash not erased: program of 8 bytes at 0x000000");
    assert_memory_equal(bench->flash.bytes, zero, 8);
    assert_int_equal(bench->flash.operation, 1);
}

static void misalignment_is_a_violation(void **state)
{
    struct bench *bench = *state;
    struct otter_sim_flash *flash = &bench->flash;
    uint32_t words[4] = {0};
    assert_int_equal(otter_sim_flash_program(flash, 2, words, 4), -1);
    assert_string_equal(flash->violation, "misaligned: program of 4 bytes at 0x000002");
    assert_int_equal(otter_sim_flash_program(flash, 0, words, 3), -1);
    assert_int_equal(otter_sim_flash_program(flash, 0, (char *)words + 1, 4), -1);
    assert_int_equal(otter_sim_flash_read(flash, 1, words, 4), -1);
    assert_int_equal(otter_sim_flash_read(flash, 0, words, 2), -1);
    assert_int_equal(otter_sim_flash_erase_sector(flash, 0x800), -1);
    assert_int_equal(otter_sim_flash_erase_block(flash, 0x1000), -1);
    assert_string_equal(flash->violation, "misaligned: program of 4 bytes at 0x000002");
    assert_int_equal(count_bytes(flash, 0, SIZE, 0xFF), SIZE);
}

static void leaving_the_chip_is_a_violation(void **state)
{
    struct bench *bench = *state;
    struct otter_sim_flash *flash = &bench->flash;
    uint32_t words[2] = {0};
    assert_int_equal(otter_sim_flash_program(flash, SIZE - 4, words, 8), -1);
    assert_string_equal(flash->violation, "outside the chip: program of 8 bytes at 0x03FFFC");
    assert_int_equal(otter_sim_flash_read(flash, SIZE, words, 4), -1);
    assert_int_equal(otter_sim_flash_read(flash, UINT32_MAX - 3, words, 8), -1);
    assert_int_equal(otter_sim_flash_erase_sector(flash, SIZE), -1);
    assert_int_equal(otter_sim_flash_erase_block(flash, SIZE), -1);
    assert_int_equal(flash->operation, 0);
}

/* --- counts, wear, time -------------------------------------------------------------------------- */

static void a_page_is_one_operation(void **state)
{
    struct bench *bench = *state;
    uint32_t words[160] = {0};
    assert_int_equal(otter_sim_flash_program(&bench->flash, 0x10F0, words, sizeof words), 0);
    assert_int_equal(bench->flash.counts.programs, 4); /* 16 + 256 + 256 + 112 */
    assert_int_equal(bench->flash.operation, 4);
}

static void erases_wear_their_sectors(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(otter_sim_flash_erase_sector(&bench->flash, 0x11000), 0);
    assert_int_equal(otter_sim_flash_erase_block(&bench->flash, 0x10000), 0);
    assert_int_equal(bench->flash.wear[0x10], 1);
    assert_int_equal(bench->flash.wear[0x11], 2);
    assert_int_equal(bench->flash.wear[0x1F], 1);
    assert_int_equal(bench->flash.wear[0x20], 0);
    assert_int_equal(bench->flash.counts.sector_erases, 1);
    assert_int_equal(bench->flash.counts.block_erases, 1);
    assert_int_equal(bench->flash.operation, 2);
}

static void time_is_the_data_sheets(void **state)
{
    struct bench *bench = *state;
    struct otter_sim_flash *flash = &bench->flash;
    uint32_t words[1024] = {0};
    flash->timing = &otter_sim_w25q32_single;
    assert_int_equal(otter_sim_flash_erase_sector(flash, 0), 0);
    assert_int_equal(flash->time_ns, 45000000);
    assert_int_equal(otter_sim_flash_erase_block(flash, 0), 0);
    assert_int_equal(flash->time_ns, 195000000);
    assert_int_equal(otter_sim_flash_program(flash, 0, words, 4096), 0);
    assert_int_equal(flash->time_ns, 206200000);
    assert_int_equal(otter_sim_flash_read(flash, 0, words, 4096), 0);
    assert_int_equal(flash->time_ns, 207838400);
    flash->timing = &otter_sim_w25q32_dual;
    assert_int_equal(otter_sim_flash_read(flash, 0, words, 4096), 0);
    assert_int_equal(flash->time_ns, 208248000);
}

static void loading_leaves_no_trace(void **state)
{
    struct bench *bench = *state;
    struct otter_sim_flash *flash = &bench->flash;
    otter_sim_flash_load(flash, 0x1001, "otter", 5);
    otter_sim_flash_load(flash, 0x1001, "raise", 5);
    assert_memory_equal(flash->bytes + 0x1001, "raise", 5);
    assert_int_equal(flash->operation + flash->time_ns + flash->counts.programs, 0);
    assert_string_equal(flash->violation, "");
}

/* --- faults -------------------------------------------------------------------------------------- */

static void one_operation_fails_on_command(void **state)
{
    struct bench *bench = *state;
    struct otter_sim_flash *flash = &bench->flash;
    uint32_t words[192] = {0}; /* three pages */
    flash->fail_at = 2;
    assert_int_equal(otter_sim_flash_program(flash, 0, words, sizeof words), -1);
    assert_int_equal(count_bytes(flash, 0, OTTER_FLASH_PAGE, 0), OTTER_FLASH_PAGE);
    assert_int_equal(count_bytes(flash, OTTER_FLASH_PAGE, OTTER_FLASH_PAGE, 0xFF), OTTER_FLASH_PAGE);
    assert_int_equal(otter_sim_flash_program(flash, OTTER_FLASH_PAGE, words, 512), 0);
    flash->fail_at = flash->operation + 1;
    assert_int_equal(otter_sim_flash_erase_sector(flash, 0), -1);
    assert_int_equal(flash->wear[0], 0);
    assert_string_equal(flash->violation, "");
}

static void reads_fail_from_the_nth_on(void **state)
{
    struct bench *bench = *state;
    struct otter_sim_flash *flash = &bench->flash;
    uint32_t word;
    flash->fail_reads_after = 2;
    assert_int_equal(otter_sim_flash_read(flash, 0, &word, 4), 0);
    assert_int_equal(otter_sim_flash_read(flash, 0, &word, 4), 0);
    assert_int_equal(otter_sim_flash_read(flash, 0, &word, 4), -1);
    assert_int_equal(otter_sim_flash_read(flash, 0, &word, 4), -1);
    flash->fail_reads_after = 0;
    assert_int_equal(otter_sim_flash_read(flash, 0, &word, 4), 0);
    flash->fail_reads_after = UINT64_MAX;
    assert_int_equal(otter_sim_flash_read(flash, 0, &word, 4), -1);
}

/* --- power cuts ---------------------------------------------------------------------------------- */

static void cut_program(struct bench *bench, enum otter_sim_cut cut)
{
    bench->flash.cut = cut;
    bench->flash.cut_at = bench->flash.operation + 1;
    if (setjmp(bench->power_lost) == 0) {
        (void)otter_sim_flash_program(&bench->flash, 0x1000, bench->page, sizeof bench->page);
        fail_msg("power was not cut");
    }
}

static void cut_erase(struct bench *bench, enum otter_sim_cut cut)
{
    memset(bench->flash.bytes + 0x1000, 0, 0x1000);
    bench->flash.cut = cut;
    bench->flash.cut_at = bench->flash.operation + 1;
    if (setjmp(bench->power_lost) == 0) {
        (void)otter_sim_flash_erase_sector(&bench->flash, 0x1000);
        fail_msg("power was not cut");
    }
}

/* The page of 256 bytes at 0x1000 that was to become zero. */
static void programs_are_cut_in_five_ways(void **state)
{
    static const struct {
        size_t zero_least, zero_most;
        bool prefix, mixed;
    } outcomes[OTTER_SIM_CUT_COUNT] = {
        [OTTER_SIM_CUT_NOT_STARTED] = {0, 0, true, false},
        [OTTER_SIM_CUT_LANDED] = {256, 256, true, false},
        [OTTER_SIM_CUT_TORN_PREFIX] = {1, 255, true, false},
        [OTTER_SIM_CUT_TORN_RANDOM] = {0, 20, false, true},
        [OTTER_SIM_CUT_HALF_ERASED] = {0, 20, false, true},
    };
    struct bench *bench = *state;
    struct otter_sim_flash *flash = &bench->flash;
    for (enum otter_sim_cut cut = 0; cut < OTTER_SIM_CUT_COUNT; cut++) {
        memset(flash->bytes, 0xFF, SIZE);
        cut_program(bench, cut);
        size_t zeros = count_bytes(flash, 0x1000, 256, 0);
        assert_in_range(zeros, outcomes[cut].zero_least, outcomes[cut].zero_most);
        if (outcomes[cut].prefix)
            assert_int_equal(count_bytes(flash, 0x1000, (uint32_t)zeros, 0), zeros);
        assert_int_equal(zeros + count_bytes(flash, 0x1000, 256, 0xFF) < 256, outcomes[cut].mixed);
        assert_int_equal(count_bytes(flash, 0, 0x1000, 0xFF), 0x1000);
        assert_int_equal(count_bytes(flash, 0x1100, 0x1000, 0xFF), 0x1000);
        assert_int_equal(flash->unstable_sector, UINT32_MAX);
    }
}

static void erases_are_cut_in_five_ways(void **state)
{
    static const struct {
        size_t erased_least, erased_most;
        bool mixed, unstable;
        uint32_t wear;
    } outcomes[OTTER_SIM_CUT_COUNT] = {
        [OTTER_SIM_CUT_NOT_STARTED] = {0, 0, false, false, 0},
        [OTTER_SIM_CUT_LANDED] = {4096, 4096, false, false, 1},
        [OTTER_SIM_CUT_TORN_PREFIX] = {1, 4095, false, false, 1},
        [OTTER_SIM_CUT_TORN_RANDOM] = {0, 60, true, false, 1},
        [OTTER_SIM_CUT_HALF_ERASED] = {0, 60, true, true, 1},
    };
    struct bench *bench = *state;
    struct otter_sim_flash *flash = &bench->flash;
    for (enum otter_sim_cut cut = 0; cut < OTTER_SIM_CUT_COUNT; cut++) {
        uint32_t wear = flash->wear[1];
        cut_erase(bench, cut);
        size_t erased = count_bytes(flash, 0x1000, 0x1000, 0xFF);
        assert_in_range(erased, outcomes[cut].erased_least, outcomes[cut].erased_most);
        assert_int_equal(erased + count_bytes(flash, 0x1000, 0x1000, 0) < 4096, outcomes[cut].mixed);
        assert_int_equal(flash->unstable_sector == 0x1000, outcomes[cut].unstable);
        assert_int_equal(flash->wear[1] - wear, outcomes[cut].wear);
    }
}

static void half_erased_flash_reads_differently_each_time(void **state)
{
    struct bench *bench = *state;
    uint32_t first[1024], second[1024];
    cut_erase(bench, OTTER_SIM_CUT_HALF_ERASED);
    assert_int_equal(otter_sim_flash_read(&bench->flash, 0x1000, first, 4096), 0);
    assert_int_equal(otter_sim_flash_read(&bench->flash, 0x1000, second, 4096), 0);
    assert_memory_not_equal(first, second, 4096);
    assert_int_equal(otter_sim_flash_read(&bench->flash, 0x2000, first, 4096), 0);
    for (size_t i = 0; i < 1024; i++)
        assert_int_equal(first[i], UINT32_MAX);

    assert_int_equal(otter_sim_flash_erase_sector(&bench->flash, 0x1000), 0);
    assert_int_equal(otter_sim_flash_program(&bench->flash, 0x1000, bench->page, sizeof bench->page), 0);
    assert_int_equal(otter_sim_flash_read(&bench->flash, 0x1000, first, sizeof bench->page), 0);
    assert_memory_equal(first, bench->page, sizeof bench->page);
}

static void a_half_erased_block_heals_sector_by_sector(void **state)
{
    struct bench *bench = *state;
    struct otter_sim_flash *flash = &bench->flash;
    flash->cut = OTTER_SIM_CUT_HALF_ERASED;
    flash->cut_at = 1;
    if (setjmp(bench->power_lost) == 0)
        (void)otter_sim_flash_erase_block(flash, 0x10000);
    assert_int_equal(flash->unstable_length, OTTER_FLASH_BLOCK);
    assert_int_equal(otter_sim_flash_erase_sector(flash, 0x10000), 0);
    assert_int_equal(flash->unstable_sector, 0x11000);
    assert_int_equal(flash->unstable_length, OTTER_FLASH_BLOCK - 0x1000);
    assert_int_equal(otter_sim_flash_erase_sector(flash, 0x1F000), 0);
    assert_int_equal(flash->unstable_length, OTTER_FLASH_BLOCK - 0x2000);
    assert_int_equal(otter_sim_flash_erase_sector(flash, 0x30000), 0);
    assert_int_equal(flash->unstable_sector, 0x11000);
    assert_int_equal(otter_sim_flash_erase_block(flash, 0x10000), 0);
    assert_int_equal(flash->unstable_sector, UINT32_MAX);
}

/* The same seed and the same calls leave the same bits; another seed leaves others. */
static void cuts_can_be_had_again(void **state)
{
    struct bench *bench = *state;
    struct otter_sim_flash *flash = &bench->flash;
    uint8_t seen[3][256];
    const uint64_t seeds[3] = {7, 7, 8};
    for (size_t i = 0; i < 3; i++) {
        memset(flash->bytes, 0xFF, SIZE);
        flash->operation = 0;
        flash->seed = seeds[i];
        cut_program(bench, OTTER_SIM_CUT_TORN_RANDOM);
        memcpy(seen[i], flash->bytes + 0x1000, sizeof seen[i]);
    }
    assert_memory_equal(seen[0], seen[1], sizeof seen[0]);
    assert_memory_not_equal(seen[0], seen[2], sizeof seen[0]);
}

static bool power_fails(void *context, uint64_t ns)
{
    *(uint64_t *)context += ns;
    return false;
}

static void power_may_fail_while_time_passes(void **state)
{
    struct bench *bench = *state;
    uint64_t slept = 0;
    bench->flash.sleep = power_fails;
    bench->flash.sleep_context = &slept;
    bench->flash.cut = OTTER_SIM_CUT_LANDED;
    if (setjmp(bench->power_lost) == 0) {
        (void)otter_sim_flash_program(&bench->flash, 0, bench->page, sizeof bench->page);
        fail_msg("power did not fail");
    }
    assert_int_equal(*(volatile uint64_t *)&slept, 700000);
    assert_int_equal(count_bytes(&bench->flash, 0, 256, 0), 256);
}

/* --- files --------------------------------------------------------------------------------------- */

static void a_file_keeps_what_was_programmed(void **state)
{
    (void)state;
    char folder[] = "/tmp/otter-flash-XXXXXX", path[64];
    struct otter_sim_flash flash;
    uint32_t word = 0x12345678, back = 0;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/flash.bin", folder);

    assert_true(otter_sim_flash_open_file(&flash, path, SIZE));
    assert_int_equal(count_bytes(&flash, 0, SIZE, 0xFF), SIZE);
    assert_int_equal(otter_sim_flash_program(&flash, 0x2000, &word, 4), 0);
    otter_sim_flash_close(&flash);

    assert_true(otter_sim_flash_open_file(&flash, path, SIZE));
    assert_int_equal(otter_sim_flash_read(&flash, 0x2000, &back, 4), 0);
    assert_int_equal(back, word);
    otter_sim_flash_close(&flash);

    assert_false(otter_sim_flash_open_file(&flash, path, SIZE * 2));
    assert_int_equal(errno, EINVAL);
    unlink(path);
    rmdir(folder);
    assert_false(otter_sim_flash_open_file(&flash, path, SIZE));
    assert_int_equal(errno, ENOENT);
}

#define BENCH_TEST(name) cmocka_unit_test_setup_teardown(name, open_bench, close_bench)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BENCH_TEST(new_flash_is_erased),
        BENCH_TEST(what_was_programmed_is_read),
        BENCH_TEST(bits_may_be_cleared_later),
        BENCH_TEST(raising_a_bit_is_a_violation),
        BENCH_TEST(misalignment_is_a_violation),
        BENCH_TEST(leaving_the_chip_is_a_violation),
        BENCH_TEST(a_page_is_one_operation),
        BENCH_TEST(erases_wear_their_sectors),
        BENCH_TEST(time_is_the_data_sheets),
        BENCH_TEST(loading_leaves_no_trace),
        BENCH_TEST(one_operation_fails_on_command),
        BENCH_TEST(reads_fail_from_the_nth_on),
        BENCH_TEST(programs_are_cut_in_five_ways),
        BENCH_TEST(erases_are_cut_in_five_ways),
        BENCH_TEST(half_erased_flash_reads_differently_each_time),
        BENCH_TEST(a_half_erased_block_heals_sector_by_sector),
        BENCH_TEST(cuts_can_be_had_again),
        BENCH_TEST(power_may_fail_while_time_passes),
        cmocka_unit_test(a_file_keeps_what_was_programmed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
