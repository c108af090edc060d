/* Products, channels, routes, releases and rollouts in memory, with what is needed to find them fast. */
#ifndef OTTER_CORE_CATALOG_H
#define OTTER_CORE_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "format/error.h"
#include "server/core/decision.h"
#include "server/store/store.h"

/* Records of one table, by rising id. */
struct otter_catalog_list {
    void *records;
    size_t count;
    size_t capacity;
};

/* A digest's first bytes, and whose it is. */
struct otter_catalog_digest {
    uint64_t prefix;
    const struct otter_release *release;
};

/* The rollouts of one product, that started last first. */
struct otter_catalog_plans {
    const struct otter_plan *plans;
    size_t count;
};

/* Zero the struct to start. Pointers to what is in it are good until it is loaded anew, or a rollout is put.
 */
struct otter_catalog {
    struct otter_catalog_list lists[OTTER_TABLES]; /* of the five tables */
    struct otter_catalog_digest *digests;          /* by rising prefix */
    size_t digest_count;
    struct otter_plan *plans; /* by product, each product's together */
    size_t plan_count;
};

/* Reads all five tables into CATALOG, which is empty. After an error it is to be freed. */
OTTER_MUST_CHECK int otter_catalog_load(struct otter_catalog *catalog, struct otter_store *store,
                                        struct otter_reason *reason);
void otter_catalog_free(struct otter_catalog *catalog);

/* The record of this id, or NULL. */
const struct otter_product *otter_catalog_product(const struct otter_catalog *catalog, int64_t id);
const struct otter_channel *otter_catalog_channel(const struct otter_catalog *catalog, int64_t id);
const struct otter_release *otter_catalog_release(const struct otter_catalog *catalog, int64_t id);
struct otter_rollout *otter_catalog_rollout(const struct otter_catalog *catalog, int64_t id);

/* The route of PATH, or NULL. */
const struct otter_route *otter_catalog_route(const struct otter_catalog *catalog, const char *path);

/* The only product that there is, or NULL. */
const struct otter_product *otter_catalog_only_product(const struct otter_catalog *catalog);

/* The sketch of PRODUCT that a report shows by its digests, or NULL. */
const struct otter_release *otter_catalog_running(const struct otter_catalog *catalog, int64_t product,
                                                  const struct otter_report *report);

struct otter_catalog_plans otter_catalog_plans(const struct otter_catalog *catalog, int64_t product);

/* Puts ROLLOUT in place of the one with its id, or adds it. False when out of memory. */
OTTER_MUST_CHECK bool otter_catalog_put_rollout(struct otter_catalog *catalog,
                                                const struct otter_rollout *rollout);

/* Rollouts have changed their states: puts their plans in order. False when out of memory. */
OTTER_MUST_CHECK bool otter_catalog_order(struct otter_catalog *catalog);

/* Bytes of memory. */
size_t otter_catalog_bytes(const struct otter_catalog *catalog);

#endif
