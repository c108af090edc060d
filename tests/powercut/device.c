#include "tests/powercut/device.h"

#include <stdlib.h>
#include <string.h>

#include "format/boot_command.h"
#include "format/bytes.h"
#include "otter/boot.h"
#include "ports/sim/boot.h"
#include "tests/powercut/judge.h"
#include "tests/support/require.h"
#include "tests/support/seed.h"

#define PORTION        1460u /* bytes that arrive at once */
#define RESTARTS_MAX   5     /* of a bootloader that starts nothing */
#define NOISE_SEED     77
#define RESTORED_READS 1000000 /* unstable bits depend on the number of reads */

/* --- power ---------------------------------------------------------------------------------------- */

static void power_cut(void *context)
{
    struct device *device = context;
    longjmp(device->power_lost, 1);
}

static void write_down(struct trace *trace, const struct otter_sim_flash *flash)
{
    if (trace->count == trace->room) {
        trace->room = trace->room * 2 + 256;
        trace->operations = realloc(trace->operations, trace->room * sizeof(*trace->operations));
        REQUIRE(trace->operations != NULL, "no memory");
    }
    trace->operations[trace->count++] =
        (struct operation){flash->operation_address, flash->operation_length, flash->operation_is_erase};
}

/* Called at each operation and each read. */
static bool time_passes(void *context, uint64_t ns)
{
    struct device *device = context;
    const struct otter_sim_flash *flash = &device->rig.flash;
    (void)ns;
    if (device->trace != NULL && device->traced != flash->operation) {
        device->traced = flash->operation;
        write_down(device->trace, flash);
    }
    return true;
}

void device_arm(struct device *device, const struct cut *cut)
{
    struct otter_sim_flash *flash = &device->rig.flash;
    flash->cut_at = cut == NULL ? 0 : cut->operation;
    if (cut == NULL)
        return;
    flash->cut = cut->outcome;
    flash->seed = cut->seed;
}

void device_power_on(struct device *device, uint64_t seed, bool kept)
{
    struct otter_sim_flash *flash = &device->rig.flash;
    flash->cut_at = 0;
    flash->operation = 0;
    flash->counts = (struct otter_sim_flash_counts){0};
    flash->seed = seed;
    device->traced = 0;
    if (!kept)
        otter_sim_rtc_power_on(&device->rig.rtc, seed);
}

/* --- life ----------------------------------------------------------------------------------------- */

static void stage_by_otter(struct device *device, const struct file *file)
{
    struct otter_updater *updater = &device->updater;
    otter_updater_init(updater, &device->rig.port,
                       &(struct otter_updater_settings){.buffer = device->buffer});
    int result = otter_updater_begin(updater, (uint32_t)file->size, OTTER_UPDATE_SKETCH);
    for (size_t at = 0, part; at < file->size && result >= 0; at += part) {
        part = file->size - at < PORTION ? file->size - at : PORTION;
        result = otter_updater_write(updater, file->bytes + at, part);
    }
    if (result >= 0)
        while ((result = otter_updater_end(updater, false)) > 0)
            ;
    REQUIRE(result == OTTER_OK, "%s: updater: %d", device->update->scenario->name, result);
}

/* As the core's Updater does it (spec/image.md, section 3): a sector is erased when it is entered, and
 * nothing else is. */
static void stage_unmodified(struct device *device, const struct file *file)
{
    struct otter_sim_flash *flash = &device->rig.flash;
    const uint32_t size = (uint32_t)file->size;
    const uint32_t source =
        device->update->layout->filesystem_start - otter_round_up(size, OTTER_FLASH_SECTOR);
    for (uint32_t at = 0, part; at < size; at += part) {
        part = size - at < OTTER_FLASH_SECTOR ? size - at : OTTER_FLASH_SECTOR;
        memset(device->buffer, 0xFF, sizeof(device->buffer));
        memcpy(device->buffer, file->bytes + at, part);
        if (at == 0 && file->bytes[0] == OTTER_IMAGE_MAGIC)
            ((uint8_t *)device->buffer)[OTTER_IMAGE_MODE_OFFSET] = device->rig.port.flash.mode;
        int result = otter_sim_flash_erase_sector(flash, source + at);
        if (result == 0)
            result = otter_sim_flash_program(flash, source + at, device->buffer, otter_round_up(part, 4));
        REQUIRE(result == 0, "%s: staging at 0x%X", device->update->scenario->name, source + at);
    }
    otter_boot_command_encode(
        device->rig.rtc.words,
        &(struct otter_boot_command){.action = OTTER_BOOT_COPY, .source = source, .size = size});
}

bool device_stage(struct device *device, const struct file *file)
{
    if (setjmp(device->power_lost) != 0)
        return false;
    if (scenario_is(device->update->scenario, SCENARIO_UNMODIFIED))
        stage_unmodified(device, file);
    else
        stage_by_otter(device, file);
    return true;
}

/* What the mask ROM loads is the bootloader, or there is no start; what the bootloader finds at the sketch's
 * place begins as a sketch does, or it resets. */
