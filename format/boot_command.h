/* The command that a sketch leaves for the bootloader in RTC memory (spec/image.md, section 4): 32 words
 * at the start of the RTC user memory, 0x60001200 on the ESP8266. Both sides run on the same processor, so
 * words are in its byte order. */
#ifndef OTTER_FORMAT_BOOT_COMMAND_H
#define OTTER_FORMAT_BOOT_COMMAND_H

#include <stdint.h>

#include "format/boot_trial.h"
#include "format/error.h"

#define OTTER_BOOT_COMMAND_WORDS      32
#define OTTER_BOOT_COMMAND_MAGIC      0xEB001000u
#define OTTER_BOOT_COMMAND_MAGIC_MASK 0xFFFFF000u

enum otter_boot_action {
    OTTER_BOOT_COPY = 1,               /* copy raw, or inflate a gzip, then start */
    OTTER_BOOT_START = (int)0xFFFFFFFF /* start what is there */
};

struct otter_boot_command {
    int32_t action;       /* enum otter_boot_action */
    uint32_t source;      /* COPY: flash offset of the staged image, bytes */
    uint32_t destination; /* COPY: flash offset to copy to, bytes */
    uint32_t size;        /* COPY: bytes of the staged image */
    /* COPY: kind NEW if what is copied is on trial, otherwise kind NONE. Bootloaders that know nothing of it
     * copy all the same. */
    struct otter_boot_trial trial;
};

/* Fills WORDS, CRC included. */
void otter_boot_command_encode(uint32_t words[OTTER_BOOT_COMMAND_WORDS],
                               const struct otter_boot_command *command);

/* OTTER_OK; OTTER_ERROR_MALFORMED without the magic, with a wrong CRC or with an unknown action; COMMAND is
 * then undefined. Where the updater of an unmodified sketch left what was in memory, there is no trial. */
OTTER_MUST_CHECK int otter_boot_command_decode(struct otter_boot_command *command,
                                               const uint32_t words[OTTER_BOOT_COMMAND_WORDS]);

/* Clears a command the way the existing bootloader does: magic and CRC become zero. */
void otter_boot_command_clear(uint32_t words[OTTER_BOOT_COMMAND_WORDS]);

#endif
