#include "device/updater_flash.h"

#include "format/boot_command.h"
#include "format/bytes.h"
#include "otter/sketch.h"

/* From so many sectors on, erasing a block is faster than erasing them one by one (W25Q32: 150 ms against
 * 45 ms each). */
#define BLOCK_WORTH_SECTORS 4u

bool otter_updater_is_staged(const struct otter_updater *updater)
{
    return updater->command == OTTER_UPDATE_SKETCH || updater->settings.atomic_filesystem;
}

void otter_updater_go_to(struct otter_updater *updater, uint32_t address, uint32_t floor, uint32_t end)
{
    updater->erased_to = address;
    updater->erase_floor = floor;
    updater->erase_end = end;
}

int otter_updater_room(const struct otter_updater *updater, enum otter_update_command command)
{
    const struct otter_layout *layout = updater->port->layout;
    const int filesystem = (int)(layout->filesystem_end - layout->filesystem_start);
    if (command == OTTER_UPDATE_FILESYSTEM && !updater->settings.atomic_filesystem)
        return filesystem;
    const int free_space = otter_sketch_free_space(updater->port);
    return command == OTTER_UPDATE_FILESYSTEM && free_space > filesystem ? filesystem : free_space;
}

/* In place, or staged: between the running sketch and the filesystem, as high as possible. */
int otter_updater_place(struct otter_updater *updater)
{
    const uint32_t filesystem = updater->port->layout->filesystem_start;
    const uint32_t size = otter_round_up(updater->size, OTTER_FLASH_SECTOR);
    const int room = otter_updater_room(updater, updater->command);
    if (room < 0)
        return room;
    if (updater->size > (uint32_t)room)
        return OTTER_ERROR_SPACE;
    const bool staged = otter_updater_is_staged(updater);
    const uint32_t floor =
        staged ? filesystem - otter_round_up((uint32_t)room, OTTER_FLASH_SECTOR) : filesystem;
    updater->start = staged ? filesystem - size : filesystem;
    otter_updater_go_to(updater, updater->start, floor, updater->start + size);
    return OTTER_OK;
}

/* A block may be erased as a whole if nothing but free space and what is stored lies in it. Only the first
 * one can begin below ADDRESS. */
static bool block_is_ours(const struct otter_updater *updater, uint32_t address)
{
    const uint32_t block = otter_round_down(address, OTTER_FLASH_BLOCK);
    const uint32_t end = block + OTTER_FLASH_BLOCK;
    return block >= updater->erase_floor && end <= updater->erase_end &&
           end - address >= BLOCK_WORTH_SECTORS * OTTER_FLASH_SECTOR;
}

static int erase_at(struct otter_updater *updater, uint32_t address)
{
    const struct otter_port *port = updater->port;
    if (port->flash.erase_block != NULL && block_is_ours(updater, address)) {
        const uint32_t block = otter_round_down(address, OTTER_FLASH_BLOCK);
        updater->erased_to = block + OTTER_FLASH_BLOCK;
        return port->flash.erase_block(port->context, block);
    }
    updater->erased_to = address + OTTER_FLASH_SECTOR;
    return port->flash.erase_sector(port->context, address);
}

int otter_updater_store(struct otter_updater *updater, uint32_t address, uint32_t length)
{
    const struct otter_port *port = updater->port;
    if (address == updater->erased_to && erase_at(updater, address) != 0)
        return OTTER_ERROR_ERASE;
    if (port->flash.program(port->context, address, updater->settings.buffer, otter_round_up(length, 4)) != 0)
        return OTTER_ERROR_WRITE;
    return OTTER_OK;
}

void otter_updater_leave_boot_command(struct otter_updater *updater)
{
    const struct otter_port *port = updater->port;
    const struct otter_boot_command command = {
        .action = OTTER_BOOT_COPY,
        .source = updater->start,
        .destination = updater->command == OTTER_UPDATE_FILESYSTEM ? port->layout->filesystem_start : 0,
        .size = updater->received,
        .trial = updater->trial,
    };
    uint32_t words[OTTER_BOOT_COMMAND_WORDS];
    otter_boot_command_encode(words, &command);
    port->rtc.write(port->context, 0, words, OTTER_BOOT_COMMAND_WORDS);
    updater->staged = true;
}

void otter_updater_drop_boot_command(struct otter_updater *updater)
{
    const struct otter_port *port = updater->port;
    struct otter_boot_command command;
    uint32_t words[OTTER_BOOT_COMMAND_WORDS];
    updater->staged = false;
    port->rtc.read(port->context, 0, words, OTTER_BOOT_COMMAND_WORDS);
    if (otter_boot_command_decode(&command, words) != OTTER_OK)
        return;
    otter_boot_command_clear(words);
    port->rtc.write(port->context, 0, words, OTTER_BOOT_COMMAND_WORDS);
}
