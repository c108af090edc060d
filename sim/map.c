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
    bool after = phase == MAP_RESTART, staging = phase == MAP_UPDATE && !map->filesystem;
    const struct map_sketch *sketch = after ? &map->new : &map->old;
    uint32_t end = otter_round_up(sketch->size, OTTER_FLASH_SECTOR);
    uint32_t limit = map->layout->filesystem_start;
    uint32_t staged = staging ? limit - otter_round_up(map->announced, OTTER_FLASH_SECTOR) : limit;
    add(list,
        (struct map_area){
            .kind = after ? MAP_NEW_SKETCH : MAP_OLD_SKETCH, .label = sketch->label, .brief = sketch->label},
        end);
    add(list, (struct map_area){.kind = MAP_FREE, .label = "free", .brief = "free", .start = end}, staged);
    add(list,
        (struct map_area){.kind = MAP_NEW_SKETCH,
                          .label = "new sketch",
                          .brief = "new",
                          .start = staged,
                          .updating = true,
                          .received = map->received,
                          .expected = map->announced},
        limit);
}

static void add_settings(struct list *list, const struct otter_layout *layout)
{
    uint32_t calibration = otter_layout_rf_calibration(layout), settings = otter_layout_sdk_settings(layout);
    struct map_area area = {.kind = MAP_SETTINGS, .label = "EEPROM", .brief = "EEP", .start = layout->eeprom};
    add(list, area, calibration);
    area = (struct map_area){.kind = MAP_SETTINGS, .label = "RF cal", .brief = "RF", .start = calibration};
    add(list, area, settings);
    area = (struct map_area){.kind = MAP_SETTINGS, .label = "settings", .brief = "SDK", .start = settings};
    add(list, area, layout->flash_size);
}

unsigned map_areas(const struct map *map, enum map_phase phase, struct map_area areas[MAP_AREAS_MAX])
{
    struct list list = {.areas = areas};
    add_sketches(&list, map, phase);
    add(&list,
        (struct map_area){.kind = MAP_FILESYSTEM,
                          .label = "filesystem",
                          .brief = "filesystem",
                          .start = map->layout->filesystem_start,
                          .updating = phase == MAP_UPDATE && map->filesystem,
                          .received = map->received,
                          .expected = map->announced},
        map->layout->filesystem_end);
    add_settings(&list, map->layout);
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

/* In proportion to the size; none below its minimum, unless that is more than there is. */
static void share(const struct map_area *areas, const unsigned *minimum, unsigned *width, unsigned count,
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
        unsigned until_here = (unsigned)(seen * (total - needed) / bytes);
        width[i] += until_here - given;
        given = until_here;
    }
}

void map_share(const struct map_area *areas, const unsigned *minimum, unsigned *width, unsigned count,
               unsigned total, unsigned gap)
{
    unsigned front = 0;
    while (areas[front].kind != MAP_FILESYSTEM && areas[front].kind != MAP_SETTINGS)
        front++;
    unsigned front_total = total * (areas[front].kind == MAP_FILESYSTEM ? 15 : 18) / 25;
    share(areas, minimum, width, front, front_total - front * gap);
    share(areas + front, minimum + front, width + front, count - front,
          total - front_total - (count - front) * gap);
}
