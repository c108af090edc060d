/* Modelled flash time of staging 1 MiB, and of keeping the old firmware: the updater, which erases ahead in
 * 64 KiB blocks, beside one that erases sector by sector. Exact and repeatable: the simulated flash adds up
 * data sheet times. */
#include <stdlib.h>

#include "bench/table.h"
#include "format/bootloader.h"
#include "otter/updater.h"
#include "ports/sim/flash.h"
#include "tests/support/require.h"
#include "tests/support/sample.h"

enum { MIB = 1024 * 1024, KEPT_SIZE = 460 * 1024 - 512 };

static int read_flash(void *context, uint32_t address, void *bytes, uint32_t length)
{
    return otter_sim_flash_read(context, address, bytes, length);
}

static int program(void *context, uint32_t address, const void *bytes, uint32_t length)
{
    return otter_sim_flash_program(context, address, bytes, length);
}

static int erase_sector(void *context, uint32_t address)
{
    return otter_sim_flash_erase_sector(context, address);
}

static int erase_block(void *context, uint32_t address)
{
    return otter_sim_flash_erase_block(context, address);
}

static void read_rtc(void *context, uint32_t index, uint32_t *words, uint32_t count)
{
    (void)context;
    (void)index;
    for (uint32_t i = 0; i < count; i++)
        words[i] = 0;
}

static void write_rtc(void *context, uint32_t index, const uint32_t *words, uint32_t count)
{
    (void)context;
    (void)index;
    (void)words;
    (void)count;
}

struct device {
    struct otter_sim_flash flash; /* first: the port's context */
    struct otter_port port;
    struct otter_updater updater;
    uint32_t buffer[OTTER_FLASH_SECTOR / 4];
};

static void open_device(struct device *device, const struct otter_layout *layout, bool blocks)
{
    REQUIRE(otter_sim_flash_open_memory(&device->flash, layout->flash_size), "no memory");
    device->flash.timing = &otter_sim_w25q32_dual;
    device->port = (struct otter_port){
        .context = device,
        .layout = layout,
        .flash = {.size = layout->flash_size,
                  .mode = 2,
                  .read = read_flash,
                  .program = program,
                  .erase_sector = erase_sector,
                  .erase_block = blocks ? erase_block : NULL},
        .rtc = {.read = read_rtc, .write = write_rtc},
    };
    otter_updater_init(&device->updater, &device->port,
                       &(struct otter_updater_settings){.buffer = device->buffer});
}

static void send(struct device *device, const uint8_t *image, uint32_t size)
{
    int begun = otter_updater_begin(&device->updater, size, OTTER_UPDATE_SKETCH);
    REQUIRE(begun == OTTER_OK, "begin: %s", otter_error_text((enum otter_error)begun));
    for (uint32_t sent = 0, now; sent < size; sent += now) {
        now = size - sent < 1460 ? size - sent : 1460;
        REQUIRE(otter_updater_write(&device->updater, image + sent, now) == (int)now, "write at %u", sent);
    }
}

/* How many steps that took. */
static unsigned finish(struct device *device)
{
    unsigned steps = 1;
    int left;
    while ((left = otter_updater_end(&device->updater, false)) > 0)
        steps++;
    REQUIRE(left == OTTER_OK, "end: %s", otter_error_text((enum otter_error)left));
    REQUIRE(device->flash.violation[0] == '\0', "%s", device->flash.violation);
    return steps;
}

/* Seconds of flash time for an image of SIZE bytes. */
static double stage(const struct otter_layout *layout, uint32_t size, bool blocks)
{
    static struct device device;
    uint8_t *image = malloc(size);
    REQUIRE(image != NULL, "no memory");
    sample_image(image, size, 1);
    open_device(&device, layout, blocks);
    send(&device, image, size);
    (void)finish(&device);
    otter_sim_flash_close(&device.flash);
    free(image);
    return (double)device.flash.time_ns / 1e9;
}

/* Seconds of flash time for keeping a running firmware of SIZE bytes, once the new one is staged. */
static double keep(const struct otter_layout *layout, uint32_t size, bool blocks)
{
    static struct device device;
    uint8_t *image = malloc(size);
    REQUIRE(image != NULL, "no memory");
    open_device(&device, layout, blocks);
    sample_firmware(image, size, 1, OTTER_BOOTLOADER_VERSION, 0);
    otter_sim_flash_load(&device.flash, 0, image, size);
    sample_firmware(image, size, 2, OTTER_BOOTLOADER_VERSION, OTTER_BOOTLOADER_CONFIRMS);
    send(&device, image, size);
    const uint64_t before = device.flash.time_ns;
    REQUIRE(finish(&device) > size / OTTER_FLASH_SECTOR, "nothing was kept");
    otter_sim_flash_close(&device.flash);
    free(image);
    return (double)(device.flash.time_ns - before) / 1e9;
}

int main(void)
{
    static const struct {
        const char *name;
        const char *layout;
        uint32_t size;
        enum table_goal goal;
    } cases[] = {
        {"1 MiB, on whole blocks (4m1m)", "4m1m", MIB, TABLE_AT_MOST},
        {"4 KiB more", "4m1m", MIB + 4096, TABLE_AT_MOST},
        {"20 KiB less", "4m1m", MIB - 5 * 4096, TABLE_AT_MOST},
        /* the staging area ends within a block that holds settings: 11 sectors are left to erase one by one
         */
        {"1 MiB below an odd end (2m)", "2m", MIB, TABLE_NONE},
    };
    bool met = true;
    table_head("Flash time of staging, seconds", "by sectors", "otter", "share");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct otter_layout *layout = otter_layout_find(cases[i].layout);
        struct table_row row = {.name = cases[i].name, .goal = cases[i].goal, .target = 0.40};
        row.reference = stage(layout, cases[i].size, false);
        row.measured = stage(layout, cases[i].size, true);
        row.ratio = row.measured / row.reference;
        met = table_print(&row) && met;
    }
    const struct otter_layout *layout = otter_layout_find("4m1m");
    struct table_row row = {.name = "keeping 460 KiB for a trial", .goal = TABLE_NONE};
    row.reference = keep(layout, KEPT_SIZE, false);
    row.measured = keep(layout, KEPT_SIZE, true);
    row.ratio = row.measured / row.reference;
    met = table_print(&row) && met;
    return met ? EXIT_SUCCESS : EXIT_FAILURE;
}
