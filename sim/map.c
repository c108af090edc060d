#include "sim/map.h"

#include "format/bytes.h"

struct list {
    struct map_area *areas;
    unsigned count;
};

static void add(struct list *list, struct map_area area, uint32_t end)
{
    if (end <= area.start)
        return;
    area.size = end - area.start;
    list->areas[list->count++] = area;
}

static void add_sketches(struct list *list, const struct map *map, enum map_phase phase)
{
    bool after = phase == MAP_RESTART;
    const struct map_sketch *sketch = after ? &map->new : &map->old;
    uint32_t end = otter_round_up(sketch->size, OTTER_FLASH_SECTOR);
    uint32_t limit = map->layout->filesystem_start, staged = limit;
    if (phase == MAP_UPDATE && !map->filesystem)
        staged -= otter_round_up(map->announced, OTTER_FLASH_SECTOR);
    add(list, (struct map_area){.kind = after ? MAP_NEW_SKETCH : MAP_OLD_SKETCH, .label = sketch->label},
        end);
    add(list, (struct map_area){.kind = MAP_FREE, .label = "free", .start = end}, staged);
    add(list,
        (struct map_area){.kind = MAP_NEW_SKETCH,
                          .label = "new sketch",
                          .start = staged,
                          .filled = map->received,
                          .updating = true},
        limit);
}

unsigned map_areas(const struct map *map, enum map_phase phase, struct map_area areas[MAP_AREAS_MAX])
{
    const struct otter_layout *layout = map->layout;
    uint32_t calibration = otter_layout_rf_calibration(layout), settings = otter_layout_sdk_settings(layout);
    bool updating = phase == MAP_UPDATE && map->filesystem;
    struct list list = {.areas = areas};
    add_sketches(&list, map, phase);
    add(&list,
        (struct map_area){.kind = MAP_FILESYSTEM,
                          .label = "filesystem",
                          .start = layout->filesystem_start,
                          .filled = updating ? map->received : 0,
                          .updating = updating},
        layout->filesystem_end);
    add(&list, (struct map_area){.kind = MAP_SETTINGS, .label = "EEPROM", .start = layout->eeprom},
        calibration);
    add(&list, (struct map_area){.kind = MAP_SETTINGS, .label = "RF cal", .start = calibration}, settings);
    add(&list, (struct map_area){.kind = MAP_SETTINGS, .label = "settings", .start = settings},
        layout->flash_size);
    return list.count;
}

const char *map_phase_name(enum map_phase phase)
{
    static const char *const names[MAP_PHASES] = {"start", "update", "restart"};
    return names[phase];
}

static unsigned widest(const unsigned *width, unsigned count)
{
    unsigned found = 0;
    for (unsigned i = 1; i < count; i++)
        if (width[i] > width[found])
            found = i;
    return found;
}

void map_share(const struct map_area *areas, const unsigned *minimum, unsigned *width, unsigned count,
               unsigned total)
{
    uint64_t bytes = 0, seen = 0;
    unsigned needed = 0, given = 0;
    for (unsigned i = 0; i < count; i++) {
        needed += width[i] = minimum[i];
        bytes += areas[i].size;
    }
    for (; needed > total; needed--)
        width[widest(width, count)]--;
    for (unsigned i = 0; i < count; i++) {
        seen += areas[i].size;
        unsigned share = (unsigned)(seen * (total - needed) / bytes);
        width[i] += share - given;
        given = share;
    }
}
