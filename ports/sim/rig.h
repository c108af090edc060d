/* A whole port of simulated parts, for tests and fuzzing: flash in memory, RTC memory, a network by script,
 * and entropy from a seed. */
#ifndef OTTER_SIM_RIG_H
#define OTTER_SIM_RIG_H

#include <stdbool.h>
#include <stdint.h>

#include "otter/port.h"
#include "ports/sim/flash.h"
#include "ports/sim/network.h"
#include "ports/sim/rtc.h"

struct otter_sim_rig {
    struct otter_sim_network network; /* first: it is the context of otter_sim_network_port */
    struct otter_sim_flash flash;
    struct otter_sim_rtc rtc;
    struct otter_port port; /* may be changed before it is used */
    uint64_t seed;          /* of the entropy */
    bool no_entropy;
    unsigned restarts;
};

/* An erased chip of LAYOUT's size with flash mode DIO. False if there is no memory. */
bool otter_sim_rig_open(struct otter_sim_rig *rig, const struct otter_layout *layout);
void otter_sim_rig_close(struct otter_sim_rig *rig);

#endif
