/* Downloads that are interrupted, and go on: after a lost connection, and after power was cut at every flash
 * operation. */
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/pull_rig.h"
#include "tests/support/require.h"
#include "tests/support/test.h"

#define ETAG      "\"5f3-4e20\""
#define FOREVER   400000u /* ms */
#define SECTOR    OTTER_FLASH_SECTOR
#define LOST      OTTER_ERROR_TRANSPORT
#define TRANSPORT OTTER_ERROR_TRANSPORT

static jmp_buf power_lost;

static void power_cut(void *context)
{
    (void)context;
    longjmp(power_lost, 1);
}

static bool asked_for(const struct pull_rig *rig, uint32_t start)
{
    char text[100];
    snprintf(text, sizeof(text), "\r\nRange: bytes=%u-\r\nIf-Range: " ETAG "\r\n", (unsigned)start);
    return strstr(rig->request, text) != NULL;
}

/* --- lost connections --------------------------------------------------------------------------- */

static void goes_on_after_every_loss(void **state)
{
    (void)state;
    for (size_t portion = SECTOR; portion < PULL_RIG_SIZE; portion += 777) {
        struct pull_rig rig;
        pull_rig_open(&rig, NULL);
        rig.etag = ETAG;
        rig.portion = portion;
        pull_rig_pull(&rig, OTTER_PULL_SKETCH, FOREVER);
        pull_rig_expect_update(&rig);
        assert_int_equal(rig.network->connections, (PULL_RIG_SIZE + portion - 1) / portion);
        assert_int_equal(rig.sent, PULL_RIG_SIZE);
        assert_int_equal(rig.starts, 1);
        pull_rig_close(&rig);
    }
}

static void asks_for_the_rest_in_the_recorded_form(void **state)
{
    struct pull_rig rig;
    (void)state;
    pull_rig_open(&rig, NULL);
    pull_rig_serve(&rig, ETAG, 0, 7000, OTTER_ERROR_CLOSED);
    pull_rig_serve(&rig, ETAG, 7000, PULL_RIG_SIZE - 7000, 0);
    pull_rig_pull(&rig, OTTER_PULL_SKETCH, FOREVER);
    pull_rig_expect_update(&rig);
    assert_true(asked_for(&rig, 7000));
    assert_non_null(strstr(rig.request, "x-ESP8266-mode: sketch\r\nRange: "));
    pull_rig_close(&rig);
}

static void without_a_strong_etag_it_ends(void **state)
{
    static const char *const etags[] = {NULL, "W/\"a\"", "a"};
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(etags); i++) {
        struct pull_rig rig;
        pull_rig_open(&rig, NULL);
        pull_rig_serve(&rig, etags[i], 0, 7000, OTTER_ERROR_CLOSED);
        pull_rig_pull(&rig, OTTER_PULL_SKETCH, FOREVER);
        pull_rig_expect(&rig, OTTER_PULL_FAILED, 6);
        assert_int_equal(rig.network->connections, 1);
        pull_rig_close(&rig);
    }
}

static void another_file_starts_over(void **state)
{
    struct pull_rig rig;
    uint8_t other[PULL_RIG_SIZE];
    (void)state;
    memset(other, 0xE9, sizeof(other));
    pull_rig_open(&rig, NULL);
    pull_rig_answer(&rig, "HTTP/1.1 200 OK\nContent-Length: 20000\nETag: \"other\"\n", rig.image, 9000, LOST);
    pull_rig_serve(&rig, ETAG, 0, PULL_RIG_SIZE, 0);
    pull_rig_pull(&rig, OTTER_PULL_SKETCH, FOREVER);
    pull_rig_expect_update(&rig);
    pull_rig_close(&rig);
}

