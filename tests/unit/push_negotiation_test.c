/* The push receiver until it connects: invitations, passwords, and what it stays silent to. */
#include "tests/support/push_rig.h"

#include <ctype.h>
#include <string.h>

#include "tests/support/test.h"

#define AUTH_TIMEOUT_MS 10000u

_Static_assert(sizeof(struct otter_push) + sizeof(struct otter_updater) + OTTER_FLASH_SECTOR < 6144,
               "receiver, updater and sector buffer fit 6 KiB");

static const struct otter_push_settings secret = {.password = "secret"};

static bool flash_was_used(const struct push_rig *rig)
{
    return rig->device.sim.flash.counts.reads > 0 || rig->device.sim.flash.operation > 0;
}

/* --- without a password ------------------------------------------------------------------------- */

static void an_invitation_is_accepted(void **state)
{
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, NULL);
    assert_int_equal(rig.network->udp_port, 8266);
    assert_false(otter_push_is_busy(&rig.push));
    assert_int_equal(otter_push_step(&rig.push, 0), OTTER_NEVER);
    push_rig_invite(&rig, 0, "\n");
    push_rig_expect(&rig, "OK");
    assert_true(otter_push_is_busy(&rig.push));
    assert_int_equal(rig.starts, 1);
    assert_int_equal(rig.network->connections, 1);
    struct otter_address expected = rig.uploader;
    expected.port = PUSH_RIG_TCP_PORT;
    assert_memory_equal(&rig.network->connected_to, &expected, sizeof(expected));
    push_rig_close(&rig);
}

static void an_ipv6_zone_is_kept(void **state)
{
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, NULL);
    rig.uploader = (struct otter_address){.family = 6, .ip = {0xFE, 0x80, [15] = 1}, .port = 9, .scope = 3};
    push_rig_invite(&rig, 0, "");
    push_rig_expect(&rig, "OK");
    assert_int_equal(rig.network->connected_to.family, 6);
    assert_int_equal(rig.network->connected_to.scope, 3);
    push_rig_close(&rig);
}

static void an_answer_without_a_question_is_ignored(void **state)
{
    (void)state;
    struct push_rig rig;
    char text[160];
    push_rig_open(&rig, NULL);
    push_rig_response(text, DIGEST_ERA_MD5, "", "00000000000000000000000000000000");
    push_rig_say(&rig, text);
    push_rig_expect_silence(&rig);
    assert_false(otter_push_is_busy(&rig.push));
    push_rig_close(&rig);
}

static void malformed_datagrams_are_met_by_silence(void **state)
{
    static const char *const texts[] = {
        "x",
        "\n",
        "0",
        "7 18301 20000 64fc31200859b0988c69729e9c4ac6e7\n",
        "0 18301 20000 64fc31200859b0988c69729e9c4ac6e\n",
        "0 18301 20000 64fc31200859b0988c69729e9c4ac6e77\n",
        "0 18301 20000 64fc31200859b0988c69729e9c4ac6eg\n",
        "0 0 20000 64fc31200859b0988c69729e9c4ac6e7\n",
        "0 65536 20000 64fc31200859b0988c69729e9c4ac6e7\n",
        "0 18301 4294967296 64fc31200859b0988c69729e9c4ac6e7\n",
        "-1 18301 20000 64fc31200859b0988c69729e9c4ac6e7\n",
    };
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, NULL);
    for (size_t i = 0; i < TEST_COUNT(texts); i++) {
        push_rig_say(&rig, texts[i]);
        push_rig_expect_silence(&rig);
        assert_false(otter_push_is_busy(&rig.push));
    }
    assert_false(flash_was_used(&rig));
    push_rig_close(&rig);
}

