/* A file of its own: who links it has a sketch that can confirm itself, and tools see that. */
#include "device/boot_record.h"
#include "format/bootloader.h"
#include "otter/boot.h"

static const uint32_t confirmer[] = {OTTER_BOOTLOADER_CONFIRMER_0, OTTER_BOOTLOADER_CONFIRMER_1};

int otter_boot_confirm(const struct otter_port *port)
{
    (void)*(const volatile uint32_t *)confirmer; /* so that it is there */
    return otter_boot_record_confirm(port);
}
