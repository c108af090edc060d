/* ESP8266 images: header, segments, checksum, CRC (spec/image.md, section 1).
 *
 * One image is a header, its segments, and a checksum at the end of a 16-byte line. An Arduino-core file
 * is two of them: a bootloader at 0, padded to 4096 bytes, and the sketch at 0x1000, which may carry a
 * length and a CRC over the whole file. These two words count as zero in the CRC and in the sketch's
 * checksum, which the core's tools compute before they fill them in. Other files (MicroPython) hold one
 * image at 0 and opaque bytes after it. */
#ifndef OTTER_FORMAT_IMAGE_H
#define OTTER_FORMAT_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "format/error.h"

#define OTTER_IMAGE_MAGIC         0xE9
#define OTTER_IMAGE_HEADER_SIZE   8u
#define OTTER_IMAGE_SEGMENT_SIZE  8u /* of a segment's header */
#define OTTER_IMAGE_SEGMENTS_MAX  16u
#define OTTER_IMAGE_CHECKSUM_SEED 0xEF
#define OTTER_IMAGE_ALIGNMENT     16u
#define OTTER_IMAGE_PADDING       0xAA /* between a bootloader and its sketch */

#define OTTER_IMAGE_MODE_OFFSET 2u      /* the byte that an updater replaces by the device's own mode */
#define OTTER_IMAGE_SKETCH      0x1000u /* of the sketch in an Arduino-core file */
#define OTTER_IMAGE_CRC_LENGTH  0x1010u /* LE32: bytes that the CRC covers, from offset 0 */
#define OTTER_IMAGE_CRC         0x1014u /* LE32: the CRC, computed with both words as zero */

#define OTTER_IMAGE_SKETCH_ADDRESS 0x40201010u /* where the flash at OTTER_IMAGE_CRC_LENGTH is mapped */

#define OTTER_GZIP_MAGIC_0 0x1F
#define OTTER_GZIP_MAGIC_1 0x8B

enum otter_flash_mode {
    OTTER_FLASH_QIO = 0,
    OTTER_FLASH_QOUT = 1,
    OTTER_FLASH_DIO = 2,
    OTTER_FLASH_DOUT = 3,
};

enum otter_flash_frequency {
    OTTER_FLASH_40MHZ = 0,
    OTTER_FLASH_26MHZ = 1,
    OTTER_FLASH_20MHZ = 2,
    OTTER_FLASH_80MHZ = 15,
};

struct otter_image_header {
    uint8_t segment_count;   /* 1 to 16 */
    uint8_t flash_mode;      /* enum otter_flash_mode */
    uint8_t flash_size;      /* code, high nibble of byte 3: see otter_image_flash_bytes() */
    uint8_t flash_frequency; /* enum otter_flash_frequency, low nibble of byte 3 */
    uint32_t entry;          /* address */
};

struct otter_image_segment {
    uint32_t address; /* where it is loaded, or mapped (0x402xxxxx) */
    uint32_t size;    /* bytes */
};

/* Decodes and checks a header. OTTER_ERROR_MAGIC_BYTE; OTTER_ERROR_IMAGE for a segment count, mode, flash
 * size code or frequency that does not exist. HEADER is filled only on success. */
OTTER_MUST_CHECK int otter_image_header_decode(struct otter_image_header *header,
                                               const uint8_t bytes[OTTER_IMAGE_HEADER_SIZE]);
void otter_image_header_encode(uint8_t bytes[OTTER_IMAGE_HEADER_SIZE],
                               const struct otter_image_header *header);

/* Bytes of flash that a size CODE stands for; 0 for an unknown code. And back; -1 for no such size. */
uint32_t otter_image_flash_bytes(uint8_t code);
int otter_image_flash_code(uint32_t bytes);

/* "QIO", "QOUT", "DIO", "DOUT"; "?" for others. Static. */
const char *otter_image_mode_name(uint8_t mode);

/* Where a segment of this address goes: "flash" (0x402xxxxx), "IRAM", "DRAM" or "?". Static. */
const char *otter_image_region_name(uint32_t address);

/* --- reading: a push parser ------------------------------------------------------------------- */

enum otter_image_form {
    OTTER_IMAGE_FORM_UNKNOWN,
    OTTER_IMAGE_FORM_SINGLE,  /* one image at 0, opaque bytes may follow (MicroPython) */
    OTTER_IMAGE_FORM_ARDUINO, /* bootloader at 0, sketch at 0x1000 */
};

