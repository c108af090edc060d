#include "format/boot_command.h"

#include <string.h>

#include "format/crc32.h"

enum { MAGIC, WHAT, CRC = OTTER_BOOT_COMMAND_WORDS - 1 };

_Static_assert(sizeof(struct otter_boot_command) == 12 * 4,
               "struct otter_boot_command is what stands behind the magic, word for word");

static uint32_t crc_of(const uint32_t *words)
{
    return otter_crc32_update(OTTER_CRC32_INIT, words, 4 * CRC);
}

void otter_boot_command_encode(uint32_t words[OTTER_BOOT_COMMAND_WORDS],
                               const struct otter_boot_command *command)
{
    memset(words, 0, 4 * CRC);
    words[MAGIC] = OTTER_BOOT_COMMAND_MAGIC;
    memcpy(&words[WHAT], command, sizeof(*command));
    words[CRC] = crc_of(words);
}

int otter_boot_command_decode(struct otter_boot_command *command,
                              const uint32_t words[OTTER_BOOT_COMMAND_WORDS])
{
    if ((words[MAGIC] & OTTER_BOOT_COMMAND_MAGIC_MASK) != OTTER_BOOT_COMMAND_MAGIC ||
        words[CRC] != crc_of(words))
        return OTTER_ERROR_MALFORMED;
    memcpy(command, &words[WHAT], sizeof(*command));
    if (command->action != OTTER_BOOT_COPY && command->action != OTTER_BOOT_START)
        return OTTER_ERROR_MALFORMED;
    if (command->trial.kind != OTTER_BOOT_TRIAL_NEW)
        command->trial.kind = OTTER_BOOT_TRIAL_NONE;
    return OTTER_OK;
}

void otter_boot_command_clear(uint32_t words[OTTER_BOOT_COMMAND_WORDS])
{
    words[MAGIC] = 0;
    words[CRC] = 0;
}