/* The longest datagram that the network brings, and one byte less. */
static void overlong_datagrams_are_met_by_silence(void **state)
{
    (void)state;
    struct push_rig rig;
    char text[OTTER_SIM_DATAGRAM_SIZE + 1];
    push_rig_open(&rig, NULL);
    memset(text, '1', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    memcpy(text, "0 18301 ", 8);
    push_rig_say(&rig, text);
    push_rig_expect_silence(&rig);
    push_rig_close(&rig);
}

static void a_repeated_invitation_starts_nothing_twice(void **state)
{
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, NULL);
    rig.network->connect = 0;
    push_rig_invite(&rig, 0, "\n");
    push_rig_expect(&rig, "OK");
    for (uint16_t port = 40001; port < 40005; port++) {
        rig.uploader.port = port;
        push_rig_invite(&rig, 0, "\n");
        push_rig_expect(&rig, "OK");
    }
    assert_int_equal(rig.asked, 1);
    assert_int_equal(rig.network->connections, 1);
    push_rig_close(&rig);
}

static void other_invitations_are_ignored_while_one_is_served(void **state)
{
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, NULL);
    rig.network->connect = 0;
    push_rig_invite(&rig, 0, "\n");
    push_rig_expect(&rig, "OK");
    push_rig_invite(&rig, 100, "\n");
    push_rig_expect_silence(&rig);
    push_rig_invite(&rig, 0, "\t\n");
    push_rig_expect_silence(&rig);
    rig.uploader.scope = 1; /* the same address behind another interface */
    push_rig_invite(&rig, 0, "\n");
    push_rig_expect_silence(&rig);
    rig.uploader.scope = 0;
    rig.uploader.ip[3] = 77;
    push_rig_invite(&rig, 0, "\n");
    push_rig_expect_silence(&rig);
    assert_int_equal(rig.asked, 1);
    push_rig_close(&rig);
}

/* --- with a password ---------------------------------------------------------------------------- */

struct credential {
    struct otter_push_settings settings;
    const char *password; /* that the uploader knows, */
    enum digest_era era;  /* and answers with in this era */
    bool right;
};

#define SECRET_MD5       "5EBE2294ECD0E0F08EAB7690D2A6EE69"
#define SECRET_SHA256    "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"
#define SECRET_SHA256_UP "2BB80D537B1DA3E38BD30361AA855686BDE0EACD7162FEF6A25FE97BF527A25B"
#define SHA256_CNONCE    "39b6bd4f2bfa336bf00c37bed108afda082f6fe23601bf8b81d71d4bed28f1c3"
#define OTHER_MD5        "00000000000000000000000000000000"

static const struct credential credentials[] = {
    {{.password = "secret"}, "secret", DIGEST_ERA_MD5, true},
    {{.password = "secret"}, "Secret", DIGEST_ERA_MD5, false},
    {{.password = "secret"}, "", DIGEST_ERA_MD5, false},
    {{.password_hash = SECRET_MD5}, "secret", DIGEST_ERA_MD5, true},
    {{.password_hash = OTHER_MD5}, "secret", DIGEST_ERA_MD5, false},
    {{.password_hash = SECRET_MD5, .password = "other"}, "secret", DIGEST_ERA_MD5, true},
    {{.password = "secret", .era = OTTER_PUSH_ERA_SHA256}, "secret", DIGEST_ERA_SHA256, true},
    {{.password = "secret", .era = OTTER_PUSH_ERA_SHA256}, "secre", DIGEST_ERA_SHA256, false},
    {{.password = "secret", .era = OTTER_PUSH_ERA_SHA256}, "secret", DIGEST_ERA_SHA256_OF_MD5, false},
    {{.password_hash = SECRET_SHA256, .era = OTTER_PUSH_ERA_SHA256}, "secret", DIGEST_ERA_SHA256, true},
    {{.password_hash = SECRET_SHA256_UP, .era = OTTER_PUSH_ERA_SHA256}, "secret", DIGEST_ERA_SHA256, true},
    {{.password_hash = SECRET_MD5, .era = OTTER_PUSH_ERA_SHA256}, "secret", DIGEST_ERA_SHA256_OF_MD5, true},
    {{.password_hash = SECRET_MD5, .era = OTTER_PUSH_ERA_SHA256}, "secret", DIGEST_ERA_SHA256, false},
};

