#include "host/inspection.h"

#include <stdio.h>
#include <string.h>

#include "crypto/crypto.h"
#include "format/bootloader.h"
#include "format/bytes.h"
#include "format/image_kind.h"
#include "format/text.h"
#include "host/gzip.h"
#include "host/trial.h"

#define RTC_USER_MEMORY 0x60001200u /* spec/image.md, section 4 */

static void note_segment(void *context, unsigned part, uint32_t offset,
                         const struct otter_image_segment *segment)
{
    struct otter_inspection *inspection = context;
    if (inspection->segment_count == sizeof(inspection->segments) / sizeof(inspection->segments[0]))
        return;
    inspection->segments[inspection->segment_count++] =
        (struct otter_inspected_segment){.part = part, .offset = offset, .segment = *segment};
}

static void parse(struct otter_inspection *inspection, const uint8_t *bytes, uint32_t size)
{
    inspection->image_size = size;
    inspection->segment_count = 0;
    otter_image_parser_init(&inspection->image, size, note_segment, inspection);
    inspection->error = otter_image_parser_feed(&inspection->image, bytes, size);
    if (inspection->error == OTTER_OK)
        inspection->error = otter_image_parser_end(&inspection->image);
}

/* Only an Arduino-core file says where it ends: what follows a single image is its own business. */
static uint32_t bytes_too_many(const struct otter_inspection *inspection)
{
    const struct otter_image_parser *image = &inspection->image;
    return image->form == OTTER_IMAGE_FORM_ARDUINO ? inspection->image_size - image->parts[1].end : 0;
}

static void look_for_surplus(struct otter_inspection *inspection, uint32_t behind_gzip)
{
    if (inspection->error != OTTER_OK)
        return;
    inspection->surplus = behind_gzip + bytes_too_many(inspection);
    if (inspection->surplus > 0)
        inspection->error = OTTER_ERROR_IMAGE;
}

static void look_at_bootloader(struct otter_inspection *inspection, const uint8_t *bytes)
{
    if (inspection->image.form != OTTER_IMAGE_FORM_ARDUINO)
        return;
    inspection->otter_bootloader = otter_bootloader_version(bytes);
    inspection->on_trial = otter_bootloader_confirms(bytes);
    if (inspection->image_size > OTTER_IMAGE_SKETCH)
        inspection->can_confirm =
            otter_trial_is_possible(bytes + OTTER_IMAGE_SKETCH, inspection->image_size - OTTER_IMAGE_SKETCH);
    for (uint32_t i = 0; i < inspection->image.parts[0].end; i += 4)
        inspection->boot_command = inspection->boot_command || otter_le32_get(bytes + i) == RTC_USER_MEMORY;
}

static void find_firmware(struct otter_inspection *inspection, const uint8_t *bytes, size_t size)
{
    struct otter_firmware_finder finder = {0};
    otter_firmware_finder_feed(&finder, bytes, size);
    inspection->has_firmware = otter_firmware_finder_end(&finder, &inspection->firmware);
}

static void inspect_compressed(struct otter_inspection *inspection, const uint8_t *bytes, size_t size)
{
    struct otter_file image;
    size_t used;
    inspection->compressed = true;
    inspection->inflated = otter_gzip_inflate(&image, bytes, size, &used);
    if (!inspection->inflated) {
        inspection->error = OTTER_ERROR_IMAGE;
        return;
    }
    uint32_t signature = otter_image_signature(bytes, size);
    if (used + signature == size)
        inspection->signature_size = signature;
    parse(inspection, image.bytes, (uint32_t)image.size);
    look_for_surplus(inspection, (uint32_t)(size - used) - inspection->signature_size);
    look_at_bootloader(inspection, image.bytes);
    find_firmware(inspection, image.bytes, image.size);
    otter_file_free(&image);
}