/* What is known of one of the (up to two) images in a file. */
struct otter_image_part {
    struct otter_image_header header;
    uint32_t offset; /* of the header in the file */
    uint32_t end;    /* one behind its checksum byte */
    uint8_t checksum_stored;
    uint8_t checksum_computed;
    bool whole; /* the stream reached its end */
};

/* A segment as it was met; PART is 0 (at offset 0) or 1 (at 0x1000), OFFSET that of its data. */
typedef void otter_image_segment_seen(void *context, unsigned part, uint32_t offset,
                                      const struct otter_image_segment *segment);

/* All fields are the parser's; read parts, form and crc_* after otter_image_parser_end(). */
struct otter_image_parser {
    otter_image_segment_seen *seen; /* may be NULL */
    void *context;
    uint32_t size;     /* announced bytes of the whole file, or UINT32_MAX if not known */
    uint32_t position; /* bytes fed so far */
    uint8_t state;
    uint8_t filled;  /* bytes of pending[] */
    uint8_t part;    /* which part is being read */
    uint8_t segment; /* which segment of it */
    uint8_t pending[8];
    uint32_t remaining; /* bytes of the segment, or of the gap, still to come */
    enum otter_image_form form;
    struct otter_image_part parts[2];
    uint32_t crc_length; /* 0 where the file carries no CRC */
    uint32_t crc_stored;
    uint32_t crc_computed;
    int error; /* sticky */
};

/* Starts a parse of a file of SIZE bytes (UINT32_MAX: not known). SEEN may be NULL. */
void otter_image_parser_init(struct otter_image_parser *parser, uint32_t size, otter_image_segment_seen *seen,
                             void *context);

/* Takes the next bytes of the file, in any portions. OTTER_OK, or the first error, for good:
 * OTTER_ERROR_MAGIC_BYTE; OTTER_ERROR_IMAGE for a header field that does not exist, a segment beyond SIZE,
 * more bytes than SIZE, or anything but a sketch behind a bootloader padded with 0xAA. */
OTTER_MUST_CHECK int otter_image_parser_feed(struct otter_image_parser *parser, const void *bytes,
                                             size_t size);

/* The file has ended. OTTER_OK if it is a whole image; OTTER_ERROR_NO_DATA; OTTER_ERROR_IMAGE if it ended
 * inside; OTTER_ERROR_CHECKSUM if a checksum or the CRC differs (the parser's fields tell which); or an
 * earlier error. */
OTTER_MUST_CHECK int otter_image_parser_end(struct otter_image_parser *parser);

/* --- writing ---------------------------------------------------------------------------------- */

/* One segment's bytes, owned by the caller until the build is done. */
struct otter_image_source {
    uint32_t address;
    uint32_t size; /* of bytes; padded with 0 to a multiple of 4 in the image */
    const void *bytes;
};

/* Bytes of an image of these segments, checksum included; a multiple of 16. */
uint32_t otter_image_size(const struct otter_image_source *segments, size_t count);

/* Writes one image into OUT of SIZE bytes; HEADER's segment count is ignored. Returns its length;
 * OTTER_ERROR_BUFFER; OTTER_ERROR_ARGUMENT for no or more than 16 segments. */
OTTER_MUST_CHECK int otter_image_build(void *out, size_t size, const struct otter_image_header *header,
                                       const struct otter_image_source *segments, size_t count);

/* Joins a bootloader image and a sketch image to an Arduino-core file in OUT of SIZE bytes: padding with
 * 0xAA, then length and CRC in the sketch's first segment. Returns the file's length; OTTER_ERROR_BUFFER;
 * OTTER_ERROR_IMAGE if the bootloader exceeds 4096 bytes, or the sketch's first segment is not flash-mapped
 * at 0x40201010 or too short for the two words. */
OTTER_MUST_CHECK int otter_image_join(void *out, size_t size, const void *bootloader, size_t bootloader_size,
                                      const void *sketch, size_t sketch_size);

/* Computes length and CRC anew over a whole Arduino-core file in memory and stores them, and repairs the
 * sketch's checksum byte. OTTER_ERROR_IMAGE if it is no whole Arduino-core file. */
OTTER_MUST_CHECK int otter_image_seal(void *file, size_t size);

#endif
