/* Ten thousand random and malformed answers: the client ends each pull, and takes an update afterwards. */
#include <stdio.h>
#include <string.h>

#include "tests/support/pull_rig.h"
#include "tests/support/require.h"
#include "tests/support/seed.h"
#include "tests/support/test.h"

#define ANSWERS    10000u
#define PER_DEVICE 500u
#define BODY_MAX   9000u   /* bytes; a pull that gets so far stores two sectors */
#define FOREVER    400000u /* ms */

static const char *const heads[] = {
    "HTTP/1.1 200 OK\nContent-Length: 20000\nETag: \"a-1\"\n",
    "HTTP/1.1 200 OK\nContent-Length: 20000\nx-MD5: 64fc31200859b0988c69729e9c4ac6e7\nx-version: 1\n",
    "HTTP/1.1 206 Part\nContent-Range: bytes 5000-19999/20000\nContent-Length: 15000\n",
    "HTTP/1.0 302 Found\nLocation: http://other.example/../a?b#c\n",
    "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n5\nhello\n0\n\n",
    "HTTP/1.1 100 Continue\n\nHTTP/1.1 304 Not Modified\n",
    "HTTP/1.1 503 Service Unavailable\nRetry-After: 1\n",
};

static const struct otter_pull_settings settings = {.follow_redirects = true, .stay = true};

/* Changes, drops or doubles some bytes of a string. */
static void mutate(uint64_t *seed, char *text)
{
    for (uint32_t changes = seed_below(seed, 6); changes > 0 && text[0] != '\0'; changes--) {
        const size_t length = strlen(text), at = seed_below(seed, (uint32_t)length);
        const uint32_t how = seed_below(seed, 4);
        if (how == 0)
            text[at] = (char)(1 + seed_below(seed, 255));
        else if (how == 1)
            memmove(text + at, text + at + 1, length - at);
        else if (how == 2)
            memmove(text + at + 1, text + at, length - at + 1);
        else
            text[at] = '\0';
    }
}

static void answer_at_random(struct pull_rig *rig, uint64_t *seed)
{
    static const int ends[] = {0, OTTER_ERROR_CLOSED, OTTER_ERROR_TRANSPORT};
    rig->answer_count = rig->answered = 0;
    rig->network->input.size = rig->network->input_read = rig->body_at = 0; /* that of earlier ones */
    for (uint32_t count = 1 + seed_below(seed, 4); count > 0; count--) {
        const char *head = heads[seed_below(seed, TEST_COUNT(heads))];
        struct pull_rig_answer *answer = pull_rig_answer(rig, head, rig->image, seed_below(seed, BODY_MAX),
                                                         ends[seed_below(seed, TEST_COUNT(ends))]);
        mutate(seed, answer->head);
    }
    rig->network->segment = seed_below(seed, 3) == 0 ? 1 + seed_below(seed, 100) : 0;
}

static void expect_update(struct pull_rig *rig, enum otter_pull_kind kind)
{
    rig->answer_count = rig->answered = 0;
    rig->network->segment = 0;
    pull_rig_serve(rig, "\"right\"", 0, PULL_RIG_SIZE, 0);
    assert_int_equal(otter_pull_start(&rig->pull, "http://updates.example/right", kind), OTTER_OK);
    pull_rig_run(rig, FOREVER);
    pull_rig_expect(rig, OTTER_PULL_OK, 0);
}

static void survives_random_answers(void **state)
{
    uint64_t seed = 7;
    (void)state;
    for (unsigned i = 0; i < ANSWERS; i += PER_DEVICE) {
        struct pull_rig rig;
        const enum otter_pull_kind kind =
            i % (2 * PER_DEVICE) == 0 ? OTTER_PULL_SKETCH : OTTER_PULL_FILESYSTEM;
        printf("seed %llu\n", (unsigned long long)seed);
        pull_rig_open(&rig, &settings);
        for (unsigned j = 0; j < PER_DEVICE; j++) {
            answer_at_random(&rig, &seed);
            pull_rig_pull(&rig, seed_below(&seed, 4) == 0 ? OTTER_PULL_CHECK : kind, FOREVER);
            assert_false(rig.network->tcp_open);
            assert_false(otter_updater_is_running(&rig.device.updater));
        }
        expect_update(&rig, kind);
        pull_rig_close(&rig);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(survives_random_answers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
