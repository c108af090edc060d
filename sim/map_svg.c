/* The map as a drawing: the three phases below one another, with sizes and addresses. */
#include "sim/map.h"

#define WIDTH        960u
#define MARGIN       20u
#define BAR_WIDTH    (WIDTH - 2 * MARGIN)
#define BAR_HEIGHT   56u
#define PHASE_HEIGHT 136u
#define TOP          24u
#define AREA_WIDTH   84u /* at least */
#define GAP          3u
#define KIB          1024u

static const char *const classes[] = {
    [MAP_OLD_SKETCH] = "old",   [MAP_NEW_SKETCH] = "new",    [MAP_FREE] = "free",
    [MAP_FILESYSTEM] = "files", [MAP_SETTINGS] = "settings",
};

static const char *const captions[MAP_PHASES] = {
    [MAP_START] = "the old sketch runs",
    [MAP_UPDATE] =
        "the new sketch is staged so that it ends where the filesystem starts; the old one runs on",
    [MAP_RESTART] = "the bootloader has copied the new sketch to the start of flash",
};

static const char style[] =
    "  <style>\n"
    "    text { font: 13px system-ui, 'DejaVu Sans', sans-serif; fill: #1f2328; }\n"
    "    .title { font-weight: 600; font-size: 15px; }\n"
    "    .size, .address { font-size: 11px; fill: #57606a; }\n"
    "    .address { font-family: ui-monospace, 'DejaVu Sans Mono', monospace; font-size: 10.5px; }\n"
    "    rect { stroke-width: 1.5; rx: 5px; }\n"
    "    .old { fill: #cfe3fb; stroke: #3b82d0; }\n"
    "    .new { fill: #c9ecd2; stroke: #2f9a52; }\n"
    "    .free { fill: none; stroke: #8c959f; stroke-dasharray: 4 4; }\n"
    "    .files { fill: #ecdcfa; stroke: #8f5cc7; }\n"
    "    .settings { fill: #e6e9ed; stroke: #7d8590; }\n"
    "    @media (prefers-color-scheme: dark) {\n"
    "      text { fill: #e6edf3; }\n"
    "      .size, .address { fill: #9aa4af; }\n"
    "      .old { fill: #17345a; stroke: #5c9ee6; }\n"
    "      .new { fill: #143f24; stroke: #4cb970; }\n"
    "      .free { fill: none; stroke: #6e7681; }\n"
    "      .files { fill: #3a2458; stroke: #b083e6; }\n"
    "      .settings { fill: #2b3138; stroke: #8b949e; }\n"
    "    }\n"
    "  </style>\n";

static void print_size(FILE *out, uint32_t bytes)
{
    if (bytes >= KIB * KIB && bytes % (KIB * KIB) == 0)
        fprintf(out, "%u MiB", (unsigned)(bytes / KIB / KIB));
    else
        fprintf(out, "%u KiB", (unsigned)((bytes + KIB - 1) / KIB));
}

static void print_area(const struct map_area *area, unsigned x, unsigned y, unsigned width, FILE *out)
{
    unsigned middle = x + width / 2;
    fprintf(out, "  <rect class=\"%s\" x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\"/>\n", classes[area->kind],
            x, y, width, BAR_HEIGHT);
    fprintf(out, "  <text x=\"%u\" y=\"%u\" text-anchor=\"middle\">%s</text>\n", middle, y + 25, area->label);
    fprintf(out, "  <text class=\"size\" x=\"%u\" y=\"%u\" text-anchor=\"middle\">", middle, y + 43);
    print_size(out, area->size);
    fputs("</text>\n", out);
    fprintf(out, "  <text class=\"address\" x=\"%u\" y=\"%u\">0x%06X</text>\n", x, y + BAR_HEIGHT + 15,
            (unsigned)area->start);
}

static void print_phase(const struct map *map, enum map_phase phase, unsigned y, FILE *out)
{
    struct map_area areas[MAP_AREAS_MAX];
    unsigned minimum[MAP_AREAS_MAX], width[MAP_AREAS_MAX], x = MARGIN;
    unsigned count = map_areas(map, phase, areas);
    for (unsigned i = 0; i < count; i++)
        minimum[i] = AREA_WIDTH;
    map_share(areas, minimum, width, count, BAR_WIDTH + GAP, GAP);
    fprintf(out,
            "  <text x=\"%u\" y=\"%u\"><tspan class=\"title\">%s</tspan><tspan dx=\"10\">%s</tspan></text>\n",
            x, y, map_phase_name(phase), captions[phase]);
    for (unsigned i = 0; i < count; i++) {
        print_area(&areas[i], x, y + 14, width[i], out);
        x += width[i] + GAP;
    }
}

void map_print_svg(const struct map *map, FILE *out)
{
    unsigned height = TOP + MAP_PHASES * PHASE_HEIGHT - 20;
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %u %u\" role=\"img\" "
            "aria-labelledby=\"title\">\n"
            "  <title id=\"title\">The flash of a device with layout %s before, during and after an "
            "update</title>\n%s",
            WIDTH, height, map->layout->name, style);
    for (enum map_phase phase = MAP_START; phase < MAP_PHASES; phase++)
        print_phase(map, phase, TOP + phase * PHASE_HEIGHT, out);
    fputs("</svg>\n", out);
}
