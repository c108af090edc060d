/* device/boot.c over any 64 bytes where a record may stand, and any bytes for a sketch: what it tells is
 * possible, a confirmation breaks no rule of the flash, and ends whatever trial there was. */
#include <stdlib.h>
#include <string.h>

#include "format/boot_trial.h"
#include "format/bytes.h"
#include "format/crc32.h"
#include "otter/boot.h"
#include "otter/sketch.h"
#include "ports/sim/rig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

/* The check is made right where the first byte says so: few inputs would pass it by themselves. */
static void put_record(struct otter_sim_rig *rig, const uint8_t *data, size_t size)
{
    struct otter_boot_record record;
    const int end = otter_sketch_size(&rig->port);
    memset(&record, 0xFF, sizeof(record));
    if (size == 0 || end <= 0)
        return;
    memcpy(&record, data + 1, size - 1 < sizeof(record) ? size - 1 : sizeof(record));
    if (data[0] % 2 == 1)
        record.check =
            otter_crc32_update(OTTER_CRC32_INIT, &record, offsetof(struct otter_boot_record, check));
    otter_sim_flash_load(&rig->flash, otter_round_up((uint32_t)end, OTTER_FLASH_SECTOR) - sizeof(record),
                         &record, sizeof(record));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* One segment, whose size the input's end may change. */
    static uint8_t sketch[16] = {0xE9, 1,    2,    0x20, 0x00, 0x00, 0x10,
                                 0x40, 0x10, 0x10, 0x20, 0x40, 0x00, 0x20};
    struct otter_sim_rig rig;
    struct otter_boot_status status;
    require(otter_sim_rig_open(&rig, otter_layout_find("512k")));
    sketch[14] = size > 1 + sizeof(struct otter_boot_record) ? data[size - 1] : 0;
    otter_sim_flash_load(&rig.flash, 0x1000, sketch, sizeof(sketch));
    put_record(&rig, data, size);

    require(otter_boot_status(&rig.port, &status) == OTTER_OK);
    require(!(status.on_trial && status.taken_back));
    require(status.starts <= 32 && status.starts_left <= 32);
    require(strlen(status.md5) == 0 || strlen(status.md5) == 32);
    require(otter_boot_confirm(&rig.port) == OTTER_OK);
    require(otter_boot_status(&rig.port, &status) == OTTER_OK && !status.on_trial);
    require(rig.flash.violation[0] == '\0');
    otter_sim_rig_close(&rig);
    return 0;
}
