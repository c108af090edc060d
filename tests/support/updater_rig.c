#include "tests/support/updater_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/boot_command.h"
#include "format/bytes.h"
#include "otter/sketch.h"
#include "tests/support/digest.h"
#include "tests/support/sample.h"
#include "tests/support/seed.h"
#include "tests/support/test.h"

/* --- callbacks ---------------------------------------------------------------------------------- */

static void maybe_abort(struct updater_rig *rig, enum updater_rig_callback callback)
{
    if (rig->abort_in == callback)
        otter_updater_abort(&rig->updater);
}

static int on_start(void *context, enum otter_update_command command, uint32_t size)
{
    struct updater_rig *rig = context;
    assert_true(command == OTTER_UPDATE_SKETCH || command == OTTER_UPDATE_FILESYSTEM);
    assert_true(updater_rig_untouched(rig) || rig->starts > 0);
    rig->starts++;
    rig->total = size;
    maybe_abort(rig, UPDATER_RIG_START);
    return rig->refuse ? -1 : 0;
}

static void on_progress(void *context, uint32_t done, uint32_t total)
{
    struct updater_rig *rig = context;
    assert_int_equal(total, rig->total);
    rig->progresses++;
    rig->done = done;
    maybe_abort(rig, UPDATER_RIG_PROGRESS);
}

static void on_end(void *context)
{
    struct updater_rig *rig = context;
    rig->ends++;
}

static void on_error(void *context, enum otter_error error, const char *text)
{
    struct updater_rig *rig = context;
    rig->errors++;
    rig->error = error;
    snprintf(rig->text, sizeof(rig->text), "%s", text);
    maybe_abort(rig, UPDATER_RIG_ERROR);
}

/* --- the device --------------------------------------------------------------------------------- */

/* What is read for it does not count. */
static void measure_room(struct updater_rig *rig)
{
    const struct otter_sim_flash flash = rig->sim.flash;
    const int room = otter_sketch_free_space(&rig->sim.port);
    rig->sim.flash = flash;
    rig->room = room > 0 ? (uint32_t)room : 0;
}

static void fill_flash(struct updater_rig *rig)
{
    const uint32_t size = rig->sim.flash.size;
    uint64_t seed = 7;
    rig->before = malloc(size);
    assert_non_null(rig->before);
    seed_fill(&seed, rig->before, OTTER_FLASH_SECTOR);
    for (uint32_t at = OTTER_FLASH_SECTOR; at < size; at += OTTER_FLASH_SECTOR)
        memcpy(rig->before + at, rig->before, OTTER_FLASH_SECTOR);
    sample_image(rig->before, UPDATER_RIG_SKETCH, 1);
    otter_sim_flash_load(&rig->sim.flash, 0, rig->before, size);
}

void updater_rig_open(struct updater_rig *rig, const char *layout,
                      const struct otter_updater_settings *settings)
{
    struct otter_updater_settings own = {0};
    memset(rig, 0, sizeof(*rig));
    assert_true(otter_sim_rig_open(&rig->sim, otter_layout_find(layout)));
    fill_flash(rig);
    if (settings != NULL)
        own = *settings;
    own.buffer = rig->sector;
    own.context = rig;
    own.start = on_start;
    own.progress = on_progress;
    own.end = on_end;
    own.error = on_error;
    otter_updater_init(&rig->updater, &rig->sim.port, &own);
    measure_room(rig);
}

/* Whatever happened, only the free space and the place of the last update may differ from before. */
static void check_surroundings(const struct updater_rig *rig)
{
    const struct otter_updater *updater = &rig->updater;
    const uint32_t filesystem = rig->sim.port.layout->filesystem_start;
    const bool in_place = updater->start >= filesystem;
    const uint32_t start = in_place && updater->record == 0 ? filesystem : filesystem - rig->room;
    const uint32_t end =
        in_place ? updater->start + otter_round_up(updater->size, OTTER_FLASH_SECTOR) : filesystem;
    if (updater_rig_untouched(rig))
        return;
    assert_true(updater_rig_holds(rig, 0, rig->before, start));
    assert_true(updater_rig_holds(rig, end, rig->before + end, rig->sim.flash.size - end));
}

void updater_rig_close(struct updater_rig *rig)
{
    check_surroundings(rig);
    assert_string_equal(rig->sim.flash.violation, "");
    otter_sim_rig_close(&rig->sim);
    free(rig->before);
}

int updater_rig_send(struct updater_rig *rig, enum otter_update_command command, const void *bytes,
                     size_t size, size_t portion)
{
    const uint8_t *from = bytes;
    char md5[33];
    digest_md5(md5, bytes, size);
    measure_room(rig);
    int error = otter_updater_begin(&rig->updater, (uint32_t)size, command);
    if (error == OTTER_OK)
        error = otter_updater_expect_md5(&rig->updater, md5);
    for (size_t part; size > 0 && error >= 0; from += part, size -= part) {
        part = size < portion ? size : portion;
        error = otter_updater_write(&rig->updater, from, part);
        if (error >= 0)
            assert_int_equal(error, part);
    }
    return error < 0 ? error : OTTER_OK;
}

/* --- what came of it ---------------------------------------------------------------------------- */

bool updater_rig_boot_command(const struct updater_rig *rig)
{
    struct otter_boot_command command;
    return otter_boot_command_decode(&command, rig->sim.rtc.words) == OTTER_OK;
}

void updater_rig_will_copy(const struct updater_rig *rig, uint32_t source, uint32_t destination,
                           uint32_t size)
{
    struct otter_boot_command command;
    assert_int_equal(otter_boot_command_decode(&command, rig->sim.rtc.words), OTTER_OK);
    assert_int_equal(command.action, OTTER_BOOT_COPY);
    assert_int_equal(command.source, source);
    assert_int_equal(command.destination, destination);
    assert_int_equal(command.size, size);
}

bool updater_rig_untouched(const struct updater_rig *rig)
{
    return rig->sim.flash.operation == 0;
}

bool updater_rig_holds(const struct updater_rig *rig, uint32_t address, const void *bytes, size_t size)
{
    return memcmp(rig->sim.flash.bytes + address, bytes, size) == 0;
}
