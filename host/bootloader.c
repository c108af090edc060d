#include "host/bootloader.h"

#include <assert.h>

#include "host/executable.h"

/* boot.elf of this build, whose path is OTTER_BOOT_ELF. */
__asm__(".pushsection .rodata\n"
        ".balign 4\n"
        ".globl otter_boot_elf, otter_boot_elf_size\n"
        "otter_boot_elf: .incbin \"" OTTER_BOOT_ELF "\"\n"
        ".balign 4\n"
        "otter_boot_elf_size: .long . - otter_boot_elf\n"
        ".popsection\n");

extern const uint8_t otter_boot_elf[];
extern const uint32_t otter_boot_elf_size; /* a few bytes of padding included */

enum otter_exit otter_bootloader_make(struct otter_file *image, const struct otter_image_header *header)
{
    enum otter_exit status =
        otter_executable_convert(image, "otter's bootloader", otter_boot_elf, otter_boot_elf_size, header);
    assert(status != OTTER_EXIT_OK || image->size <= OTTER_IMAGE_SKETCH); /* boot/esp8266/boot.ld */
    return status;
}
