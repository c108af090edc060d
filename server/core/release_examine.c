#include "server/core/release_examine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ZLIB_CONST /* input is const */
#include <zlib.h>

#include "crypto/crypto.h"
#include "format/firmware.h"
#include "format/image.h"
#include "format/image_kind.h"
#include "format/layout.h"
#include "server/core/esp32_image.h"

#define IMAGE_MAX   (16u << 20) /* bytes of flash, at most */
#define WINDOW_GZIP (15 + 16)   /* zlib's way to say: 32 KiB window, gzip wrapping */

_Static_assert(OTTER_DIGEST_MD5 == OTTER_MD5_SIZE && OTTER_DIGEST_SHA256 == OTTER_SHA256_SIZE, "digests");

/* A file under examination. */
struct examined {
    struct otter_release *release;
    const struct otter_product *product;
    struct otter_reason *reason;
    const uint8_t *image; /* inflated */
    uint32_t size;        /* of it; with its signature, if it may have one */
    uint8_t *inflated;    /* on the heap, or NULL */
    uint32_t behind;      /* bytes behind the end of a gzip */
};

static void md5_of(uint8_t out[OTTER_MD5_SIZE], const void *bytes, size_t size)
{
    struct otter_md5 md5;
    otter_md5_init(&md5);
    otter_md5_update(&md5, bytes, size);
    otter_md5_final(&md5, out);
}

static void sha256_of(uint8_t out[OTTER_SHA256_SIZE], const void *bytes, size_t size)
{
    struct otter_sha256 sha256;
    otter_sha256_init(&sha256);
    otter_sha256_update(&sha256, bytes, size);
    otter_sha256_final(&sha256, out);
}

/* --- gzip --------------------------------------------------------------------------------------- */

static bool inflate_all(struct examined *examined, const uint8_t *bytes, uint32_t size)
{
    z_stream stream = {.next_in = bytes, .avail_in = size};
    examined->inflated = malloc(IMAGE_MAX);
    if (examined->inflated == NULL || inflateInit2(&stream, WINDOW_GZIP) != Z_OK)
        return false;
    stream.next_out = examined->inflated;
    stream.avail_out = IMAGE_MAX;
    int outcome = inflate(&stream, Z_FINISH);
    examined->image = examined->inflated;
    examined->size = (uint32_t)stream.total_out;
    examined->behind = stream.avail_in;
    inflateEnd(&stream);
    return outcome == Z_STREAM_END;
}

/* Finds the image in the file: inflates it, and looks for a signature behind it. */
static bool unwrap(struct examined *examined, const uint8_t *bytes, uint32_t size)
{
    struct otter_release *release = examined->release;
    release->compressed = size >= 2 && bytes[0] == OTTER_GZIP_MAGIC_0 && bytes[1] == OTTER_GZIP_MAGIC_1;
    if (!release->compressed) {
        examined->image = bytes;
        examined->size = size;
        return true;
    }
    if (!inflate_all(examined, bytes, size)) {
        otter_reason_set(examined->reason, "a damaged or cut gzip, or one of more than 16 MiB");
        return false;
    }
    release->is_signed = examined->behind > 0 && otter_image_signature(bytes, size) == examined->behind;
    if (examined->behind > 0 && !release->is_signed) {
        otter_reason_set(examined->reason, "%u bytes too many behind the gzip's end", examined->behind);
        return false;
    }
    return true;
}

/* --- a sketch for the ESP8266 ------------------------------------------------------------------- */

static int parse(struct otter_image_parser *parser, const uint8_t *bytes, uint32_t size)
{
    otter_image_parser_init(parser, size, NULL, NULL);
    int error = otter_image_parser_feed(parser, bytes, size);
    return error == OTTER_OK ? otter_image_parser_end(parser) : error;
}

/* The part that runs. */
static const struct otter_image_part *main_part(const struct otter_image_parser *parser)
{
    return &parser->parts[parser->form == OTTER_IMAGE_FORM_ARDUINO ? 1 : 0];
}

/* A signature is only taken for one where the image ends right before it. */
static int parse_signed(struct examined *examined, struct otter_image_parser *parser)
{
    uint32_t signature =
        examined->release->compressed ? 0 : otter_image_signature(examined->image, examined->size);
    int error = parse(parser, examined->image, examined->size - signature);
    if (signature == 0)
        return error;
    if (error == OTTER_OK && main_part(parser)->end == examined->size - signature) {
        examined->release->is_signed = true;
        examined->size -= signature;
        return OTTER_OK;
    }
    return parse(parser, examined->image, examined->size);
}

