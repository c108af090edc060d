#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/crypto.h"
#include "format/bytes.h"
#include "format/firmware.h"
#include "format/image.h"
#include "format/text.h"
#include "server/core/release_examine.h"
#include "tests/support/file.h"
#include "tests/support/sample.h"
#include "tests/support/seed.h"

#define SIZE 20000u
#define ROOM (SIZE + 1024)

static const struct otter_product esp8266 = {.name = "garden"};
static const struct otter_product esp32 = {.name = "garden", .chip = OTTER_CHIP_ESP32};

static struct otter_reason reason;

static bool examine(struct otter_release *release, const struct otter_product *product, const void *bytes,
                    size_t size)
{
    memset(release, 0, sizeof(*release));
    strcpy(release->version, "1.0");
    return otter_release_examine(release, product, bytes, size, &reason);
}

static void expect_refusal(const struct otter_product *product, const void *bytes, size_t size,
                           const char *text)
{
    struct otter_release release;
    assert_false(examine(&release, product, bytes, size));
    if (strstr(reason.text, text) == NULL)
        fail_msg("\"%s\" should say \"%s\"", reason.text, text);
}

static void md5_hex(char out[33], const void *bytes, size_t size)
{
    uint8_t digest[OTTER_MD5_SIZE];
    struct otter_md5 md5;
    otter_md5_init(&md5);
    otter_md5_update(&md5, bytes, size);
    otter_md5_final(&md5, digest);
    otter_hex_encode(out, digest, sizeof(digest));
}

static void expect_md5(const uint8_t digest[OTTER_DIGEST_MD5], const void *bytes, size_t size)
{
    char expected[33], found[33];
    md5_hex(expected, bytes, size);
    otter_hex_encode(found, digest, OTTER_DIGEST_MD5);
    assert_string_equal(found, expected);
}

/* What a device reports that has each of the modes. */
static void expect_modes(const struct otter_release *release, uint8_t *image, size_t size)
{
    uint8_t own = image[2];
    for (uint8_t mode = 0; mode < OTTER_FLASH_MODES; mode++) {
        image[2] = mode;
        expect_md5(release->flash_md5[mode], image, size);
    }
    image[2] = own;
}

/* --- ESP8266 ------------------------------------------------------------------------------------ */

static void a_sketch_is_described(void **state)
{
    (void)state;
    static uint8_t image[SIZE];
    struct otter_release release;
    sample_firmware(image, SIZE, 1, 2, 0);
    assert_true(examine(&release, &esp8266, image, SIZE));
    assert_int_equal(release.size, SIZE);
    assert_int_equal(release.image_size, SIZE);
    assert_int_equal(release.sketch_size, SIZE);
    assert_int_equal(release.flash_size, 1 << 20);
    assert_int_equal(release.flash_mode, OTTER_FLASH_DIO);
    assert_false(release.compressed || release.is_signed);
    expect_md5(release.md5, image, SIZE);
    expect_md5(release.image_md5, image, SIZE);
    expect_modes(&release, image, SIZE);
}

static void a_gzip_is_described_by_what_is_in_it(void **state)
{
    (void)state;
    static uint8_t image[SIZE];
    struct otter_release release;
    sample_firmware(image, SIZE, 1, 2, 0);
    struct file gzip = file_gzip(image, SIZE);
    assert_true(examine(&release, &esp8266, gzip.bytes, gzip.size));
    assert_true(release.compressed);
    assert_int_equal(release.size, gzip.size);
    assert_int_equal(release.image_size, SIZE);
    expect_md5(release.md5, gzip.bytes, gzip.size);
    expect_md5(release.image_md5, image, SIZE);
    expect_modes(&release, image, SIZE);
    expect_refusal(&esp8266, gzip.bytes, gzip.size - 1, "gzip");
    gzip.bytes[gzip.size / 2] ^= 1;
    expect_refusal(&esp8266, gzip.bytes, gzip.size, "");
    free(gzip.bytes);
}

static void a_signature_is_not_part_of_the_image(void **state)
{
    (void)state;
    static uint8_t image[ROOM];
    struct otter_release release;
    uint64_t seed = 3;
    sample_firmware(image, SIZE, 1, 2, 0);
    seed_fill(&seed, image + SIZE, 256);
    otter_le32_put(image + SIZE + 256, 256);
    assert_true(examine(&release, &esp8266, image, SIZE + 260));
    assert_true(release.is_signed);
    assert_int_equal(release.size, SIZE + 260);
    assert_int_equal(release.image_size, SIZE);
    expect_modes(&release, image, SIZE);
    otter_le32_put(image + SIZE + 256, 255);
    expect_refusal(&esp8266, image, SIZE + 260, "too many");
}