/* Each of them is asked for the whole file then. */
static void a_part_that_was_not_asked_for_is_not_taken(void **state)
{
    static const char *const heads[] = {
        "HTTP/1.1 206 x\nContent-Range: bytes 7001-19999/20000\nContent-Length: 12999\nETag: " ETAG "\n",
        "HTTP/1.1 206 x\nContent-Range: bytes 7000-19998/20000\nContent-Length: 12999\nETag: " ETAG "\n",
        "HTTP/1.1 206 x\nContent-Range: bytes 7000-19999/20001\nContent-Length: 13000\nETag: " ETAG "\n",
        "HTTP/1.1 206 x\nContent-Range: bytes 7000-19999/20000\nContent-Length: 12999\nETag: " ETAG "\n",
        "HTTP/1.1 206 x\nContent-Range: bytes 7000-19999/20000\nContent-Length: 13000\nETag: \"other\"\n",
        "HTTP/1.1 206 x\nContent-Range: bytes 7000-19999/20000\nContent-Length: 13000\nETag: W/" ETAG "\n",
        "HTTP/1.1 206 x\nContent-Length: 13000\nETag: " ETAG "\n",
        "HTTP/1.1 416 x\nContent-Range: bytes */100\n",
    };
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(heads); i++) {
        struct pull_rig rig;
        printf("%.70s\n", heads[i]);
        pull_rig_open(&rig, NULL);
        pull_rig_serve(&rig, ETAG, 0, 7000, LOST);
        pull_rig_answer(&rig, heads[i], rig.image + 7000, 12999, 0);
        pull_rig_serve(&rig, ETAG, 0, PULL_RIG_SIZE, 0);
        pull_rig_pull(&rig, OTTER_PULL_SKETCH, FOREVER);
        pull_rig_expect_update(&rig);
        assert_null(strstr(rig.request, "Range"));
        assert_int_equal(rig.network->connections, 3);
        pull_rig_close(&rig);
    }
}

static void goes_on_when_the_server_comes_back(void **state)
{
    struct pull_rig rig;
    (void)state;
    pull_rig_open(&rig, NULL);
    pull_rig_serve(&rig, ETAG, 0, 7000, LOST);
    pull_rig_answer(&rig, "HTTP/1.1 503 x\n", NULL, 0, LOST);
    pull_rig_answer(&rig, "", NULL, 0, LOST)->head[0] = '\0';
    pull_rig_serve(&rig, ETAG, 7000, PULL_RIG_SIZE - 7000, 0);
    pull_rig_pull(&rig, OTTER_PULL_SKETCH, FOREVER);
    pull_rig_expect_update(&rig);
    assert_int_equal(rig.network->connections, 4);
    pull_rig_close(&rig);
}

static void gives_up_in_the_end(void **state)
{
    struct pull_rig rig;
    (void)state;
    pull_rig_open(&rig, NULL);
    pull_rig_serve(&rig, ETAG, 0, 7000, LOST);
    assert_int_equal(otter_pull_start(&rig.pull, PULL_RIG_URL, OTTER_PULL_SKETCH), OTTER_OK);
    pull_rig_run(&rig, 400);
    rig.network->connect = TRANSPORT;
    pull_rig_run(&rig, FOREVER);
    pull_rig_expect(&rig, OTTER_PULL_FAILED, 6);
    assert_int_equal(rig.network->connections, 6);
    pull_rig_close(&rig);
}

static void progress_renews_patience(void **state)
{
    struct pull_rig rig;
    (void)state;
    pull_rig_open(&rig, NULL);
    pull_rig_serve(&rig, ETAG, 0, 5000, LOST);
    for (size_t start = 5000; start < 15000; start += 5000) {
        for (unsigned i = 0; i < 3; i++)
            pull_rig_answer(&rig, "HTTP/1.1 503 x\nETag: \"sorry\"\n", NULL, 0, LOST);
        pull_rig_serve(&rig, ETAG, start, 5000, LOST);
    }
    pull_rig_serve(&rig, ETAG, 15000, 5000, 0);
    pull_rig_pull(&rig, OTTER_PULL_SKETCH, FOREVER);
    pull_rig_expect_update(&rig);
    pull_rig_close(&rig);
}

/* A server that says little each time is left, too. */
static void crumbs_are_no_progress(void **state)
{
    struct pull_rig rig;
    (void)state;
    pull_rig_open(&rig, NULL);
    rig.etag = ETAG;
    rig.portion = 10;
    pull_rig_pull(&rig, OTTER_PULL_SKETCH, FOREVER);
    pull_rig_expect(&rig, OTTER_PULL_FAILED, 6);
    assert_int_equal(rig.network->connections, 6);
    pull_rig_close(&rig);
}

