#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "boot/inflate.h"
#include "format/bytes.h"
#include "ports/sim/boot.h"
#include "tests/support/seed.h"

#define FLASH_SIZE (1u << 20)
#define PLAIN_MAX  (512u << 10)

struct bench {
    struct otter_sim_flash flash;
    struct otter_sim_rtc rtc;
    struct boot_inflate inflate;
    uint8_t packed[FLASH_SIZE];
    size_t packed_size;
    uint8_t plain[PLAIN_MAX];
    uint8_t out[PLAIN_MAX + OTTER_FLASH_SECTOR];
    uint32_t out_size;
    uint32_t stop_at; /* the sink refuses this offset */
};

static int open_bench(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    *state = bench;
    assert_true(otter_sim_flash_open_memory(&bench->flash, FLASH_SIZE));
    otter_sim_boot_bind(&bench->flash, &bench->rtc);
    bench->stop_at = UINT32_MAX;
    return 0;
}

static int close_bench(void **state)
{
    struct bench *bench = *state;
    assert_string_equal(bench->flash.violation, "");
    otter_sim_flash_close(&bench->flash);
    free(bench);
    return 0;
}

static bool collect(void *context, uint32_t offset, const void *bytes)
{
    struct bench *bench = context;
    assert_int_equal(offset, bench->out_size);
    assert_int_equal((uintptr_t)bytes % 4, 0);
    assert_true(offset + OTTER_FLASH_SECTOR <= sizeof(bench->out));
    memcpy(bench->out + offset, bytes, OTTER_FLASH_SECTOR);
    bench->out_size += OTTER_FLASH_SECTOR;
    return offset != bench->stop_at;
}

/* How many bytes came out; 0: it was not whole. */
static uint32_t run(struct bench *bench, size_t size)
{
    bench->out_size = 0;
    otter_sim_flash_load(&bench->flash, 0, bench->packed, (uint32_t)size);
    return boot_inflate(&bench->inflate, 0, (uint32_t)size, NULL, collect, bench);
}

/* --- what zlib makes ------------------------------------------------------------------------------ */

static void pack(struct bench *bench, size_t size, int level, int strategy, gz_header *header)
{
    z_stream stream = {0};
    assert_int_equal(deflateInit2(&stream, level, Z_DEFLATED, 15 + 16, 9, strategy), Z_OK);
    if (header != NULL)
        assert_int_equal(deflateSetHeader(&stream, header), Z_OK);
    stream.next_in = bench->plain;
    stream.avail_in = (uInt)size;
    stream.next_out = bench->packed;
    stream.avail_out = sizeof(bench->packed);
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    bench->packed_size = stream.total_out;
    deflateEnd(&stream);
}

static void assert_round_trip(struct bench *bench, size_t size)
{
    assert_int_equal(run(bench, bench->packed_size), size);
    assert_int_equal(bench->out_size, otter_round_up((uint32_t)size, OTTER_FLASH_SECTOR));
    assert_memory_equal(bench->out, bench->plain, size);
}

static void fill_random(struct bench *bench)
{
    uint64_t seed = 1;
    seed_fill(&seed, bench->plain, sizeof(bench->plain));
}

/* Like code: few values, repeats near and far. */
static void fill_compressible(struct bench *bench)
{
    uint64_t seed = 2;
    for (size_t i = 0; i < sizeof(bench->plain); i++) {
        uint32_t back = 1 + seed_below(&seed, 32768);
        bench->plain[i] = i >= back && seed_below(&seed, 8) ? bench->plain[i - back]
                                                            : (uint8_t)(seed_below(&seed, 256) & i >> 8);
    }
    for (size_t i = 40000; i < 340000; i++)
        bench->plain[i] = bench->plain[i - 32768 + i / 65536];
}

static void every_level_and_strategy(struct bench *bench)
{
    static const size_t sizes[] = {1, 2, 3, 4095, 4096, 4097, 32768, 32769, 70001, PLAIN_MAX};
    static const struct {
        int level, strategy;
    } ways[] = {{0, Z_DEFAULT_STRATEGY},
                {1, Z_DEFAULT_STRATEGY},
                {6, Z_DEFAULT_STRATEGY},
                {9, Z_DEFAULT_STRATEGY},
                {9, Z_FIXED},
                {9, Z_HUFFMAN_ONLY},
                {9, Z_RLE}};
    for (size_t i = 0; i < TEST_COUNT(sizes); i++) {
        for (size_t j = 0; j < TEST_COUNT(ways); j++) {
            pack(bench, sizes[i], ways[j].level, ways[j].strategy, NULL);
            assert_round_trip(bench, sizes[i]);
        }
    }
}

static void incompressible_bytes(void **state)
{
    fill_random(*state);
    every_level_and_strategy(*state);
}

