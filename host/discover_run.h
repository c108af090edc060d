/* A look at the devices of the local network, once or for as long as one likes. */
#ifndef OTTER_HOST_DISCOVER_RUN_H
#define OTTER_HOST_DISCOVER_RUN_H

#include "host/complain.h"
#include "host/roster.h"

#define OTTER_DISCOVER_TIMEOUT_MS                                                                            \
    3000u /* devices are asked three times meanwhile, since datagrams get lost */

struct otter_discover_settings {
    const char *pattern; /* of names; NULL: all */
    bool watch;
    bool json;
    uint32_t timeout_ms; /* 0: the default; with watch, for ever */
};

enum otter_exit otter_discover_run(const struct otter_discover_settings *settings);

/* Fills ROSTER with what answers within the default time. Complains if that cannot be done; nobody's
 * answering is no error. */
enum otter_exit otter_discover_all(struct otter_roster *roster, const char *pattern);

#endif