static void a_stall_is_an_interruption(void **state)
{
    struct pull_rig rig;
    (void)state;
    pull_rig_open(&rig, NULL);
    pull_rig_serve(&rig, ETAG, 0, 7000, 0);
    pull_rig_serve(&rig, ETAG, 7000, PULL_RIG_SIZE - 7000, 0);
    pull_rig_pull(&rig, OTTER_PULL_SKETCH, FOREVER);
    pull_rig_expect_update(&rig);
    pull_rig_close(&rig);
}

/* --- restarts ----------------------------------------------------------------------------------- */

/* Gets BYTES of the body, and loses its RAM. */
static void begin_and_restart(struct pull_rig *rig, size_t bytes)
{
    pull_rig_serve(rig, ETAG, 0, bytes, 0);
    assert_int_equal(otter_pull_start(&rig->pull, PULL_RIG_URL, OTTER_PULL_SKETCH), OTTER_OK);
    pull_rig_run(rig, 100);
    assert_true(otter_pull_is_busy(&rig->pull));
    pull_rig_restart(rig);
}

static void goes_on_after_a_restart_at_every_byte(void **state)
{
    (void)state;
    for (size_t bytes = 1; bytes < PULL_RIG_SIZE; bytes += 333) {
        struct pull_rig rig;
        pull_rig_open(&rig, NULL);
        begin_and_restart(&rig, bytes);
        rig.etag = ETAG;
        pull_rig_pull(&rig, OTTER_PULL_SKETCH, FOREVER);
        pull_rig_expect_update(&rig);
        assert_int_equal(rig.part_start, bytes / SECTOR * SECTOR);
        assert_int_equal(rig.sent, PULL_RIG_SIZE + bytes % SECTOR);
        pull_rig_close(&rig);
    }
}

static void goes_on_after_several_restarts(void **state)
{
    struct pull_rig rig;
    (void)state;
    pull_rig_open(&rig, NULL);
    rig.etag = ETAG;
    rig.portion = SECTOR + 1;
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(otter_pull_start(&rig.pull, PULL_RIG_URL, OTTER_PULL_SKETCH), OTTER_OK);
        pull_rig_run(&rig, 100);
        assert_int_equal(rig.part_start, i * SECTOR);
        pull_rig_restart(&rig);
    }
    pull_rig_pull(&rig, OTTER_PULL_SKETCH, FOREVER);
    pull_rig_expect_update(&rig);
    assert_int_equal(rig.sent, PULL_RIG_SIZE + 4);
    pull_rig_close(&rig);
}

/* A file whose size is a whole number of sectors has something left to ask for. */
static void the_last_sector_is_always_fetched(void **state)
{
    struct pull_rig rig;
    uint8_t filesystem[3 * SECTOR] = {1, 2, 3};
    (void)state;
    pull_rig_open(&rig, NULL);
    const struct otter_port *port = &rig.device.sim.port;
    pull_rig_answer(&rig, "HTTP/1.1 200 OK\nContent-Length: 12288\nETag: " ETAG "\n", filesystem,
                    sizeof(filesystem), 0);
    pull_rig_pull(&rig, OTTER_PULL_FILESYSTEM, FOREVER);
    pull_rig_restart(&rig);
    pull_rig_answer(
        &rig, "HTTP/1.1 206 x\nContent-Range: bytes 8192-12287/12288\nContent-Length: 4096\nETag: " ETAG "\n",
        filesystem + 8192, 4096, 0);
    pull_rig_pull(&rig, OTTER_PULL_FILESYSTEM, FOREVER);
    pull_rig_expect(&rig, OTTER_PULL_OK, 0);
    assert_true(asked_for(&rig, 2 * SECTOR));
    assert_true(
        updater_rig_holds(&rig.device, port->layout->filesystem_start, filesystem, sizeof(filesystem)));
    pull_rig_close(&rig);
}

