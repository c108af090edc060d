/* boot/inflate over any bytes: it ends, stays within its window, and hands out sectors in order. */
#include <stdlib.h>
#include <string.h>

#include "boot/inflate.h"
#include "format/bytes.h"
#include "ports/sim/boot.h"

#define FLASH_SIZE  (256u << 10)
#define SECTORS_MAX 512u /* a gzip may inflate a thousandfold */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool take(void *context, uint32_t offset, const void *bytes)
{
    uint32_t *expected = context;
    if (offset != *expected || (uintptr_t)bytes % 4 != 0)
        abort();
    *expected += OTTER_FLASH_SECTOR;
    return *expected < SECTORS_MAX * OTTER_FLASH_SECTOR;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct otter_sim_flash flash;
    static struct otter_sim_rtc rtc;
    static struct boot_inflate inflate;
    if (flash.bytes == NULL && !otter_sim_flash_open_memory(&flash, FLASH_SIZE))
        abort();
    otter_sim_boot_bind(&flash, &rtc);
    uint32_t length = size < FLASH_SIZE ? (uint32_t)size : FLASH_SIZE, end = 0;
    otter_sim_flash_load(&flash, 0, data, length);
    uint32_t inflated = boot_inflate(&inflate, 0, length, NULL, take, &end);
    if (inflated != 0 && end != otter_round_up(inflated, OTTER_FLASH_SECTOR))
        abort();
    if (flash.violation[0] != '\0')
        abort();
    return 0;
}