static size_t digits_of(enum digest_era era)
{
    return era == DIGEST_ERA_MD5 ? 32 : 64;
}

static void passwords_are_right_or_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(credentials); i++) {
        const struct credential *credential = &credentials[i];
        struct push_rig rig;
        char nonce[65], text[160];
        push_rig_open(&rig, &credential->settings);
        push_rig_invite(&rig, 0, "\n");
        push_rig_expect_nonce(&rig, nonce, digits_of(credential->era));
        push_rig_response(text, credential->era, credential->password, nonce);
        assert_false(flash_was_used(&rig));
        push_rig_say(&rig, text);
        if (credential->right) {
            push_rig_expect(&rig, "OK");
            assert_int_equal(rig.starts, 1);
            assert_int_equal(rig.network->connections, 1);
        } else {
            push_rig_expect_silence(&rig);
            push_rig_run(&rig, 100);
            push_rig_expect(&rig, "Authentication Failed");
            assert_false(otter_push_is_busy(&rig.push));
            assert_int_equal(rig.error, OTTER_PUSH_ERROR_AUTH);
            assert_false(flash_was_used(&rig));
        }
        push_rig_close(&rig);
    }
}

static void settings_that_cannot_be(void **state)
{
    static const struct {
        struct otter_push_settings settings;
        int error;
    } cases[] = {
        {{.password_hash = ""}, OTTER_ERROR_ARGUMENT},
        {{.password_hash = "5ebe2294ecd0e0f08eab7690d2a6ee6"}, OTTER_ERROR_ARGUMENT},
        {{.password_hash = "5ebe2294ecd0e0f08eab7690d2a6ee699"}, OTTER_ERROR_ARGUMENT},
        {{.password_hash = "5ebe2294ecd0e0f08eab7690d2a6ee6g"}, OTTER_ERROR_ARGUMENT},
        {{.password_hash = SECRET_SHA256}, OTTER_ERROR_ARGUMENT},
        {{.password_hash = SECRET_SHA256 "0", .era = OTTER_PUSH_ERA_SHA256}, OTTER_ERROR_ARGUMENT},
        {{.password_hash = "", .era = OTTER_PUSH_ERA_SHA256}, OTTER_ERROR_ARGUMENT},
        {{.hostname = ""}, OTTER_ERROR_ARGUMENT},
        {{.hostname = "-a"}, OTTER_ERROR_ARGUMENT},
        {{.hostname = "a-"}, OTTER_ERROR_ARGUMENT},
        {{.hostname = "a.b"}, OTTER_ERROR_ARGUMENT},
        {{.hostname = "a b"}, OTTER_ERROR_ARGUMENT},
        {{.hostname = "a[b"}, OTTER_ERROR_ARGUMENT},
        {{.hostname = "0123456789012345678901234567890123456789012345678901234567890123"},
         OTTER_ERROR_ARGUMENT},
        {{.hostname = "012345678901234567890123456789012345678901234567890123456789012"}, OTTER_OK},
        {{.hostname = "esp8266-EE1337"}, OTTER_OK},
        {{.hostname = "a", .password = ""}, OTTER_OK},
    };
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, NULL);
    otter_push_end(&rig.push);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        assert_int_equal(
            otter_push_begin(&rig.push, &rig.device.sim.port, &rig.device.updater, &cases[i].settings),
            cases[i].error);
        assert_int_equal(rig.network->udp_open, cases[i].error == OTTER_OK);
        otter_push_end(&rig.push);
    }
    rig.network->udp_refused = true;
    assert_int_equal(
        otter_push_begin(&rig.push, &rig.device.sim.port, &rig.device.updater, &cases[16].settings),
        OTTER_ERROR_TRANSPORT);
    assert_int_equal(otter_push_step(&rig.push, 0), OTTER_NEVER);
    push_rig_close(&rig);
}

