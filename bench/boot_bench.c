/* Modelled flash time of the bootloader: copying an update of 460 KiB, beside the existing bootloader's way
 * (each sector erased, programmed whole, nothing checked), and what a start without an update adds. */
#include <stdlib.h>

#include "bench/table.h"
#include "format/boot_command.h"
#include "format/bytes.h"
#include "format/layout.h"
#include "ports/sim/boot.h"
#include "tests/support/emulated.h"
#include "tests/support/file.h"
#include "tests/support/require.h"
#include "tests/support/sample.h"

#define SIZE (460u * 1024u)

struct device {
    struct otter_sim_flash flash;
    struct otter_sim_rtc rtc;
};

static double seconds(struct device *device)
{
    double passed = (double)device->flash.time_ns / 1e9;
    REQUIRE(device->flash.violation[0] == '\0', "%s", device->flash.violation);
    otter_sim_flash_close(&device->flash);
    return passed;
}

static void open_device(struct device *device, const struct otter_sim_flash_timing *timing,
                        const struct file *running)
{
    *device = (struct device){0};
    REQUIRE(otter_sim_flash_open_memory(&device->flash, 4u << 20), "no memory");
    device->flash.timing = timing;
    otter_sim_flash_load(&device->flash, 0, running->bytes, (uint32_t)running->size);
}

static double existing_way(const struct otter_sim_flash_timing *timing, const struct file *new)
{
    static uint32_t sector[OTTER_FLASH_SECTOR / 4];
    struct device device;
    open_device(&device, timing, new);
    for (uint32_t at = 0; at < new->size; at += OTTER_FLASH_SECTOR)
        REQUIRE(otter_sim_flash_read(&device.flash, at, sector, sizeof(sector)) == 0 &&
                    otter_sim_flash_erase_sector(&device.flash, at) == 0 &&
                    otter_sim_flash_program(&device.flash, at, sector, sizeof(sector)) == 0,
                "flash");
    return seconds(&device);
}

static double copy(const struct otter_sim_flash_timing *timing, const struct file *old,
                   const struct file *staged)
{
    struct device device;
    const uint32_t source = 0x300000 - otter_round_up((uint32_t)staged->size, OTTER_FLASH_SECTOR);
    open_device(&device, timing, old);
    otter_sim_flash_load(&device.flash, source, staged->bytes, (uint32_t)staged->size);
    otter_boot_command_encode(device.rtc.words, &(struct otter_boot_command){.action = OTTER_BOOT_COPY,
                                                                             .source = source,
                                                                             .size = (uint32_t)staged->size});
    REQUIRE(otter_sim_boot(&device.flash, &device.rtc) == BOOT_COPIED, "not copied");
    return seconds(&device);
}

static double start(const struct otter_sim_flash_timing *timing, const struct file *running)
{
    struct device device;
    open_device(&device, timing, running);
    REQUIRE(otter_sim_boot(&device.flash, &device.rtc) == BOOT_IDLE, "not idle");
    return seconds(&device);
}

/* Instructions until a sketch runs, with STAGED to copy; or nothing. */
static double instructions(struct emulated *device, const struct file *staged)
{
    device->rtc[0] = 0;
    if (staged != NULL)
        emulated_stage(device, staged);
    REQUIRE(emulated_run(device) == OTTER_QEMU_SKETCH, "the emulated device does not start");
    return (double)device->qemu.report.cycles * OTTER_QEMU_INSTRUCTIONS;
}

/* A gzip whose length is wrong is inflated whole to be checked, and that is all. */
static void print_inflate(void)
{
    void *state;
    emulated_open(&state);
    struct emulated *device = state;
    if (device->there) {
        struct file packed = file_gzip(device->new.bytes, device->new.size);
        packed.bytes[packed.size - 1] ^= 1;
        device->qemu.counted = true;
        double nothing = instructions(device, NULL), inflated = instructions(device, &packed);
        printf("\nInflate on the emulated LX106: %.0f instructions per byte that comes out\n",
               (inflated - nothing) / (double)device->new.size);
        free(packed.bytes);
    }
    emulated_close(&state);
}

static void print_row(const char *name, double reference, double measured, double target)
{
    table_print(&(struct table_row){.name = name,
                                    .reference = reference,
                                    .measured = measured,
                                    .ratio = measured / reference,
                                    .goal = target > 0 ? TABLE_AT_MOST : TABLE_NONE,
                                    .target = target});
}

static void print_copies(const char *const names[4], const struct file *old, const struct file *new)
{
    struct file packed = file_gzip(new->bytes, new->size);
    const double dual = existing_way(&otter_sim_w25q32_dual, new),
                 single = existing_way(&otter_sim_w25q32_single, new);
    print_row(names[0], dual, copy(&otter_sim_w25q32_dual, old, new), 0.45);
    print_row(names[1], dual, copy(&otter_sim_w25q32_dual, old, &packed), 0);
    print_row(names[2], single, copy(&otter_sim_w25q32_single, old, new), 0.45);
    print_row(names[3], single, copy(&otter_sim_w25q32_single, old, &packed), 0);
    free(packed.bytes);
}

static void print_noise(void)
{
    static uint8_t old[SIZE], new[SIZE];
    static const char *const names[] = {"raw, dual read", "gzip, dual read", "raw, single read",
                                        "gzip, single read"};
    sample_image(old, SIZE, 1);
    sample_image(new, SIZE, 2);
    print_copies(names, &(struct file){.bytes = old, .size = SIZE},
                 &(struct file){.bytes = new, .size = SIZE});
}

static void print_tasmota(void)
{
    static const char paths[2][256] = {OTTER_FIRMWARE_DIR "/tasmota-8.1.0.1.bin",
                                       OTTER_FIRMWARE_DIR "/tasmota-8.1.0.2.bin"};
    static const char *const names[] = {"Tasmota, raw, dual read", "Tasmota, gzip, dual read",
                                        "Tasmota, raw, single read", "Tasmota, gzip, single read"};
    if (!file_exists(paths[0]) || !file_exists(paths[1])) {
        printf("%s: absent\n", paths[1]);
        return;
    }
    struct file old = file_read(paths[0]), new = file_read(paths[1]);
    print_copies(names, &old, &new);
    free(old.bytes);
    free(new.bytes);
}

static void print_starts(void)
{
    struct file garden = file_read(OTTER_IMAGES_DIR "/garden-1.bin");
    print_row("dual read", 5, 1000 * start(&otter_sim_w25q32_dual, &garden), 1);
    print_row("single read", 5, 1000 * start(&otter_sim_w25q32_single, &garden), 1);
    free(garden.bytes);
}

int main(void)
{
    table_head("Bootloader: modelled flash time of a copy of 460 KiB, seconds", "existing", "otter", "ratio");
    print_noise();
    print_tasmota();
    table_head("Bootloader: modelled flash time of a start without an update, ms", "limit", "otter", "ratio");
    print_starts();
    print_inflate();
    return 0;
}