static bool refuse_image(struct examined *examined, int error)
{
    const char *looks_like = otter_image_looks_like(examined->image, examined->size);
    if (otter_image_is_esp32(examined->image, examined->size))
        otter_reason_set(examined->reason, "an ESP32 image, but the product is for the ESP8266");
    else if (looks_like != NULL)
        otter_reason_set(examined->reason, "not an ESP8266 image, but %s", looks_like);
    else if (error == OTTER_ERROR_MAGIC_BYTE)
        otter_reason_set(examined->reason, "not an ESP8266 image: it does not begin with 0xE9");
    else if (error == OTTER_ERROR_CHECKSUM)
        otter_reason_set(examined->reason, "damaged: a checksum in it differs from what its content gives");
    else
        otter_reason_set(examined->reason, "cut or damaged: it ends inside of a header or segment");
    return false;
}

/* Only an Arduino-core file says where it ends: what follows a single image is its own business. */
static uint32_t sketch_size(const struct examined *examined, const struct otter_image_parser *parser)
{
    return parser->form == OTTER_IMAGE_FORM_ARDUINO ? parser->parts[1].end : examined->size;
}

/* What lies in flash: the device's own mode in byte 2 (spec/image.md, section 3). */
static void digest_modes(struct otter_release *release, const uint8_t *image)
{
    struct otter_md5 start, md5;
    otter_md5_init(&start);
    otter_md5_update(&start, image, OTTER_IMAGE_MODE_OFFSET);
    for (uint8_t mode = 0; mode < OTTER_FLASH_MODES; mode++) {
        md5 = start;
        otter_md5_update(&md5, &mode, 1);
        otter_md5_update(&md5, image + OTTER_IMAGE_MODE_OFFSET + 1,
                         release->sketch_size - OTTER_IMAGE_MODE_OFFSET - 1);
        otter_md5_final(&md5, release->flash_md5[mode]);
    }
}

static bool examine_esp8266(struct examined *examined)
{
    struct otter_release *release = examined->release;
    struct otter_image_parser parser;
    int error = otter_image_is_esp32(examined->image, examined->size) ? OTTER_ERROR_IMAGE
                                                                      : parse_signed(examined, &parser);
    if (error != OTTER_OK)
        return refuse_image(examined, error);
    release->sketch_size = sketch_size(examined, &parser);
    if (release->sketch_size != examined->size) {
        otter_reason_set(examined->reason, "%u bytes too many behind the image's end",
                         examined->size - release->sketch_size);
        return false;
    }
    /* Devices look at the first header. */
    release->flash_size = otter_image_flash_bytes(parser.parts[0].header.flash_size);
    release->flash_mode = parser.parts[0].header.flash_mode;
    digest_modes(release, examined->image);
    return true;
}

/* --- a sketch for the ESP32 --------------------------------------------------------------------- */

static bool examine_esp32(struct examined *examined)
{
    struct otter_release *release = examined->release;
    struct otter_esp32_image image;
    if (release->compressed) {
        otter_reason_set(examined->reason, "an ESP32 takes no gzip");
        return false;
    }
    if (!otter_esp32_image_decode(&image, examined->image, examined->size, examined->reason))
        return false;
    release->sketch_size = image.size;
    release->flash_size = image.flash_size;
    release->flash_mode = image.flash_mode;
    memcpy(release->flash_sha256, image.sha256, sizeof(release->flash_sha256));
    for (size_t mode = 0; mode < OTTER_FLASH_MODES; mode++)
        md5_of(release->flash_md5[mode], examined->image, image.size);
    return true;
}

/* --- what any sketch says ----------------------------------------------------------------------- */

static bool check_record(struct examined *examined, const struct otter_firmware *firmware)
{
    struct otter_release *release = examined->release;
    const char *wanted = examined->product->firmware;
    if (wanted[0] != '\0' && strcmp(wanted, firmware->name) != 0) {
        otter_reason_set(examined->reason, "its firmware record calls it \"%s\", the product's is \"%s\"",
                         firmware->name, wanted);
        return false;
    }
    if (release->version[0] != '\0' && strcmp(release->version, firmware->version) != 0) {
        otter_reason_set(examined->reason, "its firmware record says version %s, not %s", firmware->version,
                         release->version);
        return false;
    }
    snprintf(release->version, sizeof(release->version), "%s", firmware->version);
    snprintf(release->firmware, sizeof(release->firmware), "%s", firmware->name);
    return true;
}

static bool check_firmware(struct examined *examined)
{
    struct otter_firmware_finder finder = {0};
    struct otter_firmware firmware;
    otter_firmware_finder_feed(&finder, examined->image, examined->size);
    if (otter_firmware_finder_end(&finder, &firmware))
        return check_record(examined, &firmware);
    if (examined->product->firmware[0] != '\0')
        otter_reason_set(examined->reason,
                         "it has no firmware record, and the product's images have one, \"%s\"",
                         examined->product->firmware);
    return examined->product->firmware[0] == '\0';
}

