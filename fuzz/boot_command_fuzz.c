/* Boot commands: what is decoded from 32 words decodes the same from its own encoding. */
#include <stdlib.h>
#include <string.h>

#include "format/boot_command.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const uint32_t words[OTTER_BOOT_COMMAND_WORDS])
{
    struct otter_boot_command command;
    struct otter_boot_command again;
    uint32_t encoded[OTTER_BOOT_COMMAND_WORDS];
    if (otter_boot_command_decode(&command, words) != OTTER_OK)
        return;
    otter_boot_command_encode(encoded, &command);
    if (otter_boot_command_decode(&again, encoded) != OTTER_OK)
        abort();
    if (memcmp(&again, &command, sizeof(command)) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t words[OTTER_BOOT_COMMAND_WORDS] = {0};
    struct otter_boot_command command;
    memcpy(words, data, size < sizeof(words) ? size : sizeof(words));
    check(words);
    /* A fuzzer can't guess a CRC: the same words with the right one. */
    command = (struct otter_boot_command){
        .action = OTTER_BOOT_COPY, .source = words[2], .destination = words[3], .size = words[4]};
    otter_boot_command_encode(words, &command);
    check(words);
    return 0;
}
