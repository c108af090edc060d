#include "ports/sim/rig.h"

#include "format/image.h"
#include "ports/sim/random.h"

static int flash_read(void *context, uint32_t address, void *bytes, uint32_t length)
{
    struct otter_sim_rig *rig = context;
    return otter_sim_flash_read(&rig->flash, address, bytes, length);
}

static int flash_program(void *context, uint32_t address, const void *bytes, uint32_t length)
{
    struct otter_sim_rig *rig = context;
    return otter_sim_flash_program(&rig->flash, address, bytes, length);
}

static int flash_erase_sector(void *context, uint32_t address)
{
    struct otter_sim_rig *rig = context;
    return otter_sim_flash_erase_sector(&rig->flash, address);
}

static int flash_erase_block(void *context, uint32_t address)
{
    struct otter_sim_rig *rig = context;
    return otter_sim_flash_erase_block(&rig->flash, address);
}

static void rtc_read(void *context, uint32_t index, uint32_t *words, uint32_t count)
{
    struct otter_sim_rig *rig = context;
    otter_sim_rtc_read(&rig->rtc, index, words, count);
}

static void rtc_write(void *context, uint32_t index, const uint32_t *words, uint32_t count)
{
    struct otter_sim_rig *rig = context;
    otter_sim_rtc_write(&rig->rtc, index, words, count);
}

static int entropy(void *context, void *bytes, size_t size)
{
    struct otter_sim_rig *rig = context;
    uint8_t *out = bytes;
    if (rig->no_entropy)
        return -1;
    for (size_t i = 0; i < size; i++)
        out[i] = (uint8_t)otter_sim_random(&rig->seed);
    return 0;
}

static void restart(void *context)
{
    struct otter_sim_rig *rig = context;
    rig->restarts++;
}

bool otter_sim_rig_open(struct otter_sim_rig *rig, const struct otter_layout *layout)
{
    *rig = (struct otter_sim_rig){
        .port = {.context = rig,
                 .layout = layout,
                 .flash = {.size = layout->flash_size,
                           .mode = OTTER_FLASH_DIO,
                           .read = flash_read,
                           .program = flash_program,
                           .erase_sector = flash_erase_sector,
                           .erase_block = flash_erase_block},
                 .rtc = {.read = rtc_read, .write = rtc_write},
                 .network = otter_sim_network_port,
                 .entropy = entropy,
                 .restart = restart},
    };
    otter_sim_network_init(&rig->network);
    otter_sim_rtc_power_on(&rig->rtc, 1);
    return otter_sim_flash_open_memory(&rig->flash, layout->flash_size);
}

void otter_sim_rig_close(struct otter_sim_rig *rig)
{
    otter_sim_network_free(&rig->network);
    otter_sim_flash_close(&rig->flash);
}