static void settings_are_fixed_once_begun(void **state)
{
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, &(struct otter_push_settings){.port = 3232});
    assert_int_equal(rig.network->udp_port, 3232);
    assert_int_equal(otter_push_begin(&rig.push, &rig.device.sim.port, &rig.device.updater, &secret),
                     OTTER_ERROR_RUNNING);
    push_rig_invite(&rig, 0, "\n");
    push_rig_expect(&rig, "OK");
    push_rig_close(&rig);
}

static void wrong_passwords_are_slowed_down(void **state)
{
    static const uint32_t delays[] = {100, 200, 400, 800, 1600, 3200, 3200, 3200, 3200};
    (void)state;
    struct push_rig rig;
    char nonce[65], text[160], last[65] = "";
    push_rig_open(&rig, &secret);
    for (size_t i = 0; i <= TEST_COUNT(delays); i++) {
        push_rig_invite(&rig, 0, "\n");
        push_rig_expect_nonce(&rig, nonce, 32);
        assert_string_not_equal(nonce, last);
        memcpy(last, nonce, sizeof(last));
        if (i == TEST_COUNT(delays))
            break;
        push_rig_response(text, DIGEST_ERA_MD5, "wrong", nonce);
        push_rig_say(&rig, text);
        push_rig_run(&rig, delays[i] - 1);
        push_rig_invite(&rig, 0, "\n"); /* silent to everything meanwhile */
        push_rig_expect_silence(&rig);
        push_rig_run(&rig, 1);
        push_rig_expect(&rig, "Authentication Failed");
        assert_int_equal(rig.errors, i + 1);
    }
    push_rig_response(text, DIGEST_ERA_MD5, "secret", nonce);
    push_rig_say(&rig, text);
    push_rig_expect(&rig, "OK");
    otter_push_end(&rig.push);
    push_rig_close(&rig);
}

static void a_right_password_forgives_the_wrong_ones(void **state)
{
    (void)state;
    struct push_rig rig;
    char nonce[65], text[160];
    push_rig_open(&rig, &secret);
    rig.decision = OTTER_PUSH_START_REFUSE;
    for (int round = 0; round < 3; round++) {
        static const char *const passwords[] = {"wrong", "secret"};
        for (int i = 0; i < 2; i++) {
            push_rig_invite(&rig, 0, "\n");
            push_rig_expect_nonce(&rig, nonce, 32);
            push_rig_response(text, DIGEST_ERA_MD5, passwords[i], nonce);
            push_rig_say(&rig, text);
            push_rig_run(&rig, 100);
            push_rig_expect(&rig,
                            i == 0 ? "Authentication Failed" : "ERR: ERROR: Refused by the application\n");
        }
    }
    push_rig_close(&rig);
}

static void an_upper_case_response_is_wrong(void **state)
{
    (void)state;
    struct push_rig rig;
    char nonce[65], text[160];
    push_rig_open(&rig, &secret);
    push_rig_invite(&rig, 0, "\n");
    push_rig_expect_nonce(&rig, nonce, 32);
    push_rig_response(text, DIGEST_ERA_MD5, "secret", nonce);
    for (char *digit = text + 4 + 33; *digit != '\n'; digit++)
        *digit = (char)toupper((unsigned char)*digit);
    push_rig_say(&rig, text);
    push_rig_run(&rig, 100);
    push_rig_expect(&rig, "Authentication Failed");
    push_rig_close(&rig);
}

