#include "tests/support/test.h"

#include <string.h>

#include "format/boot_command.h"
#include "format/bytes.h"
#include "format/crc32.h"

static const struct otter_boot_command copy = {
    .action = OTTER_BOOT_COPY,
    .source = 0x2F0000,
    .destination = 0,
    .size = 463664,
};

static void words_are_as_the_existing_bootloader_reads_them(void **state)
{
    (void)state;
    uint32_t words[OTTER_BOOT_COMMAND_WORDS];
    uint8_t bytes[124];
    memset(words, 0xFF, sizeof(words));
    otter_boot_command_encode(words, &copy);
    assert_int_equal(words[0], 0xEB001000);
    assert_int_equal(words[1], 1);
    assert_int_equal(words[2], 0x2F0000);
    assert_int_equal(words[3], 0);
    assert_int_equal(words[4], 463664);
    for (unsigned i = 5; i < 31; i++)
        assert_int_equal(words[i], 0);
    for (size_t i = 0; i < 31; i++)
        otter_le32_put(bytes + 4 * i, words[i]);
    assert_int_equal(words[31], otter_crc32_update(OTTER_CRC32_INIT, bytes, sizeof(bytes)));
}

static void commands_round_trip(void **state)
{
    (void)state;
    static const enum otter_boot_action actions[] = {OTTER_BOOT_COPY, OTTER_BOOT_START};
    for (size_t i = 0; i < TEST_COUNT(actions); i++) {
        uint32_t words[OTTER_BOOT_COMMAND_WORDS];
        struct otter_boot_command command = copy;
        struct otter_boot_command decoded;
        command.action = actions[i];
        otter_boot_command_encode(words, &command);
        assert_int_equal(otter_boot_command_decode(&decoded, words), OTTER_OK);
        assert_int_equal(decoded.action, command.action);
        assert_int_equal(decoded.source, command.source);
        assert_int_equal(decoded.destination, command.destination);
        assert_int_equal(decoded.size, command.size);
    }
}

static void seal(uint32_t *words)
{
    uint32_t crc = OTTER_CRC32_INIT;
    for (unsigned i = 0; i < 31; i++) {
        uint8_t bytes[4];
        otter_le32_put(bytes, words[i]);
        crc = otter_crc32_update(crc, bytes, 4);
    }
    words[31] = crc;
}

static void a_trial_follows_the_size(void **state)
{
    (void)state;
    const struct otter_boot_trial trial = {OTTER_BOOT_TRIAL_NEW, 0x280000, 461056, {1, 2, 3, 4}, 7};
    uint32_t words[OTTER_BOOT_COMMAND_WORDS];
    struct otter_boot_command command = copy, decoded;
    command.trial = trial;
    otter_boot_command_encode(words, &command);
    assert_int_equal(words[5], 0x0177656E);
    assert_int_equal(words[6], 0x280000);
    assert_int_equal(words[12], 7);
    assert_int_equal(words[13], 0);
    assert_int_equal(otter_boot_command_decode(&decoded, words), OTTER_OK);
    assert_memory_equal(&decoded.trial, &trial, sizeof(trial));
}

static void any_other_kind_is_no_trial(void **state)
{
    (void)state;
    static const uint32_t kinds[] = {0, 1, 2, OTTER_BOOT_TRIAL_RESTORED, 0xFFFFFFFF};
    for (size_t i = 0; i < TEST_COUNT(kinds); i++) {
        uint32_t words[OTTER_BOOT_COMMAND_WORDS];
        struct otter_boot_command decoded;
        otter_boot_command_encode(words, &copy);
        memset(words + 5, 0xA5, 26 * sizeof(words[0]));
        words[5] = kinds[i];
        seal(words);
        assert_int_equal(otter_boot_command_decode(&decoded, words), OTTER_OK);
        assert_int_equal(decoded.size, copy.size);
        assert_int_equal(decoded.trial.kind, OTTER_BOOT_TRIAL_NONE);
    }
}

static void every_single_bit_is_covered(void **state)
{
    (void)state;
    uint32_t words[OTTER_BOOT_COMMAND_WORDS];
    struct otter_boot_command decoded;
    otter_boot_command_encode(words, &copy);
    for (unsigned bit = 0; bit < 32 * OTTER_BOOT_COMMAND_WORDS; bit++) {
        words[bit / 32] ^= 1u << bit % 32;
        assert_int_equal(otter_boot_command_decode(&decoded, words), OTTER_ERROR_MALFORMED);
        words[bit / 32] ^= 1u << bit % 32;
    }
    assert_int_equal(otter_boot_command_decode(&decoded, words), OTTER_OK);
}

static void an_unknown_action_is_refused_whatever_its_crc(void **state)
{
    (void)state;
    static const uint32_t actions[] = {0, 2, 3, 0x7FFFFFFF, 0xFFFFFFFE};
    uint32_t words[OTTER_BOOT_COMMAND_WORDS];
    struct otter_boot_command decoded;
    for (size_t i = 0; i < TEST_COUNT(actions); i++) {
        otter_boot_command_encode(words, &copy);
        words[1] = actions[i];
        seal(words);
        assert_int_equal(otter_boot_command_decode(&decoded, words), OTTER_ERROR_MALFORMED);
    }
}

static void the_low_bits_of_the_magic_do_not_count(void **state)
{
    (void)state;
    uint32_t words[OTTER_BOOT_COMMAND_WORDS];
    struct otter_boot_command decoded;
    otter_boot_command_encode(words, &copy);
    words[0] |= 0xFFF;
    seal(words);
    assert_int_equal(otter_boot_command_decode(&decoded, words), OTTER_OK);
    words[0] ^= 0x1000;
    seal(words);
    assert_int_equal(otter_boot_command_decode(&decoded, words), OTTER_ERROR_MALFORMED);
}

static void a_cleared_command_is_none(void **state)
{
    (void)state;
    uint32_t words[OTTER_BOOT_COMMAND_WORDS];
    struct otter_boot_command decoded;
    otter_boot_command_encode(words, &copy);
    otter_boot_command_clear(words);
    assert_int_equal(words[0], 0);
    assert_int_equal(words[31], 0);
    assert_int_equal(words[2], copy.source);
    assert_int_equal(otter_boot_command_decode(&decoded, words), OTTER_ERROR_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_as_the_existing_bootloader_reads_them),
        cmocka_unit_test(commands_round_trip),
        cmocka_unit_test(a_trial_follows_the_size),
        cmocka_unit_test(any_other_kind_is_no_trial),
        cmocka_unit_test(every_single_bit_is_covered),
        cmocka_unit_test(an_unknown_action_is_refused_whatever_its_crc),
        cmocka_unit_test(the_low_bits_of_the_magic_do_not_count),
        cmocka_unit_test(a_cleared_command_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