static void reset(struct device *device)
{
    uint32_t head;
    if (!judge_rom_starts(device))
        return;
    otter_sim_boot(&device->rig.flash, &device->rig.rtc);
    device_read(device, OTTER_IMAGE_SKETCH, &head, sizeof(head));
    device->started = (head & 0xFF) == OTTER_IMAGE_MAGIC;
}

/* What is done at every start by a sketch that can confirm itself. */
static void run_on_trial(struct device *device)
{
    if (judge_runs(device, device->new))
        device->tried++;
    else if (!judge_runs(device, device->old))
        device->spoilt = true;
    if (scenario_is(device->update->scenario, SCENARIO_CONFIRMS))
        REQUIRE(otter_boot_confirm(&device->rig.port) == OTTER_OK, "confirm");
}

static void start_once(struct device *device)
{
    device->started = false;
    for (int i = 0; i < RESTARTS_MAX && !device->started; i++)
        reset(device);
    if (device->started && scenario_is(device->update->scenario, SCENARIO_TRIAL))
        run_on_trial(device);
}

static void start_until_settled(struct device *device)
{
    const struct otter_sim_flash *flash = &device->rig.flash;
    uint64_t before;
    do {
        before = flash->operation;
        start_once(device);
    } while (flash->operation != before && scenario_is(device->update->scenario, SCENARIO_TRIAL));
}

bool device_start(struct device *device)
{
    if (setjmp(device->power_lost) != 0)
        return false;
    start_until_settled(device);
    return true;
}

/* --- making it ------------------------------------------------------------------------------------ */

/* As a tool does it over serial: nothing is left behind it in its last sector. */
static void load(struct device *device, const struct file *file)
{
    const uint32_t size = (uint32_t)file->size;
    otter_sim_flash_load(&device->rig.flash, 0, file->bytes, size);
    memset(device->rig.flash.bytes + size, 0xFF, otter_round_up(size, OTTER_FLASH_SECTOR) - size);
    device->rig.flash.bytes[OTTER_IMAGE_MODE_OFFSET] = device->rig.port.flash.mode;
}

/* The old firmware has come by an update, too, where there is room for that: what it left behind lies in the
 * free space. */
static void grow_old(struct device *device)
{
    const struct update *update = device->update;
    load(device, &update->first);
    if (update->first.size + update->old.size <= update->layout->filesystem_start)
        REQUIRE(device_stage(device, &update->old) && device_start(device), "power is on");
    if (judge_runs(device, &update->old))
        return;
    load(device, &update->old);
}

static void take(struct snapshot *snapshot, const struct device *device)
{
    const struct otter_sim_flash *flash = &device->rig.flash;
    snapshot->bytes = malloc(flash->size);
    REQUIRE(snapshot->bytes != NULL, "no memory");
    memcpy(snapshot->bytes, flash->bytes, flash->size);
    snapshot->rtc = device->rig.rtc;
    snapshot->operation = flash->operation;
}

void device_open(struct device *device, const struct update *update)
{
    struct otter_sim_flash *flash = &device->rig.flash;
    uint64_t seed = NOISE_SEED;
    *device = (struct device){.update = update, .old = &update->old, .new = &update->new};
    REQUIRE(otter_sim_rig_open(&device->rig, update->layout), "no memory");
    flash->power_cut = power_cut;
    flash->power_cut_context = device;
    flash->sleep = time_passes;
    flash->sleep_context = device;
    device->rig.port.flash.mode =
        scenario_is(update->scenario, SCENARIO_OTHER_MODE) ? OTTER_FLASH_DOUT : OTTER_FLASH_QIO;
    seed_fill(&seed, flash->bytes, flash->size);
    grow_old(device);
    device_power_on(device, NOISE_SEED, false);
    take(&device->before, device);
    REQUIRE(device_stage(device, &update->staged), "power is on");
    take(&device->staged, device);
}

void device_close(struct device *device)
{
    free(device->before.bytes);
    free(device->staged.bytes);
    otter_sim_rig_close(&device->rig);
}

void device_restore(struct device *device, const struct snapshot *snapshot)
{
    struct otter_sim_flash *flash = &device->rig.flash;
    otter_sim_flash_load(flash, 0, snapshot->bytes, flash->size);
    flash->operation = snapshot->operation;
    flash->cut_at = 0;
    flash->counts = (struct otter_sim_flash_counts){.reads = RESTORED_READS};
    flash->violation[0] = '\0';
    device->rig.rtc = snapshot->rtc;
    device->old = &device->update->old;
    device->new = &device->update->new;
    device->traced = snapshot->operation;
    device->tried = 0;
    device->spoilt = false;
}

void device_read(struct device *device, uint32_t address, void *bytes, uint32_t length)
{
    REQUIRE(otter_sim_flash_read(&device->rig.flash, address, bytes, length) == 0, "read at 0x%X", address);
}

void trace_free(struct trace *trace)
{
    free(trace->operations);
    *trace = (struct trace){0};
}