static bool check_flash(struct examined *examined)
{
    uint32_t needed = examined->release->flash_size, there = examined->product->flash_size;
    if (there == 0 || needed <= there)
        return true;
    otter_reason_set(examined->reason, "its header asks for %u KiB of flash, the product's boards have %u",
                     needed / 1024, there / 1024);
    return false;
}

static bool examine_sketch(struct examined *examined, const uint8_t *bytes, uint32_t size)
{
    if (!unwrap(examined, bytes, size))
        return false;
    bool whole =
        examined->product->chip == OTTER_CHIP_ESP32 ? examine_esp32(examined) : examine_esp8266(examined);
    return whole && check_flash(examined) && check_firmware(examined);
}

/* --- a filesystem ------------------------------------------------------------------------------- */

static bool examine_filesystem(struct examined *examined, const uint8_t *bytes, uint32_t size)
{
    struct otter_image_parser parser;
    const char *looks_like = otter_image_looks_like(bytes, size);
    examined->image = bytes;
    examined->size = size;
    if (parse(&parser, bytes, size) == OTTER_OK)
        looks_like = "a sketch";
    if (size >= 2 && bytes[0] == OTTER_GZIP_MAGIC_0 && bytes[1] == OTTER_GZIP_MAGIC_1)
        looks_like = "a gzip";
    if (looks_like != NULL)
        otter_reason_set(examined->reason, "not a filesystem, but %s", looks_like);
    else if (size % OTTER_FLASH_SECTOR != 0)
        otter_reason_set(examined->reason,
                         "not a filesystem: these are whole sectors of 4096 bytes, it has %u bytes", size);
    return looks_like == NULL && size % OTTER_FLASH_SECTOR == 0;
}

/* --- all ---------------------------------------------------------------------------------------- */

/* What an earlier examination left. */
static void forget(struct otter_release *release)
{
    struct otter_release fresh = {.id = release->id,
                                  .product = release->product,
                                  .kind = release->kind,
                                  .state = release->state,
                                  .gzip_size = release->gzip_size,
                                  .created = release->created,
                                  .published = release->published};
    memcpy(fresh.version, release->version, sizeof(fresh.version));
    memcpy(fresh.notes, release->notes, sizeof(fresh.notes));
    memcpy(fresh.gzip_sha256, release->gzip_sha256, sizeof(fresh.gzip_sha256));
    memcpy(fresh.gzip_md5, release->gzip_md5, sizeof(fresh.gzip_md5));
    *release = fresh;
}

static bool size_is_sound(size_t size, struct otter_reason *reason)
{
    if (size == 0)
        otter_reason_set(reason, "empty");
    else if (size > IMAGE_MAX)
        otter_reason_set(reason, "larger than 16 MiB, which is more than any device has");
    return size > 0 && size <= IMAGE_MAX;
}

bool otter_release_examine(struct otter_release *release, const struct otter_product *product,
                           const void *bytes, size_t size, struct otter_reason *reason)
{
    struct examined examined = {.release = release, .product = product, .reason = reason};
    forget(release);
    if (!size_is_sound(size, reason))
        return false;
    bool good = release->kind == OTTER_RELEASE_SKETCH ? examine_sketch(&examined, bytes, (uint32_t)size)
                                                      : examine_filesystem(&examined, bytes, (uint32_t)size);
    if (good && release->version[0] == '\0') {
        otter_reason_set(reason, "it has no firmware record that names its version: say which one it is");
        good = false;
    }
    if (good) {
        release->size = (uint32_t)size;
        release->image_size = examined.size;
        sha256_of(release->sha256, bytes, size);
        md5_of(release->md5, bytes, size);
        md5_of(release->image_md5, examined.image, examined.size);
    }
    free(examined.inflated);
    return good;
}

static bool is_same_file(const struct otter_release *left, const struct otter_release *right)
{
    return memcmp(left->sha256, right->sha256, sizeof(left->sha256)) == 0 && left->size == right->size &&
           memcmp(left->gzip_sha256, right->gzip_sha256, sizeof(left->gzip_sha256)) == 0 &&
           left->gzip_size == right->gzip_size;
}

bool otter_release_may_become(const struct otter_release *before, const struct otter_release *after,
                              struct otter_reason *reason)
{
    if (before->state == OTTER_RELEASE_DRAFT)
        return true;
    bool same = before->product == after->product && before->kind == after->kind &&
                strcmp(before->version, after->version) == 0 && is_same_file(before, after) &&
                after->state != OTTER_RELEASE_DRAFT;
    if (!same)
        otter_reason_set(reason, "version %s was released: what it is can't be changed; make a new version",
                         before->version);
    return same;
}
