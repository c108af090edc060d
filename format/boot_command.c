#include "format/boot_command.h"

#include <string.h>

#include "format/bytes.h"
#include "format/crc32.h"

enum { MAGIC, ACTION, SOURCE, DESTINATION, SIZE, TRIAL, CRC = OTTER_BOOT_COMMAND_WORDS - 1 };

static uint32_t crc_of(const uint32_t *words)
{
    uint8_t bytes[4 * CRC];
    for (unsigned i = 0; i < CRC; i++)
        otter_le32_put(bytes + 4 * i, words[i]);
    return otter_crc32_update(OTTER_CRC32_INIT, bytes, sizeof(bytes));
}

void otter_boot_command_encode(uint32_t words[OTTER_BOOT_COMMAND_WORDS],
                               const struct otter_boot_command *command)
{
    for (unsigned i = 0; i < CRC; i++)
        words[i] = 0;
    words[MAGIC] = OTTER_BOOT_COMMAND_MAGIC;
    words[ACTION] = (uint32_t)command->action;
    words[SOURCE] = command->source;
    words[DESTINATION] = command->destination;
    words[SIZE] = command->size;
    if (command->trial.kind == OTTER_BOOT_TRIAL_NEW)
        memcpy(&words[TRIAL], &command->trial, sizeof(command->trial));
    words[CRC] = crc_of(words);
}

int otter_boot_command_decode(struct otter_boot_command *command,
                              const uint32_t words[OTTER_BOOT_COMMAND_WORDS])
{
    if ((words[MAGIC] & OTTER_BOOT_COMMAND_MAGIC_MASK) != OTTER_BOOT_COMMAND_MAGIC)
        return OTTER_ERROR_MALFORMED;
    if (words[CRC] != crc_of(words))
        return OTTER_ERROR_MALFORMED;
    if (words[ACTION] != (uint32_t)OTTER_BOOT_COPY && words[ACTION] != (uint32_t)OTTER_BOOT_START)
        return OTTER_ERROR_MALFORMED;
    *command = (struct otter_boot_command){
        .action = (enum otter_boot_action)words[ACTION],
        .source = words[SOURCE],
        .destination = words[DESTINATION],
        .size = words[SIZE],
    };
    if (words[TRIAL] == OTTER_BOOT_TRIAL_NEW)
        memcpy(&command->trial, &words[TRIAL], sizeof(command->trial));
    return OTTER_OK;
}

void otter_boot_command_clear(uint32_t words[OTTER_BOOT_COMMAND_WORDS])
{
    words[MAGIC] = 0;
    words[CRC] = 0;
}