static void what_is_no_image_is_refused_with_the_reason(void **state)
{
    (void)state;
    static uint8_t image[ROOM];
    sample_firmware(image, SIZE, 1, 2, 0);
    expect_refusal(&esp8266, image, 0, "empty");
    expect_refusal(&esp8266, image, SIZE - 1, "cut");
    expect_refusal(&esp8266, image, SIZE + 16, "16 bytes too many");
    image[5000] ^= 1;
    expect_refusal(&esp8266, image, SIZE, "damaged");
    expect_refusal(&esp8266, "PK\x03\x04 and more", 12, "a ZIP archive");
    expect_refusal(&esp8266, "<html>", 6, "a web page");
    expect_refusal(&esp8266, "hello", 5, "0xE9");
}

static void an_image_for_more_flash_than_there_is_is_refused(void **state)
{
    (void)state;
    static uint8_t image[SIZE];
    struct otter_product small = {.flash_size = 512 << 10};
    sample_firmware(image, SIZE, 1, 2, 0);
    expect_refusal(&small, image, SIZE, "1024 KiB of flash, the product's boards have 512");
}

static void the_firmware_record_must_agree(void **state)
{
    (void)state;
    static uint8_t image[SIZE];
    struct otter_release release = {.kind = OTTER_RELEASE_SKETCH};
    struct otter_product named = {.firmware = "garden"};
    sample_firmware(image, SIZE, 1, 2, 0);
    expect_refusal(&named, image, SIZE, "no firmware record");
    assert_false(otter_release_examine(&release, &esp8266, image, SIZE, &reason));
    assert_non_null(strstr(reason.text, "say which one"));
    static const uint8_t record[OTTER_FIRMWARE_SIZE] =
        OTTER_FIRMWARE_MAGIC "garden\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                             "1.7";
    memcpy(image + 0x2000, record, sizeof(record));
    assert_int_equal(otter_image_seal(image, SIZE), OTTER_OK);
    assert_true(otter_release_examine(&release, &named, image, SIZE, &reason));
    assert_string_equal(release.version, "1.7");
    assert_string_equal(release.firmware, "garden");
    expect_refusal(&esp8266, image, SIZE, "says version 1.7, not 1.0");
    strcpy(named.firmware, "lamp");
    expect_refusal(&named, image, SIZE, "\"garden\", the product's is \"lamp\"");
}

static void real_images_are_taken(void **state)
{
    (void)state;
    static const struct {
        const char *path, *md5;
        uint32_t flash_size;
    } images[] = {
        {OTTER_FIRMWARE_DIR "/tasmota-8.1.0.1.bin", "dbe314a59777eb320d533a95fbfd3431", 1 << 20},
        {OTTER_FIRMWARE_DIR "/tasmota-8.1.0.2.bin", "97ea151b79c7f0547ee0231b4d11bb2e", 1 << 20},
        {OTTER_FIRMWARE_DIR "/micropython-1.9.4.bin", "5f9db3f9b1708c9f7b72cb8cade3884c", 512 << 10},
        {OTTER_FIRMWARE_DIR "/micropython-1.10.bin", "35693d2e9d89d8558f2b572fb401c696", 512 << 10},
    };
    if (!file_exists(images[0].path)) {
        print_message("no real images in " OTTER_FIRMWARE_DIR "\n");
        skip();
    }
    for (size_t i = 0; i < TEST_COUNT(images); i++) {
        struct otter_release release;
        struct file image = file_read(images[i].path);
        char md5[33];
        if (!examine(&release, &esp8266, image.bytes, image.size))
            fail_msg("%s: %s", images[i].path, reason.text);
        otter_hex_encode(md5, release.md5, sizeof(release.md5));
        assert_string_equal(md5, images[i].md5);
        assert_int_equal(release.size, image.size);
        assert_true(release.flash_size >= images[i].flash_size);
        expect_modes(&release, image.bytes, release.sketch_size);
        expect_refusal(&esp32, image.bytes, image.size, "ESP32");
        free(image.bytes);
    }
}

/* --- ESP32 -------------------------------------------------------------------------------------- */