/* A signature is only taken for one where the image ends right before it. */
static void inspect_plain(struct otter_inspection *inspection, const uint8_t *bytes, size_t size)
{
    uint32_t signature = otter_image_signature(bytes, size);
    parse(inspection, bytes, (uint32_t)size - signature);
    if (signature > 0 && otter_inspection_main_part(inspection)->end == size - signature)
        inspection->signature_size = signature;
    else if (signature > 0)
        parse(inspection, bytes, (uint32_t)size);
    look_for_surplus(inspection, 0);
    look_at_bootloader(inspection, bytes);
    find_firmware(inspection, bytes, size);
}

void otter_inspect(struct otter_inspection *inspection, const void *bytes, size_t size)
{
    *inspection = (struct otter_inspection){.size = (uint32_t)size,
                                            .esp32 = otter_image_is_esp32(bytes, size),
                                            .looks_like = otter_image_looks_like(bytes, size)};
    struct otter_md5 md5;
    uint8_t digest[OTTER_MD5_SIZE];
    otter_md5_init(&md5);
    otter_md5_update(&md5, bytes, size);
    otter_md5_final(&md5, digest);
    otter_hex_encode(inspection->md5, digest, sizeof(digest));
    if (inspection->esp32)
        inspection->error = OTTER_ERROR_IMAGE;
    else if (otter_gzip_is(bytes, size))
        inspect_compressed(inspection, bytes, size);
    else
        inspect_plain(inspection, bytes, size);
}

const struct otter_image_part *otter_inspection_main_part(const struct otter_inspection *inspection)
{
    return &inspection->image.parts[inspection->image.form == OTTER_IMAGE_FORM_ARDUINO ? 1 : 0];
}

static void checksum_trouble(const struct otter_inspection *inspection, char *out, size_t size)
{
    const struct otter_image_parser *image = &inspection->image;
    for (unsigned i = 0; i < 2; i++) {
        const struct otter_image_part *part = &image->parts[i];
        if (part->whole && part->checksum_stored != part->checksum_computed) {
            snprintf(out, size, "damaged: the checksum at 0x%x is 0x%02x, but the content gives 0x%02x",
                     part->end - 1, part->checksum_stored, part->checksum_computed);
            return;
        }
    }
    snprintf(out, size, "damaged: the CRC is 0x%08x, but the content gives 0x%08x", image->crc_stored,
             image->crc_computed);
}

void otter_inspection_trouble(const struct otter_inspection *inspection, char *out, size_t size)
{
    const struct otter_image_parser *image = &inspection->image;
    if (inspection->error == OTTER_OK)
        snprintf(out, size, "%s", "");
    else if (inspection->size == 0)
        snprintf(out, size, "empty");
    else if (inspection->esp32)
        snprintf(out, size, "an ESP32 image: otter looks into those of the ESP8266 only");
    else if (inspection->looks_like != NULL)
        snprintf(out, size, "not an ESP8266 image, but %s", inspection->looks_like);
    else if (inspection->compressed && !inspection->inflated)
        snprintf(out, size, "a damaged or cut gzip");
    else if (inspection->surplus > 0)
        snprintf(out, size, "%u byte%s too many behind the image's end: build or download it again",
                 inspection->surplus, inspection->surplus == 1 ? "" : "s");
    else if (inspection->error == OTTER_ERROR_MAGIC_BYTE)
        snprintf(out, size, "not an ESP8266 image: it does not begin with 0xE9");
    else if (inspection->error == OTTER_ERROR_CHECKSUM)
        checksum_trouble(inspection, out, size);
    else if (inspection->image_size < OTTER_IMAGE_HEADER_SIZE)
        snprintf(out, size, "cut: it ends after %u byte%s", inspection->image_size,
                 inspection->image_size == 1 ? "" : "s");
    else if (image->position < inspection->image_size)
        snprintf(out, size, "cut or damaged: the header that ends at 0x%x can't be right in %u bytes",
                 image->position, inspection->image_size);
    else
        snprintf(out, size, "cut: it ends after %u bytes, inside a segment", inspection->image_size);
}