/* Silence, and idle: the next invitation is answered with another nonce. */
static void answers_of_the_wrong_length_end_the_attempt(void **state)
{
    static const char *const texts[] = {
        "200 331a3db132944f0ae3bfe580e9792b8 f5dca01f93d283c1787e051768ac7471\n",
        "200 331a3db132944f0ae3bfe580e9792b8f f5dca01f93d283c1787e051768ac747\n",
        "200 331a3db132944f0ae3bfe580e9792b8f f5dca01f93d283c1787e051768ac74711\n",
        "200 " SHA256_CNONCE " " SHA256_CNONCE "\n",
        "200\n",
        "garbage",
    };
    (void)state;
    struct push_rig rig;
    char nonce[65], last[65] = "";
    push_rig_open(&rig, &secret);
    for (size_t i = 0; i < TEST_COUNT(texts); i++) {
        push_rig_invite(&rig, 0, "\n");
        push_rig_expect_nonce(&rig, nonce, 32);
        assert_string_not_equal(nonce, last);
        memcpy(last, nonce, sizeof(last));
        push_rig_say(&rig, texts[i]);
        push_rig_run(&rig, 1000);
        push_rig_expect_silence(&rig);
        assert_false(otter_push_is_busy(&rig.push));
    }
    assert_int_equal(rig.errors, 0);
    push_rig_close(&rig);
}

static void a_repeated_invitation_gets_the_same_nonce(void **state)
{
    (void)state;
    struct push_rig rig;
    char first[65], nonce[65], text[160];
    push_rig_open(&rig, &secret);
    push_rig_invite(&rig, 0, "\n");
    push_rig_expect_nonce(&rig, first, 32);
    for (uint16_t port = 40001; port < 40010; port++) {
        push_rig_run(&rig, AUTH_TIMEOUT_MS - 1);
        rig.uploader.port = port; /* as the ESP32 uploader does it */
        push_rig_invite(&rig, 0, "\n");
        push_rig_expect_nonce(&rig, nonce, 32);
        assert_string_equal(nonce, first);
    }
    push_rig_response(text, DIGEST_ERA_MD5, "secret", first);
    push_rig_say(&rig, text);
    push_rig_expect(&rig, "OK");
    push_rig_close(&rig);
}

static void another_invitation_gets_another_nonce(void **state)
{
    (void)state;
    struct push_rig rig;
    char first[65], nonce[65], text[160];
    push_rig_open(&rig, &secret);
    push_rig_invite(&rig, 0, "\n");
    push_rig_expect_nonce(&rig, first, 32);
    push_rig_invite(&rig, 100, "\n");
    push_rig_expect_nonce(&rig, nonce, 32);
    assert_string_not_equal(nonce, first);
    push_rig_response(text, DIGEST_ERA_MD5, "secret", first);
    push_rig_say(&rig, text); /* to the nonce that is gone */
    push_rig_run(&rig, 100);
    push_rig_expect(&rig, "Authentication Failed");
    push_rig_close(&rig);
}

static void nobody_else_disturbs_a_negotiation(void **state)
{
    (void)state;
    struct push_rig rig;
    char nonce[65], text[160];
    push_rig_open(&rig, &secret);
    push_rig_invite(&rig, 0, "\n");
    push_rig_expect_nonce(&rig, nonce, 32);
    struct otter_address other = rig.uploader;
    other.ip[0] = 10;
    push_rig_response(text, DIGEST_ERA_MD5, "secret", nonce);
    push_rig_say_from(&rig, &other, text); /* right, but from the wrong address */
    push_rig_say_from(&rig, &other, "0 1 20000 64fc31200859b0988c69729e9c4ac6e7\n");
    push_rig_say_from(&rig, &other, "garbage");
    push_rig_expect_silence(&rig);
    assert_false(flash_was_used(&rig));
    push_rig_say(&rig, text);
    push_rig_expect(&rig, "OK");
    push_rig_close(&rig);
}

