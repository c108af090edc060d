#include "tests/support/boot_rig.h"

#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>

#include "format/boot_command.h"
#include "format/bootloader.h"
#include "format/bytes.h"
#include "format/image.h"
#include "tests/support/sample.h"

int boot_rig_open(void **state)
{
    struct boot_rig *rig = calloc(1, sizeof *rig);
    *state = rig;
    assert_true(otter_sim_flash_open_memory(&rig->flash, BOOT_RIG_FLASH));
    otter_sim_rtc_power_on(&rig->rtc, 1);
    rig->old = file_read(OTTER_IMAGES_DIR "/garden-1.bin");
    rig->new = file_read(OTTER_IMAGES_DIR "/garden-2.bin");
    boot_rig_install(rig, &rig->old);
    return 0;
}

int boot_rig_close(void **state)
{
    struct boot_rig *rig = *state;
    assert_string_equal(rig->flash.violation, "");
    otter_sim_flash_close(&rig->flash);
    free(rig->old.bytes);
    free(rig->new.bytes);
    free(rig);
    return 0;
}

void boot_rig_make(struct boot_rig *rig, size_t size, uint32_t flags)
{
    assert_true(size <= rig->new.size);
    sample_firmware(rig->new.bytes, size, 9, OTTER_BOOTLOADER_VERSION, flags);
    rig->new.bytes[OTTER_IMAGE_MODE_OFFSET] = rig->old.bytes[OTTER_IMAGE_MODE_OFFSET];
    rig->new.size = size;
}

void boot_rig_install(struct boot_rig *rig, const struct file *file)
{
    otter_sim_flash_load(&rig->flash, 0, file->bytes, (uint32_t)file->size);
}

void boot_rig_command(struct boot_rig *rig, uint32_t source, uint32_t destination, size_t size)
{
    otter_boot_command_encode(rig->rtc.words, &(struct otter_boot_command){.action = OTTER_BOOT_COPY,
                                                                           .source = source,
                                                                           .destination = destination,
                                                                           .size = (uint32_t)size});
}

uint32_t boot_rig_stage(struct boot_rig *rig, const struct file *file)
{
    uint32_t source = BOOT_RIG_STAGE_END - otter_round_up((uint32_t)file->size, OTTER_FLASH_SECTOR);
    memset(rig->flash.bytes + source, 0xFF, BOOT_RIG_STAGE_END - source);
    otter_sim_flash_load(&rig->flash, source, file->bytes, (uint32_t)file->size);
    boot_rig_command(rig, source, 0, file->size);
    return source;
}

enum boot_outcome boot_rig_start(struct boot_rig *rig)
{
    return otter_sim_boot(&rig->flash, &rig->rtc);
}

static jmp_buf power_lost;

static void power_cut(void *context)
{
    (void)context;
    longjmp(power_lost, 1);
}

bool boot_rig_cut(struct boot_rig *rig, uint64_t at)
{
    volatile bool cut = true;
    rig->flash.power_cut = power_cut;
    rig->flash.cut_at = rig->flash.operation + at;
    if (setjmp(power_lost) == 0) {
        boot_rig_start(rig);
        cut = false;
    }
    rig->flash.cut_at = 0;
    otter_sim_rtc_power_on(&rig->rtc, 1);
    return cut;
}

bool boot_rig_runs(const struct boot_rig *rig, const struct file *file)
{
    return memcmp(rig->flash.bytes, file->bytes, file->size) == 0;
}
