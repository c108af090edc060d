#include "host/executable.h"

#include <stdlib.h>
#include <string.h>

#include "host/elf.h"

/* Flash-mapped code comes first, the rest by address, whatever the linker's order. */
static int compare_sources(const void *left, const void *right)
{
    const struct otter_image_source *a = left, *b = right;
    bool a_mapped = strcmp(otter_image_region_name(a->address), "flash") == 0;
    bool b_mapped = strcmp(otter_image_region_name(b->address), "flash") == 0;
    if (a_mapped != b_mapped)
        return a_mapped ? -1 : 1;
    return (a->address > b->address) - (a->address < b->address);
}

static enum otter_exit check_regions(const char *name, const struct otter_elf *elf)
{
    for (size_t i = 0; i < elf->count; i++) {
        if (strcmp(otter_image_region_name(elf->segments[i].address), "?") == 0)
            return otter_complain(OTTER_EXIT_FILE, "%s: segment at 0x%08x: an ESP8266 has no memory there",
                                  name, elf->segments[i].address);
    }
    return OTTER_EXIT_OK;
}

static const char *elf_trouble(int error)
{
    switch (error) {
    case OTTER_ERROR_NO_DATA:
        return "nothing in it is to be loaded";
    case OTTER_ERROR_BUFFER:
        return "too many segments: an image holds 16";
    default:
        return "not a (whole) ELF executable for the ESP8266 (32-bit Xtensa)";
    }
}

static enum otter_exit build(struct otter_file *image, const char *name, const struct otter_elf *elf,
                             struct otter_image_header header)
{
    struct otter_image_source sources[OTTER_ELF_SEGMENTS_MAX] = {0};
    for (size_t i = 0; i < elf->count; i++)
        sources[i] = (struct otter_image_source){.address = elf->segments[i].address,
                                                 .bytes = elf->segments[i].bytes,
                                                 .size = elf->segments[i].size};
    qsort(sources, elf->count, sizeof(sources[0]), compare_sources);
    header.entry = elf->entry;
    size_t size = otter_image_size(sources, elf->count);
    image->bytes = malloc(size);
    if (image->bytes == NULL)
        return otter_complain(OTTER_EXIT_FAILURE, "out of memory");
    int length = otter_image_build(image->bytes, size, &header, sources, elf->count);
    if (length < 0)
        return otter_complain(OTTER_EXIT_FILE, "%s: %s", name, otter_error_text(length));
    image->size = (size_t)length;
    return OTTER_EXIT_OK;
}

enum otter_exit otter_executable_convert(struct otter_file *image, const char *name, const void *bytes,
                                         size_t size, const struct otter_image_header *header)
{
    struct otter_elf elf;
    *image = (struct otter_file){0};
    int error = otter_elf_read(&elf, bytes, size);
    if (error < 0)
        return otter_complain(OTTER_EXIT_FILE, "%s: %s", name, elf_trouble(error));
    enum otter_exit status = check_regions(name, &elf);
    if (status == OTTER_EXIT_OK)
        status = build(image, name, &elf, *header);
    return status;
}