/* A host that has no password may invite as often as it likes: another gets its turn after a second. */
static void nobody_keeps_others_out(void **state)
{
    (void)state;
    struct push_rig rig;
    char nonce[65], text[160];
    push_rig_open(&rig, &secret);
    const struct otter_address wrong = rig.uploader;
    struct otter_address right = wrong;
    right.ip[0] = 10;
    push_rig_invite(&rig, 0, "\n");
    push_rig_expect_nonce(&rig, nonce, 32);
    push_rig_run(&rig, 600);
    push_rig_invite(&rig, 100, "\n"); /* another invitation of the same host does not hold the place */
    push_rig_expect_nonce(&rig, nonce, 32);
    push_rig_run(&rig, 399);
    rig.uploader = right;
    push_rig_invite(&rig, 0, "\n");
    push_rig_expect_silence(&rig);
    push_rig_run(&rig, 1);
    push_rig_invite(&rig, 0, "\n");
    push_rig_expect_nonce(&rig, nonce, 32);
    push_rig_say_from(&rig, &wrong, "0 1 20000 64fc31200859b0988c69729e9c4ac6e7\n");
    push_rig_expect_silence(&rig); /* its turn lasts a second, too */
    push_rig_response(text, DIGEST_ERA_MD5, "secret", nonce);
    push_rig_say(&rig, text);
    push_rig_expect(&rig, "OK");
    otter_push_end(&rig.push);
    push_rig_close(&rig);
}

static void a_repeated_response_gets_ok_again(void **state)
{
    static const enum digest_era eras[] = {DIGEST_ERA_MD5, DIGEST_ERA_SHA256};
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(eras); i++) {
        struct push_rig rig;
        char nonce[65], text[160];
        push_rig_open(&rig,
                      &(struct otter_push_settings){.password = "secret", .era = (enum otter_push_era)(i)});
        rig.network->connect = 0;
        push_rig_invite(&rig, 0, "\n");
        push_rig_expect_nonce(&rig, nonce, digits_of(eras[i]));
        push_rig_response(text, eras[i], "secret", nonce);
        otter_sim_network_datagram(rig.network, &rig.uploader, text, strlen(text));
        rig.uploader.port++;
        push_rig_say(&rig, text); /* two of them in a row */
        rig.network->sent_count = 0;
        rig.uploader.port++;
        push_rig_say(&rig, text);
        push_rig_expect(&rig, "OK");
        assert_int_equal(rig.asked, 1);
        assert_int_equal(rig.network->connections, 1);
        push_rig_close(&rig);
    }
}

/* In the SHA-256 era the check takes a while, and the device stays responsive. */
static void a_derivation_is_done_in_slices(void **state)
{
    (void)state;
    struct push_rig rig;
    char nonce[65], text[160];
    push_rig_open(&rig, &(struct otter_push_settings){.password = "secret", .era = OTTER_PUSH_ERA_SHA256});
    push_rig_invite(&rig, 0, "\n");
    push_rig_expect_nonce(&rig, nonce, 64);
    push_rig_response(text, DIGEST_ERA_SHA256, "secret", nonce);
    otter_sim_network_datagram(rig.network, &rig.uploader, text, strlen(text));
    unsigned steps = 0;
    for (; rig.asked == 0; steps++)
        assert_int_equal(otter_push_step(&rig.push, 1000), 0);
    assert_in_range(steps, 100, 300);
    push_rig_close(&rig);
}

static void a_nonce_expires(void **state)
{
    (void)state;
    struct push_rig rig;
    char nonce[65], text[160];
    push_rig_open(&rig, &secret);
    push_rig_invite(&rig, 0, "\n");
    push_rig_expect_nonce(&rig, nonce, 32);
    push_rig_run(&rig, AUTH_TIMEOUT_MS - 1);
    assert_true(otter_push_is_busy(&rig.push));
    push_rig_run(&rig, 1);
    assert_false(otter_push_is_busy(&rig.push));
    push_rig_response(text, DIGEST_ERA_MD5, "secret", nonce);
    push_rig_say(&rig, text);
    push_rig_expect_silence(&rig);
    rig.uploader.ip[3] = 9; /* now somebody else may try */
    push_rig_invite(&rig, 0, "\n");
    push_rig_expect_nonce(&rig, nonce, 32);
    push_rig_close(&rig);
}

