#include "host/roster.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "host/json.h"
#include "host/local.h"
#include "host/visible.h"

#define CELL (2 * OTTER_NEIGHBOUR_TEXT)

/* --- filling -------------------------------------------------------------------------------------- */

static void set_port(struct sockaddr_storage *address, uint16_t port)
{
    if (address->ss_family == AF_INET)
        ((struct sockaddr_in *)address)->sin_port = htons(port);
    else
        ((struct sockaddr_in6 *)address)->sin6_port = htons(port);
}

bool otter_roster_fill(struct otter_roster *roster, const struct otter_neighbours *neighbours,
                       const char *pattern)
{
    *roster = (struct otter_roster){.list = calloc(neighbours->count + 1, sizeof(*roster->list))};
    for (size_t i = 0; i < neighbours->count && roster->list != NULL; i++) {
        const struct otter_neighbour *device = &neighbours->list[i];
        const struct sockaddr_storage *address = otter_neighbours_address(neighbours, device->host);
        if (address == NULL || (pattern != NULL && fnmatch(pattern, device->name, FNM_CASEFOLD) != 0))
            continue;
        struct otter_roster_entry *entry = &roster->list[roster->count++];
        entry->device = *device;
        entry->address = *address;
        set_port(&entry->address, device->port);
    }
    return roster->list != NULL;
}

void otter_roster_free(struct otter_roster *roster)
{
    free(roster->list);
    *roster = (struct otter_roster){0};
}

const struct otter_roster_entry *otter_roster_find(const struct otter_roster *roster,
                                                   const struct otter_roster_entry *entry)
{
    for (size_t i = 0; i < roster->count; i++)
        if (strcasecmp(roster->list[i].device.instance, entry->device.instance) == 0)
            return &roster->list[i];
    return NULL;
}

/* --- text ----------------------------------------------------------------------------------------- */

enum { NAME, ADDRESS, PORT, BOARD, PASSWORD, RUNS, COLUMNS };

struct row {
    char cells[COLUMNS][CELL];
};

static const struct row heading = {{"NAME", "ADDRESS", "PORT", "BOARD", "PASSWORD", "RUNS"}};

static void fill_row(struct row *row, const struct otter_roster_entry *entry)
{
    static const char *const passwords[] = {
        [OTTER_NEIGHBOUR_UNKNOWN] = "?", [OTTER_NEIGHBOUR_OPEN] = "no", [OTTER_NEIGHBOUR_PASSWORD] = "yes"};
    const struct otter_neighbour *device = &entry->device;
    const bool both = device->firmware[0] != '\0' && device->version[0] != '\0';
    char(*cells)[CELL] = row->cells;
    memset(row, 0, sizeof(*row));
    snprintf(cells[NAME], CELL, "%s", device->name);
    otter_local_print_address(cells[ADDRESS], &entry->address);
    snprintf(cells[PORT], CELL, "%u", device->port);
    snprintf(cells[BOARD], CELL, "%s", device->board[0] != '\0' ? device->board : "?");
    snprintf(cells[PASSWORD], CELL, "%s", passwords[device->password]);
    snprintf(cells[RUNS], CELL, "%s%s%s", device->firmware, both ? " " : "", device->version);
    if (cells[RUNS][0] == '\0')
        snprintf(cells[RUNS], CELL, "?");
}

bool otter_roster_is_same(const struct otter_roster_entry *left, const struct otter_roster_entry *right)
{
    struct row rows[2];
    fill_row(&rows[0], left);
    fill_row(&rows[1], right);
    return memcmp(&rows[0], &rows[1], sizeof(rows[0])) == 0;
}

static void print_row(const struct row *row, const int widths[COLUMNS], FILE *out)
{
    for (int i = 0; i < COLUMNS; i++) {
        int pad = i + 1 < COLUMNS ? widths[i] - (int)strlen(row->cells[i]) + 2 : 0;
        otter_visible_print(out, row->cells[i]);
        fprintf(out, "%*s", pad > 0 ? pad : 0, "");
    }
    fputc('\n', out);
}

static void widen(int widths[COLUMNS], const struct row *row)
{
    for (int i = 0; i < COLUMNS; i++)
        if (widths[i] < (int)strlen(row->cells[i]))
            widths[i] = (int)strlen(row->cells[i]);
}

size_t otter_roster_print(const struct otter_roster *roster, FILE *out)
{
    int widths[COLUMNS] = {0};
    struct row row;
    widen(widths, &heading);
    for (size_t i = 0; i < roster->count; i++) {
        fill_row(&row, &roster->list[i]);
        widen(widths, &row);
    }
    print_row(&heading, widths, out);
    for (size_t i = 0; i < roster->count; i++) {
        fill_row(&row, &roster->list[i]);
        print_row(&row, widths, out);
    }
    return roster->count + 1;
}

void otter_roster_print_event(const struct otter_roster_entry *entry, const char *event, FILE *out)
{
    static const int widths[COLUMNS] = {20, 15, 5, 24, 8, 0};
    struct row row;
    fill_row(&row, entry);
    fprintf(out, "%-8s", event);
    print_row(&row, widths, out);
}

/* --- JSON ----------------------------------------------------------------------------------------- */

static void add_string(struct otter_json *json, const char *key, const char *value)
{
    if (value[0] != '\0')
        otter_json_string(json, key, value);
}

void otter_roster_print_json(const struct otter_roster_entry *entry, const char *event, FILE *out)
{
    const struct otter_neighbour *device = &entry->device;
    struct otter_json json = {.out = out};
    char address[INET6_ADDRSTRLEN];
    otter_local_print_address(address, &entry->address);
    otter_json_open_object(&json, NULL);
    otter_json_string(&json, "event", event);
    otter_json_string(&json, "name", device->name);
    otter_json_string(&json, "host", device->host);
    otter_json_string(&json, "address", address);
    otter_json_number(&json, "port", device->port);
    add_string(&json, "board", device->board);
    if (device->password != OTTER_NEIGHBOUR_UNKNOWN)
        otter_json_bool(&json, "password", device->password == OTTER_NEIGHBOUR_PASSWORD);
    add_string(&json, "firmware", device->firmware);
    add_string(&json, "version", device->version);
    otter_json_close_object(&json);
    otter_json_end(&json);
}
