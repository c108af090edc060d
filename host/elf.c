#include "host/elf.h"

#include <elf.h>
#include <stdbool.h>
#include <string.h>

#include "format/bytes.h"

#define HEADER_ENTRY          24 /* offsets of Elf32_Ehdr's fields */
#define HEADER_PROGRAM_OFFSET 28
#define HEADER_PROGRAM_SIZE   42
#define HEADER_PROGRAM_COUNT  44

#define PROGRAM_TYPE    0 /* offsets of Elf32_Phdr's fields */
#define PROGRAM_OFFSET  4
#define PROGRAM_ADDRESS 8
#define PROGRAM_BYTES   16

static uint32_t le16_get(const uint8_t *from)
{
    return (uint32_t)from[0] | (uint32_t)from[1] << 8;
}

static bool is_xtensa_executable(const uint8_t *bytes, size_t size)
{
    static const uint8_t identity[] = {ELFMAG0,    ELFMAG1,     ELFMAG2,   ELFMAG3,
                                       ELFCLASS32, ELFDATA2LSB, EV_CURRENT};
    return size >= sizeof(Elf32_Ehdr) && memcmp(bytes, identity, sizeof(identity)) == 0 &&
           le16_get(bytes + 16) == ET_EXEC && le16_get(bytes + 18) == EM_XTENSA &&
           le16_get(bytes + HEADER_PROGRAM_SIZE) == sizeof(Elf32_Phdr);
}

static bool is_inside(uint32_t offset, uint32_t length, size_t size)
{
    return offset <= size && length <= size - offset;
}

static int add_segment(struct otter_elf *elf, const uint8_t *program, const uint8_t *bytes, size_t size)
{
    uint32_t offset = otter_le32_get(program + PROGRAM_OFFSET);
    uint32_t length = otter_le32_get(program + PROGRAM_BYTES);
    if (otter_le32_get(program + PROGRAM_TYPE) != PT_LOAD || length == 0)
        return OTTER_OK;
    if (!is_inside(offset, length, size))
        return OTTER_ERROR_MALFORMED;
    if (elf->count == OTTER_ELF_SEGMENTS_MAX)
        return OTTER_ERROR_BUFFER;
    elf->segments[elf->count++] = (struct otter_elf_segment){
        .address = otter_le32_get(program + PROGRAM_ADDRESS), .size = length, .bytes = bytes + offset};
    return OTTER_OK;
}

int otter_elf_read(struct otter_elf *elf, const void *file, size_t size)
{
    const uint8_t *bytes = file;
    *elf = (struct otter_elf){0};
    if (!is_xtensa_executable(bytes, size))
        return OTTER_ERROR_MALFORMED;
    elf->entry = otter_le32_get(bytes + HEADER_ENTRY);
    uint32_t table = otter_le32_get(bytes + HEADER_PROGRAM_OFFSET);
    uint32_t count = le16_get(bytes + HEADER_PROGRAM_COUNT);
    if (!is_inside(table, count * (uint32_t)sizeof(Elf32_Phdr), size))
        return OTTER_ERROR_MALFORMED;
    for (uint32_t i = 0; i < count; i++) {
        int error = add_segment(elf, bytes + table + i * sizeof(Elf32_Phdr), bytes, size);
        if (error < 0)
            return error;
    }
    return elf->count > 0 ? OTTER_OK : OTTER_ERROR_NO_DATA;
}