/* One segment of 1000 bytes for a 4 MiB chip; its digest behind it. */
static uint32_t make_esp32(uint8_t image[2048], bool digest)
{
    const uint8_t header[24] = {0xE9, 1, 2, 0x20, [8] = 0xEE, [23] = digest};
    uint64_t seed = 5;
    uint8_t checksum = 0xEF;
    memset(image, 0, 2048);
    memcpy(image, header, sizeof(header));
    otter_le32_put(image + 24, 0x3F400020);
    otter_le32_put(image + 28, 1000);
    seed_fill(&seed, image + 32, 1000);
    for (size_t i = 0; i < 1000; i++)
        checksum ^= image[32 + i];
    image[1039] = checksum;
    if (!digest)
        return 1040;
    struct otter_sha256 sha256;
    otter_sha256_init(&sha256);
    otter_sha256_update(&sha256, image, 1040);
    otter_sha256_final(&sha256, image + 1040);
    return 1072;
}

static void an_esp32_image_is_described(void **state)
{
    (void)state;
    uint8_t image[2048];
    struct otter_release release;
    for (int digest = 0; digest < 2; digest++) {
        uint32_t size = make_esp32(image, digest == 1);
        assert_true(examine(&release, &esp32, image, size));
        assert_int_equal(release.sketch_size, size);
        assert_int_equal(release.flash_size, 4 << 20);
        if (digest == 1)
            assert_memory_equal(release.flash_sha256, image + 1040, OTTER_DIGEST_SHA256);
        expect_md5(release.flash_md5[0], image, size);
        expect_refusal(&esp8266, image, size, "an ESP32 image");
    }
}

static void a_bad_esp32_image_is_refused(void **state)
{
    (void)state;
    uint8_t image[2048];
    uint32_t size = make_esp32(image, true);
    for (uint32_t cut = 1; cut < size; cut++)
        expect_refusal(&esp32, image, cut, "");
    image[100] ^= 1;
    expect_refusal(&esp32, image, size, "checksum");
    image[1039] ^= 1;
    expect_refusal(&esp32, image, size, "digest");
    make_esp32(image, true);
    otter_le32_put(image + 28, 0xFFFFFFF0);
    expect_refusal(&esp32, image, size, "inside of a segment");
    struct file gzip = file_gzip(image, size);
    expect_refusal(&esp32, gzip.bytes, gzip.size, "no gzip");
    free(gzip.bytes);
}

/* --- filesystems, and what was released --------------------------------------------------------- */

static void a_filesystem_is_whole_sectors_of_something_else(void **state)
{
    (void)state;
    static uint8_t bytes[SIZE];
    struct otter_release release = {.kind = OTTER_RELEASE_FILESYSTEM, .version = "fs1"};
    memset(bytes, 0xFF, sizeof(bytes));
    assert_true(otter_release_examine(&release, &esp8266, bytes, 8192, &reason));
    assert_int_equal(release.image_size, 8192);
    assert_string_equal(release.version, "fs1");
    assert_false(otter_release_examine(&release, &esp8266, bytes, 8191, &reason));
    sample_firmware(bytes, 16384, 1, 2, 0);
    assert_false(otter_release_examine(&release, &esp8266, bytes, 16384, &reason));
    assert_non_null(strstr(reason.text, "a sketch"));
}

static void what_was_released_does_not_change(void **state)
{
    (void)state;
    struct otter_release draft = {.version = "1.0", .size = 1}, other = draft;
    struct otter_release published = draft;
    published.state = OTTER_RELEASE_PUBLISHED;
    strcpy(other.version, "2.0");
    assert_true(otter_release_may_become(&draft, &other, &reason));
    assert_true(otter_release_may_become(&draft, &published, &reason));
    struct otter_release after = published;
    after.state = OTTER_RELEASE_WITHDRAWN;
    strcpy(after.notes, "bad");
    assert_true(otter_release_may_become(&published, &after, &reason));
    after = published;
    after.sha256[3] = 1;
    assert_false(otter_release_may_become(&published, &after, &reason));
    assert_non_null(strstr(reason.text, "1.0"));
    after = published;
    strcpy(after.version, "1.1");
    assert_false(otter_release_may_become(&published, &after, &reason));
    assert_false(otter_release_may_become(&published, &draft, &reason));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sketch_is_described),
        cmocka_unit_test(a_gzip_is_described_by_what_is_in_it),
        cmocka_unit_test(a_signature_is_not_part_of_the_image),
        cmocka_unit_test(what_is_no_image_is_refused_with_the_reason),
        cmocka_unit_test(an_image_for_more_flash_than_there_is_is_refused),
        cmocka_unit_test(the_firmware_record_must_agree),
        cmocka_unit_test(real_images_are_taken),
        cmocka_unit_test(an_esp32_image_is_described),
        cmocka_unit_test(a_bad_esp32_image_is_refused),
        cmocka_unit_test(a_filesystem_is_whole_sectors_of_something_else),
        cmocka_unit_test(what_was_released_does_not_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
