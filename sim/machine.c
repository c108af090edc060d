#include "sim/machine.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ports/qemu/qemu.h"

#define PATH_SIZE       (PATH_MAX + 32) /* of a file in a folder */
#define RESTARTS_MAX    3u              /* in a row, without the sketch coming to rest */
#define TIMEOUT_MS      10000u          /* for code that waits for ever */
#define TIMEOUT_REAL_MS 60000u          /* the same where flash takes its time: the largest copy takes 15 s */

static const char *const files[] = {OTTER_QEMU_FLASH, OTTER_QEMU_RTC, OTTER_QEMU_PLAN, OTTER_QEMU_REPORT};

/* Why the sketch does not come to rest. */
static const char *const obstacles[] = {
    [OTTER_QEMU_RESTART] = "it restarts again and again",
    [OTTER_QEMU_NO_IMAGE] = "the mask ROM finds no image",
    [OTTER_QEMU_EXCEPTION] = "it uses hardware or mask ROM functions that are not emulated",
    [OTTER_QEMU_FAULT] = "QEMU cannot open the flash",
    [OTTER_QEMU_LOST] = "it waits for hardware that is not emulated, or QEMU cannot run",
};

bool machine_is_there(void)
{
    if (!otter_qemu_is_there())
        fputs("otter-sim: --qemu needs qemu-system-xtensa, which is not installed: it is in Debian's package "
              "qemu-system-misc\n",
              stderr);
    else if (access(OTTER_QEMU_ROM, R_OK) != 0)
        fputs("otter-sim: --qemu needs " OTTER_QEMU_ROM ", which is not there: build otter again\n", stderr);
    else
        return true;
    return false;
}

/* --- QEMU's folder ------------------------------------------------------------------------------- */

static const char *path_of(char path[PATH_SIZE], const char *folder, const char *name)
{
    snprintf(path, PATH_SIZE, "%s/%s", folder, name);
    return path;
}

static bool make_folder(char folder[PATH_MAX])
{
    const char *parent = getenv("TMPDIR");
    int length = snprintf(folder, PATH_MAX, "%s/otter-sim-XXXXXX", parent != NULL ? parent : "/tmp");
    return length < PATH_MAX && mkdtemp(folder) != NULL;
}

static void remove_folder(const char *folder)
{
    char path[PATH_SIZE];
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        unlink(path_of(path, folder, files[i]));
    rmdir(folder);
}

static bool link_flash(const struct device *device, const char *folder)
{
    char path[PATH_SIZE], target[PATH_MAX];
    return realpath(device->settings->emulated, target) != NULL &&
           symlink(target, path_of(path, folder, OTTER_QEMU_FLASH)) == 0;
}

static bool store_rtc(const struct otter_sim_rtc *rtc, const char *folder)
{
    char path[PATH_SIZE];
    FILE *file = fopen(path_of(path, folder, OTTER_QEMU_RTC), "wb");
    if (file == NULL)
        return false;
    bool stored = fwrite(rtc->words, sizeof rtc->words, 1, file) == 1;
    return fclose(file) == 0 && stored;
}

static bool load_rtc(struct otter_sim_rtc *rtc, const char *folder)
{
    char path[PATH_SIZE];
    FILE *file = fopen(path_of(path, folder, OTTER_QEMU_RTC), "rb");
    if (file == NULL)
        return false;
    bool loaded = fread(rtc->words, sizeof rtc->words, 1, file) == 1;
    fclose(file);
    return loaded;
}

/* --- one run ------------------------------------------------------------------------------------- */

static struct otter_qemu_plan plan_run(const struct device *device)
{
    const struct otter_sim_flash *flash = &device->flash;
    const struct otter_sim_flash_timing *timing = flash->timing;
    struct otter_qemu_plan plan = {
        .cut_at = flash->cut_at > flash->operation ? (uint32_t)(flash->cut_at - flash->operation) : 0,
        .cut = flash->cut,
        .seed = (uint32_t)(flash->seed + flash->operation) | 1,
    };
    if (device->settings->real_time) {
        plan.page_us = (uint32_t)(timing->page_program / 1000);
        plan.sector_us = (uint32_t)(timing->sector_erase / 1000);
        plan.block_us = (uint32_t)(timing->block_erase / 1000);
        plan.read_us = (uint32_t)(timing->byte_read * 1024 / 1000);
    }
    return plan;
}

static uint64_t account(struct otter_sim_flash *flash, const struct otter_qemu_report *report)
{
    const struct otter_sim_flash_timing *timing = flash->timing;
    uint64_t ns = report->programs * timing->page_program + report->sector_erases * timing->sector_erase +
                  report->block_erases * timing->block_erase + report->bytes_read * timing->byte_read;
    flash->operation += report->operations;
    flash->counts.programs += report->programs;
    flash->counts.sector_erases += report->sector_erases;
    flash->counts.block_erases += report->block_erases;
    flash->counts.reads += report->reads;
    flash->counts.bytes_read += report->bytes_read;
    flash->time_ns += ns;
    return ns;
}

/* What it printed may be anything. */
static void show(struct device *device, char *printed)
{
    for (char *at = printed; *at != '\0'; at++)
        if (*at != '\n' && (*at < ' ' || *at > '~'))
            *at = *at == '\r' ? ' ' : '.';
    console_text(device->console, CONSOLE_PLAIN, printed);
}

static enum otter_qemu_end run_in(struct device *device, struct otter_qemu *qemu)
{
    if (!link_flash(device, qemu->folder) || !store_rtc(&device->rtc, qemu->folder))
        return OTTER_QEMU_FAULT;
    enum otter_qemu_end end = otter_qemu_run(qemu);
    if (end == OTTER_QEMU_LOST || !load_rtc(&device->rtc, qemu->folder))
        otter_sim_rtc_power_on(&device->rtc, device->settings->seed + device->boots);
    uint64_t ns = account(&device->flash, &qemu->report);
    show(device, qemu->console);
    if (qemu->report.operations > 0)
        console_line(device->console, CONSOLE_ROM, "(machine code: %u flash operations, %u ms)",
                     (unsigned)qemu->report.operations, (unsigned)(ns / 1000000));
    return end;
}

static enum otter_qemu_end run_once(struct device *device)
{
    char folder[PATH_MAX];
    struct otter_qemu qemu = {
        .rom = OTTER_QEMU_ROM,
        .folder = folder,
        .plan = plan_run(device),
        .timeout_ms = device->settings->real_time ? TIMEOUT_REAL_MS : TIMEOUT_MS,
        .has_power = device_has_power,
        .context = device,
    };
    if (!make_folder(folder))
        return OTTER_QEMU_FAULT;
    enum otter_qemu_end end = run_in(device, &qemu);
    remove_folder(folder);
    return end;
}

void machine_run(struct device *device)
{
    enum otter_qemu_end end;
    unsigned restarts = 0;
    device->flash.unstable_sector = UINT32_MAX; /* QEMU reads the file */
    do
        end = run_once(device);
    while (end == OTTER_QEMU_RESTART && restarts++ < RESTARTS_MAX);
    if (end == OTTER_QEMU_POWER_CUT)
        device->flash.power_cut(device->flash.power_cut_context);
    if (end == OTTER_QEMU_VIOLATION)
        snprintf(device->flash.violation, sizeof device->flash.violation,
                 "by machine code, after operation %llu", (unsigned long long)device->flash.operation);
    else if (end != OTTER_QEMU_SKETCH)
        console_line(device->console, CONSOLE_BAD,
                     "(the machine code is left: %s; updates are taken all the same)", obstacles[end]);
}
