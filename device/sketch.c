#include "otter/sketch.h"

#include "crypto/crypto.h"
#include "format/bytes.h"
#include "format/image.h"
#include "format/text.h"

#define CHUNK_SIZE 128u /* bytes of stack for reading */

static int read_flash(const struct otter_port *port, uint32_t address, void *bytes, uint32_t length)
{
    return port->flash.read(port->context, address, bytes, length) == 0 ? OTTER_OK : OTTER_ERROR_READ;
}

/* Follows COUNT segments from ADDRESS on. Where the checksum behind the last one ends; 0 if a segment leaves
 * the flash. */
static int segments_end(const struct otter_port *port, uint32_t address, unsigned count)
{
    const uint32_t limit = port->flash.size;
    for (; count > 0; count--) {
        uint32_t words[1 + OTTER_IMAGE_SEGMENT_SIZE / 4]; /* a segment may begin on any byte, a read not */
        if (address + sizeof(words) >= limit)
            return 0;
        if (read_flash(port, otter_round_down(address, 4), words, sizeof(words)) != OTTER_OK)
            return OTTER_ERROR_READ;
        const uint32_t size = otter_le32_get((const uint8_t *)words + address % 4 + 4);
        address += OTTER_IMAGE_SEGMENT_SIZE;
        if (size >= limit - address)
            return 0;
        address += size;
    }
    return (int)otter_round_up(address + 1, OTTER_IMAGE_ALIGNMENT);
}

/* Where the image at BASE ends; 0 if there is none. */
static int image_end(const struct otter_port *port, uint32_t base)
{
    uint32_t words[OTTER_IMAGE_HEADER_SIZE / 4];
    struct otter_image_header header;
    if (read_flash(port, base, words, sizeof(words)) != OTTER_OK)
        return OTTER_ERROR_READ;
    if (otter_image_header_decode(&header, (const uint8_t *)words) != OTTER_OK)
        return 0;
    return segments_end(port, base + OTTER_IMAGE_HEADER_SIZE, header.segment_count);
}

int otter_sketch_size(const struct otter_port *port)
{
    const int end = image_end(port, OTTER_IMAGE_SKETCH);
    return end != 0 ? end : image_end(port, 0);
}

int otter_sketch_free_space(const struct otter_port *port)
{
    const uint32_t limit = port->layout->filesystem_start;
    const int size = otter_sketch_size(port);
    if (size < 0)
        return size;
    const uint32_t used = otter_round_up((uint32_t)size, OTTER_FLASH_SECTOR);
    return used < limit ? (int)(limit - used) : 0;
}

/* Hands the sketch to TAKE, piece by piece. OTTER_ERROR_NO_DATA if there is none; OTTER_ERROR_READ. */
static int read_sketch(const struct otter_port *port,
                       void (*take)(void *context, const void *bytes, size_t size), void *context)
{
    const int size = otter_sketch_size(port);
    if (size <= 0)
        return size == 0 ? OTTER_ERROR_NO_DATA : size;
    for (uint32_t address = 0, length; address < (uint32_t)size; address += length) {
        uint32_t chunk[CHUNK_SIZE / 4];
        length = (uint32_t)size - address < CHUNK_SIZE ? (uint32_t)size - address : CHUNK_SIZE;
        if (read_flash(port, address, chunk, length) != OTTER_OK)
            return OTTER_ERROR_READ;
        take(context, chunk, length);
    }
    return OTTER_OK;
}

static void take_md5(void *context, const void *bytes, size_t size)
{
    otter_md5_update(context, bytes, size);
}

int otter_sketch_md5(const struct otter_port *port, char md5[33])
{
    struct otter_md5 state;
    uint8_t digest[OTTER_MD5_SIZE];
    otter_md5_init(&state);
    const int error = read_sketch(port, take_md5, &state);
    if (error != OTTER_OK)
        return error;
    otter_md5_final(&state, digest);
    otter_hex_encode(md5, digest, sizeof(digest));
    return OTTER_OK;
}

static void take_firmware(void *context, const void *bytes, size_t size)
{
    otter_firmware_finder_feed(context, bytes, size);
}

int otter_sketch_firmware(const struct otter_port *port, struct otter_firmware *firmware)
{
    struct otter_firmware_finder finder = {0};
    const int error = read_sketch(port, take_firmware, &finder);
    if (error != OTTER_OK)
        return error;
    return otter_firmware_finder_end(&finder, firmware) ? OTTER_OK : OTTER_ERROR_NO_DATA;
}
