#include "format/firmware.h"

#include <string.h>

#define WORD 4u

static const char *name_of(const uint8_t *record)
{
    return (const char *)record + OTTER_FIRMWARE_MAGIC_SIZE;
}

static const char *version_of(const uint8_t *record)
{
    return name_of(record) + OTTER_FIRMWARE_NAME_SIZE;
}

/* At least one printable character, then nothing but NUL. */
static bool is_padded_text(const char *field, size_t size)
{
    size_t length = 0;
    while (length < size && field[length] >= ' ' && field[length] <= '~')
        length++;
    for (size_t i = length; i < size; i++)
        if (field[i] != '\0')
            return false;
    return length > 0 && length < size;
}

static bool may_be_record(const uint8_t *record, size_t filled)
{
    size_t magic = filled < OTTER_FIRMWARE_MAGIC_SIZE ? filled : OTTER_FIRMWARE_MAGIC_SIZE;
    if (memcmp(record, OTTER_FIRMWARE_MAGIC, magic) != 0)
        return false;
    return filled < OTTER_FIRMWARE_SIZE || (is_padded_text(name_of(record), OTTER_FIRMWARE_NAME_SIZE) &&
                                            is_padded_text(version_of(record), OTTER_FIRMWARE_VERSION_SIZE));
}

/* record[] begins on a word boundary of the stream, so that a record may begin at any of its words. */
static void take_byte(struct otter_firmware_finder *finder, uint8_t byte)
{
    finder->record[finder->filled++] = byte;
    if (finder->filled % WORD != 0)
        return;
    while (finder->filled > 0 && !may_be_record(finder->record, finder->filled)) {
        finder->filled = (uint8_t)(finder->filled - WORD);
        memmove(finder->record, finder->record + WORD, finder->filled);
    }
    finder->found = finder->filled == OTTER_FIRMWARE_SIZE;
}

void otter_firmware_finder_feed(struct otter_firmware_finder *finder, const void *bytes, size_t size)
{
    const uint8_t *byte = bytes;
    for (size_t i = 0; i < size && !finder->found; i++)
        take_byte(finder, byte[i]);
}

bool otter_firmware_finder_end(const struct otter_firmware_finder *finder, struct otter_firmware *firmware)
{
    if (!finder->found)
        return false;
    memcpy(firmware->name, name_of(finder->record), sizeof(firmware->name));
    memcpy(firmware->version, version_of(finder->record), sizeof(firmware->version));
    return true;
}
