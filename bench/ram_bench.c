/* RAM that push updates cost a device. The figures are those of this computer; pointers are half as large on
 * an ESP8266. */
#include <stdio.h>
#include <stdlib.h>

#include "otter/push.h"
#include "otter/updater.h"

int main(void)
{
    const size_t push = sizeof(struct otter_push), updater = sizeof(struct otter_updater);
    const size_t sector = OTTER_FLASH_SECTOR, sum = push + updater + sector, limit = 6144;
    printf("\nRAM of push updates, bytes\n%-34s %14zu\n%-34s %14zu\n%-34s %14zu\n", "push receiver", push,
           "updater", updater, "sector buffer", sector);
    printf("%-34s %14zu  < %zu: %s\n", "together", sum, limit, sum < limit ? "met" : "MISSED");
    return sum < limit ? EXIT_SUCCESS : EXIT_FAILURE;
}
