/* What users are told when a push fails. */
#include <stdlib.h>
#include <string.h>

#include "host/push_failure.h"
#include "tests/support/test.h"

static const struct otter_push_order order = {
    .bytes = (const uint8_t *)"0000000000", .size = 10, .command = OTTER_PUSH_SKETCH};

static struct otter_push_session failed(enum otter_push_failure failure, const char *text)
{
    struct otter_push_session session = {.order = &order,
                                         .device = {.name = "kitchen", .host = "kitchen", .port = 8266},
                                         .state = OTTER_PUSH_STATE_ENDED,
                                         .failure = failure,
                                         .host_port = 4711,
                                         .local = {.address = "10.0.0.2", .interface = "wlan0"}};
    strncpy(session.text, text, sizeof(session.text) - 1);
    return session;
}

/* All that is said about a failure; to be freed. */
static char *explain(const struct otter_push_session *session, const struct otter_push_file *file)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    otter_push_failure_describe(out, session);
    fputc('\n', out);
    otter_push_failure_advise(out, session, file, "  ");
    fclose(out);
    return text;
}

static void assert_says(enum otter_push_failure failure, const char *device_text, const char *wanted)
{
    const struct otter_push_session session = failed(failure, device_text);
    struct otter_push_file file = {0};
    file.inspection.image.parts[0].header.flash_size = (uint8_t)otter_image_flash_code(4 << 20);
    char *text = explain(&session, &file);
    if (strstr(text, wanted) == NULL)
        print_error("\"%s\" is not in:\n%s", wanted, text);
    assert_non_null(strstr(text, wanted));
    free(text);
}

static void names_port_address_and_interface(void **state)
{
    (void)state;
    assert_says(OTTER_PUSH_FAILURE_NO_CONNECTION, "", "10.0.0.2, TCP port 4711 (interface wlan0)");
    assert_says(OTTER_PUSH_FAILURE_NO_CONNECTION, "", "firewall");
    assert_says(OTTER_PUSH_FAILURE_NO_CONNECTION, "", "-P 4711");
    assert_says(OTTER_PUSH_FAILURE_NO_CONNECTION, "", "otter upload kitchen FILE");
    assert_says(OTTER_PUSH_FAILURE_NO_CONNECTION, "", "-I");
}

/* Advice for an image of 3000 bytes that does not fit as it is SENT. Its lines are not broken. */
static char *explain_space(const struct otter_push_order *sent, enum otter_push_failure failure,
                           uint32_t limit)
{
    struct otter_push_session session = failed(failure, "ERROR[4]: Not Enough Space");
    struct otter_push_file file = {.inspection.image_size = 3000};
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    session.order = sent;
    session.limit = limit;
    otter_push_failure_advise(out, &session, &file, "");
    fclose(out);
    return text;
}

static void assert_advice(char *advice, const char *wanted, const char *unwanted)
{
    if (strstr(advice, wanted) == NULL || strstr(advice, unwanted) != NULL)
        print_error("\"%s\", and not \"%s\", should be in:\n%s", wanted, unwanted, advice);
    assert_non_null(strstr(advice, wanted));
    assert_null(strstr(advice, unwanted));
    free(advice);
}

static void names_both_sizes(void **state)
{
    (void)state;
    static const uint8_t zeros[3000];
    const struct otter_push_order raw = {.bytes = zeros, .size = sizeof(zeros), .command = OTTER_PUSH_SKETCH};
    const enum otter_push_failure refused = OTTER_PUSH_FAILURE_REFUSED;
    assert_advice(explain_space(&raw, refused, 2000), "has 3000 bytes (3 KiB)", "needs");
    assert_advice(explain_space(&raw, refused, 2000), "at most 2000 bytes beside", "needs");
    assert_advice(explain_space(&raw, refused, 0), "needs that much free space", "at most");
}

static void recommends_compression_where_it_helps(void **state)
{
    (void)state;
    static const uint8_t zeros[3000];
    const struct otter_push_order raw = {.bytes = zeros, .size = sizeof(zeros), .command = OTTER_PUSH_SKETCH};
    const enum otter_push_failure refused = OTTER_PUSH_FAILURE_REFUSED;
    assert_advice(explain_space(&raw, refused, 2000), "With --compress it would be", "still too many");
    assert_advice(explain_space(&raw, refused, 0), "unpacked, the sketch must end below", "still too many");
    assert_advice(explain_space(&raw, refused, 10), "still too many", "--compress");
}

