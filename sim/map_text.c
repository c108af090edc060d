/* The map on a terminal: one line per phase. */
#include "sim/map.h"

#define COLUMNS    (MAP_COLUMNS - 1u)
#define NAME_WIDTH 8u
#define LABEL_MAX  48u
#define SHADE      "\u2592"
#define BORDER     "\u2502"
#define COLOR_OFF  "\033[0m"

/* What is there, and what an update is about to write. */
static const struct {
    const char *full, *empty;
} colors[] = {
    [MAP_OLD_SKETCH] = {"\033[97;44m", "\033[97;44m"}, [MAP_NEW_SKETCH] = {"\033[97;42m", "\033[97;100m"},
    [MAP_FREE] = {"\033[0;2m", "\033[0;2m"},           [MAP_FILESYSTEM] = {"\033[97;45m", "\033[97;45m"},
    [MAP_SETTINGS] = {"\033[97;100m", "\033[97;100m"},
};

static uint32_t part_of(uint32_t whole, const struct map_area *area)
{
    return area->expected == 0 ? 0 : (uint32_t)((uint64_t)area->received * whole / area->expected);
}

static unsigned label_of(char label[LABEL_MAX], const struct map_area *area)
{
    if (area->updating)
        return (unsigned)snprintf(label, LABEL_MAX, "%s %u%%", area->brief, (unsigned)part_of(100, area));
    return (unsigned)snprintf(label, LABEL_MAX, "%s", area->brief);
}

static unsigned indent_of(const struct map_area *area)
{
    return area->kind == MAP_SETTINGS ? 0 : 1;
}

static void print_area(const struct map_area *area, unsigned width, FILE *out, bool color)
{
    char label[LABEL_MAX];
    unsigned length = label_of(label, area), indent = indent_of(area);
    unsigned full = area->updating ? part_of(width, area) : width;
    for (unsigned i = 0; i < width; i++) {
        if (color && (i == 0 || i == full))
            fputs(i < full ? colors[area->kind].full : colors[area->kind].empty, out);
        if (i >= indent && i < indent + length && i + indent < width)
            fputc(label[i - indent], out);
        else
            fputs(i < full && area->updating && !color ? SHADE : " ", out);
    }
    fputs(color ? COLOR_OFF : "", out);
}

static void print_phase(const struct map *map, enum map_phase phase, FILE *out, bool color)
{
    struct map_area areas[MAP_AREAS_MAX];
    unsigned minimum[MAP_AREAS_MAX], width[MAP_AREAS_MAX];
    char label[LABEL_MAX];
    unsigned count = map_areas(map, phase, areas);
    for (unsigned i = 0; i < count; i++)
        minimum[i] = label_of(label, &areas[i]) + 2 * indent_of(&areas[i]);
    map_share(areas, minimum, width, count, COLUMNS - NAME_WIDTH - 1, 1);
    fprintf(out, "%-*s", (int)NAME_WIDTH, map_phase_name(phase));
    for (unsigned i = 0; i < count; i++) {
        fputs(BORDER, out);
        print_area(&areas[i], width[i], out, color);
    }
    fputs(BORDER "\n", out);
}

int map_print(const struct map *map, FILE *out, bool color)
{
    int lines = 0;
    for (enum map_phase phase = MAP_START; phase <= map->phase; phase++, lines++)
        print_phase(map, phase, out, color);
    return lines;
}
