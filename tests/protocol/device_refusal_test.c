/* A device and images that it must not take: taken in as old uploaders need it, refused, and not installed.
 */
#include <stdio.h>
#include <string.h>

#include "tests/support/pair.h"
#include "tests/support/require.h"
#include "tests/support/socket.h"
#include "tests/support/test.h"

enum { SIZE = PAIR_IMAGE_SIZE, BLOCK = 1460 };

/* Sends IMAGE as espota does: nothing but counts may come before the last byte is sent. Ends with TEXT. */
static void expect_error(struct pair *pair, const uint8_t *image, const char *text)
{
    struct uploader_peer *uploader = &pair->uploader;
    uploader_agree(uploader, UPLOADER_SKETCH, image, SIZE, DIGEST_ERA_MD5, NULL);
    uploader_accept(uploader);
    assert_true(uploader_send_blocks(uploader, image, SIZE, BLOCK));
    assert_true(uploader_hears_end(uploader, UPLOADER_WAIT_MS));
    REQUIRE(strstr(uploader->heard, text), "\"%s\" instead of \"%s\"", uploader->heard, text);
    assert_null(strstr(uploader->heard, "OK"));
    uploader_hang_up(uploader);
}

static void refuses_each_wrong_header_byte(void **state)
{
    static const struct {
        size_t offset;
        uint8_t value;
        const char *text;
    } cases[] = {
        {0, 0x00, "ERROR[10]: Magic byte is not 0xE9\n"},
        {0, 0xEA, "ERROR[10]: Magic byte is not 0xE9\n"},
        {0, 0xFF, "ERROR[10]: Magic byte is not 0xE9\n"},
        {0, 0x1F, "ERROR[10]: "}, /* half a gzip's magic */
        {1, 0, "ERROR[17]: "},    /* no segment */
        {1, 17, "ERROR[17]: "},
        {2, 4, "ERROR[17]: "}, /* no such flash mode */
        {2, 0xFF, "ERROR[17]: "},
        {3, 0x50, "ERROR[17]: "}, /* no such flash size */
        {3, 0x90, "ERROR[9]: new Flash config wrong, real size: 4194304\n"},
        {3, 0x23, "ERROR[17]: "},  /* no such frequency */
        {15, 0xFF, "ERROR[17]: "}, /* a segment beyond the end of the file */
    };
    struct pair *pair = *state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        uint8_t image[SIZE];
        memcpy(image, pair->image, SIZE);
        image[cases[i].offset] = cases[i].value;
        printf("byte %zu = 0x%02X\n", cases[i].offset, cases[i].value);
        expect_error(pair, image, cases[i].text);
        assert_int_equal(virtual_device_flash_operations(&pair->device), 0);
    }
    pair_push(pair, NULL);
}

static void refuses_damaged_contents(void **state)
{
    struct pair *pair = *state;
    pair->image[1000] ^= 1;
    expect_error(pair, pair->image, "ERROR[18]: ");
    pair->image[1000] ^= 1;
    pair_push(pair, NULL);
}

static void refuses_another_md5(void **state)
{
    struct pair *pair = *state;
    struct uploader_peer *uploader = &pair->uploader;
    char text[128], md5[33];
    digest_md5(md5, pair->image, SIZE);
    snprintf(text, sizeof(text), "0 %u %d %032d\n", socket_port(uploader->listener), SIZE, 0);
    uploader_say(uploader, text);
    assert_true(uploader_hears(uploader, UPLOADER_WAIT_MS));
    uploader_accept(uploader);
    assert_true(uploader_send_blocks(uploader, pair->image, SIZE, BLOCK));
    assert_true(uploader_hears_end(uploader, UPLOADER_WAIT_MS));
    snprintf(text, sizeof(text), "ERROR[7]: MD5 verification failed: expected: %032d, calculated: %s\n", 0,
             md5);
    assert_non_null(strstr(uploader->heard, text));
    uploader_hang_up(uploader);
    pair_push(pair, NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, pair_setup_free, pair_teardown)
    const struct CMUnitTest tests[] = {
        TEST(refuses_each_wrong_header_byte),
        TEST(refuses_damaged_contents),
        TEST(refuses_another_md5),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