static void explains_a_gzip_that_unpacks_too_large(void **state)
{
    (void)state;
    const struct otter_push_order gzip = {
        .bytes = (const uint8_t *)"\x1F\x8B........", .size = 10, .command = OTTER_PUSH_SKETCH};
    const enum otter_push_failure rejected = OTTER_PUSH_FAILURE_REJECTED;
    assert_advice(explain_space(&gzip, rejected, 0), "Unpacked (3000 bytes) it would reach", "--compress");
    assert_advice(explain_space(&gzip, rejected, 0), "the compressed file (10 bytes)", "free space");
    assert_advice(explain_space(&gzip, rejected, 0), "uncompressed, if 3000 bytes are free", "free space");
    assert_advice(explain_space(&gzip, OTTER_PUSH_FAILURE_REFUSED, 9), "has 10 bytes", "Unpacked");
}

static char *explain_filesystem(enum otter_push_failure failure, const char *device_text, uint32_t sent)
{
    const struct otter_push_order filesystem = {
        .bytes = order.bytes, .size = order.size, .command = OTTER_PUSH_FILESYSTEM};
    const struct otter_push_file file = {0};
    struct otter_push_session session = failed(failure, device_text);
    session.order = &filesystem;
    session.sent = sent;
    return explain(&session, &file);
}

static void tells_of_a_half_written_filesystem(void **state)
{
    (void)state;
    static const struct {
        enum otter_push_failure failure;
        const char *device_text;
    } cases[] = {
        {OTTER_PUSH_FAILURE_BROKEN, "Connection reset by peer"},
        {OTTER_PUSH_FAILURE_STALLED, ""},
        {OTTER_PUSH_FAILURE_NO_RESULT, ""},
        {OTTER_PUSH_FAILURE_SILENT, ""},
        {OTTER_PUSH_FAILURE_REJECTED, "ERROR[1]: Flash Write"},
        {OTTER_PUSH_FAILURE_INTERRUPTED, ""},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char *begun = explain_filesystem(cases[i].failure, cases[i].device_text, 5);
        assert_non_null(strstr(begun, "half written"));
        assert_non_null(strstr(begun, "Its firmware runs on"));
        assert_null(strstr(begun, "old firmware"));
        free(begun);
        char *not_begun = explain_filesystem(cases[i].failure, cases[i].device_text, 0);
        assert_null(strstr(not_begun, "half written"));
        free(not_begun);
    }
    assert_says(OTTER_PUSH_FAILURE_BROKEN, "", "keeps its old firmware");
}

static void has_advice_for_every_error_of_a_device(void **state)
{
    (void)state;
    for (int number = 1; number <= 19; number++) {
        char text[32];
        snprintf(text, sizeof(text), "ERROR[%d]: what it is", number);
        struct otter_push_session session = failed(OTTER_PUSH_FAILURE_REJECTED, text);
        const struct otter_push_file file = {0};
        char *explanation = explain(&session, &file);
        assert_non_null(strstr(explanation, text));
        assert_non_null(strstr(explanation, "\n  ")); /* advice is indented */
        free(explanation);
    }
}

static void says_what_to_do_about_each(void **state)
{
    (void)state;
    assert_says(OTTER_PUSH_FAILURE_REJECTED, "ERROR[9]: new Flash config wrong", "4.0 MiB");
    assert_says(OTTER_PUSH_FAILURE_REJECTED, "ERROR[10]: Magic byte is not 0xE9", "image info");
    assert_says(OTTER_PUSH_FAILURE_REJECTED, "ERROR[12]: Signature verification failed", "not signed");
    assert_says(OTTER_PUSH_FAILURE_REJECTED, "ERROR[19]: Image would", "with --adopt");
    assert_says(OTTER_PUSH_FAILURE_NO_RESULT, "", "look at it");
    assert_says(OTTER_PUSH_FAILURE_BROKEN, "Connection reset by peer", "0 of 10 bytes: Connection reset");
    assert_says(OTTER_PUSH_FAILURE_PASSWORD_MISSING, "", "OTTER_PASSWORD");
    assert_says(OTTER_PUSH_FAILURE_NO_ANSWER, "", "-p 3232");
    assert_says(OTTER_PUSH_FAILURE_NAME, "Name or service not known", "Name or service not known");
}

