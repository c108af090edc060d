/* A file offered as a release: what it is, and whether the product's devices can take it. */
#ifndef OTTER_CORE_RELEASE_EXAMINE_H
#define OTTER_CORE_RELEASE_EXAMINE_H

#include <stdbool.h>
#include <stddef.h>

#include "format/error.h"
#include "server/store/reason.h"
#include "server/store/records.h"

/* Examines SIZE BYTES offered as a release of PRODUCT. RELEASE comes with `kind`, and with `version`, which
 * may be empty: a sketch's firmware record then names it. Everything that the file says of itself is filled
 * in: digests, sizes and header; id, state, notes, times and the gzip_ fields are left as they are.
 *
 * False, with the reason, if it is refused: no whole image for the product's chip, or a gzip of one; for more
 * flash than the product's boards have; with a firmware record of another name or version; or, as a
 * filesystem, something that is none. */
OTTER_MUST_CHECK bool otter_release_examine(struct otter_release *release,
                                            const struct otter_product *product, const void *bytes,
                                            size_t size, struct otter_reason *reason);

/* False, with the reason, if BEFORE may not become AFTER: what a published release is does not change, only
 * its notes and whether it is withdrawn. */
OTTER_MUST_CHECK bool otter_release_may_become(const struct otter_release *before,
                                               const struct otter_release *after,
                                               struct otter_reason *reason);

#endif
