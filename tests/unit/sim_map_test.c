#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/map.h"

static struct map example(const char *layout)
{
    return (struct map){.layout = otter_layout_find(layout),
                        .phase = MAP_RESTART,
                        .old = {"lamp 1.0", 100000},
                        .new = {"lamp 1.1", 120000},
                        .announced = 120000,
                        .received = 60000};
}

static void expect_area(const struct map_area *area, const char *label, uint32_t start, uint32_t end)
{
    assert_string_equal(area->label, label);
    assert_int_equal(area->start, start);
    assert_int_equal(area->start + area->size, end);
}

static void an_update_is_staged_below_the_filesystem(void **state)
{
    (void)state;
    struct map map = example("4m1m");
    struct map_area areas[MAP_AREAS_MAX];
    assert_int_equal(map_areas(&map, MAP_START, areas), 6);
    expect_area(&areas[0], "lamp 1.0", 0, 0x19000);
    expect_area(&areas[1], "free", 0x19000, 0x300000);
    expect_area(&areas[2], "filesystem", 0x300000, 0x3FA000);
    expect_area(&areas[3], "EEPROM", 0x3FB000, 0x3FC000);
    expect_area(&areas[4], "RF cal", 0x3FC000, 0x3FD000);
    expect_area(&areas[5], "settings", 0x3FD000, 0x400000);

    assert_int_equal(map_areas(&map, MAP_UPDATE, areas), 7);
    expect_area(&areas[1], "free", 0x19000, 0x2E2000);
    expect_area(&areas[2], "new sketch", 0x2E2000, 0x300000);
    assert_true(areas[2].updating);

    assert_int_equal(map_areas(&map, MAP_RESTART, areas), 6);
    expect_area(&areas[0], "lamp 1.1", 0, 0x1E000);
}

static void a_filesystem_is_written_in_place(void **state)
{
    (void)state;
    struct map map = example("1m64");
    struct map_area areas[MAP_AREAS_MAX];
    map.filesystem = true;
    assert_int_equal(map_areas(&map, MAP_UPDATE, areas), 6);
    expect_area(&areas[2], "filesystem", 0xEB000, 0xFB000);
    assert_true(areas[2].updating);
    assert_int_equal(areas[2].received, 60000);
}

static void what_is_not_there_is_not_drawn(void **state)
{
    (void)state;
    struct map map = example("4m");
    struct map_area areas[MAP_AREAS_MAX];
    map.old.size = 0;
    assert_int_equal(map_areas(&map, MAP_START, areas), 4);
    expect_area(&areas[0], "free", 0, 0x3FB000);
    expect_area(&areas[1], "EEPROM", 0x3FB000, 0x3FC000);
}

/* Every layout and phase: the areas do not overlap, the widths add up, the filesystem stays in its place. */
static void all_layouts_can_be_drawn(void **state)
{
    (void)state;
    enum { TOTAL = 72 };
    for (size_t i = 0; i < OTTER_LAYOUT_COUNT; i++) {
        struct map map = example(otter_layout_get(i)->name);
        unsigned column[MAP_PHASES] = {0};
        for (enum map_phase phase = MAP_START; phase < MAP_PHASES; phase++) {
            struct map_area areas[MAP_AREAS_MAX];
            unsigned minimum[MAP_AREAS_MAX], width[MAP_AREAS_MAX], used = 0;
            unsigned count = map_areas(&map, phase, areas);
            for (unsigned j = 0; j < count; j++)
                minimum[j] = 3;
            map_share(areas, minimum, width, count, TOTAL, 1);
            for (unsigned j = 0; j < count; j++) {
                assert_true(j == 0 || areas[j].start >= areas[j - 1].start + areas[j - 1].size);
                assert_true(width[j] >= 3);
                if (areas[j].start == map.layout->filesystem_start)
                    column[phase] = used;
                used += width[j] + 1;
            }
            assert_int_equal(used, TOTAL);
            assert_int_equal(column[phase], column[MAP_START]);
        }
    }
}

static void the_terminal_shows_the_phases_so_far(void **state)
{
    (void)state;
    struct map map = example("4m1m");
    char *text = NULL;
    size_t length;
    map.phase = MAP_UPDATE;
    FILE *out = open_memstream(&text, &length);
    assert_int_equal(map_print(&map, out, false), 2);
    fclose(out);
    char *update = strstr(text, "\nupdate  ");
    assert_non_null(update);
    assert_memory_equal(text, "start   ", 8);
    assert_non_null(strstr(text, "lamp 1.0"));
    assert_null(strstr(text, "lamp 1.1"));
    assert_non_null(strstr(update, "new 50%"));
    free(text);
}

static void the_drawing_holds_all_phases(void **state)
{
    (void)state;
    static const char *const parts[] = {"<svg ",    "lamp 1.0", "new sketch",
                                        "lamp 1.1", "0x2E2000", "</svg>\n"};
    struct map map = example("4m1m");
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    map_print_svg(&map, out);
    fclose(out);
    for (size_t i = 0; i < TEST_COUNT(parts); i++)
        assert_non_null(strstr(text, parts[i]));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_update_is_staged_below_the_filesystem),
        cmocka_unit_test(a_filesystem_is_written_in_place),
        cmocka_unit_test(what_is_not_there_is_not_drawn),
        cmocka_unit_test(all_layouts_can_be_drawn),
        cmocka_unit_test(the_terminal_shows_the_phases_so_far),
        cmocka_unit_test(the_drawing_holds_all_phases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
