/* Devices that were found, as lists for people and for programs. */
#ifndef OTTER_HOST_ROSTER_H
#define OTTER_HOST_ROSTER_H

#include <netinet/in.h>
#include <stdio.h>

#include "host/neighbours.h"

/* A device that can be reached. */
struct otter_roster_entry {
    struct otter_neighbour device;
    struct sockaddr_storage address; /* with the port */
};

struct otter_roster {
    struct otter_roster_entry *list; /* by name */
    size_t count;
};

/* Takes over those of NEIGHBOURS that can be reached and whose name matches PATTERN, as in a shell (NULL:
 * all). False if memory is out. ROSTER is freed by otter_roster_free() either way. */
bool otter_roster_fill(struct otter_roster *roster, const struct otter_neighbours *neighbours,
                       const char *pattern);
void otter_roster_free(struct otter_roster *roster);

/* The entry of the same device; NULL: there is none. */
const struct otter_roster_entry *otter_roster_find(const struct otter_roster *roster,
                                                   const struct otter_roster_entry *entry);
/* True if people would read the same. */
bool otter_roster_is_same(const struct otter_roster_entry *left, const struct otter_roster_entry *right);

/* A table with a heading; the number of its lines. */
size_t otter_roster_print(const struct otter_roster *roster, FILE *out);
/* A line of text, or of JSON, that begins with EVENT: "found", "changed", "lost". */
void otter_roster_print_event(const struct otter_roster_entry *entry, const char *event, FILE *out);
void otter_roster_print_json(const struct otter_roster_entry *entry, const char *event, FILE *out);

#endif
