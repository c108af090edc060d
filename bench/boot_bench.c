/* Modelled flash time of the bootloader: copying an update of 460 KiB, beside the existing bootloader's way
 * (each sector erased, programmed whole, nothing checked), and what a start without an update adds. */
#include <stdlib.h>

#include "bench/table.h"
#include "format/boot_command.h"
#include "format/layout.h"
#include "ports/sim/boot.h"
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

static void open_device(struct device *device, const struct otter_sim_flash_timing *timing)
{
    static uint8_t old[SIZE];
    *device = (struct device){0};
    REQUIRE(otter_sim_flash_open_memory(&device->flash, 4u << 20), "no memory");
    device->flash.timing = timing;
    sample_image(old, sizeof(old), 1);
    otter_sim_flash_load(&device->flash, 0, old, sizeof(old));
}

static double existing_way(const struct otter_sim_flash_timing *timing)
{
    static uint32_t sector[OTTER_FLASH_SECTOR / 4];
    struct device device;
    open_device(&device, timing);
    for (uint32_t at = 0; at < SIZE; at += OTTER_FLASH_SECTOR)
        REQUIRE(otter_sim_flash_read(&device.flash, at, sector, sizeof(sector)) == 0 &&
                    otter_sim_flash_erase_sector(&device.flash, at) == 0 &&
                    otter_sim_flash_program(&device.flash, at, sector, sizeof(sector)) == 0,
                "flash");
    return seconds(&device);
}

static double copy(const struct otter_sim_flash_timing *timing, bool gzip)
{
    static uint8_t new[SIZE];
    struct device device;
    open_device(&device, timing);
    sample_image(new, sizeof(new), 2);
    struct file staged = {.bytes = new, .size = sizeof(new)};
    if (gzip)
        staged = file_gzip(new, sizeof(new));
    uint32_t source =
        0x300000 - (uint32_t)((staged.size + OTTER_FLASH_SECTOR - 1) & ~(size_t)(OTTER_FLASH_SECTOR - 1));
    otter_sim_flash_load(&device.flash, source, staged.bytes, (uint32_t)staged.size);
    otter_boot_command_encode(device.rtc.words, &(struct otter_boot_command){.action = OTTER_BOOT_COPY,
                                                                             .source = source,
                                                                             .size = (uint32_t)staged.size});
    REQUIRE(otter_sim_boot(&device.flash, &device.rtc) == BOOT_COPIED, "not copied");
    if (gzip)
        free(staged.bytes);
    return seconds(&device);
}

static double start(const struct otter_sim_flash_timing *timing)
{
    struct device device;
    open_device(&device, timing);
    struct file garden = file_read(OTTER_IMAGES_DIR "/garden-1.bin");
    otter_sim_flash_load(&device.flash, 0, garden.bytes, (uint32_t)garden.size);
    free(garden.bytes);
    REQUIRE(otter_sim_boot(&device.flash, &device.rtc) == BOOT_IDLE, "not idle");
    return seconds(&device);
}

int main(void)
{
    const struct otter_sim_flash_timing *ways[] = {&otter_sim_w25q32_dual, &otter_sim_w25q32_single};
    const char *names[2][3] = {
        {"copy, 460 KiB raw, dual read", "copy, gzip, dual read", "start, dual read (limit 5 ms)"},
        {"copy, 460 KiB raw, single read", "copy, gzip, single read", "start, single read (limit 5 ms)"}};
    table_head("Bootloader: modelled flash time, seconds", "existing", "otter", "ratio");
    for (int i = 0; i < 2; i++) {
        double reference = existing_way(ways[i]), raw = copy(ways[i], false), gzip = copy(ways[i], true);
        table_print(&(struct table_row){
            .name = names[i][0], .reference = reference, .measured = raw, .ratio = raw / reference});
        table_print(&(struct table_row){
            .name = names[i][1], .reference = reference, .measured = gzip, .ratio = gzip / reference});
        double added = start(ways[i]);
        table_print(&(struct table_row){.name = names[i][2],
                                        .reference = 0.005,
                                        .measured = added,
                                        .ratio = added / 0.005,
                                        .goal = TABLE_AT_MOST,
                                        .target = 1});
    }
    return 0;
}