static void tells_silence_from_answers(void **state)
{
    (void)state;
    const struct otter_push_file file = {0};
    struct otter_push_session session = failed(OTTER_PUSH_FAILURE_NO_ANSWER, "");
    session.answered = true;
    assert_advice(explain(&session, &file), "no useful answer on UDP port 8266", "Is the device on");
    assert_says(OTTER_PUSH_FAILURE_NO_ANSWER, "", "no answer on UDP port 8266");
    session = failed(OTTER_PUSH_FAILURE_NO_VERDICT, "asked again and again");
    assert_advice(explain(&session, &file), "asked again and again", "silent");
    assert_says(OTTER_PUSH_FAILURE_NO_VERDICT, "", "then stayed silent");
}

static void tells_a_wrong_password_from_a_missing_one(void **state)
{
    (void)state;
    const struct otter_push_file file = {0};
    struct otter_push_session session = failed(OTTER_PUSH_FAILURE_PASSWORD_WRONG, "");
    assert_advice(explain(&session, &file), "Upper and lower case", "OTTER_PASSWORD");
    session.failure = OTTER_PUSH_FAILURE_PASSWORD_MISSING;
    assert_advice(explain(&session, &file), "OTTER_PASSWORD", "Upper and lower case");
}

static void says_that_a_refusal_has_no_reason(void **state)
{
    (void)state;
    assert_says(OTTER_PUSH_FAILURE_REFUSED, "", "the device refused the update and does not say why\n");
    assert_says(OTTER_PUSH_FAILURE_REFUSED, "ERR:", "the device refused the update and does not say why\n");
    assert_says(OTTER_PUSH_FAILURE_REFUSED, "busy", "the device refused the update: busy\n");
}

static void takes_any_text_of_a_device(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "ERROR[",
                                        "ERROR[]",
                                        "ERROR[-4]",
                                        "ERROR[99999999999]",
                                        "ERROR[4",
                                        "ERROR[4]",
                                        "what?",
                                        "]",
                                        "ERROR[4]: 99999999999999999999",
                                        "ERROR[20]",
                                        "ERROR[0]: No Error"};
    const struct otter_push_file file = {0};
    for (size_t i = 0; i < TEST_COUNT(texts); i++) {
        struct otter_push_session session = failed(OTTER_PUSH_FAILURE_REJECTED, texts[i]);
        free(explain(&session, &file));
    }
}

static void keeps_lines_within_the_screen(void **state)
{
    (void)state;
    for (int failure = OTTER_PUSH_FAILURE_NAME; failure <= OTTER_PUSH_FAILURE_INTERRUPTED; failure++) {
        const struct otter_push_session session = failed(failure, "ERROR[4]: Not Enough Space");
        const struct otter_push_file file = {0};
        char *text = explain(&session, &file), *rest = strchr(text, '\n') + 1;
        for (char *line = strtok(rest, "\n"); line != NULL; line = strtok(NULL, "\n"))
            assert_true(strlen(line) <= 80 || strncmp(line, "      sudo", 10) == 0);
        free(text);
    }
}

static void tells_failures_apart_by_status(void **state)
{
    (void)state;
    assert_int_equal(otter_push_failure_status(OTTER_PUSH_FAILURE_NONE), OTTER_EXIT_OK);
    for (int failure = OTTER_PUSH_FAILURE_NAME; failure <= OTTER_PUSH_FAILURE_INTERRUPTED; failure++)
        assert_int_not_equal(otter_push_failure_status(failure), OTTER_EXIT_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_port_address_and_interface),
        cmocka_unit_test(names_both_sizes),
        cmocka_unit_test(recommends_compression_where_it_helps),
        cmocka_unit_test(explains_a_gzip_that_unpacks_too_large),
        cmocka_unit_test(tells_of_a_half_written_filesystem),
        cmocka_unit_test(has_advice_for_every_error_of_a_device),
        cmocka_unit_test(says_what_to_do_about_each),
        cmocka_unit_test(tells_silence_from_answers),
        cmocka_unit_test(tells_a_wrong_password_from_a_missing_one),
        cmocka_unit_test(says_that_a_refusal_has_no_reason),
        cmocka_unit_test(takes_any_text_of_a_device),
        cmocka_unit_test(keeps_lines_within_the_screen),
        cmocka_unit_test(tells_failures_apart_by_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