static void compressible_bytes(void **state)
{
    fill_compressible(*state);
    every_level_and_strategy(*state);
}

static void one_byte_for_ever(void **state)
{
    every_level_and_strategy(*state); /* zeros: the longest matches at distance 1 */
}

static void every_header_field(void **state)
{
    struct bench *bench = *state;
    fill_compressible(bench);
    gz_header header = {
        .time = 0x12345678,
        .os = 3,
        .extra = (Bytef *)"extra",
        .extra_len = 5,
        .name = (Bytef *)"garden.bin",
        .comment = (Bytef *)"a remark",
        .hcrc = 1,
    };
    pack(bench, 5000, 9, Z_DEFAULT_STRATEGY, &header);
    assert_round_trip(bench, 5000);
}

static void what_follows_the_trailer_is_not_read(void **state)
{
    struct bench *bench = *state;
    fill_compressible(bench);
    pack(bench, 5000, 9, Z_DEFAULT_STRATEGY, NULL);
    memset(bench->packed + bench->packed_size, 0x5A, 500);
    bench->packed_size += 500;
    assert_round_trip(bench, 5000);
}

/* --- what is damaged ------------------------------------------------------------------------------ */

static void every_truncation_is_refused(void **state)
{
    struct bench *bench = *state;
    fill_compressible(bench);
    pack(bench, 5000, 9, Z_DEFAULT_STRATEGY, NULL);
    for (size_t size = 0; size < bench->packed_size; size++)
        assert_int_equal(run(bench, size), 0);
}

static bool is_ignored(size_t byte)
{
    return byte >= 4 && byte < 10; /* time, extra flags, system */
}

static void every_flipped_bit_is_refused(void **state)
{
    struct bench *bench = *state;
    fill_compressible(bench);
    pack(bench, 5000, 9, Z_DEFAULT_STRATEGY, NULL);
    for (size_t byte = 0; byte < bench->packed_size; byte++) {
        for (int bit = 0; bit < 8 && !is_ignored(byte); bit++) {
            bench->packed[byte] ^= (uint8_t)(1 << bit);
            uint32_t size = run(bench, bench->packed_size);
            /* Flags that announce nothing, and a code length of a symbol that is not used, do no harm. */
            if (size != 0) {
                assert_int_equal(size, 5000);
                assert_memory_equal(bench->out, bench->plain, 5000);
            }
            bench->packed[byte] ^= (uint8_t)(1 << bit);
        }
    }
}

static uint32_t run_bytes(struct bench *bench, const char *bytes, size_t size)
{
    static const uint8_t header[10] = {0x1F, 0x8B, 8};
    memcpy(bench->packed, header, sizeof(header));
    memcpy(bench->packed + sizeof(header), bytes, size);
    memset(bench->packed + sizeof(header) + size, 0, 8);
    return run(bench, sizeof(header) + size + 8);
}

static void streams_that_mean_nothing_are_refused(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(run_bytes(bench, "\x01\x00\x00\xff\xff", 5), 0); /* stored, empty: nothing to copy */
    assert_int_equal(run_bytes(bench, "\x07\x00\x00\x00", 4), 0);     /* block type 3 */
    assert_int_equal(run_bytes(bench, "\x03\x02\x00\x00", 4), 0); /* fixed: distance before the first byte */
    assert_int_equal(run_bytes(bench, "\xfd\xff\xff\xff\xff\xff\xff\xff\xff", 9), 0); /* dynamic: no code */
}

static void a_sink_that_refuses_ends_it(void **state)
{
    struct bench *bench = *state;
    fill_compressible(bench);
    pack(bench, 20000, 9, Z_DEFAULT_STRATEGY, NULL);
    bench->stop_at = 8192;
    assert_int_equal(run(bench, bench->packed_size), 0);
    assert_int_equal(bench->out_size, 3 * OTTER_FLASH_SECTOR);
}

static void a_failing_read_ends_it(void **state)
{
    struct bench *bench = *state;
    fill_random(bench);
    pack(bench, 20000, 9, Z_DEFAULT_STRATEGY, NULL);
    for (uint64_t reads = 1; reads < 20; reads++) {
        bench->flash.fail_reads_after = reads;
        assert_int_equal(run(bench, bench->packed_size), 0);
    }
    bench->flash.fail_reads_after = 0;
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_bench, close_bench)
    const struct CMUnitTest tests[] = {
        TEST(incompressible_bytes),
        TEST(compressible_bytes),
        TEST(one_byte_for_ever),
        TEST(every_header_field),
        TEST(what_follows_the_trailer_is_not_read),
        TEST(every_truncation_is_refused),
        TEST(every_flipped_bit_is_refused),
        TEST(streams_that_mean_nothing_are_refused),
        TEST(a_sink_that_refuses_ends_it),
        TEST(a_failing_read_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