static void the_flash_mode_is_no_obstacle(void **state)
{
    struct pull_rig rig;
    (void)state;
    pull_rig_open(&rig, NULL);
    rig.device.sim.port.flash.mode = OTTER_FLASH_QIO;
    begin_and_restart(&rig, 10000);
    rig.etag = ETAG;
    pull_rig_pull(&rig, OTTER_PULL_SKETCH, FOREVER);
    pull_rig_expect(&rig, OTTER_PULL_OK, 0);
    assert_int_equal(rig.part_start, 2 * SECTOR);
    pull_rig_close(&rig);
}

/* What is there is not trusted unread. */
static void damage_is_noticed_before_anything_is_asked_for(void **state)
{
    (void)state;
    for (uint32_t sector = 0; sector < 4; sector++) {
        struct pull_rig rig;
        pull_rig_open(&rig, NULL);
        begin_and_restart(&rig, 4 * SECTOR + 5);
        const uint32_t start = rig.device.sim.port.layout->filesystem_start - 5 * SECTOR;
        rig.device.sim.flash.bytes[start + sector * SECTOR + 99] ^= 4;
        rig.etag = ETAG;
        pull_rig_pull(&rig, OTTER_PULL_SKETCH, FOREVER);
        pull_rig_expect_update(&rig);
        assert_int_equal(rig.part_start, sector * SECTOR);
        pull_rig_close(&rig);
    }
}

static void another_url_starts_from_the_beginning(void **state)
{
    struct pull_rig rig;
    (void)state;
    pull_rig_open(&rig, NULL);
    begin_and_restart(&rig, 10000);
    rig.etag = ETAG;
    assert_int_equal(otter_pull_start(&rig.pull, PULL_RIG_URL "2", OTTER_PULL_SKETCH), OTTER_OK);
    pull_rig_run(&rig, FOREVER);
    pull_rig_expect_update(&rig);
    assert_null(strstr(rig.request, "Range"));
    pull_rig_close(&rig);
}

/* Power may fail before the bootloader has copied it. */
static void what_is_complete_need_not_come_again(void **state)
{
    const struct otter_pull_settings settings = {.stay = true};
    struct pull_rig rig;
    (void)state;
    pull_rig_open(&rig, &settings);
    rig.etag = ETAG;
    pull_rig_pull(&rig, OTTER_PULL_SKETCH, FOREVER);
    pull_rig_restart(&rig);
    pull_rig_pull(&rig, OTTER_PULL_SKETCH, FOREVER);
    pull_rig_expect(&rig, OTTER_PULL_OK, 0);
    assert_int_equal(rig.part_start, 4 * SECTOR);
    pull_rig_close(&rig);
}

static void what_was_wrong_is_not_taken_up(void **state)
{
    struct pull_rig rig;
    (void)state;
    pull_rig_open(&rig, NULL);
    pull_rig_answer(&rig,
                    "HTTP/1.1 200 OK\nContent-Length: 20000\nETag: " ETAG
                    "\nx-MD5: 00000000000000000000000000000000\n",
                    rig.image, PULL_RIG_SIZE, 0);
    pull_rig_pull(&rig, OTTER_PULL_SKETCH, FOREVER);
    pull_rig_expect(&rig, OTTER_PULL_FAILED, 7);
    rig.etag = ETAG;
    pull_rig_pull(&rig, OTTER_PULL_SKETCH, FOREVER);
    pull_rig_expect_update(&rig);
    assert_int_equal(rig.part_start, 0);
    pull_rig_close(&rig);
}

static void a_server_that_has_nothing_new_keeps_the_part(void **state)
{
    struct pull_rig rig;
    (void)state;
    pull_rig_open(&rig, NULL);
    begin_and_restart(&rig, 10000);
    pull_rig_answer(&rig, "HTTP/1.1 304 x\n", NULL, 0, 0);
    pull_rig_pull(&rig, OTTER_PULL_SKETCH, FOREVER);
    pull_rig_expect(&rig, OTTER_PULL_NO_UPDATES, 0);
    rig.etag = ETAG;
    pull_rig_pull(&rig, OTTER_PULL_SKETCH, FOREVER);
    pull_rig_expect_update(&rig);
    assert_int_equal(rig.part_start, 2 * SECTOR);
    pull_rig_close(&rig);
}

