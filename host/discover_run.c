#include "host/discover_run.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "host/clock.h"
#include "host/discovery.h"
#include "host/terminal.h"

struct watch {
    const struct otter_discover_settings *settings;
    struct otter_discovery discovery;
    struct otter_roster shown;
    size_t lines; /* of the table on the terminal; 0: it is not there */
    bool drawn;
    bool any; /* device that was found */
};

static enum otter_exit begin(struct otter_discovery *discovery)
{
    if (otter_discovery_begin(discovery, true, otter_clock_ms()))
        return OTTER_EXIT_OK;
    return otter_complain(OTTER_EXIT_FAILURE, "cannot ask the local network: %s", strerror(errno));
}

/* Until AT or until something comes. */
static void wait_until(const struct otter_discovery *discovery, uint64_t at)
{
    struct pollfd sockets[OTTER_MULTICAST_SOCKETS];
    uint64_t now_ms = otter_clock_ms();
    otter_discovery_poll(discovery, sockets);
    (void)poll(sockets, OTTER_MULTICAST_SOCKETS, at > now_ms ? (int)(at - now_ms) : 0);
}

/* What answers within TIMEOUT_MS. */
static enum otter_exit collect(struct otter_discovery *discovery, struct otter_roster *roster,
                               const char *pattern, uint32_t timeout_ms)
{
    uint64_t end = otter_clock_ms() + timeout_ms, now_ms;
    while ((now_ms = otter_clock_ms()) < end) {
        uint64_t next = otter_discovery_step(discovery, now_ms);
        wait_until(discovery, next < end ? next : end);
    }
    if (otter_roster_fill(roster, &discovery->neighbours, pattern))
        return OTTER_EXIT_OK;
    return otter_complain(OTTER_EXIT_FAILURE, "out of memory");
}

enum otter_exit otter_discover_all(struct otter_roster *roster, const char *pattern)
{
    struct otter_discovery discovery;
    enum otter_exit status = begin(&discovery);
    *roster = (struct otter_roster){0};
    if (status == OTTER_EXIT_OK)
        status = collect(&discovery, roster, pattern, OTTER_DISCOVER_TIMEOUT_MS);
    otter_discovery_end(&discovery);
    return status;
}

/* --- watching ------------------------------------------------------------------------------------- */

static void tell(const struct watch *watch, const struct otter_roster_entry *entry, const char *event)
{
    (watch->settings->json ? otter_roster_print_json : otter_roster_print_event)(entry, event, stdout);
}

/* Tells what is new in ROSTER; true if anything is. */
static bool compare(const struct watch *watch, const struct otter_roster *roster, bool say)
{
    bool changed = false;
    for (size_t i = 0; i < watch->shown.count; i++) {
        if (otter_roster_find(roster, &watch->shown.list[i]) != NULL)
            continue;
        changed = true;
        if (say)
            tell(watch, &watch->shown.list[i], "lost");
    }
    for (size_t i = 0; i < roster->count; i++) {
        const struct otter_roster_entry *before = otter_roster_find(&watch->shown, &roster->list[i]);
        if (before != NULL && otter_roster_is_same(before, &roster->list[i]))
            continue;
        changed = true;
        if (say)
            tell(watch, &roster->list[i], before == NULL ? "found" : "changed");
    }
    return changed;
}

static void redraw(struct watch *watch)
{
    if (watch->lines > 0)
        printf("\033[%zuA\r\033[J", watch->lines);
    watch->lines = otter_roster_print(&watch->shown, stdout);
}

/* True once all is shown. */
static bool show(struct watch *watch)
{
    struct otter_roster roster;
    bool table = !watch->settings->json && otter_terminal_has_room(watch->shown.count + 3);
    bool filled = otter_roster_fill(&roster, &watch->discovery.neighbours, watch->settings->pattern);
    bool changed = filled && compare(watch, &roster, !table);
    if (changed || !watch->drawn) {
        otter_roster_free(&watch->shown);
        watch->shown = roster;
        watch->drawn = true;
        watch->any = watch->any || roster.count > 0;
        watch->lines = table ? watch->lines : 0;
        if (table)
            redraw(watch);
        fflush(stdout);
    } else {
        otter_roster_free(&roster);
    }
    return filled;
}

static enum otter_exit watch_devices(struct watch *watch)
{
    uint32_t timeout = watch->settings->timeout_ms;
    uint64_t end = timeout > 0 ? otter_clock_ms() + timeout : UINT64_MAX, now_ms;
    while ((now_ms = otter_clock_ms()) < end) {
        uint64_t next = otter_discovery_step(&watch->discovery, now_ms);
        if (!show(watch))
            return otter_complain(OTTER_EXIT_FAILURE, "out of memory");
        uint64_t soon = now_ms + 1000; /* something may be out of date */
        next = next < soon ? next : soon;
        wait_until(&watch->discovery, next < end ? next : end);
    }
    return OTTER_EXIT_OK;
}

/* --- once ----------------------------------------------------------------------------------------- */

static enum otter_exit look_once(struct watch *watch)
{
    const struct otter_discover_settings *settings = watch->settings;
    enum otter_exit status =
        collect(&watch->discovery, &watch->shown, settings->pattern,
                settings->timeout_ms > 0 ? settings->timeout_ms : OTTER_DISCOVER_TIMEOUT_MS);
    watch->any = watch->shown.count > 0;
    for (size_t i = 0; settings->json && i < watch->shown.count; i++)
        tell(watch, &watch->shown.list[i], "found");
    if (!settings->json && watch->any)
        (void)otter_roster_print(&watch->shown, stdout);
    return status;
}

enum otter_exit otter_discover_run(const struct otter_discover_settings *settings)
{
    struct watch watch = {.settings = settings};
    enum otter_exit status = begin(&watch.discovery);
    if (status != OTTER_EXIT_OK)
        return status;
    status = settings->watch ? watch_devices(&watch) : look_once(&watch);
    if (status == OTTER_EXIT_OK && !watch.any)
        status =
            otter_complain(OTTER_EXIT_NO_ANSWER,
                           "no device answered. Devices that do not announce themselves are reached by their "
                           "address; others may be in another network, or a firewall drops UDP port 5353");
    otter_roster_free(&watch.shown);
    otter_discovery_end(&watch.discovery);
    return status;
}