static void no_nonce_without_entropy(void **state)
{
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, &secret);
    rig.device.sim.no_entropy = true;
    push_rig_invite(&rig, 0, "\n");
    push_rig_expect(&rig, "ERR: ERROR: No random numbers\n");
    assert_int_equal(rig.error, OTTER_PUSH_ERROR_AUTH);
    assert_false(otter_push_is_busy(&rig.push));
    push_rig_close(&rig);
}

/* --- what the updater and the application say ----------------------------------------------------- */

static void the_updater_refuses(void **state)
{
    static const struct {
        const char *invitation, *answer;
    } cases[] = {
        {"0 1 1000000 64fc31200859b0988c69729e9c4ac6e7\n", "ERR: ERROR[4]: Not Enough Space\n"},
        {"100 1 65537 64fc31200859b0988c69729e9c4ac6e7\n", "ERR: ERROR[4]: Not Enough Space\n"},
        {"0 1 4294967295 64fc31200859b0988c69729e9c4ac6e7\n", "ERR: ERROR[4]: Not Enough Space\n"},
        {"100 1 65537 64fc31200859b0988c69729e9c4ac6e7\t\n",
         "ERR: ERROR[4]: Not Enough Space\n65536 bytes at most\n"},
        {"0 1 0 64fc31200859b0988c69729e9c4ac6e7\t\n", "ERR: ERROR[5]: Bad Size Given\n"},
    };
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        struct push_rig rig;
        push_rig_open(&rig, NULL);
        push_rig_say(&rig, cases[i].invitation);
        push_rig_expect(&rig, cases[i].answer);
        assert_int_equal(rig.error, OTTER_PUSH_ERROR_BEGIN);
        assert_int_equal(rig.asked, 0);
        assert_int_equal(rig.network->connections, 0);
        assert_false(otter_push_is_busy(&rig.push));
        assert_true(updater_rig_untouched(&rig.device));
        push_rig_close(&rig);
    }
}

static void an_update_that_runs_elsewhere_goes_on(void **state)
{
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, NULL);
    assert_int_equal(otter_updater_begin(&rig.device.updater, PUSH_RIG_SIZE, OTTER_UPDATE_SKETCH), OTTER_OK);
    push_rig_invite(&rig, 0, "\n");
    push_rig_expect(&rig, "ERR: ERROR[15]: Update already running\n");
    assert_true(otter_updater_is_running(&rig.device.updater));
    assert_int_equal(otter_updater_write(&rig.device.updater, rig.image, PUSH_RIG_SIZE), PUSH_RIG_SIZE);
    assert_int_equal(otter_updater_end(&rig.device.updater, false), OTTER_OK);
    push_rig_close(&rig);
}

static void the_application_refuses(void **state)
{
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, NULL);
    rig.decision = OTTER_PUSH_START_REFUSE;
    push_rig_invite(&rig, 0, "\n");
    push_rig_expect(&rig, "ERR: ERROR: Refused by the application\n");
    assert_int_equal(rig.asked, 1);
    assert_int_equal(rig.error, OTTER_PUSH_ERROR_BEGIN);
    assert_false(otter_push_is_busy(&rig.push));
    assert_false(otter_updater_is_running(&rig.device.updater));
    assert_true(updater_rig_untouched(&rig.device));
    rig.decision = OTTER_PUSH_START_GO;
    push_rig_invite(&rig, 0, "\n");
    push_rig_expect(&rig, "OK");
    push_rig_close(&rig);
}

