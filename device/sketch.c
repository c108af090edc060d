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

/* --- what is read as a whole ---------------------------------------------------------------------- */

typedef void take_bytes(void *context, const void *bytes, size_t size);

/* Hands flash from ADDRESS to END to TAKE, piece by piece. */
static int read_range(const struct otter_port *port, uint32_t address, uint32_t end, take_bytes *take,
                      void *context)
{
    for (uint32_t length; address < end; address += length) {
        uint32_t chunk[CHUNK_SIZE / 4];
        length = end - address < CHUNK_SIZE ? end - address : CHUNK_SIZE;
        if (read_flash(port, address, chunk, length) != OTTER_OK)
            return OTTER_ERROR_READ;
        take(context, chunk, length);
    }
    return OTTER_OK;
}

static int sketch_end(const struct otter_port *port)
{
    const int size = otter_sketch_size(port);
    return size != 0 ? size : OTTER_ERROR_NO_DATA;
}

_Static_assert(sizeof(struct otter_md5) <= sizeof(((struct otter_sketch_hash *)0)->md5),
               "md5[] is too small");

static struct otter_md5 *md5_of(struct otter_sketch_hash *hash)
{
    return (struct otter_md5 *)(void *)hash->md5;
}

static void take_md5(void *context, const void *bytes, size_t size)
{
    otter_md5_update(context, bytes, size);
}

int otter_sketch_hash_begin(struct otter_sketch_hash *hash, const struct otter_port *port)
{
    const int size = sketch_end(port);
    if (size < 0)
        return size;
    *hash = (struct otter_sketch_hash){.size = (uint32_t)size};
    otter_md5_init(md5_of(hash));
    return OTTER_OK;
}

int otter_sketch_hash_step(struct otter_sketch_hash *hash, const struct otter_port *port, char md5[33])
{
    const uint32_t left = hash->size - hash->address;
    const uint32_t end = hash->address + (left < OTTER_FLASH_SECTOR ? left : OTTER_FLASH_SECTOR);
    uint8_t digest[OTTER_MD5_SIZE];
    if (read_range(port, hash->address, end, take_md5, md5_of(hash)) != OTTER_OK)
        return OTTER_ERROR_READ;
    hash->address = end;
    if (end < hash->size)
        return 0;
    otter_md5_final(md5_of(hash), digest);
    otter_hex_encode(md5, digest, sizeof(digest));
    return 1;
}

int otter_sketch_md5(const struct otter_port *port, char md5[33])
{
    struct otter_sketch_hash hash;
    int result = otter_sketch_hash_begin(&hash, port);
    while (result == OTTER_OK)
        result = otter_sketch_hash_step(&hash, port, md5);
    return result > 0 ? OTTER_OK : result;
}

static void take_firmware(void *context, const void *bytes, size_t size)
{
    otter_firmware_finder_feed(context, bytes, size);
}

int otter_sketch_firmware(const struct otter_port *port, struct otter_firmware *firmware)
{
    struct otter_firmware_finder finder = {0};
    const int end = sketch_end(port);
    if (end < 0)
        return end;
    if (read_range(port, 0, (uint32_t)end, take_firmware, &finder) != OTTER_OK)
        return OTTER_ERROR_READ;
    return otter_firmware_finder_end(&finder, firmware) ? OTTER_OK : OTTER_ERROR_NO_DATA;
}
