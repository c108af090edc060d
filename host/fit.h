/* Which flash layouts an image fits. */
#ifndef OTTER_HOST_FIT_H
#define OTTER_HOST_FIT_H

#include "format/layout.h"
#include "host/inspection.h"

enum otter_fit {
    OTTER_FIT_AIR,   /* over the air: it can be staged beside a running sketch of its own size */
    OTTER_FIT_CABLE, /* it runs there, but must be flashed by cable */
    OTTER_FIT_NONE,
};

/* INSPECTION must be of a sound image. */
enum otter_fit otter_fit(const struct otter_inspection *inspection, const struct otter_layout *layout);

#endif