static void the_application_takes_its_time(void **state)
{
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, NULL);
    rig.decision = OTTER_PUSH_START_WAIT;
    push_rig_invite(&rig, 0, "\n");
    push_rig_run(&rig, 7999);
    rig.uploader.port++;
    push_rig_invite(&rig, 0, "\n"); /* is answered when the time has come, and where it came from */
    push_rig_expect_silence(&rig);
    assert_true(rig.asked > 100);
    assert_true(updater_rig_untouched(&rig.device));
    rig.decision = OTTER_PUSH_START_GO;
    push_rig_run(&rig, 1);
    push_rig_expect(&rig, "OK");
    assert_int_equal(rig.starts, 1);
    push_rig_close(&rig);
}

static void the_application_takes_too_long(void **state)
{
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, &(struct otter_push_settings){.start_timeout_ms = 300});
    rig.decision = OTTER_PUSH_START_WAIT;
    push_rig_invite(&rig, 0, "\n");
    push_rig_run(&rig, 299);
    push_rig_expect_silence(&rig);
    push_rig_run(&rig, 1);
    push_rig_expect(&rig, "ERR: ERROR: Timeout\n");
    assert_int_equal(rig.error, OTTER_PUSH_ERROR_BEGIN);
    assert_false(otter_push_is_busy(&rig.push));
    assert_false(otter_updater_is_running(&rig.device.updater));
    push_rig_close(&rig);
}

static void callbacks_are_optional(void **state)
{
    (void)state;
    struct push_rig rig;
    push_rig_open(&rig, NULL);
    otter_push_end(&rig.push);
    assert_int_equal(otter_push_begin(&rig.push, &rig.device.sim.port, &rig.device.updater,
                                      &(struct otter_push_settings){0}),
                     OTTER_OK);
    push_rig_say(&rig, "0 1 0 64fc31200859b0988c69729e9c4ac6e7\n");
    push_rig_expect(&rig, "ERR: ERROR[5]: Bad Size Given\n");
    push_rig_invite(&rig, 0, "\t\n");
    push_rig_expect(&rig, "OK");
    push_rig_send(&rig, 0, PUSH_RIG_SIZE);
    push_rig_run(&rig, 2000);
    assert_true(push_rig_is_staged(&rig));
    assert_int_equal(rig.device.sim.restarts, 1);
    push_rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_invitation_is_accepted),
        cmocka_unit_test(an_ipv6_zone_is_kept),
        cmocka_unit_test(an_answer_without_a_question_is_ignored),
        cmocka_unit_test(malformed_datagrams_are_met_by_silence),
        cmocka_unit_test(overlong_datagrams_are_met_by_silence),
        cmocka_unit_test(a_repeated_invitation_starts_nothing_twice),
        cmocka_unit_test(other_invitations_are_ignored_while_one_is_served),
        cmocka_unit_test(passwords_are_right_or_wrong),
        cmocka_unit_test(settings_that_cannot_be),
        cmocka_unit_test(settings_are_fixed_once_begun),
        cmocka_unit_test(wrong_passwords_are_slowed_down),
        cmocka_unit_test(a_right_password_forgives_the_wrong_ones),
        cmocka_unit_test(an_upper_case_response_is_wrong),
        cmocka_unit_test(answers_of_the_wrong_length_end_the_attempt),
        cmocka_unit_test(a_repeated_invitation_gets_the_same_nonce),
        cmocka_unit_test(another_invitation_gets_another_nonce),
        cmocka_unit_test(nobody_else_disturbs_a_negotiation),
        cmocka_unit_test(nobody_keeps_others_out),
        cmocka_unit_test(a_repeated_response_gets_ok_again),
        cmocka_unit_test(a_derivation_is_done_in_slices),
        cmocka_unit_test(a_nonce_expires),
        cmocka_unit_test(no_nonce_without_entropy),
        cmocka_unit_test(the_updater_refuses),
        cmocka_unit_test(an_update_that_runs_elsewhere_goes_on),
        cmocka_unit_test(the_application_refuses),
        cmocka_unit_test(the_application_takes_its_time),
        cmocka_unit_test(the_application_takes_too_long),
        cmocka_unit_test(callbacks_are_optional),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