/* --- power cuts --------------------------------------------------------------------------------- */

static bool pull_until_cut(struct pull_rig *rig, enum otter_pull_kind kind)
{
    if (setjmp(power_lost) != 0)
        return false;
    pull_rig_pull(rig, kind, FOREVER);
    return true;
}

/* False once OPERATION lies behind the last one. */
static bool survives_cut(uint64_t operation, enum otter_sim_cut cut, enum otter_pull_kind kind)
{
    struct pull_rig rig;
    pull_rig_open(&rig, NULL);
    rig.etag = ETAG;
    rig.device.sim.flash.power_cut = power_cut;
    rig.device.sim.flash.seed = operation;
    rig.device.sim.flash.cut_at = operation;
    rig.device.sim.flash.cut = cut;
    const bool cut_happened = !pull_until_cut(&rig, kind);
    if (cut_happened) {
        assert_int_equal(rig.ends, 0);
        assert_true(updater_rig_holds(&rig.device, 0, rig.device.before, UPDATER_RIG_SKETCH));
        rig.device.sim.flash.cut_at = 0;
        otter_sim_rtc_power_on(&rig.device.sim.rtc, operation);
        pull_rig_restart(&rig);
        const uint64_t got = rig.sent;
        assert_true(pull_until_cut(&rig, kind));
        REQUIRE(got <= rig.part_start + 2 * SECTOR,
                "operation %llu, cut %d: %llu bytes had come, went on at %u", (unsigned long long)operation,
                (int)cut, (unsigned long long)got, (unsigned)rig.part_start);
    }
    pull_rig_expect(&rig, OTTER_PULL_OK, 0);
    assert_true(updater_rig_holds(&rig.device, rig.device.updater.start, rig.image, PULL_RIG_SIZE));
    pull_rig_close(&rig);
    return cut_happened;
}

static void cut_everywhere(enum otter_pull_kind kind)
{
    for (int cut = 0; cut < OTTER_SIM_CUT_COUNT; cut++) {
        uint64_t operation = 1;
        while (survives_cut(operation, (enum otter_sim_cut)cut, kind))
            operation++;
        assert_true(operation > PULL_RIG_SIZE / OTTER_FLASH_PAGE);
    }
}

static void a_sketch_survives_every_cut(void **state)
{
    (void)state;
    cut_everywhere(OTTER_PULL_SKETCH);
}

static void a_filesystem_survives_every_cut(void **state)
{
    (void)state;
    cut_everywhere(OTTER_PULL_FILESYSTEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_on_after_every_loss),
        cmocka_unit_test(asks_for_the_rest_in_the_recorded_form),
        cmocka_unit_test(without_a_strong_etag_it_ends),
        cmocka_unit_test(another_file_starts_over),
        cmocka_unit_test(a_part_that_was_not_asked_for_is_not_taken),
        cmocka_unit_test(goes_on_when_the_server_comes_back),
        cmocka_unit_test(gives_up_in_the_end),
        cmocka_unit_test(progress_renews_patience),
        cmocka_unit_test(crumbs_are_no_progress),
        cmocka_unit_test(a_stall_is_an_interruption),
        cmocka_unit_test(goes_on_after_a_restart_at_every_byte),
        cmocka_unit_test(goes_on_after_several_restarts),
        cmocka_unit_test(the_last_sector_is_always_fetched),
        cmocka_unit_test(the_flash_mode_is_no_obstacle),
        cmocka_unit_test(damage_is_noticed_before_anything_is_asked_for),
        cmocka_unit_test(another_url_starts_from_the_beginning),
        cmocka_unit_test(what_is_complete_need_not_come_again),
        cmocka_unit_test(what_was_wrong_is_not_taken_up),
        cmocka_unit_test(a_server_that_has_nothing_new_keeps_the_part),
        cmocka_unit_test(a_sketch_survives_every_cut),
        cmocka_unit_test(a_filesystem_survives_every_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
