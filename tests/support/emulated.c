#include "tests/support/emulated.h"

#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "format/boot_command.h"
#include "format/bytes.h"
#include "format/layout.h"

int emulated_open(void **state)
{
    struct emulated *device = calloc(1, sizeof *device);
    *state = device;
    device->there = otter_qemu_is_there();
    if (!device->there)
        return 0;
    strcpy(device->folder, "/tmp/otter-qemu-XXXXXX");
    assert_non_null(mkdtemp(device->folder));
    snprintf(device->flash_path, sizeof device->flash_path, "%s/" OTTER_QEMU_FLASH, device->folder);
    snprintf(device->rtc_path, sizeof device->rtc_path, "%s/" OTTER_QEMU_RTC, device->folder);
    device->qemu = (struct otter_qemu){.rom = OTTER_QEMU_ROM, .folder = device->folder};
    device->old = file_read(OTTER_IMAGES_DIR "/garden-1.bin");
    device->new = file_read(OTTER_IMAGES_DIR "/garden-2.bin");
    device->bad = file_read(OTTER_IMAGES_DIR "/garden-3.bin");
    memset(device->flash, 0xFF, sizeof device->flash);
    memcpy(device->flash, device->old.bytes, device->old.size);
    return 0;
}

int emulated_close(void **state)
{
    static const char *const names[] = {OTTER_QEMU_FLASH, OTTER_QEMU_RTC, OTTER_QEMU_PLAN, OTTER_QEMU_REPORT};
    struct emulated *device = *state;
    for (size_t i = 0; i < TEST_COUNT(names) && device->there; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", device->folder, names[i]);
        unlink(path);
    }
    if (device->there)
        rmdir(device->folder);
    free(device->old.bytes);
    free(device->new.bytes);
    free(device->bad.bytes);
    free(device);
    return 0;
}

struct emulated *emulated_begin(void **state)
{
    struct emulated *device = *state;
    if (!device->there) {
        print_message("skipped: no qemu-system-xtensa (Debian: qemu-system-misc)\n");
        skip();
    }
    return device;
}

static uint32_t stage(struct emulated *device, const struct file *file, const struct otter_boot_trial *trial)
{
    uint32_t source = EMULATED_STAGE_END - otter_round_up((uint32_t)file->size, OTTER_FLASH_SECTOR);
    uint32_t free_from = otter_round_up((uint32_t)device->old.size, OTTER_FLASH_SECTOR);
    memset(device->flash + free_from, 0xFF, EMULATED_STAGE_END - free_from);
    memcpy(device->flash + source, file->bytes, file->size);
    otter_boot_command_encode(device->rtc, &(struct otter_boot_command){.action = OTTER_BOOT_COPY,
                                                                        .source = source,
                                                                        .size = (uint32_t)file->size,
                                                                        .trial = *trial});
    return source;
}

uint32_t emulated_stage(struct emulated *device, const struct file *file)
{
    return stage(device, file, &(struct otter_boot_trial){.kind = OTTER_BOOT_TRIAL_NONE});
}

uint32_t emulated_stage_on_trial(struct emulated *device, const struct file *file)
{
    const struct otter_boot_trial trial = {.kind = OTTER_BOOT_TRIAL_NEW,
                                           .backup = EMULATED_STAGE_END / 2 & ~(OTTER_FLASH_SECTOR - 1),
                                           .backup_size = (uint32_t)device->old.size,
                                           .starts = 7};
    stage(device, file, &trial);
    memcpy(device->flash + trial.backup, device->old.bytes, device->old.size);
    return trial.backup;
}

enum otter_qemu_end emulated_run(struct emulated *device)
{
    file_write(device->flash_path, device->flash, sizeof device->flash);
    file_write(device->rtc_path, device->rtc, sizeof device->rtc);
    enum otter_qemu_end end = otter_qemu_run(&device->qemu);
    struct file flash = file_read(device->flash_path), rtc = file_read(device->rtc_path);
    assert_int_equal(flash.size, sizeof device->flash);
    memcpy(device->flash, flash.bytes, flash.size);
    memcpy(device->rtc, rtc.bytes, sizeof device->rtc);
    free(flash.bytes);
    free(rtc.bytes);
    return end;
}

bool emulated_runs(struct emulated *device, const struct file *file, const char *version)
{
    return emulated_run(device) == OTTER_QEMU_SKETCH && strstr(device->qemu.console, version) != NULL &&
           memcmp(device->flash, file->bytes, file->size) == 0;
}
